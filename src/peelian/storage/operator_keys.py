"""Operator keys: Ed25519 key pairs in PEM files (PKCS #8) for their owner only."""

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

from peelian.errors import InputError
from peelian.storage.private_files import in_plain_words, private_folder, put_private, read_private


def new_key(path: Path, *, passphrase: bytes | None = None) -> Ed25519PrivateKey:
    """A new key pair from the system's random source, kept in `path` (0600), under a passphrase where one is given.

    InputError where there is a key already: a key is never replaced by accident.
    """
    if path.exists():
        raise InputError("a key already exists here", accepted="a file that does not exist yet", file=path.name)
    key = Ed25519PrivateKey.generate()
    lock: KeySerializationEncryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    with in_plain_words("the key was not kept"):
        private_folder(path.parent)
        put_private(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock))
    return key


def load_key(path: Path, *, passphrase: bytes | None = None) -> Ed25519PrivateKey:
    """The key pair in `path`. InputError where it is missing, damaged or of another kind, where others may read it, or
    where the passphrase is not its own; no message shows any of it."""
    try:
        pem = read_private(path)
    except FileNotFoundError:
        raise InputError(
            "unknown key",
            accepted="a key made at setup; the key folder's own backup has it",
            file=path.name,
        ) from None
    locked = b"ENCRYPTED PRIVATE KEY" in pem
    if locked and not passphrase:
        raise InputError("key needs its passphrase", accepted="its original passphrase", file=path.name)
    try:
        key = load_pem_private_key(pem, passphrase if locked else None)
    except (ValueError, TypeError):
        wrong = "wrong passphrase, or file damaged" if locked else "key file damaged"
        raise InputError(wrong, accepted="the whole file from the key folder's own backup", file=path.name) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError("key of another type", accepted="Ed25519 (PKCS #8, PEM)", file=path.name)
    return key
