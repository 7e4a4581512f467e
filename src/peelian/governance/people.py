"""People of the office: who they are, what they may do, and how they sign."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from threading import Lock
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from peelian.governance.capability import Role
from peelian.measure.canonical import digest

SIGNATURE_DIGITS, MARK_DIGITS = 128, 64
MOST_KNOWN = 1024  # signatures


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An enrolled person. The log knows only `token`; the name lives in the directory, the unit in the archive."""

    token: str
    name: str
    unit: str
    roles: frozenset[Role]
    public_key: str  # Ed25519, 64 hexadecimal digits
    trained_until: str  # ISO date: no one asks or decides without current training


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """A person at the desk: the only thing added is the ability to sign with their key."""

    person: Person
    sign: Callable[[bytes], bytes]
    session: str = ""  # the session they act in; "": at the terminal, with their key


def committed(name: str, salt: str) -> str:
    """What an enrolment says of a name: a salted digest, worth nothing once the salt is forgotten.

    >>> committed("Ana", "1") == committed("Ana", "1"), committed("Ana", "1") == committed("Ana", "2")
    (True, False)
    """
    return digest({"name": name, "salt": salt})


def signature_holds(public_key: str, signature: str, message: bytes) -> bool:
    """Whether `signature` (128 hexadecimal digits) over `message` was made with the key; a malformed one does not hold.

    The answer for a mark is remembered: it never changes, and a document's signature is looked at in every step of its
    case. What is longer is not: whoever sends such would fill the memory with it. Of what this process signed itself
    (`signer`) a digest is.
    """
    if len(signature) != SIGNATURE_DIGITS:
        return False
    if (public_key, signature, sha256(message).digest()) in _own:
        return True
    holds = _remembered if len(message) == MARK_DIGITS else _holds
    return holds(public_key, signature, message)


def signer(key: Ed25519PrivateKey) -> Callable[[bytes], bytes]:
    """How this process signs with a key that it holds. That what it just signed holds under that key need not be found
    out again; whose key it is, is looked at each time."""
    public_key = key.public_key().public_bytes_raw().hex()

    def sign(message: bytes) -> bytes:
        signature = key.sign(message)
        with _adding:
            _own[public_key, signature.hex(), sha256(message).digest()] = None
            if len(_own) > MOST_KNOWN:
                del _own[next(iter(_own))]
        return signature

    return sign


def own_signature(key: Ed25519PrivateKey, mark_of: Callable[[Any], str]) -> Callable[[Any, object], bytes]:
    """How this process signs a document's mark with a key of its own, whatever the document answers."""
    sign = signer(key)
    return lambda document, given: sign(mark_of(document).encode())


def _holds(public_key: str, signature: str, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


_remembered = lru_cache(maxsize=MOST_KNOWN)(_holds)
_own: dict[tuple[str, str, bytes], None] = {}  # made here, the newest ones: key, signature and what of, as a digest
_adding = Lock()
