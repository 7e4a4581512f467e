"""Key pairs of people and of the office's log: Ed25519 in PEM files (PKCS #8) that only their owner may read."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from peelian.adapters.private_files import in_plain_words, private_folder, put_private, read_private
from peelian.errors import InputError, IntegrityError, OutOfOrder


def new_key(path: Path, *, passphrase: str = "") -> Ed25519PrivateKey:
    """A new key pair from the system's random source, kept in `path` (0600), under a passphrase where one is given.

    OutOfOrder where there is a key already: a key is never replaced by accident.
    """
    if path.exists():
        raise OutOfOrder("there is a key in this file already: keep it, or move it away first")
    key = Ed25519PrivateKey.generate()
    lock: KeySerializationEncryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    with in_plain_words("the key"):
        private_folder(path.parent)
        put_private(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock))
    return key


def load_key(path: Path, *, passphrase: str = "") -> Ed25519PrivateKey:
    """The key pair in `path`. InputError where it is missing, others may read it, or the passphrase is not its own;
    IntegrityError where it is damaged or of another kind."""
    try:
        pem = read_private(path)
    except FileNotFoundError:
        raise InputError("there is no key of this name", accepted="a key made at setup", file=path.name) from None
    locked = b"ENCRYPTED PRIVATE KEY" in pem
    if locked and not passphrase:
        raise InputError("this key needs its passphrase", accepted="the passphrase it was made with", file=path.name)
    try:
        key = load_pem_private_key(pem, passphrase.encode() if locked else None)
    except (ValueError, TypeError):
        if locked:
            raise InputError("this is not the key's passphrase", accepted="the one it was made with") from None
        raise IntegrityError("a key file is damaged: restore the key folder from its own backup") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise IntegrityError("a key file holds a key of another kind than Ed25519")
    return key
