"""The public inventory: every technology with its risk, the data it takes, who may use it, and what mitigates harm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from peelian.kernel.identity.custody_grounds import Excepted, exceptions_of
from peelian.kernel.model.capability import AuthorizationKind, Capability, Purpose
from peelian.kernel.model.documents import Authorization
from peelian.kernel.model.people import Person
from peelian.kernel.model.suspension import Suspension
from peelian.kernel.model.technology import Technology
from peelian.kernel.model.watch import Watch
from peelian.kernel.policy.assessment_fingerprint import body_key
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.verbs.authorizations import suspension_text
from peelian.oversight.assessment.obligations import BY_LEVEL, Obligations
from peelian.oversight.assessment.signing import Assessment, assessments, authorization_of, changed
from peelian.oversight.assessment.tools import Tool, tools

IN_USE, READY, CLOSED, SUSPENDED = "in_use", "ready", "closed", "suspended"
AUDITED, TESTED, TO_TEST, FREE = "audited", "tested", "to_test", "free"
STATES: Mapping[str, str] = {
    IN_USE: "In use",
    READY: "Permitted, not yet used",
    AUDITED: "Audited, not used",
    TESTED: "Tested, not used",
    CLOSED: "Not approved",
    TO_TEST: "Can be audited or tested, not used",
    FREE: "Needs no approval, not yet used",
    SUSPENDED: "Suspended",
}
MOST_TOLD = (SUSPENDED, IN_USE, READY, AUDITED, TESTED, CLOSED, TO_TEST, FREE)
USED_FOR = frozenset({Purpose.ADVICE, Purpose.SAFETY, Purpose.DISCLOSURE})
"""Purposes that put a technology to use. Who audits or tests it, or checks a use, does not use it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One capability, or one watch that stands, as the inventory shows it."""

    capability: Capability | Watch
    state: str  # one of STATES
    takes: tuple[str, ...]  # shapes of data
    gives: tuple[str, ...]  # tables that may leave
    askers: Mapping[str, int | None]  # role → how many people hold it; None: an enrolment cannot be read
    deciders: Mapping[str, int | None]
    authorizations: tuple[Authorization, ...]
    started: str  # ISO day of the first permitted use, "" before one
    until: str  # ISO day its authorizations end, "" where it needs none or lacks one
    asked: int
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One technology as the inventory shows it, with the newest signed assessment in force, if any."""

    technology: Technology
    assessment: Assessment | None
    uses: tuple[Use, ...]
    tools: tuple[Tool, ...]  # reported before approval
    suspension: Suspension | None  # since when and why it is stopped; None: it is not
    text: str  # what the public reads of that beside the reason
    excepted: int  # cases that were excepted of suspensions for a court, ever
    unapproved: tuple[Excepted, ...]  # exceptions under which recordings were kept before approval, newest first

    @property
    def level(self) -> int:
        """The assessed level from 1 to 4; 0 where there is no assessment in force."""
        return self.assessment.level if self.assessment else 0

    @property
    def obligations(self) -> Obligations | None:
        return BY_LEVEL[self.level] if self.assessment else None

    @property
    def state(self) -> str:
        return state_of(self.uses)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What every use is told from, read once."""

    people: tuple[Person, ...] | None  # None: an enrolment cannot be read
    authorizations: tuple[Authorization, ...]
    suspended: Collection[str]
    uses: Mapping[str, Mapping[str, Any]]
    watched: Mapping[str, int]  # how often each watch was asked to stand
    now: str


def inventory_of(kernel: Kernel) -> tuple[Entry, ...]:
    """Every technology of the town. O(capabilities · entries)."""
    signed = [made for made in assessments(kernel) if authorization_of(kernel, made) and not changed(kernel, made)]
    reported, uses = tools(kernel).values(), uses_of(kernel)
    excepted = Counter(str(entry["technology"]) for _, entry in kernel.stores.log.read(kinds=["EXCEPTED"]))
    return tuple(
        Entry(
            technology=technology,
            assessment=next((m for m in signed if m.serves.partition(".")[0] == technology.id), None),
            uses=uses[technology.id],
            tools=tuple(tool for tool in reported if tool.technology == technology.id),
            suspension=kernel.state.suspended.get(technology.id),
            text=suspension_text(kernel, technology.id),
            excepted=excepted[technology.id],
            unapproved=exceptions_of(kernel, technology.id),
        )
        for technology in kernel.technologies
    )


def uses_of(kernel: Kernel) -> dict[str, tuple[Use, ...]]:
    """The uses of every technology of the town, by its id. O(capabilities · authorizations + watches asked for)."""
    known = _Known(
        people=None if kernel.state.people.faults else tuple(kernel.state.people.values()),
        authorizations=tuple(kernel.state.authorizations.values()),
        suspended=kernel.state.suspended,
        uses=dict(kernel.stores.rows.all("uses")),
        watched=Counter(str(entry["watch"]) for _, entry in kernel.stores.log.read(kinds=["WATCH_ASKED"])),
        now=kernel.now().isoformat(),
    )
    return {one.id: tuple(_use(kernel, known, use) for use in declared_by(one)) for one in kernel.technologies}


def state_of(uses: Sequence[Use]) -> str:
    """The state of a technology: the one that says most of its uses. Where nobody approved or did anything it is not
    approved, also if some of it needs no approval."""
    states = {use.state for use in uses} - {FREE}
    return next((state for state in MOST_TOLD if state in states), CLOSED)


def declared_by(technology: Technology) -> tuple[Capability | Watch, ...]:
    """All that a technology can do: its capabilities, then its watches."""
    return (*technology.capabilities, *technology.watches)


def current(kernel: Kernel, capability: Capability | Watch, authorization: Authorization) -> bool:
    """Whether an authorization serves this capability and is in force now."""
    return _current(capability, authorization, kernel.now().isoformat())


def _current(capability: Capability | Watch, authorization: Authorization, now: str) -> bool:
    serves = authorization.serves in (capability.id, f"{capability.technology}.*") or _is_named(
        capability, authorization
    )
    return serves and authorization.starts <= now < authorization.ends


def _is_named(capability: Capability | Watch, authorization: Authorization) -> bool:
    return any(authorization.kind is need.kind and authorization.serves == need.or_of for need in capability.needs)


def _use(kernel: Kernel, known: _Known, capability: Capability | Watch) -> Use:
    authorizations = tuple(one for one in known.authorizations if _current(capability, one, known.now))
    asked, refused, started = (
        _stood(kernel, known, capability.id) if isinstance(capability, Watch) else _asked(known, capability.id)
    )
    needed, held = {need.kind for need in capability.needs}, _held(capability, authorizations)
    return Use(
        capability=capability,
        state=_state(known, capability, lacks=bool(needed - held.keys()), started=bool(started)),
        takes=takes(capability),
        gives=gives(capability),
        askers=_holders(known, capability.asks.askers),
        deciders=_holders(known, capability.asks.deciders),
        authorizations=authorizations,
        started=started,
        until=min((held.get(kind, "") for kind in needed), default=""),
        asked=asked,
        refused=refused,
    )


def _asked(known: _Known, capability: str) -> tuple[int, int, str]:
    """How often it was asked for and refused, and the day of its first permit ("" before one)."""
    row = known.uses.get(capability) or {"asked": 0, "refusals": 0, "began": ""}
    return int(row["asked"]), int(row["refusals"]), str(row["began"])[:10]


def _stood(kernel: Kernel, known: _Known, watch: str) -> tuple[int, int, str]:
    """The same of a watch: asked to stand, refused, and the day it first stood."""
    asked, watching = known.watched.get(watch, 0), kernel.state.alarms
    return asked, asked - watching.stood.get(watch, 0), watching.began.get(watch, "")[:10]


def takes(declared: Capability | Watch) -> tuple[str, ...]:
    """What people call the data it opens, in their order; of a watch also what a reading may be: message ids."""
    readings = (
        [declared.titles.get(word, word) for word in sorted(declared.takes)] if isinstance(declared, Watch) else []
    )
    return tuple(dict.fromkeys([*(read.title for read in declared.reads), *readings]))


def gives(declared: Capability | Watch) -> tuple[str, ...]:
    """What people call the tables that may leave; of a watch the alarms that it can raise: message ids."""
    if isinstance(declared, Watch):
        return tuple(declared.titles.get(kind, kind) for kind in sorted(declared.signals))
    return tuple(dict.fromkeys(emit.title for emit in declared.emits))


def _held(capability: Capability | Watch, authorizations: Iterable[Authorization]) -> dict[AuthorizationKind, str]:
    """The kinds of authorization that are in force for a use, each with the day its last one ends."""
    held: dict[AuthorizationKind, str] = {}
    for one in authorizations:
        if one.kind is not AuthorizationKind.IMPACT_ASSESSMENT or _names(capability, one):
            held[one.kind] = max(held.get(one.kind, ""), one.ends[:10])
    return held


def _state(known: _Known, capability: Capability | Watch, *, lacks: bool, started: bool) -> str:
    if capability.technology in known.suspended:
        return SUSPENDED
    if lacks:
        return CLOSED
    used = bool(capability.asks.purposes & USED_FOR)
    if not started:
        return FREE if not capability.needs else READY if used else TO_TEST
    if used:
        return IN_USE
    return TESTED if capability.asks.purposes == {Purpose.PROOF} else AUDITED


def _names(capability: Capability | Watch, authorization: Authorization) -> bool:
    return body_key(capability.id) in authorization.body


def _holders(known: _Known, roles: frozenset[str]) -> dict[str, int | None]:
    people = known.people
    return {str(role): None if people is None else sum(role in one.roles for one in people) for role in sorted(roles)}
