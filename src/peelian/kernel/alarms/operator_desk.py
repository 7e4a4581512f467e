"""Signed operator actions on alarms: only by an enrolled, trained person who did not request the watch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.alarms import operator_actions
from peelian.kernel.alarms.plans_in_force import runbooks
from peelian.kernel.alarms.watch import log_move, watch_named
from peelian.kernel.alarms.watched_sensors import WORD
from peelian.kernel.model.alarms import Alarm, Floor, Move
from peelian.kernel.model.capability import Role
from peelian.kernel.model.documents import EventPermit, Handover
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import must_hold_role, why_not_second
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel, signed
from peelian.kernel.state.signed_documents import must_not_be_destroyed

SHIFT = frozenset({Role.DISPATCHER, Role.COMMANDER})
PERMITTERS = frozenset({Role.CLERK, Role.COMMANDER})
LONGEST_EVENT = timedelta(days=14)


@act
def acknowledge(kernel: Kernel, by: Operator, alarm: str) -> Alarm:
    """Acknowledge an alarm: the calls stop."""
    return _act(kernel, by, alarm, operator_actions.acknowledge)


@act
def decide(kernel: Kernel, by: Operator, alarm: str, *, choice: str, reason: str) -> Alarm:
    """Dispatch help, keep watching or dismiss, with the reason."""
    return _act(kernel, by, alarm, operator_actions.decide, choice=choice, reason=reason)


@act
def dispose(kernel: Kernel, by: Operator, alarm: str, *, disposition: str) -> Alarm:
    """Record the outcome: the alarm closes now, or when its condition is over."""
    return _act(kernel, by, alarm, operator_actions.dispose, disposition=disposition)


@act
def tick(kernel: Kernel, by: Operator, alarm: str, *, item: str, done: bool) -> Alarm:
    """Say that a step of the alarm's runbook is done, or after all is not. OutOfOrder for a step it does not have."""

    def step(floor: Floor, name: str, token: str, now: datetime) -> Iterable[Move]:
        found = floor.at(name)
        if item not in runbooks(kernel).steps(found, now) and not any(one.item == item for one in found.ticks):
            raise OutOfOrder("The runbook of this alarm has no such step. Reload the page.")
        return operator_actions.tick(floor, name, token, now, item=item, done=done)

    return _act(kernel, by, alarm, step)


@act
def help_arrived(kernel: Kernel, by: Operator, alarm: str) -> Alarm:
    """Record that the help that was dispatched is there."""
    return _act(kernel, by, alarm, operator_actions.arrived)


@act
def shelve(kernel: Kernel, by: Operator, alarm: str, *, minutes: int, reason: str) -> Alarm:
    """Out of the queue for up to an hour."""
    return _act(kernel, by, alarm, operator_actions.shelve, minutes=minutes, reason=reason)


@act
def out_of_service(kernel: Kernel, by: Operator, alarm: str, *, reason: str) -> Alarm:
    """Out of the queue until it is mended."""
    return _act(kernel, by, alarm, operator_actions.out_of_service, reason=reason)


@act
def back_in_service(kernel: Kernel, by: Operator, alarm: str) -> Alarm:
    return _act(kernel, by, alarm, operator_actions.back_in_service)


@act
def hand_over(kernel: Kernel, by: Operator, *, to: str, words: str) -> Handover:
    """Hand the shift to another enrolled person (their token). OutOfOrder while an alarm has no outcome."""
    with kernel.lock:
        must_hold_role(kernel, by, SHIFT, "the_decider_may_decide")
        successor = kernel.state.people.get(to)
        if successor is None or not successor.roles & SHIFT or to == by.person.token:
            raise OutOfOrder("Choose another dispatcher or commander of this office.")
        floor = kernel.state.alarms.floor
        operator_actions.may_hand_over(floor)
        active = sum(alarm.active for alarm in floor.not_closed())
        made = Handover(to=to, words=words.strip(), active=active, by=by.person.token, at=kernel.now().isoformat())
        made = signed(made, by.sign)
        kernel.record(made, by=made.by, to=to, active=active)
        return made


@act
def permit_event(
    kernel: Kernel, by: Operator, *, zone: str, types: Sequence[str], starts: datetime, ends: datetime, what: str
) -> EventPermit:
    """Record a planned event: it mutes signals of these types there, but no urgent one."""
    with kernel.lock:
        must_hold_role(kernel, by, PERMITTERS, "the_event_may_be_permitted")
        kinds = tuple(sorted(set(types)))
        known = {name for technology in kernel.technologies for w in technology.watches for name in w.signals}
        if not kinds or set(kinds) - known:
            raise InputError("no known signal types", column="types", accepted=", ".join(sorted(known)))
        if not WORD.fullmatch(zone):
            raise InputError("not a zone", column="zone", accepted="1 to 40 small letters, digits and dashes")
        if starts.tzinfo is None or ends.tzinfo is None or not starts < ends <= starts + LONGEST_EVENT:
            accepted = f"times with their zone, at most {LONGEST_EVENT.days} days apart"
            raise InputError("event must end after it starts", column="ends", accepted=accepted)
        permit = EventPermit(
            zone=zone,
            types=kinds,
            starts=starts.isoformat(),
            ends=ends.isoformat(),
            what=what.strip(),
            by=by.person.token,
            at=kernel.now().isoformat(),
        )
        permit = signed(permit, by.sign)
        kernel.record(permit, zone=zone, starts=permit.starts, ends=permit.ends, by=permit.by)
        return permit


def _act(
    kernel: Kernel, by: Operator, name: str, step: Callable[..., Move | Iterable[Move]], **given: str | int
) -> Alarm:
    """Check who acts, then take the step. The requester of a watch and their unit cannot act on its alarms."""
    with kernel.lock:
        watching = kernel.state.alarms
        must_not_be_destroyed(kernel, watching.gone.get(name, ""))
        alarm = watching.floor.at(name)
        request = watching.stands[alarm.watch].request
        declared = watch_named(kernel, request.watch)
        person = must_hold_role(kernel, by, declared.asks.deciders, "the_decider_may_decide")
        if reasons := tuple(why_not_second((person.token, person.unit), (request.by, request.unit))):
            raise Refused(reasons)
        moves = step(watching.floor, name, by.person.token, kernel.now(), **given)
        for move in (moves,) if isinstance(moves, Move) else moves:
            log_move(kernel, move, by)
        return watching.floor.at(name)
