"""Key wrapping: data keys wrapped under key-encryption keys, and the record of a wrapped one.

Wrapping is AES-256 Key Wrap (RFC 3394, NIST SP 800-38F KW). A record has 128 bytes, so that it never straddles a disk
sector and can be overwritten in its place when its key is destroyed.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from peelian.errors import IntegrityError

OBJECT_BYTES = 16
KEY_ID_BYTES = 8
WRAPPED_BYTES = 40
RECORD_BYTES = 128
_LIVE, _GONE = b"KEY1", b"GONE"
_BODY = 4 + OBJECT_BYTES + KEY_ID_BYTES + WRAPPED_BYTES
_NOT_ITS_KEY = "a wrapped key is damaged, or was wrapped under another key"
_PADDING = bytes(RECORD_BYTES - _BODY - 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappingKey:
    """A key-encryption key: it encrypts data keys and nothing else. Its id is a digest of it, so it proves itself."""

    id: bytes
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """One object's wrapped data key and the id of the key it is wrapped under; `wrapped` is empty once destroyed."""

    object: bytes
    under: bytes
    wrapped: bytes = field(repr=False)

    @property
    def destroyed(self) -> bool:
        """Whether only the tombstone is left."""
        return not self.wrapped


def wrapping_key(key: bytes) -> WrappingKey:
    """The wrapping key that these 32 bytes are."""
    return WrappingKey(id=hashlib.sha256(b"peelian wrapping key\0" + key).digest()[:KEY_ID_BYTES], key=key)


def wrap(under: WrappingKey, object: bytes, key: bytes) -> KeyRecord:
    """The record of `object`'s data key, wrapped (RFC 3394)."""
    return KeyRecord(object=object, under=under.id, wrapped=aes_key_wrap(under.key, key))


def unwrap(under: WrappingKey, record: KeyRecord) -> bytes:
    """The data key in a record; IntegrityError where it is damaged or was wrapped under another key."""
    try:
        return aes_key_unwrap(under.key, record.wrapped)
    except InvalidUnwrap:
        raise IntegrityError(_NOT_ITS_KEY) from None


def tombstone(object: bytes) -> KeyRecord:
    """What is left of a destroyed key: the object's random name, and zeros where the key was."""
    return KeyRecord(object=object, under=bytes(KEY_ID_BYTES), wrapped=b"")


def record_to_bytes(record: KeyRecord) -> bytes:
    """A record as 128 bytes with a checksum against damage (the wrapping itself proves against forgery)."""
    state, wrapped = (_GONE, bytes(WRAPPED_BYTES)) if record.destroyed else (_LIVE, record.wrapped)
    body = state + record.object + record.under + wrapped
    return body + zlib.crc32(body).to_bytes(4) + _PADDING


def rewrapped(data: bytes, keys: Callable[[bytes], WrappingKey], under: WrappingKey) -> bytes:
    """A record's 128 bytes with its data key wrapped under another key; a tombstone stays as it is.

    The same as `record_from_bytes`, `unwrap`, `wrap`, `record_to_bytes`, without their objects: a rotation does it for
    every key of an office, about 5 µs each.
    """
    body, state = data[:_BODY], data[:4]
    if data[_BODY : _BODY + 4] != zlib.crc32(body).to_bytes(4) or state != _LIVE:
        record_from_bytes(data)  # refuses what is damaged
        return data
    middle = 4 + OBJECT_BYTES
    try:
        key = aes_key_unwrap(keys(body[middle : middle + KEY_ID_BYTES]).key, body[middle + KEY_ID_BYTES :])
    except InvalidUnwrap:
        raise IntegrityError(_NOT_ITS_KEY) from None
    body = body[:middle] + under.id + aes_key_wrap(under.key, key)
    return body + zlib.crc32(body).to_bytes(4) + _PADDING


def record_from_bytes(data: bytes) -> KeyRecord:
    """The record in 128 bytes; IntegrityError where they are damaged."""
    body, state = data[:_BODY], data[:4]
    if state not in (_LIVE, _GONE) or data[_BODY : _BODY + 4] != zlib.crc32(body).to_bytes(4):
        raise IntegrityError("The key table is damaged. Restore the key folder from its own backup.")
    middle = 4 + OBJECT_BYTES
    wrapped = data[middle + KEY_ID_BYTES : _BODY] if state == _LIVE else b""
    return KeyRecord(object=data[4:middle], under=data[middle : middle + KEY_ID_BYTES], wrapped=wrapped)
