"""Key wrapping: data keys wrapped under key-encryption keys, by AES-256 Key Wrap (RFC 3394, NIST SP 800-38F KW)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from peelian.errors import IntegrityError

OBJECT_BYTES = 16
KEY_ID_BYTES = 8
UNWRAPPED = (
    "A wrapped key is damaged, or was wrapped under another key. Restore the key store (keys/store, or its database) "
    "from the key backup."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappingKey:
    """A key-encryption key: it encrypts data keys and nothing else. Its id is a digest of it, so it proves itself."""

    id: bytes
    key: bytes = field(repr=False)


def wrapping_key(key: bytes) -> WrappingKey:
    """The wrapping key that these 32 bytes are."""
    return WrappingKey(id=hashlib.sha256(b"peelian wrapping key\0" + key).digest()[:KEY_ID_BYTES], key=key)


def wrap(under: WrappingKey, key: bytes) -> bytes:
    """A data key, wrapped."""
    return aes_key_wrap(under.key, key)


def unwrap(under: WrappingKey, wrapped: bytes) -> bytes:
    """The data key; IntegrityError where it is damaged or was wrapped under another key."""
    try:
        return aes_key_unwrap(under.key, wrapped)
    except InvalidUnwrap:
        raise IntegrityError(UNWRAPPED) from None
