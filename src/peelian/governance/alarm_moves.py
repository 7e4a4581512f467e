"""What signals and time do to alarms: they open, rise, join an incident, are called for and clear, never dismissed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import datetime

from peelian.governance.alarms import (
    CITY,
    FEWEST_SENSORS,
    INCIDENT_WINDOW,
    RANK,
    REOPENS,
    RUNGS,
    Alarm,
    Floor,
    Move,
    Post,
    State,
    closing,
    event_at,
    moved,
)
from peelian.governance.capability import Level, Signal, Turn
from peelian.measure.canonical import digest


def signal_id(post: Post, signal: Signal) -> str:
    """The same signal of the same watch has the same id, so that what a crash repeats is known again."""
    return digest([post.watch, signal.zone, signal.type, signal.turn, signal.level, signal.time, signal.sensor])[:24]


def on_signal(floor: Floor, post: Post, signal: Signal, now: datetime) -> tuple[Move, ...]:
    """What a signal does to the alarms; nothing where it was seen before. Signals of a sensor's health do nothing."""
    name = signal_id(post, signal)
    key = (signal.zone, signal.type, post.kind)
    if name in floor.seen or signal.turn in (Turn.FAULT, Turn.WELL):
        return ()
    if signal.turn is Turn.HOLD:
        floor.pending.setdefault(key, now)
        return ()
    floor.pending.pop(key, None)
    alarm = floor.alarms.get(floor.current.get(key, ""))
    if signal.turn is Turn.CLEAR:
        return _cleared(floor, alarm, name, now) if alarm and alarm.active else ()
    if alarm is None or (alarm.state is State.CLOSED and now - alarm.changed_at > REOPENS):
        return _raised(floor, post, signal, name, now)
    return _again(floor, alarm, signal, name, now)


def on_time(floor: Floor, now: datetime) -> tuple[Move, ...]:
    """What the passing of time brings: calls that climb, shelves that end, events that are over. O(not closed)."""
    moves: list[Move] = []
    for alarm in floor.not_closed():
        if alarm.state is State.OPEN:
            for rung, after in enumerate(RUNGS, 1):
                if rung > alarm.rung and now - alarm.opened_at >= after:
                    moves.append(moved(alarm, "called", now, detail={"rung": rung}))
        elif _rested(floor, alarm, now):
            moves.append(moved(alarm, "resumed", now, state=State.OPEN))
    return tuple(moves)


def _rested(floor: Floor, alarm: Alarm, now: datetime) -> bool:
    """Whether its shelf has ended, or the event that explained it is over."""
    if alarm.state is State.SHELVED:
        return alarm.shelved_until is not None and now >= alarm.shelved_until
    return alarm.state is State.SUPPRESSED and event_at(floor, alarm.zone, alarm.type, now) is None


def _raised(floor: Floor, post: Post, signal: Signal, name: str, now: datetime) -> tuple[Move, ...]:
    """A new alarm; and where a third of the sensors speak within ten minutes, the one incident that they are."""
    city = _open_incident(floor, signal.type, post.kind)
    event = event_at(floor, signal.zone, signal.type, now) if signal.level is not Level.URGENT else None
    state = State.SILENT if post.silent else State.SUPPRESSED if event else State.JOINED if city else State.OPEN
    first = Move(
        alarm=f"a-{name[:10]}",
        step="raised",
        watch=post.watch,
        zone=signal.zone,
        type=signal.type,
        kind=post.kind,
        state=state,
        level=signal.level,
        active=True,
        at=now,
        signal=name,
        facts=dict(signal.facts),
        detail={"incident": city.id} if city and state is State.JOINED else {},
    )
    if state is State.JOINED and city:
        return (first, *_incident_follows(city, signal, now))
    return (first, *(_incident(floor, post, first, now) if state is State.OPEN else ()))


def _open_incident(floor: Floor, type: str, kind: str) -> Alarm | None:
    city = floor.alarms.get(floor.current.get((CITY, type, kind), ""))
    return city if city and city.state is not State.CLOSED else None


def _incident_follows(city: Alarm, signal: Signal, now: datetime) -> Iterator[Move]:
    """The incident's alarm rises with its members, and is open again where it had cleared."""
    level = max(signal.level, city.level, key=lambda one: RANK[one])
    if not city.active or level is not city.level:
        step = "risen" if city.active else "reopened"
        yield dataclasses.replace(moved(city, step, now, state=State.OPEN), active=True, level=level)


def _incident(floor: Floor, post: Post, first: Move, now: datetime) -> Iterator[Move]:
    same = (first.type, first.kind)
    recent = {zone for at, type, kind, zone in floor.raised if (type, kind) == same and at >= now - INCIDENT_WINDOW}
    n = len(recent | {first.zone})
    if n < max(FEWEST_SENSORS, -(-post.sensors // 3)):
        return
    members = [a for a in floor.not_closed() if a.state is State.OPEN and (a.type, a.kind) == same and a.zone != CITY]
    level = max([first.level, *(a.level for a in members)], key=lambda one: RANK[one])
    name = f"a-{digest([first.alarm, CITY])[:10]}"
    facts = {"zones": float(n), "sensors": float(post.sensors)}
    yield dataclasses.replace(first, alarm=name, zone=CITY, level=level, facts=facts, signal="", detail={})
    for alarm in members:
        if alarm.id != first.alarm:
            yield moved(alarm, "joined", now, state=State.JOINED, detail={"incident": name})
    joins = {"step": "joined", "state": State.JOINED, "signal": "", "facts": {}, "detail": {"incident": name}}
    yield dataclasses.replace(first, **joins)  # type: ignore[arg-type]  # the names are those of Move's own fields


def _again(floor: Floor, alarm: Alarm, signal: Signal, name: str, now: datetime) -> tuple[Move, ...]:
    """The signal of an alarm that is there already: it rises, or is open again, or nothing changes."""
    higher = RANK[signal.level] > RANK[alarm.level]
    if alarm.active and not higher:
        return ()
    level = alarm.level if alarm.active and not higher else signal.level
    # An urgent signal gets through a shelf and through a permitted event.
    quiet = {State.OUT_OF_SERVICE, State.SILENT, State.JOINED}
    quiet |= set() if level is Level.URGENT else {State.SHELVED, State.SUPPRESSED}
    state = alarm.state if alarm.state in quiet else State.OPEN
    if alarm.state is State.CLOSED:
        event = event_at(floor, alarm.zone, alarm.type, now) if level is not Level.URGENT else None
        state = State.SILENT if alarm.kind == "silent" else State.SUPPRESSED if event else State.OPEN
    move = moved(alarm, "risen" if alarm.active else "reopened", now, state=state)
    move = dataclasses.replace(move, level=level, active=True, signal=name, facts=dict(signal.facts))
    city = floor.alarms.get(alarm.incident) if alarm.state is State.JOINED else None
    return (move, *(_incident_follows(city, signal, now) if city else ()))


def _cleared(floor: Floor, alarm: Alarm, name: str, now: datetime) -> tuple[Move, ...]:
    """The condition is over. That closes nothing, but for what a person had disposed of, or permitted, beforehand."""
    event = event_at(floor, alarm.zone, alarm.type, now) if alarm.state is State.SUPPRESSED else None
    permitted = {"by": event.by, "disposition": "permitted event"} if event else {}
    moves = _over(floor, alarm, now, **permitted)
    first = dataclasses.replace(moves[0], signal=name)
    city = floor.alarms.get(alarm.incident) if alarm.state is State.JOINED else None
    others = (a for a in floor.not_closed() if a.incident == alarm.incident and a.id != alarm.id)
    if city is None or not city.active or any(a.active for a in others):
        return (first, *moves[1:])
    return (first, *_over(floor, city, now))


def _over(floor: Floor, alarm: Alarm, now: datetime, *, by: str = "", disposition: str = "") -> tuple[Move, ...]:
    given = disposition or (alarm.disposition if alarm.state is State.DECIDED else "")
    if given:
        return tuple(closing(floor, alarm, now, by=by or alarm.decided_by, disposition=given))
    state = State.CLEARED if alarm.state is State.DECIDED else alarm.state
    return (dataclasses.replace(moved(alarm, "cleared", now, state=state), active=False),)
