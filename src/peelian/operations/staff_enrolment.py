"""Enrolling staff: who joins, changes, is trained or leaves, by one person or by two who are not at the same desk.

At the pages nobody types a passphrase for somebody else: whoever is new gets a key under a first passphrase, which
whoever enrols them is told once. What takes two people is proposed, and carried out once it is approved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from peelian.errors import InputError, OutOfOrder, sentence
from peelian.integrations.authentication import short_of
from peelian.kernel.identity import dual_control, enrolment
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator, Person
from peelian.kernel.model.pseudonyms import PERSON
from peelian.kernel.state.founding_state import takes_two
from peelian.operations.committed_content import names_due
from peelian.operations.office import Office

GONE = "The proposed key no longer exists. Propose it again. For an erased person, use a new short name."


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """What came of it: the person; the proposal that waits for a second person ("": it is done); a first passphrase."""

    person: Person
    proposal: str = ""
    passphrase: str = ""  # "": they have a key


def is_taken(office: Office, short: str) -> bool:
    """Whether somebody is enrolled under this short name."""
    return office.kernel.office.token(short, of=PERSON) in office.kernel.state.people


def begin(
    office: Office,
    by: Operator,
    short: str,
    *,
    name: str,
    unit: str,
    roles: Iterable[Role],
    trained_until: str = "",
    words: str = "",
) -> Enrolled:
    """Enrol somebody new, or propose it where that takes two; `words`: why, for whoever is to agree."""
    try:
        enrolment.must_be_short(short)
    except InputError as error:
        raise InputError(error.wrong, column="short", accepted=error.accepted) from None
    if is_taken(office, short):
        raise InputError("this short name is taken", column="short", accepted="another short name")
    with _first_key(office, short) as passphrase:
        person = enrolment.newcomer(
            office.kernel,
            short,
            office.keys.keep(short),
            name=name,
            unit=unit,
            roles=roles,
            trained_until=trained_until,
        )
        return replace(_entrust(office, by, person, words), passphrase=passphrase)


def change(
    office: Office, by: Operator, token: str, *, name: str, unit: str, roles: Iterable[Role], words: str = ""
) -> Enrolled:
    """Give an enrolled person another name, unit or other roles, or propose it where that takes two."""
    return _entrust(office, by, replace(enrolled(office, token), name=name, unit=unit, roles=frozenset(roles)), words)


def train(office: Office, by: Operator, token: str, until: str) -> Person:
    """Renew somebody's training, until an ISO day."""
    return enrolment.enrol(office.kernel, replace(enrolled(office, token), trained_until=until), by=by)


def agreed(office: Office) -> Iterator[tuple[str, Person]]:
    """Approved proposals to enrol somebody that were not carried out, and whom each names."""
    for digest, made, approved in dual_control.open_proposals(office.kernel):
        if made.what == "enrol" and approved and enrolment.proposed_name(office.kernel, digest):
            yield digest, enrolment.proposed_person(office.kernel, digest)


def carry_out(office: Office, by: Operator, proposal: str) -> Person:
    """Enrol whom an approved proposal names, exactly as it says. OutOfOrder: their key is not here."""
    short = short_of(office.kernel, office.keys.shorts(), enrolment.proposed_person(office.kernel, proposal).token)
    if not short:
        raise OutOfOrder(GONE)
    return join(office, by, short, proposal)


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
    person = enrolment.proposed_person(office.kernel, proposal)
    if person.token != office.kernel.office.token(short, of=PERSON):
        raise OutOfOrder("This proposal is for another person: see `peelian proposals list`")
    if office.keys.keep(short) != person.public_key:
        raise OutOfOrder(GONE)
    return enrolment.enrol(office.kernel, person, by=by, proposal=proposal)


def enrolled(office: Office, token: str) -> Person:
    """The enrolled person with this token; OutOfOrder where there is none."""
    if token not in office.kernel.state.people:
        raise OutOfOrder("This person is not enrolled.")
    return office.kernel.state.people[token]


def not_forgotten(office: Office) -> dict[str, str]:
    """The names of those who are not enrolled and whose name is still known, by token. O(enrolments)."""
    people, known = office.kernel.state.people, office.kernel.stores.directory.known
    found = {person: known(digest) for digest, person in names_due(office.kernel).items() if person not in people}
    return {person: named.name for person, named in found.items() if named is not None}


def forget(office: Office, by: Operator, token: str) -> None:
    """Forget the name of somebody who has left, and shred their key where it is here."""
    if token not in office.kernel.state.people and token not in not_forgotten(office):
        raise OutOfOrder("No former member with a known name was chosen.")
    office.forget(by, token)


@contextmanager
def _first_key(office: Office, short: str) -> Iterator[str]:
    """Their first passphrase, "" where they have a key; the key is gone again where what follows fails."""
    passphrase = office.people_keys.keep_first(short) if office.people_keys is not None else ""
    try:
        yield passphrase
    except BaseException:
        if passphrase:
            office.keys.discard(short)
        raise


def _entrust(office: Office, by: Operator, person: Person, words: str) -> Enrolled:
    kernel = office.kernel
    was = kernel.state.people.get(person.token)
    if not takes_two(was, person) or kernel.state.founding.has_room(person):
        return Enrolled(person=enrolment.enrol(kernel, person, by=by))
    if not words.strip():
        accepted = sentence("at least %(least)d words", least=dual_control.FEWEST_WORDS)
        raise InputError("Two people grant these roles. State the reason", column="reason", accepted=accepted)
    return Enrolled(person=person, proposal=enrolment.propose(kernel, by, person, words=words))
