"""People of the office: their roles, unit, training and signature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from peelian.kernel.model.capability import Role
from peelian.kernel.model.documents import Enrolment
from peelian.measure.canonical import canonical_digest

SIGNATURE_DIGITS = 128


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


def person_of(enrolment: Enrolment, name: str) -> Person:
    """Who an enrolment is of; it says their name as a commitment only. ValueError for a role there is none of."""
    return Person(
        token=enrolment.person,
        name=name,
        unit=enrolment.unit,
        roles=frozenset(map(Role, enrolment.roles)),
        public_key=enrolment.public_key,
        trained_until=enrolment.trained_until,
    )


def committed(name: str, salt: str) -> str:
    """What an enrolment says of a name: a salted digest, worth nothing once the salt is forgotten.

    >>> committed("Ana", "1") == committed("Ana", "1"), committed("Ana", "1") == committed("Ana", "2")
    (True, False)
    """
    return canonical_digest({"name": name, "salt": salt})


def signature_holds(public_key: str, signature: str, message: bytes) -> bool:
    """Whether `signature` (128 hexadecimal digits) over `message` was made with the key; a malformed one was not."""
    if len(signature) != SIGNATURE_DIGITS:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True
