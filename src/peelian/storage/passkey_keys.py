"""A second way to unlock a signing key: under a secret that a passkey computes (WebAuthn PRF), after its passphrase.

The key's file has one PEM block more for each passkey. A passkey's secret is 32 random bytes to whoever lacks the
authenticator, so nothing about it is slow. The block counts for its own key alone:

    version 1 · credential 32 · salt 16 · nonce 12 · sealed key 48
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION, SECRET_BYTES, HEAD, LENGTH = b"\x01", 32, 61, 109
BEGIN, END = b"-----BEGIN PEELIAN KEY UNDER A PASSKEY-----\n", b"-----END PEELIAN KEY UNDER A PASSKEY-----\n"
_BLOCK = re.compile(re.escape(BEGIN) + rb"([A-Za-z0-9+/=\n]{1,200})" + re.escape(END))


def with_passkey(pem: bytes, key: Ed25519PrivateKey, credential: str, secret: bytes) -> bytes:
    """The key's file, which this passkey's secret opens, too. `credential`: its digest, hexadecimal."""
    head = VERSION + bytes.fromhex(credential) + secrets.token_bytes(28)
    sealed = _cipher(head, secret).encrypt(head[-12:], key.private_bytes_raw(), _bound(head, key))
    return without_passkey(pem, credential) + BEGIN + base64.encodebytes(head + sealed) + END


def without_passkey(pem: bytes, credential: str) -> bytes:
    """The file without this passkey's block."""
    for block, body in _blocks(pem):
        if body[1:33].hex() == credential:
            pem = pem.replace(block, b"")
    return pem


def without_passkeys(pem: bytes) -> bytes:
    """The file without anything that looks like such a block: what its passphrase opens."""
    return _BLOCK.sub(b"", pem)


def passkeys_in(pem: bytes) -> frozenset[str]:
    """The digests of the passkeys that open a file."""
    return frozenset(body[1:33].hex() for _, body in _blocks(pem))


def opened(pem: bytes, credential: str, secret: bytes, public_key: str) -> Ed25519PrivateKey | None:
    """The key with this public key; None where the file has no sound block of this passkey, or the secret is wrong."""
    for _, body in _blocks(pem):
        if body[1:33].hex() == credential and len(secret) == SECRET_BYTES:
            head, own = body[:HEAD], bytes.fromhex(public_key)
            try:
                found = _cipher(head, secret).decrypt(head[-12:], body[HEAD:], head + own)
            except InvalidTag:
                return None
            return Ed25519PrivateKey.from_private_bytes(found)
    return None


def _blocks(pem: bytes) -> Iterator[tuple[bytes, bytes]]:
    for found in _BLOCK.finditer(pem):
        try:
            body = base64.b64decode(found[1])
        except ValueError:
            continue
        if len(body) == LENGTH and body[:1] == VERSION:
            yield found[0], body


def _bound(head: bytes, key: Ed25519PrivateKey) -> bytes:
    return head + key.public_key().public_bytes_raw()


def _cipher(head: bytes, secret: bytes) -> ChaCha20Poly1305:
    kdf = HKDF(algorithm=SHA256(), length=32, salt=head[33:49], info=b"peelian key under a passkey 1")
    return ChaCha20Poly1305(kdf.derive(secret))
