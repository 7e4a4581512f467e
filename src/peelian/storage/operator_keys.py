"""Signing keys: Ed25519 key pairs in PEM files (PKCS #8) for their owner only."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from peelian.errors import InputError
from peelian.storage.private_files import in_plain_words, private_folder, put_private, read_private


def new_key(path: Path) -> Ed25519PrivateKey:
    """A new key pair from the system's random source, kept in `path` (0600).

    InputError where there is a key already: a key is never replaced by accident.
    """
    if path.exists():
        raise InputError("a key already exists here", accepted="a file that does not exist yet", file=path.name)
    key = Ed25519PrivateKey.generate()
    put_key(path, bare_file(key))
    return key


def load_key(path: Path) -> Ed25519PrivateKey:
    """The key pair in `path`. InputError where it is missing, damaged, protected or of another kind, or where others
    may read it; no message shows any of it."""
    return bare_key(read_key_file(path), path.name)


def put_key(path: Path, content: bytes) -> None:
    """Keep a key's file (0600), in the place of the one that was there."""
    with in_plain_words("the key was not kept"):
        private_folder(path.parent)
        put_private(path, content)


def read_key_file(path: Path) -> bytes:
    """The content of a key's file; InputError where it is missing, or where others may read it."""
    try:
        return read_private(path)
    except FileNotFoundError:
        accepted = "a key made at setup; the key folder's own backup has it"
        raise InputError("unknown key", accepted=accepted, file=path.name) from None


def bare_file(key: Ed25519PrivateKey) -> bytes:
    """The file of a key that nothing protects but the permissions of its file."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def bare_key(pem: bytes, file: str) -> Ed25519PrivateKey:
    """The key in the file of an unprotected key; InputError where it is damaged or of another kind."""
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError):
        accepted = "the whole file from the key folder's own backup"
        raise InputError("key file damaged", accepted=accepted, file=file) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError("key of another type", accepted="Ed25519 (PKCS #8, PEM)", file=file)
    return key
