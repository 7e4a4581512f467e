"""After-event report: what happened during an event or a watch, how fast people answered, and what was missed.

Everything is read from the log and its signed steps. Times are of steps as they were signed; an arrival is when an
operator recorded it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from statistics import median
from typing import Any

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.alarms.plans_in_force import runbooks
from peelian.kernel.log.topics import ALARMS
from peelian.kernel.model.alarms import CITY, RANK, RUNGS, Alarm, Move, State
from peelian.kernel.model.documents import AlarmStep
from peelian.kernel.model.event_plan import EventPlan, PlanExercise
from peelian.kernel.model.occupancy import Occupancy
from peelian.kernel.model.watch import CAPACITY
from peelian.kernel.state.alarm_state import move_of
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.signed_documents import all_archived
from peelian.oversight.watches.zone_levels import Minute, minutes_of, seal_of

STAGES = ("acknowledge", "decide", "arrive", "close")
"""Raised → acknowledged → decided; help dispatched → arrived; raised → closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What a report is about: alarms raised from `start` on and before `end`, of a plan's places or of a watch."""

    start: datetime
    end: datetime
    plan: EventPlan | None = None
    case: str = ""

    def holds(self, alarm: Alarm) -> bool:
        """Whether the report tells of this alarm; silent ones were called to nobody."""
        if alarm.kind == "silent" or not self.start <= alarm.raised_at < self.end:
            return False
        if self.case:
            return alarm.watch == self.case
        return self.plan is None or alarm.zone == CITY or self.plan.covers(alarm.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The mean of one minute in a zone, of a fact that a watch shows."""

    zone: str
    type: str
    fact: str
    value: float
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """The highest value of a fact in a zone, and when; `source`: "alarms" or "minutes"."""

    zone: str
    type: str
    fact: str
    value: float
    at: datetime
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fullest:
    """When a zone was fullest: percent of its capacity with both ends of the 95% interval, and how many people that
    were. `source`: "alarms" or "minutes"."""

    zone: str
    share: int
    low: int
    high: int
    people: int
    capacity: int
    at: datetime
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Alarms that were alike: `disposition` is "" where none was recorded."""

    type: str
    level: str
    disposition: str
    exercise: bool
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """How long a stage took, in seconds, over `n` times that it was gone through."""

    stage: str
    n: int
    median: float
    longest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """How the runbook of an alarm was worked through."""

    alarm: str
    zone: str
    type: str
    done: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Something that was missed: a word of MISSED, how often, and which alarms, sensors or connections."""

    what: str
    n: int
    which: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventReport:
    """The report of a span. Response times are of real alarms, or of an exercise's where there are no others."""

    title: str
    name: str  # of the plan, or the case
    start: datetime
    end: datetime
    attendance: int
    fullest: tuple[Fullest, ...]
    peaks: tuple[Peak, ...]
    alarms: tuple[Counted, ...]
    responses: tuple[Response, ...]
    worked: tuple[Worked, ...]
    exercises: tuple[PlanExercise, ...]
    missed: tuple[Missed, ...]


SHOWN_MINUTES: Mapping[str, int] = {"per_m2": 2, "above_db": 1, "inside": 0}
"""What is kept of a minute, and to how many decimals it is told."""
FULL_FACTS = {"share": "share", "low": "share_low", "high": "share_high", "people": "people", "capacity": "capacity"}
"""What is told of a full zone, and the fact of its alarm that says it."""
Life = tuple[Alarm, tuple[Move, ...]]


def span_of(kernel: Kernel, name: str, start: datetime | None, end: datetime | None) -> Span:
    """The span of a plan (its start to its end, where nothing else is asked) or of a watch. OutOfOrder: unknown name.

    InputError: a span that ends before it starts, or a watch without times.
    """
    filed = kernel.state.plans.plans.get(name)
    version = filed.in_force if filed else None
    if version is not None:
        span = Span(start=start or version.plan.starts, end=end or version.plan.ends, plan=version.plan)
    elif name in kernel.state.alarms.stands:
        stood = datetime.fromisoformat(kernel.state.alarms.stands[name].permit.at)
        span = Span(start=start or stood, end=end or kernel.now(), case=name)
    else:
        raise OutOfOrder("No confirmed event plan and no watch has this name.")
    if not span.start < span.end:
        raise InputError("report ends before it starts", column="ends", accepted="a time after the start")
    return span


def event_report(kernel: Kernel, span: Span) -> EventReport:
    """The report of a span. O(alarms of the span × steps + entries on alarms + minutes kept).

    Means of minutes are kept for a day: a report that is made later has only what alarms said.
    """
    floor = kernel.state.alarms.floor
    lives = [(alarm, tuple(_moves(kernel, alarm.id))) for alarm in floor.alarms.values() if span.holds(alarm)]
    lives.sort(key=lambda life: (life[0].raised_at, life[0].id))
    real = [life for life in lives if life[0].kind == "real"] or lives
    plan, kept = span.plan, list(_minutes(kernel, span))
    return EventReport(
        title=plan.title if plan else kernel.state.alarms.stands[span.case].permit.watch,
        name=plan.name if plan else span.case,
        start=span.start,
        end=span.end,
        attendance=plan.attendance if plan else 0,
        fullest=tuple(_fullest(lives, kept)),
        peaks=tuple(_peaks(lives, _measured(kernel, kept))),
        alarms=tuple(_counted(lives)),
        responses=tuple(_responses([times_of(moves) for _, moves in real])),
        worked=tuple(_worked(kernel, lives)),
        exercises=plan.exercises if plan else (),
        missed=tuple(_missed(kernel, span, real)),
    )


def plain_report(report: EventReport) -> dict[str, Any]:
    """The report as plain JSON values, times as ISO text."""
    plain: dict[str, Any] = _plain(asdict(report))
    return plain


def times_of(moves: Sequence[Move]) -> dict[str, list[float]]:
    """How long each stage of an alarm's life took, in seconds, as often as it was gone through. O(moves).

    An alarm that opens again waits again: each call is answered on its own.
    """
    found: dict[str, list[float]] = {stage: [] for stage in STAGES}
    opened = acked = sent = began = None
    for move in moves:
        if move.state in (State.OPEN, State.GATHERING) and opened is None:
            opened, acked, sent = move.at, None, None
            began = began or move.at
        if move.step == "acked" and opened is not None:
            found["acknowledge"].append(_seconds(opened, move.at))
            opened, acked = None, move.at
        elif move.step == "decided":
            if acked is not None:
                found["decide"].append(_seconds(acked, move.at))
            acked, sent = None, sent or (move.at if move.detail.get("choice") == "dispatch help" else None)
        elif move.step == "arrived" and sent is not None:
            found["arrive"].append(_seconds(sent, move.at))
        elif move.step == "closed" and began is not None:
            found["close"].append(_seconds(began, move.at))
            opened = acked = sent = began = None
    return found


def _moves(kernel: Kernel, alarm: str) -> Iterator[Move]:
    digests = kernel.state.alarms.steps.get(alarm, [])
    steps = all_archived(kernel, digests, AlarmStep)
    yield from (move_of(steps[digest]) for digest in digests)


def _minutes(kernel: Kernel, span: Span) -> Iterator[tuple[str, datetime, Minute]]:
    """The minutes that are still kept, of the zones of the span; a drill's for a drill's watch only."""
    stand = kernel.state.alarms.stands.get(span.case)
    kind = "exercise" if stand and stand.request.exercise else "real"
    zones = (
        set(stand.request.sensors.values()) if stand else {zone.name for zone in span.plan.zones} if span.plan else ()
    )
    for key, minutes in minutes_of(kernel, seal_of(kernel)).items():
        known, _, zone = key.partition(" ")
        for minute in minutes if known == kind and zone in zones else ():
            at = datetime.fromisoformat(minute.at)
            if span.start <= at < span.end:
                yield zone, at, minute


def _measured(kernel: Kernel, kept: Iterable[tuple[str, datetime, Minute]]) -> Iterator[Measured]:
    """The means of these minutes, fact by fact."""
    watches = [watch for technology in kernel.technologies for watch in technology.watches]
    types = {fact: type for watch in watches for type, facts in watch.signals.items() for fact in facts}
    for zone, at, minute in kept:
        for fact, digits in SHOWN_MINUTES.items():
            value = getattr(minute, fact)
            if value is not None:
                yield Measured(zone=zone, type=types.get(fact, ""), fact=fact, value=round(value, digits), at=at)


def _fullest(lives: Iterable[Life], kept: Iterable[tuple[str, datetime, Minute]]) -> Iterator[Fullest]:
    """When each zone was fullest, of minutes and of alarms, the fullest zone first."""
    found: dict[str, Fullest] = {}
    for one in (*_full_alarms(lives), *_full_minutes(kept)):
        if one.zone not in found or one.share > found[one.zone].share:
            found[one.zone] = one
    yield from sorted(found.values(), key=lambda one: (-one.share, one.zone))


def _full_alarms(lives: Iterable[Life]) -> Iterator[Fullest]:
    for alarm, moves in lives:
        for move in moves if alarm.type == CAPACITY and alarm.zone != CITY else ():
            if "share" in move.facts:
                told = {name: int(move.facts[fact]) for name, fact in FULL_FACTS.items()}
                yield Fullest(zone=alarm.zone, at=move.at, source="alarms", **told)


def _full_minutes(kept: Iterable[tuple[str, datetime, Minute]]) -> Iterator[Fullest]:
    for zone, at, minute in kept:
        if minute.filled is not None:
            people, low, high, capacity = minute.filled
            share, least, most = Occupancy(people=people, low=low, high=high).share(capacity)
            yield Fullest(
                zone=zone,
                share=share,
                low=least,
                high=most,
                people=int(people),
                capacity=capacity,
                at=at,
                source="minutes",
            )


def _peaks(lives: Iterable[Life], minutes: Iterable[Measured]) -> Iterator[Peak]:
    """The highest value of every fact by zone: of minutes where any were recorded, else of what alarms said."""
    found: dict[tuple[str, str, str], Peak] = {}
    for alarm, moves in lives:
        for move in moves if alarm.type != CAPACITY else ():  # told apart: see `Fullest`
            if alarm.zone != CITY:
                for fact, value in move.facts.items():
                    _raise(
                        found, Measured(zone=alarm.zone, type=alarm.type, fact=fact, value=value, at=move.at), "alarms"
                    )
    for one in minutes:
        _raise(found, one, "minutes")
    yield from (found[key] for key in sorted(found))


def _raise(found: dict[tuple[str, str, str], Peak], one: Measured, source: str) -> None:
    key = (one.zone, one.type, one.fact)
    if key not in found or one.value > found[key].value:
        found[key] = Peak(**asdict(one), source=source)


def _counted(lives: Iterable[Life]) -> Iterator[Counted]:
    """By type, the highest level it had, outcome, and whether it was an exercise."""
    tally = Counter(
        (alarm.kind == "exercise", alarm.type, max((m.level for m in moves), key=RANK.__getitem__), alarm.disposition)
        for alarm, moves in lives
        if not alarm.incident
    )
    order = sorted(tally.items(), key=lambda one: (one[0][:2], -RANK[one[0][2]], one[0][3]))
    for (exercise, type, level, disposition), n in order:
        yield Counted(type=type, level=str(level), disposition=disposition, exercise=exercise, n=n)


def _responses(lives: Sequence[Mapping[str, Sequence[float]]]) -> Iterator[Response]:
    for stage in STAGES:
        times = [seconds for life in lives for seconds in life[stage]]
        if times:
            yield Response(stage=stage, n=len(times), median=median(times), longest=max(times))


def _worked(kernel: Kernel, lives: Iterable[Life]) -> Iterator[Worked]:
    """Steps done of the runbook that was in force when the alarm was raised."""
    known = runbooks(kernel)
    for alarm, _ in lives:
        steps = known.steps(alarm, alarm.raised_at)
        if steps and not alarm.incident:
            done = sum(tick.item in steps for tick in alarm.ticks)
            yield Worked(alarm=alarm.id, zone=alarm.zone, type=alarm.type, done=done, of=len(steps))


MISSED: Mapping[str, Callable[[Alarm, Sequence[Move], Mapping[str, Sequence[float]]], bool]] = {
    "late": lambda alarm, moves, times: any(s > RUNGS[0].total_seconds() for s in times["acknowledge"]),
    "called_second": lambda alarm, moves, times: any(int(m.detail.get("rung", 0)) >= 2 for m in moves),
    "not_acknowledged": lambda alarm, moves, times: alarm.state in (State.OPEN, State.GATHERING),
    "no_outcome": lambda alarm, moves, times: not alarm.disposition,
    "no_arrival": lambda alarm, moves, times: alarm.choice == "dispatch help" and alarm.arrived_at is None,
    "unknown_outcome": lambda alarm, moves, times: alarm.disposition == "unknown",
    "reopened": lambda alarm, moves, times: alarm.reopened > 0,
}
"""What may be missed in one alarm."""
OF_ENTRIES: Mapping[str, tuple[str, str]] = {
    "sensor_faults": ("SENSOR_FAULT", "sensor"),
    "connection_cuts": ("GATEWAY_CUT", "connection"),
}
"""What may be missed because nothing was measured: the kind of its entries, and the field that names it."""


def _missed(kernel: Kernel, span: Span, lives: Sequence[Life]) -> Iterator[Missed]:
    own = [(alarm, moves, times_of(moves)) for alarm, moves in lives if not alarm.incident]
    for what, holds in MISSED.items():
        if which := tuple(alarm.id for alarm, moves, times in own if holds(alarm, moves, times)):
            yield Missed(what=what, n=len(which), which=which)
    unticked = tuple(one.alarm for one in _worked(kernel, lives) if one.done < one.of)
    if unticked:
        yield Missed(what="steps_left", n=len(unticked), which=unticked)
    entries = [
        entry
        for _, entry in kernel.stores.log.follow((ALARMS,))
        if span.start <= datetime.fromisoformat(str(entry["t"])) < span.end
    ]
    for what, (kind, name) in OF_ENTRIES.items():
        told = [str(entry[name]) for entry in entries if entry["kind"] == kind]
        if told:
            yield Missed(what=what, n=len(told), which=tuple(sorted(set(told))))
    if span.plan and not span.plan.exercises:
        yield Missed(what="no_exercise", n=1, which=(span.plan.name,))


def _seconds(start: datetime, end: datetime) -> float:
    return round((end - start).total_seconds(), 1)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
