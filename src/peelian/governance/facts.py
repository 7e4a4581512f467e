"""The facts of a use or an act, as things and questions that a policy engine judges. Nothing is judged here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from peelian.governance.assessed import is_assessed
from peelian.governance.capability import Need, Paper, Scalar
from peelian.governance.documents import Admission, Authority, mark_of
from peelian.governance.engine import Id, Question, Thing, entity, moment
from peelian.governance.people import Person, signature_holds
from peelian.governance.policy import ISSUERS, Deed, Use
from peelian.governance.units import log_word, same_unit
from peelian.governance.warrants import CONFIRMED, SCOPE, faults_of_a_warrant, root_of, scope_of

NO_SCOPE = scope_of({})
OFFICE: Id = ("Office", "office")
NOBODY = "nobody"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def capability_id(use: Use) -> Id:
    """The capability of a use as an entity."""
    return ("Capability", use.capability.id)


def person_id(person: Person | None) -> Id:
    """A person as an entity; somebody who is not enrolled is `nobody`."""
    return ("Person", person.token if person else NOBODY)


def candidates(need: Need, use: Use) -> list[Authority]:
    """The papers of a need's kind that serve the capability, newest first, good or not. O(papers)."""
    return use.papers.of(need.paper, served(need, use))


def served(need: Need, use: Use) -> frozenset[str]:
    """What a paper may serve to count for a need."""
    own = use.capability.id
    return frozenset({own, need.or_of or own, f"{use.capability.technology}.*"})


def needs_by_name(use: Use) -> Mapping[str, Need]:
    """The needs of the capability by a name of their own: "0 council_approval"."""
    return {f"{number} {need.paper}": need for number, need in enumerate(use.capability.needs)}


def thing_of_person(person: Person | None) -> Thing:
    """The person: unit, roles, and until when they are trained."""
    if person is None:
        nothing = {"enrolled": False, "unit": "", "roles": [], "trained_until": _day("1970-01-01")}
        return Thing(id=("Person", NOBODY), attributes=nothing)
    known = {
        "enrolled": True,
        "unit": log_word(person.unit),
        "roles": sorted(person.roles),
        "trained_until": _day(person.trained_until),
    }
    return Thing(id=("Person", person.token), attributes=known)


def things_of_capability(use: Use) -> tuple[Thing, ...]:
    """The capability and its technology."""
    one = use.capability
    technology = ("Technology", one.technology)
    attributes = {
        "purposes": sorted(one.purposes),
        "askers": sorted(one.askers),
        "needs": list(needs_by_name(use)),
        "must_read": sorted(read.role for read in one.reads if not read.optional),
        "may_read": sorted(read.role for read in one.reads),
    }
    return (
        Thing(id=technology, attributes={}),
        Thing(id=capability_id(use), attributes=attributes, within=(technology,)),
    )


def thing_of_dataset(admission: Admission) -> Thing:
    """A dataset: its shape and format, the purposes it was admitted for, and until when it may be used."""
    admitted = datetime.fromisoformat(admission.at)
    attributes = {
        "shape": admission.shape,
        "format": admission.format,
        "purposes": sorted(admission.declaration["purposes"]),
        "admitted": moment(admitted),
        "keep_until": moment(admitted + timedelta(days=int(admission.declaration["retention_days"]))),
    }
    return Thing(id=("Dataset", admission.dataset), attributes=attributes)


def thing_of_paper(paper: Authority, use: Use) -> Thing:
    """A paper: what it serves, from when to when, what it covers, and whether its issuer's signature holds."""
    issuer, mark = use.issuers.get(paper.by), mark_of(paper)
    attributes: dict[str, Any] = {
        "kind": str(paper.paper),
        "serves": paper.serves,
        "purposes": sorted(paper.purposes),
        "starts": moment(datetime.fromisoformat(paper.starts)),
        "ends": moment(datetime.fromisoformat(paper.ends)),
        "body": sorted(_agreed(paper.body)),
        "may_be_issued_by": sorted(ISSUERS[paper.paper]),
        "issuer_roles": sorted(issuer.roles) if issuer else [],
        "signature_holds": bool(issuer and signature_holds(issuer.public_key, paper.signature, mark.encode())),
    }
    if paper.paper is Paper.WARRANT and not list(faults_of_a_warrant(paper.body)):
        attributes["warrant"] = _warrant(paper, use)
    return Thing(id=("Paper", mark), attributes=attributes)


def question_of_paper(need: Need, paper: Authority, use: Use) -> Question:
    """May this use rely on this paper for this need?"""
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
    return Question(person=person_id(use.person), action="rely", of=("Paper", mark_of(paper)), context=context)


def question_of_dataset(admission: Admission, shape: str, use: Use) -> Question:
    """May this use read this dataset as this shape?"""
    context = {
        **_when(use.now),
        "capability": entity(capability_id(use)),
        "purpose": use.purpose,
        "shape": shape,
    }
    return Question(person=person_id(use.person), action="read", of=("Dataset", admission.dataset), context=context)


def question_of_use(use: Use, *, fit: list[str], held: list[str], adopted: bool) -> Question:
    """May this person have this use, given which of its data are fit and which of its papers are held?"""
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
    return Question(person=person_id(use.person), action=use.action, of=capability_id(use), context=context)


def question_of_deed(deed: Deed) -> Question:
    """May this person do this act of the office?"""
    context: dict[str, Any] = dict(_when(deed.now))
    if not deed.room:
        context["roles"] = sorted(deed.roles)
    if deed.first:
        context["first"] = {"person": entity(("Person", deed.first)), "unit": _unit_of_the_first(deed)}
    if deed.proved:
        context["proved"] = moment(deed.proved)
    return Question(person=person_id(deed.person), action=deed.action, of=place_of(deed), context=context)


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


def _when(now: datetime) -> Mapping[str, str]:
    now = now.astimezone(UTC)
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
