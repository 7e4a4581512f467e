"""Operator actions on an alarm: acknowledge, decide, record the outcome, shelve, take out of service; handover."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from peelian.errors import InputError, OutOfOrder, enumerated, sentence
from peelian.kernel.model.alarms import (
    CHOICES,
    CITY,
    DISPOSITIONS,
    LONGEST_SHELVING,
    QUEUE,
    Alarm,
    Floor,
    Move,
    State,
    closing,
    moved,
    without_disposition,
)

SAID: Mapping[State, str] = {  # in a sentence that says what an alarm is
    State.OPEN: "unacknowledged",
    State.GATHERING: "new",
    State.ACKED: "acknowledged",
    State.DECIDED: "decided",
    State.CLEARED: "over",
    State.CLOSED: "closed",
    State.SHELVED: "shelved",
    State.OUT_OF_SERVICE: "out of service",
    State.SUPPRESSED: "muted by a planned event",
    State.JOINED: "part of a multi-zone incident",
    State.SILENT: "silent: its sensor is being tested",
}


def acknowledge(floor: Floor, name: str, by: str, now: datetime) -> Move:
    """Acknowledge an alarm. The calls stop."""
    alarm = _in(floor, name, {State.OPEN, State.GATHERING}, "acknowledged")
    return moved(alarm, "acked", now, state=State.ACKED, by=by)


def decide(floor: Floor, name: str, by: str, now: datetime, *, choice: str, reason: str) -> Move:
    """Dispatch help, keep watching or dismiss, with the reason. A decision can be changed until the alarm closes."""
    alarm = _in(floor, name, {State.ACKED, State.DECIDED, State.CLEARED}, "decided: acknowledge it first")
    if choice not in CHOICES:
        raise InputError("choice not available", column="choice", accepted=enumerated(CHOICES))
    if not reason.strip():
        raise InputError("no reason given", column="reason", accepted="a few words")
    state = State.DECIDED if alarm.active else State.CLEARED
    return moved(alarm, "decided", now, state=state, by=by, detail={"choice": choice, "reason": reason.strip()})


def dispose(floor: Floor, name: str, by: str, now: datetime, *, disposition: str) -> tuple[Move, ...]:
    """Record the outcome. The alarm closes now, or as soon as its condition is over."""
    alarm = floor.at(name)
    silent = alarm.state is State.SILENT and not alarm.active
    if not silent:
        _in(floor, name, {State.DECIDED, State.CLEARED}, "closed: decide first, and wait until a silent alarm is over")
    if disposition not in DISPOSITIONS:
        raise InputError("unknown outcome", column="disposition", accepted=enumerated(DISPOSITIONS))
    if not alarm.active:
        return tuple(closing(floor, alarm, now, by=by, disposition=disposition))
    return (moved(alarm, "disposed", now, by=by, detail={"disposition": disposition}),)


def shelve(floor: Floor, name: str, by: str, now: datetime, *, minutes: int, reason: str) -> Move:
    """Out of the queue for at most 60 minutes; it comes back by itself, and an urgent signal brings it back at once."""
    alarm = _of_one_zone(_in(floor, name, {State.OPEN, State.GATHERING, State.ACKED}, "shelved"))
    if not 1 <= minutes <= LONGEST_SHELVING.seconds // 60:
        raise InputError("too long for shelving", column="minutes", accepted="1 to 60 minutes")
    if not reason.strip():
        raise InputError("no reason given for shelving", column="reason", accepted="a few words")
    until = (now + timedelta(minutes=minutes)).isoformat()
    detail = {"until": until, "reason": reason.strip()}
    return moved(alarm, "shelved", now, state=State.SHELVED, by=by, detail=detail)


def out_of_service(floor: Floor, name: str, by: str, now: datetime, *, reason: str) -> Move:
    """Its cause is known to be faulty: it leaves the queue until a person returns it."""
    alarm = _of_one_zone(_in(floor, name, QUEUE | {State.SHELVED}, "taken out of service"))
    if not reason.strip():
        raise InputError("no reason given for taking it out of service", column="reason", accepted="a few words")
    return moved(alarm, "out_of_service", now, state=State.OUT_OF_SERVICE, by=by, detail={"reason": reason.strip()})


def tick(floor: Floor, name: str, by: str, now: datetime, *, item: str, done: bool) -> tuple[Move, ...]:
    """A step of the runbook is done, or after all is not. Nothing where another operator said the same before: who
    said so first stays on record."""
    alarm = _in(floor, name, QUEUE, "worked on")
    if done is any(one.item == item for one in alarm.ticks):
        return ()
    return (moved(alarm, "ticked" if done else "unticked", now, by=by, detail={"item": item}),)


def arrived(floor: Floor, name: str, by: str, now: datetime) -> Move:
    """Help is there. OutOfOrder where none was dispatched, or its arrival stands recorded."""
    alarm = _in(floor, name, {State.DECIDED, State.CLEARED}, "answered by help: decide to dispatch it first")
    if alarm.choice != "dispatch help":
        raise OutOfOrder("No help was dispatched for this alarm.")
    if alarm.arrived_at is not None:
        raise OutOfOrder("The arrival is already recorded.")
    return moved(alarm, "arrived", now, by=by)


def back_in_service(floor: Floor, name: str, by: str, now: datetime) -> Move:
    """From the shelf, from out of service or from an incident back into the queue, as an open alarm of its
    own."""
    alarm = _in(floor, name, {State.OUT_OF_SERVICE, State.SHELVED, State.JOINED}, "returned to the queue")
    return moved(alarm, "resumed", now, state=State.OPEN, by=by)


def may_hand_over(floor: Floor) -> None:
    """OutOfOrder while an alarm has no outcome."""
    open_ones = without_disposition(floor)
    if open_ones:
        oldest = min(open_ones, key=lambda a: a.raised_at)
        says = (
            "%(n)d %(n:alarm has|alarms have) no outcome (oldest: %(alarm)s). "
            "Decide and record each outcome, then hand over."
        )
        raise OutOfOrder(sentence(says, n=len(open_ones), alarm=oldest.id))


def _of_one_zone(alarm: Alarm) -> Alarm:
    if alarm.zone == CITY:
        raise OutOfOrder("A multi-zone incident cannot be set aside. Remove single zones, or decide the incident.")
    return alarm


def _in(floor: Floor, name: str, states: set[State] | frozenset[State], act: str) -> Alarm:
    alarm = floor.at(name)
    if alarm.state not in states:
        says = "This alarm is %(state)s. It cannot be %(act)s."
        raise OutOfOrder(sentence(says, state=sentence(SAID[alarm.state]), act=sentence(act)))
    return alarm
