"""Entities: a use or an action as the policy engine sees it. Nothing is judged here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from peelian.kernel.model.authorization_index import serving
from peelian.kernel.model.capability import AuthorizationKind, Need, Read, Scalar
from peelian.kernel.model.documents import Admission, Authorization, digest_of
from peelian.kernel.model.org_units import log_word, same_unit
from peelian.kernel.model.people import Person, signature_holds
from peelian.kernel.model.policy_port import SIGNERS, Action, Use
from peelian.kernel.model.warrants import CONFIRMED, SCOPE, faults_of_a_warrant, has_paper, root_of, scope_of
from peelian.kernel.policy.assessment_fingerprint import is_assessed
from peelian.kernel.policy.engine_port import Entity, Id, Question, entity, moment

NO_SCOPE = scope_of({})
OFFICE: Id = ("Office", "office")
NOBODY = "nobody"
UNKNOWN = {"enrolled": False, "unit": "", "roles": [], "trained_until": "1970-01-01T00:00:00.000Z"}
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def capability_id(use: Use) -> Id:
    return ("Capability", use.capability.id)


def person_id(person: Person | None) -> Id:
    """A person as an entity; somebody who is not enrolled is `nobody`."""
    return ("Person", person.token if person else NOBODY)


def candidates(need: Need, use: Use) -> list[Authorization]:
    """The authorizations of a need's kind that serve the capability, newest first, good or not. O(authorizations)."""
    return serving(use.authorizations, need.kind, served(need, use))


def served(need: Need, use: Use) -> frozenset[str]:
    """What an authorization may serve to count for a need."""
    own = use.capability.id
    return frozenset({own, need.or_of or own, f"{use.capability.technology}.*"})


def needs_by_name(use: Use) -> Mapping[str, Need]:
    """What the use needs, by a name of its own: "0 council_approval"."""
    return {f"{number} {need.kind}": need for number, need in enumerate(use.needs)}


def entity_of_person(person: Person | None) -> Entity:
    """The person: unit, roles, and until when they are trained."""
    if person is None:
        return Entity(id=("Person", NOBODY), attributes=UNKNOWN)
    known = {
        "enrolled": True,
        "unit": log_word(person.unit),
        "roles": sorted(person.roles),
        "trained_until": _day(person.trained_until),
    }
    return Entity(id=("Person", person.token), attributes=known)


def entities_of_capability(use: Use) -> tuple[Entity, ...]:
    one = use.capability
    technology = ("Technology", one.technology)
    attributes = {
        "purposes": sorted(one.asks.purposes),
        "askers": sorted(one.asks.askers),
        "needs": list(needs_by_name(use)),
        "must_read": sorted(read.role for read in one.reads if not read.optional),
        "may_read": sorted(read.role for read in one.reads),
    }
    return (
        Entity(id=technology, attributes={}),
        Entity(id=capability_id(use), attributes=attributes, within=(technology,)),
    )


def entity_of_dataset(admission: Admission, use: Use) -> Entity:
    """A dataset: its shape, its format and the technology that owns them, the purposes it was admitted for, and until
    when it may be used."""
    admitted = datetime.fromisoformat(admission.at)
    attributes = {
        "shape": admission.shape,
        "format": admission.format,
        "owner": use.owner_of(admission.format),
        "purposes": sorted(admission.declaration["purposes"]),
        "admitted": moment(admitted),
        "keep_until": moment(admitted + timedelta(days=int(admission.declaration["retention_days"]))),
    }
    return Entity(id=("Dataset", admission.dataset), attributes=attributes)


def entity_of_authorization(authorization: Authorization, use: Use) -> Entity:
    """An authorization: what it serves, from when to when, what it covers, and whether its issuer's signature holds."""
    issuer, digest = use.issuers.get(authorization.by), digest_of(authorization)
    attributes: dict[str, Any] = {
        "kind": str(authorization.kind),
        "serves": authorization.serves,
        "purposes": sorted(authorization.purposes),
        "starts": moment(datetime.fromisoformat(authorization.starts)),
        "ends": moment(datetime.fromisoformat(authorization.ends)),
        "body": sorted(_agreed(authorization.body)),
        "may_be_issued_by": sorted(SIGNERS[authorization.kind]),
        "issuer_roles": sorted(issuer.roles) if issuer else [],
        "signature_holds": bool(
            issuer and signature_holds(issuer.public_key, authorization.signature, digest.encode())
        ),
    }
    if authorization.kind is AuthorizationKind.WARRANT and not list(faults_of_a_warrant(authorization.body)):
        attributes["warrant"] = _warrant(authorization, use)
    return Entity(id=("Authorization", digest), attributes=attributes)


def question_of_authorization(need: Need, authorization: Authorization, use: Use) -> Question:
    """May this use rely on this authorization for this need?"""
    covered = need.covers(use.params)
    warrant = need.kind is AuthorizationKind.WARRANT
    scope = scope_of(covered) if warrant else NO_SCOPE
    assessed = need.kind is not AuthorizationKind.IMPACT_ASSESSMENT or is_assessed(
        use.capability, use.params, authorization.body
    )
    context = {
        **_when(use.now),
        "capability": entity(capability_id(use)),
        "purpose": use.purpose,
        "kind": str(need.kind),
        "serves": sorted(served(need, use)),
        "body": sorted(_agreed({k: v for k, v in covered.items() if not (warrant and k in SCOPE)})),
        "of_what_is_used": assessed,
        **{key: sorted(getattr(scope, key)) for key in SCOPE},
    }
    return Question(
        person=person_id(use.person), action="rely", of=("Authorization", digest_of(authorization)), context=context
    )


def question_of_dataset(admission: Admission, read: Read, use: Use) -> Question:
    """May this use read this dataset in this role: as a shape of its own technology, or of the one that it names?"""
    owner, _, shape = read.of(use.capability.technology).partition(".")
    context = {
        **_when(use.now),
        "capability": entity(capability_id(use)),
        "purpose": use.purpose,
        "shape": shape,
        "owner": owner,
    }
    return Question(person=person_id(use.person), action="read", of=("Dataset", admission.dataset), context=context)


def question_of_use(use: Use, *, fit: list[str], held: list[str], adopted: bool) -> Question:
    """May this person have this use, given which of its data are fit and which of its authorizations are held?"""
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


def question_of_act(act: Action) -> Question:
    """May this person do this act of the office?"""
    context: dict[str, Any] = dict(_when(act.now))
    if not act.room:
        context["roles"] = sorted(act.roles)
    if act.first:
        context["first"] = {"person": entity(("Person", act.first)), "unit": _unit_of_the_first(act)}
    if act.proved:
        context["proved"] = moment(act.proved)
    if act.stands_in:
        context["stands_in"] = True
    return Question(person=person_id(act.person), action=act.action, of=place_of(act), context=context)


def place_of(act: Action) -> Id:
    """What an act is done to: the office, or a room of its pages."""
    return ("Room", act.room) if act.room else OFFICE


def _unit_of_the_first(act: Action) -> str:
    """As one word of the log: the person's own where both units can be taken for each other."""
    if act.person is not None and same_unit(act.first_unit, act.person.unit):
        return log_word(act.person.unit)
    return log_word(act.first_unit) if act.first_unit else ""


def _warrant(authorization: Authorization, use: Use) -> dict[str, Any]:
    scope = scope_of(authorization.body)
    return {
        "paper": has_paper(authorization),
        "provisional": authorization.body["status"] != CONFIRMED,
        **{key: sorted(getattr(scope, key)) for key in SCOPE},
        "count": authorization.body["count"],
        "used": use.used.get(root_of(authorization), 0),
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


def apart(wanted: Mapping[str, Scalar], body: Mapping[str, Scalar]) -> Iterator[str]:
    """The keys in which a body does not agree with what is asked."""
    agreed = frozenset(_agreed(body))
    return (key for key, value in wanted.items() if next(_agreed({key: value})) not in agreed)


def _agreed(body: Mapping[str, Scalar]) -> Iterator[str]:
    """A body's facts as words that can be compared: a whole number is the same however it is written."""
    for key, value in body.items():
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        yield f"{key} {str(value).lower()}" if isinstance(value, bool) else f"{key} {value!r}"
