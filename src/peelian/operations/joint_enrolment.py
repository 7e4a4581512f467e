"""Joint enrolment: two people entrust somebody with oversight without sitting at the same desk."""

from __future__ import annotations

from collections.abc import Iterable

from peelian.errors import OutOfOrder
from peelian.kernel.identity import enrolment
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator, Person
from peelian.kernel.model.pseudonyms import PERSON
from peelian.operations.office import Office


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
    """Propose to enrol somebody; their signing key is made now, since the proposal names it. Returns its digest."""
    enrolment.must_be_short(short)
    person = enrolment.newcomer(
        office.kernel, short, office.keys.keep(short), name=name, unit=unit, roles=roles, trained_until=trained_until
    )
    return enrolment.propose(office.kernel, by, person, words=words)


def join(office: Office, by: Operator, short: str, proposal: str) -> Person:
    """Enrol whom an approved proposal names, exactly as it says; OutOfOrder where that is somebody else."""
    person = enrolment.proposed(office.kernel, proposal)
    if person.token != office.kernel.office.token(short, of=PERSON):
        raise OutOfOrder("This proposal is for another person: see `peelian proposals`")
    if office.keys.keep(short) != person.public_key:
        raise OutOfOrder(
            "The proposed key no longer exists. Propose it again. For an erased person, use a new short name."
        )
    return enrolment.enrol(office.kernel, person, by=by, proposal=proposal)
