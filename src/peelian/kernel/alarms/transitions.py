"""Alarm transitions: what signals and time do to an alarm. It opens, rises, joins an incident, clears; never more."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import datetime

from peelian.kernel.model.alarms import (
    BURST,
    BURST_ZONES,
    CITY,
    FEWEST_ZONES,
    GATHERS,
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
from peelian.kernel.model.watch import Level, Signal, Turn
from peelian.measure.canonical import canonical_digest


def signal_id(post: Post, signal: Signal) -> str:
    """The same signal of the same watch has the same id, so that what a crash repeats is known again."""
    return canonical_digest(
        [post.watch, signal.zone, signal.type, signal.turn, signal.level, signal.time, signal.sensor]
    )[:24]


def on_signal(floor: Floor, post: Post, signal: Signal, now: datetime) -> tuple[Move, ...]:
    """What a signal does to the alarms; nothing where it was seen before. Signals of a sensor's health do nothing."""
    name = signal_id(post, signal)
    key = (signal.zone, signal.type, post.kind)
    if name in floor.seen or signal.turn in (Turn.FAULT, Turn.WELL):
        return ()
    if signal.turn is Turn.HOLD:
        floor.pending.setdefault((*key, signal.sensor), now)
        return ()
    floor.pending.pop((*key, signal.sensor), None)
    alarm = floor.alarms.get(floor.current.get(key, ""))
    if signal.turn is Turn.CLEAR:
        return _calmer(floor, alarm, signal, name, now) if alarm and alarm.active else ()
    said = Move(
        alarm=f"a-{name[:10]}",
        step="raised",
        watch=post.watch,
        zone=signal.zone,
        type=signal.type,
        kind=post.kind,
        state=State.OPEN,
        level=signal.level,
        active=True,
        at=now,
        signal=name,
        sensor=signal.sensor,
        facts=dict(signal.facts),
    )
    if alarm is None or (alarm.state is State.CLOSED and now - alarm.changed_at > REOPENS):
        return _begins(floor, post, said, now)
    return _again(floor, post, alarm, said)


def on_time(floor: Floor, now: datetime) -> tuple[Move, ...]:
    """What the passing of time brings: calls that climb, shelving that ends, events that are over. O(not closed)."""
    moves: list[Move] = []
    for alarm in floor.not_closed():
        if alarm.state is State.OPEN:
            for rung, after in enumerate(RUNGS, 1):
                if rung > alarm.rung and now - alarm.opened_at >= after:
                    moves.append(moved(alarm, "called", now, detail={"rung": rung}))
        elif alarm.state is State.GATHERING and now - alarm.opened_at >= GATHERS:
            moves.append(moved(alarm, "opened", now, state=State.OPEN))
        elif _rested(floor, alarm, now):
            moves.append(moved(alarm, "resumed", now, state=State.OPEN))
    return tuple(moves)


def _rested(floor: Floor, alarm: Alarm, now: datetime) -> bool:
    """Whether its shelving has ended, or the planned event that muted it is over."""
    if alarm.state is State.SHELVED:
        return alarm.shelved_until is not None and now >= alarm.shelved_until
    return alarm.state is State.SUPPRESSED and event_at(floor, alarm.zone, alarm.type, now) is None


def _begins(floor: Floor, post: Post, first: Move, now: datetime) -> tuple[Move, ...]:
    """An alarm that begins, or begins anew after it was closed: alone, or as a part of what goes on in many zones.

    It waits for a person at once, unless another zone began within seconds before it: then that one calls, and this
    one stands in sight until it is known whether both are one incident. An urgent one always calls at once.
    """
    event = event_at(floor, first.zone, first.type, now) if first.level is not Level.URGENT else None
    if post.silent or event:
        return (dataclasses.replace(first, state=State.SILENT if post.silent else State.SUPPRESSED),)
    closed, city = _incident_of(floor, first, now)
    began = [at for at, type, kind, zone in floor.raised if (type, kind, zone) != (first.type, first.kind, first.zone)
             and (type, kind) == (first.type, first.kind) and (closed is None or at > closed)]  # fmt: skip
    if city and began and now - began[-1] <= INCIDENT_WINDOW:
        joins = dataclasses.replace(first, state=State.JOINED, detail={"incident": city.id})
        return (joins, *_incident_follows(city, first.level, now))
    if moves := _incident(floor, post, first, closed, now):
        return moves
    gathers = first.level is not Level.URGENT and bool(began) and now - began[-1] < GATHERS
    return (dataclasses.replace(first, state=State.GATHERING if gathers else State.OPEN),)


def _incident_of(floor: Floor, first: Move, now: datetime) -> tuple[datetime | None, Alarm | None]:
    """The incident of this type that is not closed; and when one was closed that may open again."""
    city = floor.alarms.get(floor.current.get((CITY, first.type, first.kind), ""))
    if city is None or city.state is not State.CLOSED:
        return None, city
    return (city.changed_at if now - city.changed_at <= REOPENS else None), None


def _incident_follows(city: Alarm, level: Level, now: datetime) -> Iterator[Move]:
    """The incident's alarm rises with its members, and is open again where it had cleared."""
    level = max(level, city.level, key=lambda one: RANK[one])
    if not city.active or level is not city.level:
        step = "risen" if city.active else "reopened"
        yield dataclasses.replace(moved(city, step, now, state=State.OPEN), active=True, level=level)


def _incident(floor: Floor, post: Post, first: Move, closed: datetime | None, now: datetime) -> tuple[Move, ...]:
    """The one incident that many zones are: a third of them within ten minutes, or five within one.

    The incident stands in the log before what joins it, so that a crash in between leaves nobody uncalled.
    """
    same = (first.type, first.kind)
    began = [
        (at, zone)
        for at, type, kind, zone in floor.raised
        if (type, kind) == same and at >= now - INCIDENT_WINDOW and (closed is None or at > closed)
    ]
    n = len({zone for _, zone in began} | {first.zone})
    at_once = len({zone for at, zone in began if at >= now - BURST} | {first.zone})
    if n < max(FEWEST_ZONES, -(-post.zones // 3)) and at_once < BURST_ZONES:
        return ()
    waits = (State.OPEN, State.GATHERING)
    members = [a for a in floor.not_closed() if a.state in waits and (a.type, a.kind) == same and a.zone != CITY]
    level = max([first.level, *(a.level for a in members)], key=lambda one: RANK[one])
    earlier = floor.alarms.get(floor.current.get((CITY, *same), ""))
    again = earlier is not None and (closed is not None or earlier.state is not State.CLOSED)
    name = earlier.id if earlier and again else f"a-{canonical_digest([first.signal, CITY])[:10]}"
    facts = {"zones": float(n), "zones_watched": float(post.zones)}
    step = "reopened" if again else "raised"
    city = dataclasses.replace(first, alarm=name, step=step, zone=CITY, level=level, facts=facts, signal="", sensor="")
    joins = {"incident": name}
    return (
        city,
        dataclasses.replace(first, state=State.JOINED, detail=joins),
        *(moved(a, "joined", now, state=State.JOINED, detail=joins) for a in members if a.id != first.alarm),
    )


def _again(floor: Floor, post: Post, alarm: Alarm, said: Move) -> tuple[Move, ...]:
    """What is said of an alarm that is there already: it rises, begins anew, or another sensor says so, too."""
    said = dataclasses.replace(said, alarm=alarm.id, watch=alarm.watch)
    if alarm.active and RANK[said.level] <= RANK[alarm.level]:
        if said.sensor in floor.loud.get(alarm.key, ()):
            return ()
        return (dataclasses.replace(said, step="another", state=alarm.state, level=alarm.level, facts=alarm.facts),)
    if alarm.state is State.CLOSED:
        return _begins(floor, post, dataclasses.replace(said, step="reopened"), said.at)
    # An urgent signal waits for no other zone, and gets through shelving and through a permitted event.
    quiet = {State.OUT_OF_SERVICE, State.SILENT, State.JOINED}
    quiet |= set() if said.level is Level.URGENT else {State.SHELVED, State.SUPPRESSED, State.GATHERING}
    state = alarm.state if alarm.state in quiet else State.OPEN
    move = dataclasses.replace(said, step="risen" if alarm.active else "reopened", state=state)
    city = floor.alarms.get(alarm.incident) if alarm.state is State.JOINED else None
    return (move, *(_incident_follows(city, said.level, said.at) if city else ()))


def _calmer(floor: Floor, alarm: Alarm, signal: Signal, name: str, now: datetime) -> tuple[Move, ...]:
    """One of the zone's sensors says that it is over; the zone is calm when the last one does."""
    loud = floor.loud.get(alarm.key, set())
    if not loud - {signal.sensor}:
        return _cleared(floor, alarm, name, now)
    if signal.sensor not in loud:
        return ()
    return (dataclasses.replace(moved(alarm, "fewer", now), signal=name, sensor=signal.sensor),)


def _cleared(floor: Floor, alarm: Alarm, name: str, now: datetime) -> tuple[Move, ...]:
    """The condition is over. That closes nothing, but for what a person had disposed of, or permitted, beforehand."""
    event = event_at(floor, alarm.zone, alarm.type, now) if alarm.state is State.SUPPRESSED else None
    permitted = {"by": event.by, "disposition": "planned event"} if event else {}
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
