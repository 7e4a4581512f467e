"""The facts of a use or an act, as things and questions that a policy engine judges. Nothing is judged here.

What a thing is follows from what is written in its document alone, so the newest things are remembered: by what they
say, and without anybody's name. Warrants are not: what they are changes with each use.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from peelian.governance.assessed import is_assessed
from peelian.governance.capability import Need, Paper, Read, Role, Scalar
from peelian.governance.documents import Admission, Authority, mark_of
from peelian.governance.engine import FOR_WARRANTS, Compared, Id, Question, Ranked, Thing, entity, moment
from peelian.governance.people import Person, signature_holds
from peelian.governance.policy import ISSUERS, Deed, Use
from peelian.governance.units import log_word, same_unit
from peelian.governance.warrants import CONFIRMED, PROVISIONAL_DAYS, SCOPE, faults_of_a_warrant, root_of, scope_of

NO_SCOPE = scope_of({})
OFFICE: Id = ("Office", "office")
NOBODY = "nobody"
USES = Ranked("warrant", ("used", "count"))
NOW = frozenset({"now"})
REMEMBERED = 256  # things of each kind
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def capability_id(use: Use) -> Id:
    """The capability of a use as an entity."""
    return ("Capability", use.capability.id)


def person_id(person: Person | None) -> Id:
    """A person as an entity; somebody who is not enrolled is `nobody`."""
    return ("Person", person.token if person else NOBODY)


def candidates(need: Need, use: Use) -> list[Authority]:
    """The papers of a need's kind that serve the capability, newest first, good or not. O(such papers)."""
    return use.papers.of(need.paper, sorted(served(need, use)))


def served(need: Need, use: Use) -> frozenset[str]:
    """What a paper may serve to count for a need."""
    own = use.capability.id
    return frozenset({own, need.or_of or own, f"{use.capability.technology}.*"})


def needs_by_name(use: Use) -> Mapping[str, Need]:
    """The needs of the capability by a name of their own: "0 council_approval"."""
    return _by_name(use.capability.needs)


@lru_cache(maxsize=REMEMBERED)
def _by_name(needs: tuple[Need, ...]) -> Mapping[str, Need]:
    return {f"{number} {need.paper}": need for number, need in enumerate(needs)}


def thing_of_person(person: Person | None) -> Thing:
    """The person: unit, roles, and until when they are trained."""
    if person is None:
        nothing = {"enrolled": False, "unit": "", "roles": [], "trained_until": _day("1970-01-01")}
        return Thing(id=("Person", NOBODY), attributes=nothing)
    return _person(person.token, person.unit, person.roles, person.trained_until)


@lru_cache(maxsize=REMEMBERED)
def _person(token: str, unit: str, roles: frozenset[Role], trained_until: str) -> Thing:
    known = {
        "enrolled": True,
        "unit": log_word(unit),
        "roles": sorted(roles),
        "trained_until": _day(trained_until),
    }
    return Thing(id=("Person", token), attributes=known)


def things_of_capability(use: Use) -> tuple[Thing, ...]:
    """The capability and its technology."""
    one = use.capability
    return _capability((one.technology, one.id), (one.purposes, one.askers), one.needs, one.reads)


@lru_cache(maxsize=REMEMBERED)
def _capability(
    names: tuple[str, str],
    words: tuple[frozenset[str], frozenset[str]],
    needs: tuple[Need, ...],
    reads: tuple[Read, ...],
) -> tuple[Thing, ...]:
    technology = ("Technology", names[0])
    attributes = {
        "purposes": sorted(words[0]),
        "askers": sorted(words[1]),
        "needs": list(_by_name(needs)),
        "must_read": sorted(read.role for read in reads if not read.optional),
        "may_read": sorted(read.role for read in reads),
    }
    return (
        Thing(id=technology, attributes={}),
        Thing(id=("Capability", names[1]), attributes=attributes, within=(technology,)),
    )


def thing_of_dataset(admission: Admission) -> Thing:
    """A dataset: its shape and format, the purposes it was admitted for, and until when it may be used."""
    declared = admission.declaration
    return _dataset(
        (admission.dataset, admission.shape, admission.format),
        tuple(declared["purposes"]),
        admission.at,
        int(declared["retention_days"]),
    )


@lru_cache(maxsize=REMEMBERED)
def _dataset(words: tuple[str, str, str], purposes: tuple[str, ...], at: str, days: int) -> Thing:
    name, shape, format = words
    admitted = datetime.fromisoformat(at)
    attributes = {
        "shape": shape,
        "format": format,
        "purposes": sorted(purposes),
        "admitted": moment(admitted),
        "keep_until": moment(admitted + timedelta(days=days)),
    }
    return Thing(id=("Dataset", name), attributes=attributes)


def thing_of_paper(paper: Authority, use: Use) -> Thing:
    """A paper: what it serves, from when to when, what it covers, and whether its issuer's signature holds."""
    issuer = use.issuers.get(paper.by)
    issued = _Issued(paper, issuer.public_key if issuer else "", issuer.roles if issuer else frozenset())
    if paper.paper is not Paper.WARRANT:
        return _paper(issued)
    made = _paper.__wrapped__(issued)
    if list(faults_of_a_warrant(paper.body)):
        return made
    return Thing(id=made.id, attributes={**made.attributes, "warrant": _warrant(paper, use)})


@dataclass(frozen=True, slots=True, eq=False)
class _Issued:
    """This very paper, and who issued it."""

    paper: Authority
    key: str
    roles: frozenset[Role]

    def __hash__(self) -> int:
        return hash(self.paper.signature)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Issued):
            return NotImplemented
        return self.paper is other.paper and (self.key, self.roles) == (other.key, other.roles)


@lru_cache(maxsize=REMEMBERED)
def _paper(issued: _Issued) -> Thing:
    paper = issued.paper
    mark = mark_of(paper)
    attributes = {
        "kind": str(paper.paper),
        "serves": paper.serves,
        "purposes": sorted(paper.purposes),
        "starts": moment(datetime.fromisoformat(paper.starts)),
        "ends": moment(datetime.fromisoformat(paper.ends)),
        "body": sorted(_agreed(paper.body)),
        "may_be_issued_by": sorted(ISSUERS[paper.paper]),
        "issuer_roles": sorted(issued.roles),
        "signature_holds": bool(issued.key) and signature_holds(issued.key, paper.signature, mark.encode()),
    }
    return Thing(id=("Paper", mark), attributes=attributes)


def question_of_paper(need: Need, given: tuple[Authority, Thing], use: Use) -> Question:
    """May this use rely on this paper (given with its facts) for this need?"""
    paper, thing = given
    covered = need.covers(use.params)
    warrant = need.paper is Paper.WARRANT
    scope = scope_of(covered) if warrant else NO_SCOPE
    assessed = need.paper is not Paper.IMPACT_ASSESSMENT or is_assessed(use.capability, use.params, paper.body)
    context = {
        **_when(use.now),
        "capability": entity(capability_id(use)),
        "purpose": use.purpose,
        "kind": str(need.paper),
        "serves": sorted(served(need, use)),
        "body": sorted(_agreed({k: v for k, v in covered.items() if not (warrant and k in SCOPE)})),
        "of_what_is_used": assessed,
        **{key: sorted(getattr(scope, key)) for key in SCOPE},
    }
    idle = frozenset() if warrant else FOR_WARRANTS
    turns = (thing.attributes["starts"], thing.attributes["ends"], *(_end_of_a_provisional(paper) if warrant else ()))
    return Question(
        person=person_id(use.person),
        action="rely",
        of=thing.id,
        context=context,
        idle=idle,
        turns=turns,
        ranked=USES if warrant else None,
    )


def question_of_dataset(given: tuple[Admission, Thing], shape: str, use: Use) -> Question:
    """May this use read this dataset (given with its facts) as this shape?"""
    _, thing = given
    context = {
        **_when(use.now),
        "capability": entity(capability_id(use)),
        "purpose": use.purpose,
        "shape": shape,
    }
    return Question(
        person=person_id(use.person),
        action="read",
        of=thing.id,
        context=context,
        turns=(thing.attributes["keep_until"],),
        compared=Compared("now", thing.id, "keep_until"),
    )


def question_of_use(use: Use, *, fit: list[str], held: list[str], adopted: bool, action: str) -> Question:
    """May this person have this use, given which of its data are fit and which of its papers are held? `action`: as
    which it is judged."""
    context = {
        **_when(use.now),
        "purpose": use.purpose,
        "suspended": [entity(("Technology", name)) for name in sorted(use.suspended)],
        "named": sorted(use.datasets),
        "fit": fit,
        "held": held,
        "bylaws_are_adopted": adopted,
        "drill_is_recent": use.drill_is_recent,
    }
    person = person_id(use.person)
    return Question(
        person=person, action=action, of=capability_id(use), context=context, compared=_day_of_training(person)
    )


def question_of_deed(deed: Deed) -> Question:
    """May this person do this act of the office?"""
    context: dict[str, Any] = dict(_when(deed.now))
    if not deed.room:
        context["roles"] = sorted(deed.roles)
    if deed.first:
        context["first"] = {"person": entity(("Person", deed.first)), "unit": _unit_of_the_first(deed)}
    if deed.proved:
        context["proved"] = moment(deed.proved)
    idle = frozenset() if deed.proved else NOW  # our policies read the time only to know how fresh a proof is
    person = person_id(deed.person)
    return Question(
        person=person,
        action=deed.action,
        of=place_of(deed),
        context=context,
        idle=idle,
        compared=_day_of_training(person),
    )


def _day_of_training(person: Id) -> Compared:
    return Compared("today", person, "trained_until")


def place_of(deed: Deed) -> Id:
    """What an act is done to: the office, or a room of its pages."""
    return ("Room", deed.room) if deed.room else OFFICE


def _unit_of_the_first(deed: Deed) -> str:
    """As one word of the log: the person's own where both units can be taken for each other."""
    if deed.person is not None and same_unit(deed.first_unit, deed.person.unit):
        return log_word(deed.person.unit)
    return log_word(deed.first_unit) if deed.first_unit else ""


def _warrant(paper: Authority, use: Use) -> dict[str, Any]:
    scope = scope_of(paper.body)
    return {
        "provisional": paper.body["status"] != CONFIRMED,
        **{key: sorted(getattr(scope, key)) for key in SCOPE},
        "count": paper.body["count"],
        "used": use.used.get(root_of(paper), 0),
    }


def _end_of_a_provisional(warrant: Authority) -> Iterator[str]:
    with suppress(OverflowError):  # so late that it never comes
        yield moment(datetime.fromisoformat(warrant.starts) + timedelta(days=PROVISIONAL_DAYS))


def _when(now: datetime) -> Mapping[str, str]:
    return _told_in_three_ways(now.astimezone(UTC))


@lru_cache(maxsize=8)  # the same moment for each question of a use
def _told_in_three_ways(now: datetime) -> Mapping[str, str]:
    return {
        "now": moment(now),
        "today": _day(now.date().isoformat()),
        "weekday": DAYS[now.weekday()],
    }


def _day(date: str) -> str:
    return f"{date[:10]}T00:00:00.000Z"


def _agreed(body: Mapping[str, Scalar]) -> Iterator[str]:
    """A body's facts as words that can be compared: a whole number is the same however it is written."""
    for key, value in body.items():
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        yield f"{key} {str(value).lower()}" if isinstance(value, bool) else f"{key} {value!r}"
