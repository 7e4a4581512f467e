"""Entrusting somebody with oversight while the two who agree on it are not at the same desk: propose, then enrol."""

from __future__ import annotations

from collections.abc import Iterable

from peelian.errors import OutOfOrder
from peelian.governance import enrolling
from peelian.governance.capability import Role
from peelian.governance.people import Operator, Person
from peelian.governance.tokens import PERSON
from peelian.office import Office


def propose(
    office: Office,
    by: Operator,
    short: str,
    *,
    name: str,
    unit: str,
    roles: Iterable[Role],
    words: str,
    trained_until: str = "",
) -> str:
    """Propose to enrol somebody; their signing key is made now, since the proposal names it. Returns its mark."""
    enrolling.must_be_short(short)
    key = office.keep(short).public_key().public_bytes_raw().hex()
    person = enrolling.newcomer(
        office.house, short, key, name=name, unit=unit, roles=roles, trained_until=trained_until
    )
    return enrolling.propose(office.house, by, person, words=words)


def join(office: Office, by: Operator, short: str, proposal: str) -> Person:
    """Enrol whom an approved proposal names, exactly as it says; OutOfOrder where that is somebody else."""
    person = enrolling.proposed(office.house, proposal)
    if person.token != office.house.token(short, of=PERSON):
        raise OutOfOrder("this proposal is for somebody else: see `peelian proposals`")
    if office.keep(short).public_key().public_bytes_raw().hex() != person.public_key:
        raise OutOfOrder(
            "the key that was proposed is gone: propose it again, of somebody forgotten by another short name"
        )
    return enrolling.enrol(office.house, person, by=by, proposal=proposal)
