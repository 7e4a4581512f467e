"""Enrolment: by a custodian or the council, and by two people for oversight roles.

Whoever approves, audits, issues authorizations, decides what others ask or enrols others is entrusted by two people of
different units: one proposes exactly who with which roles, another approves after a step-up. One alone renews training,
enrols everybody else, and founds the office (`founding`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from peelian.errors import InputError, OutOfOrder, Reason, Refused, enumerated, sentence
from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.model.capability import Role, Scalar
from peelian.kernel.model.documents import Enrolment, digest_of, new_salt
from peelian.kernel.model.people import Operator, Person, committed, person_of
from peelian.kernel.model.ports import Named
from peelian.kernel.model.pseudonyms import PERSON
from peelian.kernel.policy.authorize import must_hold_role, refusal
from peelian.kernel.state.acts import act
from peelian.kernel.state.founding_state import APPROVERS, ENTRUSTED, OVERSIGHT, takes_two
from peelian.kernel.state.kernel import Kernel, log_word, signed
from peelian.measure.legible import must_be_legible

SLUG = re.compile(r"[a-z][a-z0-9-]{1,39}")
MOST_TRAINED = timedelta(days=5 * 365)
ENROLLERS = frozenset({Role.CUSTODIAN, Role.COUNCIL})
AT_THE_DESK = "both are at the desk and agree on it"
OFFICE = "office"


@act
def enrol(kernel: Kernel, person: Person, *, by: Operator | None = None, proposal: str = "") -> Person:
    """A person joins the office: the first one by the office itself, later ones by a custodian or the council.

    Enrolled again, a person gets other roles or other training, but from somebody else and with the key they have.
    Refused where it takes two people and `proposal`, which says exactly this person, was not approved.
    """
    _must_be_somebody(kernel, person)
    with kernel.lock:
        if by is not None:
            must_hold_role(kernel, by, ENROLLERS, "the_enroller_may_enrol")
            if reasons := tuple(_why_not(kernel, by, person)):
                raise Refused(reasons)
        elif kernel.state.people:
            raise Refused(
                [refusal("the_enroller_may_enrol", "An open office cannot enrol people by itself.", "Ask a custodian.")]
            )
        named = _named(kernel, person, proposal)
        document = Enrolment(
            person=person.token,
            name=committed(person.name, named.salt),
            unit=person.unit,
            roles=tuple(sorted(person.roles)),
            public_key=person.public_key,
            trained_until=person.trained_until,
            by=by.person.token if by else OFFICE,
            at=kernel.now().isoformat(),
        )
        alone = must_be_agreed(kernel, document, proposal, name=person.name)
        document = signed(document, by.sign) if by else kernel.signed(document)
        how: dict[str, str | int] = {"founding": 1} if alone else {}
        how |= {"before": proposal} if proposal else {}
        kernel.stores.directory.keep(digest_of(document), named)
        kernel.record(document, person=person.token, unit=log_word(person.unit), by=document.by, **how)
        return kernel.state.people[person.token]


def must_be_short(short: str) -> None:
    """InputError for an invalid short name, which is also a file name."""
    if not SLUG.fullmatch(short):
        raise InputError("not a short name", accepted="2 to 40 small letters, digits and dashes")


def newcomer(
    kernel: Kernel, short: str, public_key: str, *, name: str, unit: str, roles: Iterable[Role], trained_until: str = ""
) -> Person:
    """Somebody as they are to be enrolled under a short name; their training holds a year where nothing is said."""
    return Person(
        token=kernel.office.token(short, of=PERSON),
        name=name,
        unit=unit,
        roles=frozenset(roles),
        public_key=public_key,
        trained_until=trained_until or (kernel.now() + timedelta(days=365)).date().isoformat(),
    )


@act
def propose(kernel: Kernel, by: Operator, person: Person, *, words: str) -> str:
    """Propose to entrust this person, in these roles and this unit, with this key; returns the proposal's digest."""
    _must_be_somebody(kernel, person)
    if person.token == by.person.token:
        raise Refused([_of_oneself()])
    if not person.roles & ENTRUSTED:
        raise OutOfOrder("One person is enough. Enrol them directly.")
    salt = new_salt()
    body = _said(person, committed(person.name, salt))
    with kernel.lock:
        digest = dual_control.propose(kernel, by, "enrol", words=words, body=body)
        kernel.stores.directory.keep(digest, Named(person=person.token, name=person.name, salt=salt))
        return digest


def proposed_person(kernel: Kernel, proposal: str) -> Person:
    """Whom a proposal is to entrust; OutOfOrder where it is none, or their name was forgotten since."""
    made, name = kernel.state.dual_control.proposals.get(proposal), proposed_name(kernel, proposal)
    if made is None or not name:
        raise OutOfOrder("No enrolment proposal has this digest. Propose it again.")
    body = {key: str(value) for key, value in made.body.items()}
    return Person(
        token=body["person"],
        name=name,
        unit=body["unit"],
        roles=frozenset(Role(role) for role in body["roles"].split(",")),
        public_key=body["public_key"],
        trained_until=body["trained_until"],
    )


def proposed_name(kernel: Kernel, proposal: str) -> str:
    """The name of whom a proposal is to entrust; "" where it names nobody, or the name was forgotten or is another."""
    made, named = kernel.state.dual_control.proposals.get(proposal), kernel.stores.directory.known(proposal)
    if made is None or made.what != "enrol" or named is None:
        return ""
    return named.name if committed(named.name, named.salt) == made.body.get("name") else ""


def agreed_at_once(kernel: Kernel, person: Person, *, by: Operator, second: Operator) -> str:
    """Both are at the desk: one proposes, the other steps up and approves; its digest, or "" where one person will
    do."""
    if not takes_two(kernel.state.people.get(person.token), person) or kernel.state.founding.has_room(person):
        return ""
    proposal = propose(kernel, by, person, words=AT_THE_DESK)
    step_up.prove(kernel, second)
    dual_control.approve(kernel, second, proposal)
    return proposal


def must_be_agreed(kernel: Kernel, document: Enrolment, proposal: str, *, name: str = "") -> bool:
    """Whether one person alone entrusts somebody here, at the founding; Refused or OutOfOrder where they may not.

    `name`: the person's, where it is known here; a registrar does not know it, and goes by all the rest.
    """
    if set(document.roles) - set(Role):
        raise OutOfOrder("unknown role")
    was = kernel.state.people.get(document.person)
    person = person_of(document, name or (was.name if was else ""))
    if reasons := tuple(_the_last(kernel, was, person.roles)):
        raise Refused(reasons)
    if not proposal:
        two = takes_two(was, person)
        if two and not kernel.state.founding.has_room(person):
            raise Refused([_takes_two(was)])
        return two
    made, approval = dual_control.agreed(kernel, "enrol", proposal)
    if dict(made.body) != _said(person, document.name):
        raise OutOfOrder("This proposal is for another person or other roles. Propose the right one.")
    if document.person in (made.by, approval.by):
        raise Refused([_of_oneself()])
    return False


def must_not_be_the_last(kernel: Kernel, person: str) -> None:
    """Refused where an oversight role would be left without a trained holder, so that somebody can always suspend; or
    where nobody would be left who may approve: then nobody could ever be entrusted with it again."""
    if reasons := tuple(_the_last(kernel, kernel.state.people.get(person), frozenset())):
        raise Refused(reasons)


def _the_last(kernel: Kernel, was: Person | None, roles: frozenset[Role]) -> Iterator[Reason]:
    """Why somebody cannot be left with only these roles. It is asked under the lock: of two who go at once, one stays.
    O(people)."""
    if was is None:
        return
    others = [one for one in kernel.state.people.values() if one.token != was.token]
    today = kernel.latest().date().isoformat()
    trained = frozenset[Role]().union(*(one.roles for one in others if one.trained_until >= today))
    if last := (was.roles & OVERSIGHT) - roles - trained:
        says = sentence("This is the last trained holder of: %(roles)s.", roles=enumerated(sorted(last)))
        remedy = "Entrust another person with it first, or renew the training of another holder."
        yield refusal("an_oversight_role_keeps_a_holder", says, remedy)
    has_approvers = any(one.roles & APPROVERS for one in others)
    if was.roles & APPROVERS and not roles & APPROVERS and not has_approvers and kernel.state.founding.ended:
        says = "This is the last person able to approve two-person actions."
        yield refusal("somebody_is_left_to_approve", says, "Enrol another person who can approve first.")


def _takes_two(was: Person | None) -> Reason:
    says = "One person alone cannot grant oversight, deciding or enrolling roles."
    if was is not None and was.roles & ENTRUSTED:
        says = "One person alone cannot change an overseer's name, unit, key or added roles."
    how = (
        "Ask someone in another unit to agree: propose it under Tasks, or at the terminal with "
        "`peelian people enrol … --with` or `--propose`."
    )
    return refusal("two_people_entrust", says, how)


def _of_oneself() -> Reason:
    says = "You cannot change your own roles, unit or training."
    return refusal("the_enroller_may_enrol", says, "Ask another custodian or the council.")


def _why_not(kernel: Kernel, by: Operator, person: Person) -> Iterator[Reason]:
    there = kernel.state.people.get(person.token)
    if person.token == by.person.token:
        yield _of_oneself()
    if there is not None and there.public_key != person.public_key:
        says = "a person with this short name is already enrolled with another key"
        remedy = "Key lost? Close the account first, then enrol the person again."
        if any(_the_last(kernel, there, frozenset())):
            remedy = "Key lost? Entrust a successor first, under another short name. Then close this account."
        yield refusal("the_enroller_may_enrol", says, remedy)


def _must_be_somebody(kernel: Kernel, person: Person) -> None:
    must_be_legible(person.name, "name")
    must_be_legible(person.unit, "unit", one_script=True)
    known = kernel.state.people.get(person.token)
    if known is None or known.trained_until != person.trained_until:  # whose training is over may get another unit
        _must_be_a_day(person.trained_until, kernel.now().date())


def _must_be_a_day(text: str, today: date) -> None:
    """InputError where training would hold until what is no day, until one that is over, or that nobody can promise."""
    last = today + MOST_TRAINED
    try:
        until = date.fromisoformat(text)
        wrong = "training end date in the past" if until < today else "training end date too far away"
    except ValueError:
        until, wrong = date.min, "training end date is not a day"
    if not today <= until <= last:
        accepted = sentence("a day from %(first)s to %(last)s", first=today.isoformat(), last=last.isoformat())
        raise InputError(wrong, column="trained_until", accepted=accepted)


def _named(kernel: Kernel, person: Person, proposal: str) -> Named:
    """The name behind the enrolment, with the salt that the proposal committed to it by."""
    told = kernel.stores.directory.known(proposal) if proposal else None
    return Named(person=person.token, name=person.name, salt=told.salt if told else new_salt())


def _said(person: Person, name: str) -> Mapping[str, Scalar]:
    """What a proposal says of whom it is to entrust; the name as a commitment, so that it can be forgotten."""
    return {
        "person": person.token,
        "name": name,
        "unit": person.unit,
        "roles": ",".join(sorted(person.roles)),
        "public_key": person.public_key,
        "trained_until": person.trained_until,
    }
