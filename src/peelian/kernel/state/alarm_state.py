"""Alarm state: standing watches, open alarms, sensor faults, planned events and shifts, as the log says.

An alarm is kept whole until the time of its newest step is over, a watch until it stands no more and its last alarm
is gone; a hold keeps either until it is released. What was destroyed as its retention asks is known by name only.

A damaged step shuts no other alarm, and its own is not lost from sight: the entry of the log says where it stands and
how urgent it is. What took it out of the queue counts only where it can be read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from peelian.errors import IntegrityError
from peelian.kernel.log.topics import ALARMS as OF_ALARMS
from peelian.kernel.log.topics import topic_of
from peelian.kernel.model.alarms import Alarm, Event, Floor, Move, State, apply, counted_alarms, forget
from peelian.kernel.model.archive_partitions import ALARMS, partition_at, retention_of
from peelian.kernel.model.documents import (
    AlarmStep,
    D,
    EventPermit,
    Handover,
    StandingPermit,
    StandingRequest,
    ZoneCount,
)
from peelian.kernel.model.ports import Entry
from peelian.kernel.model.retention_schedule import Holds, fold_hold
from peelian.kernel.model.watch import Level
from peelian.kernel.state.known import Known
from peelian.kernel.state.shift_log import ShiftLog

Find = Callable[[str, type[D]], D | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A standing watch as the log knows it: the permit, its digest and what was asked."""

    digest: str
    permit: StandingPermit
    request: StandingRequest
    partition: str  # of both


@dataclass(slots=True)
class AlarmState:
    """Folded from the log, one entry at a time. O(1) per entry."""

    stands: Known[Stand] = field(default_factory=Known)  # case → the watch
    unread: Known[Any] = field(default_factory=Known)  # digests of damaged steps, events, counts and handovers
    ended: set[str] = field(default_factory=set)
    floor: Floor = field(default_factory=Floor)
    latest: dict[str, str] = field(default_factory=dict)  # alarm → the digest of its latest step
    steps: dict[str, list[str]] = field(default_factory=dict)  # alarm → the digests of all of them
    partitions: dict[str, str] = field(default_factory=dict)  # alarm → the partition of its latest step
    gone: dict[str, str] = field(default_factory=dict)  # alarm → the digest of its latest step, destroyed
    gone_watches: dict[str, str] = field(default_factory=dict)  # case → the digest of its standing permit, destroyed
    began: dict[str, str] = field(default_factory=dict)  # watch → when it first stood, drills apart
    stood: dict[str, int] = field(default_factory=dict)  # watch → how often it came to stand
    destroyed: set[str] = field(default_factory=set)  # partitions of alarms
    holds: Holds = field(default_factory=dict)  # of alarms and of watches
    faults: dict[str, tuple[str, datetime]] = field(default_factory=dict)  # sensor → why, since when
    cuts: dict[str, str] = field(default_factory=dict)  # connection of the gateway that is down → why
    handovers: list[Handover] = field(default_factory=list)
    counts: dict[str, ZoneCount] = field(default_factory=dict)  # zone → how many people a person counted there last
    shift: ShiftLog = field(default_factory=ShiftLog)
    version: int = 0  # rises with everything an operator may see

    def fold(self, entry: Entry, find: Find[Any]) -> None:
        """Bring the tally in step with one entry; `find` reads the document with a digest (None: destroyed)."""
        kind = str(entry["kind"])
        self.version += kind.startswith(("ALARM_", "SENSOR_", "WATCH_", "EVENT_", "GATEWAY_", "HANDED_"))
        if kind == "WATCH_STANDING":
            self._stands(entry, find)
        elif kind == "WATCH_ENDED":
            self.ended.add(str(entry["case"]))
        elif kind.startswith("ALARM_"):
            self._stepped(entry, find)
        elif kind.startswith(("SENSOR_", "GATEWAY_")):
            self._well_or_not(kind, entry)
        else:
            self._beside(kind, entry, find)
        if topic_of(kind) == OF_ALARMS and not kind.startswith("ALARM_"):
            self.shift.take(entry)

    def _well_or_not(self, kind: str, entry: Entry) -> None:
        if kind == "SENSOR_FAULT":
            self.faults[str(entry["sensor"])] = (str(entry["why"]), datetime.fromisoformat(str(entry["t"])))
        elif kind == "SENSOR_WELL":
            self.faults.pop(str(entry["sensor"]), None)
        elif kind == "GATEWAY_CUT":
            self.cuts[str(entry["connection"])] = str(entry["why"])
        elif kind == "GATEWAY_BACK":
            self.cuts.pop(str(entry["connection"]), None)

    def _beside(self, kind: str, entry: Entry, find: Find[Any]) -> None:
        if kind == "EVENT_PERMITTED":
            if permit := self._read(str(entry["document"]), EventPermit, find):
                self.floor.calendar.append(_event_of(permit, str(entry["document"])))
        elif kind == "EVENT_COUNTED":
            self._counted(entry, find)
        elif kind == "HANDED_OVER":
            if handover := self._read(str(entry["document"]), Handover, find):
                self.handovers.append(handover)
        elif kind in ("HELD", "RELEASED"):
            fold_hold(self.holds, str(entry.get("alarms", "")), entry)
        elif kind == "PARTITION_DESTROYED" and retention_of(str(entry["partition"])) == ALARMS:
            self._destroyed(str(entry["partition"]), datetime.fromisoformat(str(entry["t"])))

    def _counted(self, entry: Entry, find: Find[Any]) -> None:
        digest = str(entry["document"])
        if count := self._read(digest, ZoneCount, find):
            self.counts[count.zone] = count
        elif digest in self.unread:  # an older one is not shown in its place
            self.counts.pop(str(entry.get("zone", "")), None)

    def stands_at(self, case: str, now: datetime) -> bool:
        """Whether this watch is one that stands."""
        known = self.stands.readable(case)
        return known is not None and case not in self.ended and datetime.fromisoformat(known.permit.until) > now

    def knows(self, name: str) -> bool:
        """Whether an alarm or a watch has or had this name. O(1)."""
        return any(name in known for known in (self.floor.alarms, self.gone, self.stands, self.gone_watches))

    def on_hold(self) -> frozenset[str]:
        """The alarms and the watches that a hold names. O(holds)."""
        return frozenset(of for of, holds in self.holds.items() if holds)

    def held(self) -> frozenset[str]:
        """The alarms that holds keep: each by its own, by its watch's or by that of its incident; and the incident that
        such an alarm joined, for what people did about it is told there. O(alarms), O(holds) where there are none."""
        named = self.on_hold()
        kept = (a for a in self.floor.alarms.values() if not named.isdisjoint((a.id, a.watch, a.incident)))
        return frozenset(name for a in (kept if named else ()) for name in (a.id, a.incident) if name)

    def _stands(self, entry: Entry, find: Find[Any]) -> None:
        digest, watch = str(entry["document"]), str(entry["watch"])
        if not entry.get("exercise"):
            self.began.setdefault(watch, str(entry["t"]))
        self.stood[watch] = self.stood.get(watch, 0) + 1
        try:
            permit: StandingPermit | None = find(digest, StandingPermit)
            request: StandingRequest | None = find(permit.before, StandingRequest) if permit else None
        except IntegrityError as fault:
            self.stands.damaged(str(entry["case"]), fault)
            return
        if permit is None or request is None:
            self.gone_watches[str(entry["case"])] = digest
            return
        partition = _partition_of(entry)
        self.stands.put(permit.case, Stand(digest=digest, permit=permit, request=request, partition=partition))

    def _stepped(self, entry: Entry, find: Find[Any]) -> None:
        digest, alarm = str(entry["document"]), str(entry["alarm"])
        is_gone = alarm in self.gone and not self._begins(entry)
        step: AlarmStep | None = None if is_gone else self._read(digest, AlarmStep, find)
        is_damaged = not is_gone and digest in self.unread
        if step is None and not is_damaged:
            self._forget(alarm, digest)
            return
        self.gone.pop(alarm, None)  # another one of the same name
        self.floor.past.discard(alarm)
        if is_damaged:
            self.floor.damaged.add(alarm)
        move = move_of(step) if step else _move_in(entry, self.floor.alarms.get(alarm))
        apply(self.floor, move)
        self.shift.take(entry, move)
        self.latest[alarm] = digest
        self.steps.setdefault(alarm, []).append(digest)
        self.partitions[alarm] = _partition_of(entry)

    def _begins(self, entry: Entry) -> bool:
        """Whether an alarm's step is its first: it follows the permit of its watch."""
        case = str(entry["case"])
        known = self.stands.readable(case)
        return entry["before"] == (known.digest if known else self.gone_watches.get(case))

    def _destroyed(self, partition: str, now: datetime) -> None:
        """Let go of what the log says is destroyed: alarms by the partition of their latest step, or whose hold was
        released after it, then watches that have none left. What is held lies elsewhere now. O(alarms)."""
        self.destroyed.add(partition)
        over = {a for a, own in self.partitions.items() if own in self.destroyed and a not in self.floor.waiting}
        self.floor.past = over & self.held()
        for alarm in over - self.floor.past:
            self._forget(alarm, self.latest[alarm])
        needed = {alarm.watch for alarm in self.floor.alarms.values()} | self.on_hold()
        for case, known in list(self.stands.items()):
            if known.partition in self.destroyed and case not in needed and not self.stands_at(case, now):
                self.gone_watches[case] = known.digest
                self.stands.drop(case)
        self.floor.calendar = [event for event in self.floor.calendar if event.ends > now]
        del self.handovers[:-1]
        self.counts = {
            zone: count
            for zone, count in self.counts.items()
            if partition_at(ALARMS, datetime.fromisoformat(count.at)) not in self.destroyed
        }

    def _forget(self, alarm: str, digest: str) -> None:
        self.gone[alarm] = digest
        forget(self.floor, alarm)
        self.shift.forget(alarm)
        self.latest.pop(alarm, None)
        for step in self.steps.pop(alarm, ()):
            self.unread.drop(step)
        self.partitions.pop(alarm, None)

    def _read(self, digest: str, kind: type[D], find: Find[Any]) -> D | None:
        """The document; None where it was destroyed, or is damaged and noted as that."""
        try:
            found: D | None = find(digest, kind)
        except IntegrityError as fault:
            self.unread.damaged(digest, fault)
            return None
        return found


def _partition_of(entry: Entry) -> str:
    return partition_at(ALARMS, datetime.fromisoformat(str(entry["t"])))


def _move_in(entry: Entry, before: Alarm | None) -> Move:
    """The move of a damaged step, as far as its entry says it. One that is not closed waits for a person, unless it
    waits silently or was answered: until when it was shelved, or which incident it joined, cannot be read."""
    state = State(str(entry["state"]))
    state = state if state in _SAID_BY_ENTRY else State.OPEN
    step = str(entry["kind"]).removeprefix("ALARM_").lower()
    ends, begins = step in ("cleared", "closed"), step in ("raised", "risen", "reopened")
    return Move(
        alarm=str(entry["alarm"]),
        step=step if step in _NO_DETAIL else "damaged",
        watch=str(entry["case"]),
        zone=str(entry["zone"]),
        type=str(entry["type"]),
        kind=str(entry["of"]),
        state=state,
        level=Level(str(entry["level"])),
        active=not ends and (begins or before is None or before.active),
        at=datetime.fromisoformat(str(entry["t"])),
        by=str(entry["by"]),
    )


_SAID_BY_ENTRY = frozenset({State.ACKED, State.DECIDED, State.CLEARED, State.CLOSED, State.SUPPRESSED, State.SILENT})
_NO_DETAIL = frozenset({"raised", "risen", "reopened", "resumed", "opened", "acked", "cleared", "closed", "arrived"})
"""Steps that a move is of without more than its entry says."""


def move_of(step: AlarmStep) -> Move:
    """The move a signed step holds."""
    body = dict(step.move)
    body["state"], body["level"] = State(body["state"]), Level(body["level"])
    body["at"] = datetime.fromisoformat(body["at"])
    return Move(**body)


def body_of(move: Move) -> dict[str, Any]:
    """The move as plain JSON."""
    return {**asdict(move), "state": str(move.state), "level": str(move.level), "at": move.at.isoformat()}


def precision(steps: Mapping[str, int], n: int) -> float | None:
    """The share of closed alarms that found danger, of those whose truth is known; None where none is known.

    >>> precision({"danger confirmed": 3, "works": 1, "unknown": 6}, 10)
    0.75
    """
    known = n - steps.get("unknown", 0)
    return steps.get("danger confirmed", 0) / known if known else None


def monthly(floor: Floor, month: str) -> dict[str, dict[str, int]]:
    """Closed alarms of a month ("2026-07") by zone and disposition; drills and joined ones apart. O(alarms)."""
    tally: dict[str, dict[str, int]] = {}
    for alarm in counted_alarms(floor):
        if not alarm.incident and f"{alarm.changed_at:%Y-%m}" == month:
            zone = tally.setdefault(alarm.zone, {})
            zone[alarm.disposition] = zone.get(alarm.disposition, 0) + 1
    return tally


def _event_of(permit: EventPermit, digest: str) -> Event:
    return Event(
        digest=digest,
        zone=permit.zone,
        types=frozenset(permit.types),
        starts=datetime.fromisoformat(permit.starts),
        ends=datetime.fromisoformat(permit.ends),
        by=permit.by,
    )
