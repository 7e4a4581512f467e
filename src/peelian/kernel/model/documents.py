"""The documents of a case, and authorizations. A document's digest covers the digest of the one before it.

A digest is the SHA-256 of a document's canonical spelling without its signature. Every document carries a random
salt, so its digest in the log is a salted commitment: it proves the document and tells nothing about it.
"""

from __future__ import annotations

import dataclasses
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar, TypeVar

import msgspec

from peelian.errors import OutOfOrder
from peelian.kernel.model.capability import AuthorizationKind, Scalar
from peelian.measure.canonical import canonical_digest


def new_salt() -> str:
    """128 random bits as hexadecimal digits."""
    return secrets.token_hex(16)


PEOPLE = LISTED, NOT_KNOWN = "listed", "not_known"
"""What a declaration says of the people whom data show: a list of them comes with it, or they are not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What a town states about data before it may come in (requirement PRV-14: all of it, in writing)."""

    ADDED: ClassVar[frozenset[str]] = frozenset({"people"})

    title: str
    purposes: tuple[str, ...]
    legal_basis: str
    minimisation: str
    retention_days: int
    source: str
    people: str = ""  # of PEOPLE, never a name; "" only where the data are no recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What every document has: who signed it and when (ISO date-time, UTC), its salt and its signature."""

    by: str
    at: str
    salt: str = field(default_factory=new_salt)
    signature: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment(Document):
    """A person joins the office, or joins again with other roles or renewed training."""

    person: str  # token
    name: str  # a salted commitment: the name itself lives in the directory, where it can be forgotten
    unit: str
    roles: tuple[str, ...]
    public_key: str
    trained_until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission(Document):
    """A dataset that was admitted: its declaration, where it lies sealed, its facts, and what was dropped and why."""

    dataset: str
    shape: str
    format: str
    object: str
    digest: str
    rows: int
    declaration: Mapping[str, Any]
    facts: Mapping[str, Scalar]
    dropped: tuple[Mapping[str, Any], ...]
    notes: tuple[Mapping[str, Any], ...] = ()  # what the door in had to say: text (a message id), values, kind
    description: str = ""  # an object kept whole: the digest of its packed description in the archive
    size: int = 0  # an object kept whole: its bytes
    parent: str = ""  # a derivative: the dataset it was made from
    case: str = ""  # a derivative: the case that made it


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization(Document):
    """A signed authorization: what it is, which capability it serves, for which purposes, from when to when, and its
    body."""

    kind: AuthorizationKind
    serves: str  # a capability's id, or a technology's id followed by ".*"
    purposes: tuple[str, ...]
    starts: str  # ISO date-time, UTC
    ends: str
    body: Mapping[str, Scalar]
    before: str = ""  # the decision that earned it, if a case did


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Document):
    """Somebody asks to use a capability, for a purpose, on named datasets."""

    case: str
    capability: str
    purpose: str
    params: Mapping[str, Any]
    datasets: Mapping[str, str]  # role → dataset id
    unit: str
    before: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit(Document):
    """The policy found the authorizations in order: what may be run, how often, until when, on which authorizations."""

    case: str
    before: str  # the request's digest
    capability: str
    until: str
    runs: int
    authorizations: tuple[str, ...]  # digests
    policy: str  # digest of the rules that judged
    by: str = "office"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence(Document):
    """What a run found: the digest of its findings, the seed and the data it saw."""

    case: str
    before: str  # the permit's digest
    findings: str  # digest of the packed findings
    seed: int
    data: Mapping[str, str]  # role → digest of the dataset
    version: str
    made: Mapping[str, str] = field(default_factory=dict)  # role → the derivative's dataset
    by: str = "office"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSet(Document):
    """Which worker opens which sealed object of a dataset, in one run: what the root in the log is of."""

    case: str
    before: str  # the permit's digest
    dataset: str
    until: str
    openings: tuple[Mapping[str, str], ...]  # object and worker (public key) of each
    by: str = "office"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Document):
    """A named person, not the asker, decided: what, why, and which other evidence was considered."""

    case: str
    before: str  # the evidence's digest
    choice: str
    reasons: str
    other_evidence: str
    unit: str
    changes: tuple[Mapping[str, str], ...] = ()  # selected places dropped or swapped: place, instead, reason
    public_reason: str = ""  # what the public register says of why, in the decider's words
    exposure: str = ""  # the decider's words on groups that the findings expose more than others

    ADDED: ClassVar[frozenset[str]] = frozenset({"public_reason", "exposure"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication(Document):
    """What the public register shows of a case, adopted or rejected: a statement and the findings that may leave."""

    case: str
    before: str  # the decision's digest
    statement: str
    findings: str  # digest of the packed public findings
    changes: tuple[Mapping[str, str | int], ...] = ()  # by area: area ("": all others), dropped, added


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction(Document):
    """A published case has an error, and a newer one stands in its place; public, with the reason."""

    case: str  # the one with the error
    publication: str  # the digest of what was published of it
    newer: str  # the case that stands in its place
    before: str  # the digest of what was published of that
    reason: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingRequest(Document):
    """Somebody asks to let a watch stand over the readings of named sensors; `exercise` digests a drill."""

    case: str
    watch: str
    purpose: str
    params: Mapping[str, Any]
    sensors: Mapping[str, str]  # sensor → zone
    exercise: bool
    unit: str
    before: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingPermit(Document):
    """The policy found the authorizations in order: the watch may stand until then."""

    case: str
    before: str  # the request's digest
    watch: str
    until: str
    authorizations: tuple[str, ...]  # digests
    policy: str
    by: str = "office"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmStep(Document):
    """One step of an alarm, signed by the person who took it, or by the office for what signals and time bring."""

    alarm: str
    before: str  # the digest of the alarm's step before; of its first step, the standing permit's
    move: Mapping[str, Any]  # the fields of an `alarms.Move`
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPermit(Document):
    """An event the town permitted: which signals it explains, where, from when to when."""

    zone: str
    types: tuple[str, ...]
    starts: str
    ends: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover(Document):
    """A shift was handed over: by whom, to whom, what was said, and how many alarms were still held by a condition."""

    to: str
    words: str
    active: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneCount(Document):
    """How many people a person counted in a zone: from then on its gate counters add to that."""

    zone: str
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEvent(Document):
    """A version of an event's plan: the file as it was written. It is in force once a second person confirmed it."""

    plan: str  # its name
    body: Mapping[str, Any]  # of an `event_plan.EventPlan`
    unit: str
    before: str = ""  # the version in force when it was made


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanConfirmation(Document):
    """The second person's word on a version of a plan."""

    plan: str
    before: str  # the version's digest
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseRecord(Document):
    """An exercise of a plan: when, which functions took part, what was found."""

    plan: str
    before: str  # the digest of the version it exercised
    body: Mapping[str, Any]  # of an `event_plan.PlanExercise`


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionAct(Document):
    """What a person did about keeping data, in their own words: tagged, held, released, queued, recovered…"""

    act: str
    about: str  # a dataset, an alarm, a watch, or a category
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal(Document):
    """A court did not confirm a provisional warrant, or withdrew one: what was collected under it is destroyed."""

    warrant: str  # the digest of the warrant
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal(Document):
    """An act that takes two people of different units: what is to be done, and with what."""

    what: str  # a word of proposals.ACTS
    body: Mapping[str, Scalar]
    words: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval(Document):
    """The second person's word: the act may be carried out once, within a week."""

    before: str  # the proposal's digest
    unit: str


D = TypeVar("D", bound=Document)
_JSON = json.JSONEncoder(ensure_ascii=False).encode


def digest_of(document: Document) -> str:
    """The document's digest: SHA-256 over its kind and every field but the signature."""
    body = fields_of(document)
    del body["signature"]
    body["document_type"] = type(document).__name__
    return canonical_digest(body)


def fields_of(document: Document | Declaration) -> dict[str, Any]:
    """Every field by name: nothing is copied, for fields hold plain values only. A field that was added to its kind
    later, and is empty, is left out: documents signed before it keep their digest."""
    later: frozenset[str] = getattr(document, "ADDED", frozenset())
    found = ((name, getattr(document, name)) for name in document.__dataclass_fields__ if name != "ADDED")
    return {name: value for name, value in found if value or name not in later}


def to_bytes(document: Document) -> bytes:
    """The document as JSON, with its kind."""
    return _JSON({"document_type": type(document).__name__, **fields_of(document)}).encode()


def _read(data: bytes) -> Any:
    """JSON, and what else `json` writes and reads: numbers that are none."""
    try:
        return msgspec.json.decode(data)
    except msgspec.DecodeError:
        return json.loads(data)


@cache
def _tuples(kind: Any) -> frozenset[str]:
    """The fields that hold a tuple, which JSON has as a list."""
    return frozenset(f.name for f in dataclasses.fields(kind) if str(f.type).startswith("tuple"))


def from_bytes(data: bytes, kind: type[D]) -> D:
    """The document that `to_bytes` wrote; OutOfOrder where it is another kind or no document at all."""
    try:
        body: dict[str, Any] = _read(data)
        if body.pop("document_type") != kind.__name__:
            raise OutOfOrder(f"The document is not a {kind.__name__.lower()}.")
        known: Any = kind  # for mypy a type variable's class is not hashable
        for name in _tuples(known) & body.keys():
            body[name] = tuple(body[name])
        if "kind" in body:
            body["kind"] = AuthorizationKind(body["kind"])
        return kind(**body)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise OutOfOrder(f"The {kind.__name__.lower()} cannot be read ({type(error).__name__}).") from None
