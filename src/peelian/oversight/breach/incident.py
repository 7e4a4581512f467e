"""An incident in the register: opened once, amended as more is known, never erased before its time.

The entry holds what every regime's register asks for (the union of their schemas). The document lies encrypted in the
archive; the log, which is public, holds the incident's id and fingerprint, how many people it concerns unless they are
few, and each step with its time.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import must_hold_role
from peelian.kernel.records.office_records import MAKERS, keep, records_of
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel
from peelian.oversight.breach.regimes import keep_until, strictest
from peelian.oversight.breach.signals import Signal

OFFICERS = frozenset({Role.PRIVACY_OFFICER})
LISTS = ("information", "subjects", "entries", "regimes", "measures")
HANDS = frozenset({Role.CUSTODIAN, Role.BOARD})
SEERS = MAKERS["incident"]
FEW = 20  # fewer people than this are never counted in public


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One entry of the register. Times are ISO, "" while a step was not taken; people are tokens."""

    id: str
    kind: str
    fingerprint: str
    circumstances: str  # a word of `letters.CIRCUMSTANCES`
    started: str
    ended: str
    aware_at: str
    information: tuple[str, ...]
    exposure: Mapping[str, str]
    subjects: tuple[str, ...]
    entries: tuple[int, ...]
    regimes: tuple[str, ...]
    keep_until: str
    internal_at: str = ""
    regulator_at: str = ""
    persons_at: str = ""
    harm: Mapping[str, Any] = field(default_factory=dict)
    measures: tuple[str, ...] = ()  # words of `letters.MEASURES`, taken
    channels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # token → channel, reason
    untold: Mapping[str, str] = field(default_factory=dict)  # token → why this person was not told
    in_province: int = 0
    effects: str = ""
    late_reason: str = ""
    reported_again: int = 0
    closed_at: str = ""
    notice_at: str = ""  # the public notice stands since then
    notice_reason: str = ""
    drill: bool = False

    @property
    def affected(self) -> int:
        """How many people it concerns."""
        return len(self.subjects)


@act
def open_incident(
    kernel: Kernel, by: Operator, signal: Signal, *, regimes: Sequence[str] = (), drill: bool = False
) -> tuple[Incident, bool]:
    """Enter a signal into the register; (the incident, whether it is new). One reported twice is recognised.

    Opening it is the internal report: its time is when the office became aware.
    """
    must_hold_role(kernel, by, SEERS, "the_reporter_may_report")
    names = tuple(regimes)
    strictest(names)
    with kernel.lock:
        known = [incident for incident in register(kernel) if incident.fingerprint == signal.fingerprint]
        if known:
            again = known[0].reported_again + 1
            return amend(kernel, by, known[0].id, step="reported_again", changes={"reported_again": again}), False
        incident = opened(signal, kernel.now(), regimes=names, drill=drill)
        keep(
            kernel,
            by,
            "incident",
            asdict(incident),
            incident=incident.id,
            fingerprint=incident.fingerprint,
            **counted(incident.affected),
        )
        return incident, True


def opened(signal: Signal, now: datetime, *, regimes: tuple[str, ...] = (), drill: bool = False) -> Incident:
    """The entry that a signal begins, of which the office is aware from now on."""
    return Incident(
        id=f"b-{secrets.token_hex(4)}",
        kind=signal.kind,
        fingerprint=signal.fingerprint,
        circumstances=signal.kind,
        started=signal.started,
        ended=signal.ended,
        aware_at=now.isoformat(),
        internal_at=now.isoformat(),
        information=tuple(sorted(signal.information)),
        exposure=dict(signal.exposure),
        subjects=tuple(sorted(signal.subjects)),
        entries=signal.entries,
        regimes=regimes,
        keep_until=keep_until(strictest(regimes), now).isoformat(),
        in_province=len(signal.subjects),
        drill=drill,
    )


def counted(people: int) -> dict[str, Any]:
    """What the public log says of how many people an incident concerns: none, a number, or that they are few.

    >>> counted(0), counted(3), counted(400)
    ({'n': 0}, {'fewer_than': 20}, {'n': 400})
    """
    return {"fewer_than": FEW} if is_few(people) else {"n": people}


def is_few(people: int) -> bool:
    """Whether a number of people is too small for the public: neighbours would know whom it concerns."""
    return 0 < people < FEW


@act
def amend(kernel: Kernel, by: Operator, id: str, *, step: str, changes: Mapping[str, Any]) -> Incident:
    """Add what is known since; the earlier entries stay. OutOfOrder: no such incident. InputError: no such field."""
    hands = HANDS if set(changes) == {"measures"} else frozenset()  # whoever contained it says what was done
    must_hold_role(kernel, by, SEERS if step == "reported_again" else OFFICERS | hands, "the_officer_may_amend")
    with kernel.lock:
        digest, before = _chain(kernel, id)
        fixed = {"id", "fingerprint", "aware_at", "drill"}
        if stray := sorted(set(changes) - (set(Incident.__slots__) - fixed)):
            raise InputError("this field of an incident cannot be amended", column=stray[0], accepted="another field")
        changed = _made({**asdict(before), **changes})
        if set(before.subjects) - set(changed.subjects) - set(changed.untold):
            raise InputError("affected person left out", column="subjects", accepted="a reason under `untold`")
        body = {"changes": {name: getattr(changed, name) for name in changes}, "step": step}
        keep(kernel, by, "amendment", body, before=digest, incident=id, step=step, **counted(changed.affected))
        return changed


def register(kernel: Kernel) -> tuple[Incident, ...]:
    """Every incident as it is known now, oldest first; those past their keeping are left out. O(incidents)."""
    found: dict[str, Incident] = {}
    digests = {digest: id for id, chain in kernel.state.records.incidents.items() for digest in chain}
    for _, record in records_of(kernel, "incident"):
        incident = _made(record.body)
        found[incident.id] = incident
    for _, record in records_of(kernel, "amendment"):
        id = digests.get(record.before, "")
        if id in found:
            found[id] = _made({**asdict(found[id]), **record.body["changes"]})
    now = kernel.now()
    return tuple(i for i in found.values() if datetime.fromisoformat(i.keep_until) > now)


def incident_of(kernel: Kernel, id: str) -> Incident:
    """One incident by its id; OutOfOrder where there is none."""
    for incident in register(kernel):
        if incident.id == id:
            return incident
    raise OutOfOrder("The register has no such incident.")


def lacking(incident: Incident) -> tuple[str, ...]:
    """What the register of its regimes asks for and the entry does not say yet; a time not yet due is no lack."""
    may_be_empty = {"regulator_at", "persons_at", "late_reason", "effects", "affected", "affected_in_province"}
    wanted = [name for name in strictest(incident.regimes).register if name not in may_be_empty]
    if not incident.subjects:
        wanted = [name for name in wanted if name not in ("exposure", "information")]
    return tuple(name for name in wanted if not getattr(incident, name))


def yearly(incidents: Iterable[Incident], year: int) -> dict[str, int]:
    """The year's statistics as FIPPA 34 asks: incidents, by kind, people concerned, told, reported. O(incidents)."""
    of_year = [i for i in incidents if i.aware_at.startswith(f"{year}-") and not i.drill]
    kinds = {f"kind_{i.kind}": 0 for i in of_year}
    for incident in of_year:
        kinds[f"kind_{incident.kind}"] += 1
    return {
        "incidents": len(of_year),
        "people": sum(i.affected for i in of_year),
        "people_told": sum(len(i.channels) for i in of_year if i.persons_at),
        "with_real_risk": sum(bool(i.harm.get("real_risk")) for i in of_year),
        "reported_to_regulator": sum(bool(i.regulator_at) for i in of_year),
        **dict(sorted(kinds.items())),
    }


def _chain(kernel: Kernel, id: str) -> tuple[str, Incident]:
    """The digest the next amendment follows, and the incident as it is known."""
    incident = incident_of(kernel, id)
    return kernel.state.records.incidents[id][-1], incident


def _made(body: Mapping[str, Any]) -> Incident:
    lists: dict[str, Any] = {name: tuple(body[name]) for name in LISTS}
    return replace(Incident(**body), **lists)
