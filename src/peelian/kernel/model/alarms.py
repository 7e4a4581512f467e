"""Alarms as data: levels, states and moves, and how a move changes what stands on the operators' floor.

After ISA-18.2 and IEC 62682 (management of alarm systems): one state each, a person acknowledges, decides and closes,
shelving ends by itself. Moves come from signals and from time (alarm_moves.py) and from people (alarm_acts.py).
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from peelian.errors import OutOfOrder
from peelian.kernel.model.capability import Scalar
from peelian.kernel.model.watch import Level

CITY = "city"
OFFICE = "office"
REOPENS = timedelta(minutes=10)
INCIDENT_WINDOW = timedelta(minutes=10)
FLOOD_WINDOW, FLOOD_ABOVE = timedelta(minutes=10), 10
LONGEST_SHELVING = timedelta(minutes=60)
RUNGS = (timedelta(seconds=60), timedelta(seconds=180), timedelta(seconds=600))
"""Unacknowledged for this long: repeat the call, ask for a second operator, ask for the supervisor."""
FEWEST_ZONES = 3  # of an incident: two zones of a small post are no city
BURST, BURST_ZONES = timedelta(seconds=60), 5
"""So many zones within a minute are one incident, too. By chance, at six alarms an hour, once in five years."""
GATHERS = timedelta(seconds=15)
"""Close behind another zone's alarm, one that is not urgent waits so long, in sight: both may be one incident."""
CHOICES = ("dispatch help", "watch", "dismiss")
DISPOSITIONS = (
    "danger confirmed",
    "crowd normal",
    "planned event",
    "works",
    "weather",
    "sensor fault",
    "other",
    "unknown",
)
STEPS_OF_THE_OFFICE = frozenset(
    {"raised", "risen", "reopened", "another", "opened", "joined", "called", "resumed", "fewer", "cleared", "closed"}
)
"""What signals and the passing of time do to an alarm; "closed" only where a person had said what it was."""
STEPS = STEPS_OF_THE_OFFICE | {
    "acked",
    "decided",
    "disposed",
    "shelved",
    "out_of_service",
    "ticked",
    "unticked",
    "arrived",
}
RANK = {Level.NOTICE: 0, Level.WARNING: 1, Level.URGENT: 2}
_SEEN_KEPT = 20_000


class State(StrEnum):
    """Where an alarm stands. A pending one (its condition has yet to hold) is no alarm yet: see `Floor.pending`."""

    OPEN = "open"
    GATHERING = "gathering"  # raised within seconds of another zone's: in sight, and called for in 15 seconds at most
    ACKED = "acked"
    DECIDED = "decided"
    CLEARED = "cleared"  # decided, and the condition is over: it wants its disposition
    CLOSED = "closed"
    SHELVED = "shelved"
    OUT_OF_SERVICE = "out_of_service"
    SUPPRESSED = "suppressed_by_permit"
    JOINED = "joined"  # one of a city-wide incident
    SILENT = "silent"  # in the proving period: recorded, called to nobody


QUEUE = frozenset({State.OPEN, State.GATHERING, State.ACKED, State.DECIDED, State.CLEARED})
Key = tuple[str, str, str]  # zone, type, and whether it is real, an exercise or silent


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What a signal came from: a standing watch, how many zones it has, whether it is a drill or being proven."""

    watch: str
    zones: int
    exercise: bool = False
    silent: bool = False

    @property
    def kind(self) -> str:
        """Real alarms, drills and silent ones never answer for one another."""
        return "exercise" if self.exercise else "silent" if self.silent else "real"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A permitted event of the calendar: where, which types of signal it explains, from when to when, who signed."""

    zone: str
    types: frozenset[str]
    starts: datetime
    ends: datetime
    by: str
    digest: str = ""  # of the document that permits it


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One step of one alarm and the state it leads to. `by` is a person's token, or "office" for what time brings."""

    alarm: str
    step: str
    watch: str
    zone: str
    type: str
    kind: str
    state: State
    level: Level
    active: bool
    at: datetime
    by: str = OFFICE
    signal: str = ""
    sensor: str = ""  # whose signal it was
    facts: Mapping[str, float] = field(default_factory=dict)
    detail: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A step of the runbook that somebody says is done: the step's text, their token and when."""

    item: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm as its moves left it."""

    id: str
    watch: str
    zone: str
    type: str
    kind: str
    state: State
    level: Level
    active: bool  # whether the condition still holds
    raised_at: datetime
    opened_at: datetime  # when it last began to wait for somebody
    changed_at: datetime
    facts: Mapping[str, float]
    rung: int = 0
    acked_by: str = ""
    choice: str = ""
    reason: str = ""
    decided_by: str = ""
    disposition: str = ""
    shelved_until: datetime | None = None
    incident: str = ""
    reopened: int = 0
    ticks: tuple[Tick, ...] = ()  # of the runbook, in the order in which they were made
    arrived_at: datetime | None = None  # when help was there, as an operator recorded it

    @property
    def key(self) -> Key:
        """At most one alarm that is not closed has this key."""
        return self.zone, self.type, self.kind


@dataclass(slots=True)
class Floor:
    """All alarms of the kernel, folded from moves; `pending`, `faults` and `calendar` stand beside them."""

    alarms: dict[str, Alarm] = field(default_factory=dict)
    current: dict[Key, str] = field(default_factory=dict)
    waiting: dict[str, None] = field(default_factory=dict)  # ids of all that are not closed, oldest first
    seen: dict[str, None] = field(default_factory=dict)
    opened: deque[datetime] = field(default_factory=deque)
    raised: deque[tuple[datetime, str, str, str]] = field(default_factory=deque)  # when, type, kind, zone
    loud: dict[Key, set[str]] = field(default_factory=dict)  # which of a zone's sensors still say so
    pending: dict[tuple[str, str, str, str], datetime] = field(default_factory=dict)  # key and sensor → since when
    faults: dict[str, datetime] = field(default_factory=dict)
    calendar: list[Event] = field(default_factory=list)
    past: set[str] = field(default_factory=set)  # closed, and past their time: only a hold keeps them
    damaged: set[str] = field(default_factory=set)  # of which a step cannot be read

    def at(self, alarm: str) -> Alarm:
        """The alarm with this id; OutOfOrder where there is none."""
        if alarm not in self.alarms:
            raise OutOfOrder("unknown alarm")
        return self.alarms[alarm]

    def not_closed(self) -> list[Alarm]:
        """Every alarm that is not closed. O(of those)."""
        return [self.alarms[name] for name in self.waiting]

    def queue(self) -> list[Alarm]:
        """What an operator has to do, the most urgent and oldest first; silent, shelved and joined ones are apart."""
        todo = [alarm for alarm in self.not_closed() if alarm.state in QUEUE]
        order = {State.OPEN: 0, State.GATHERING: 0, State.ACKED: 1, State.CLEARED: 2, State.DECIDED: 3}
        return sorted(todo, key=lambda a: (order[a.state], -RANK[a.level], a.opened_at, a.id))


def apply(floor: Floor, move: Move) -> Alarm:
    """Fold one move into the floor. O(1), but for the forgetting of old times."""
    old = floor.alarms.get(move.alarm)
    alarm = _first(move) if old is None else _next(old, move)
    floor.alarms[alarm.id] = alarm
    floor.current[alarm.key] = alarm.id
    if move.signal:
        floor.seen[move.signal] = None
        if len(floor.seen) > _SEEN_KEPT:
            del floor.seen[next(iter(floor.seen))]
    if alarm.state is State.CLOSED:
        floor.waiting.pop(alarm.id, None)
    else:
        floor.waiting.setdefault(alarm.id)
    if calls(old, alarm):
        floor.opened.append(move.at)
    began = move.step in ("raised", "reopened") and alarm.zone != CITY
    if began and alarm.state not in (State.SUPPRESSED, State.SILENT):
        floor.raised.append((move.at, alarm.type, alarm.kind, alarm.zone))
    _listen(floor, alarm, move)
    while floor.opened and floor.opened[0] < move.at - FLOOD_WINDOW:
        floor.opened.popleft()
    while floor.raised and floor.raised[0][0] < move.at - INCIDENT_WINDOW:
        floor.raised.popleft()
    return alarm


def calls(before: Alarm | None, after: Alarm) -> bool:
    """Whether a step is an alarm to the operator: something begins to wait for a person and calls.

    That is counted against what one person can look at. A zone that joins an incident calls nobody: the incident does.
    """
    return after.state is State.OPEN and (before is None or before.state is not State.OPEN)


def _listen(floor: Floor, alarm: Alarm, move: Move) -> None:
    """Keep which sensors of the zone say so. A zone is calm when the last of them is."""
    if not alarm.active:
        floor.loud.pop(alarm.key, None)
    elif move.step == "fewer":
        floor.loud.get(alarm.key, set()).discard(move.sensor)
    elif move.signal:
        floor.loud.setdefault(alarm.key, set()).add(move.sensor)


def event_at(floor: Floor, zone: str, type: str, now: datetime) -> Event | None:
    """The permitted event that explains a signal now, if there is one. O(events)."""
    return next(
        (e for e in floor.calendar if e.zone == zone and type in e.types and e.starts <= now < e.ends),
        None,
    )


def in_flood(floor: Floor, now: datetime) -> bool:
    """Whether more alarms opened within ten minutes than one person can look at (EEMUA 191: ten)."""
    return sum(at > now - FLOOD_WINDOW for at in floor.opened) > FLOOD_ABOVE


def forget(floor: Floor, name: str) -> None:
    """Drop a closed alarm: its documents were destroyed. O(1)."""
    alarm = floor.alarms.pop(name, None)
    floor.past.discard(name)
    floor.damaged.discard(name)
    if alarm is not None and floor.current.get(alarm.key) == name:
        del floor.current[alarm.key]
        floor.loud.pop(alarm.key, None)


def counted_alarms(floor: Floor) -> list[Alarm]:
    """The closed real alarms that months count. Of those past their time holds keep some, and these say nothing of how
    it was; of the damaged nobody can read what they were: no month counts either. O(alarms)."""
    closed = (alarm for alarm in floor.alarms.values() if alarm.state is State.CLOSED and alarm.kind == "real")
    return [alarm for alarm in closed if alarm.id not in floor.past and alarm.id not in floor.damaged]


def without_disposition(floor: Floor) -> list[Alarm]:
    """The alarms for which a shift still answers. Silent ones are looked at later, joined ones with their incident."""
    return [a for a in floor.not_closed() if not a.disposition and a.state not in (State.SILENT, State.JOINED)]


def _first(move: Move) -> Alarm:
    return Alarm(
        id=move.alarm,
        watch=move.watch,
        zone=move.zone,
        type=move.type,
        kind=move.kind,
        state=move.state,
        level=move.level,
        active=move.active,
        raised_at=move.at,
        opened_at=move.at,
        changed_at=move.at,
        facts=dict(move.facts),
        incident=str(move.detail.get("incident", "")),
    )


def _next(old: Alarm, move: Move) -> Alarm:
    detail = move.detail
    alarm = dataclasses.replace(
        old,
        state=move.state,
        level=move.level,
        active=move.active,
        changed_at=move.at,
        facts=dict(move.facts) or old.facts,
        shelved_until=_until(old, move),
        rung=int(detail.get("rung", old.rung)),
        incident=str(detail.get("incident", old.incident)),
        acked_by=move.by if move.step == "acked" else old.acked_by,
        disposition=str(detail.get("disposition", old.disposition)),
        ticks=_ticks(old, move),
        arrived_at=move.at if move.step == "arrived" else old.arrived_at,
    )
    if move.step == "decided":
        alarm = dataclasses.replace(
            alarm, choice=str(detail["choice"]), reason=str(detail["reason"]), decided_by=move.by
        )
    if move.state in (State.OPEN, State.GATHERING) and move.step in ("reopened", "risen", "resumed", "opened"):
        # It waits for somebody again: whatever was decided before is void.
        more = int(move.step == "reopened")
        alarm = dataclasses.replace(alarm, opened_at=move.at, rung=0, acked_by="", disposition="", incident="")
        alarm = dataclasses.replace(alarm, choice="", reason="", decided_by="", reopened=old.reopened + more)
    if move.step == "reopened":  # it began anew, and so does what is to be done
        alarm = dataclasses.replace(alarm, ticks=(), arrived_at=None)
    return alarm


def _ticks(old: Alarm, move: Move) -> tuple[Tick, ...]:
    if move.step not in ("ticked", "unticked"):
        return old.ticks
    item = str(move.detail["item"])
    others = tuple(tick for tick in old.ticks if tick.item != item)
    return (*others, Tick(item=item, by=move.by, at=move.at)) if move.step == "ticked" else others


def _until(old: Alarm, move: Move) -> datetime | None:
    if move.state is not State.SHELVED:
        return None
    return datetime.fromisoformat(str(move.detail["until"])) if "until" in move.detail else old.shelved_until


def moved(
    alarm: Alarm,
    step: str,
    now: datetime,
    *,
    state: State | None = None,
    by: str = OFFICE,
    detail: Mapping[str, Scalar] | None = None,
) -> Move:
    """A move of an alarm that changes no more than what is named."""
    return Move(
        alarm=alarm.id,
        step=step,
        watch=alarm.watch,
        zone=alarm.zone,
        type=alarm.type,
        kind=alarm.kind,
        state=state or alarm.state,
        level=alarm.level,
        active=alarm.active,
        at=now,
        by=by,
        detail=detail or {},
    )


def closing(floor: Floor, alarm: Alarm, now: datetime, *, by: str, disposition: str) -> Iterator[Move]:
    """An alarm closes with its disposition, and with a city-wide incident all that joined it."""
    detail = {"disposition": disposition}
    gone = [a for a in floor.not_closed() if a.incident == alarm.id and a.state is State.JOINED]
    for one in (alarm, *gone):
        yield dataclasses.replace(moved(one, "closed", now, state=State.CLOSED, by=by, detail=detail), active=False)
