"""Watches: one stands under a permit that the policy judged, is fed readings, and its signals become alarms.

Raw readings live in the memory of its states only. A checkpoint holds packed states without them; a reading is done
with once a checkpoint after it is kept, so that after a crash the sender repeats exactly what was not. Signals are
recognised by their id, so that what is repeated raises nothing twice.
"""

from __future__ import annotations

import dataclasses
import math
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.alarms.transitions import on_signal, on_time
from peelian.kernel.alarms.watched_sensors import check_sensors, must_be_heard
from peelian.kernel.model.alarms import OFFICE, STEPS_OF_THE_OFFICE, Move, Post, State
from peelian.kernel.model.documents import AlarmStep, StandingPermit, StandingRequest, digest_of
from peelian.kernel.model.params import must_be_a_purpose, params_of, spelled_params
from peelian.kernel.model.people import Operator
from peelian.kernel.model.policy_port import Use
from peelian.kernel.model.technology import technology_of
from peelian.kernel.model.watch import FAULTS, Reading, Signal, Turn, Watch
from peelian.kernel.policy.authorize import must_hold_role, proven_person
from peelian.kernel.policy.signed_entries import acted
from peelian.kernel.records.sensor_register import the_register
from peelian.kernel.state.acts import act
from peelian.kernel.state.alarm_state import body_of
from peelian.kernel.state.demonstration import is_demonstration
from peelian.kernel.state.kernel import Kernel, policy_inputs, signed, use_of
from peelian.kernel.state.sensor_state import proven
from peelian.kernel.state.signed_documents import must_not_be_destroyed
from peelian.kernel.state.watch_checkpoints import Checkpoints, Standing, members_of, next_looked_at, restore, state_of

AHEAD = timedelta(seconds=60)  # a reading from further in the future is of a wrong clock
LATE = timedelta(minutes=65)  # older than the longest a raw reading may live
SILENCE = timedelta(minutes=10)  # a sensor that says nothing for so long, and for three times its own pace, is at fault
_LOOKED_AT_EVERY = timedelta(minutes=1)
_JUDGED_EVERY = timedelta(
    hours=24
)  # and at once where an authorization, a person or a suspension changed, or one runs out
_OPEN_TO_THE_OFFICE = frozenset({State.OPEN, State.GATHERING, State.SUPPRESSED, State.JOINED, State.SILENT})
WATCHING = "watching"  # the lease of each process that hears readings
FOUND_HERE = frozenset({"clock-ahead", "broken-detector", "silent"})  # faults the kernel finds, and lifts, by itself


def watch_named(kernel: Kernel, name: str) -> Watch:
    """The watch with this id; OutOfOrder names the ones there are."""
    technology = technology_of(kernel.technologies, name)
    for watch in technology.watches if technology else ():
        if watch.id == name:
            return watch
    known = sorted(watch.id for technology in kernel.technologies for watch in technology.watches)
    raise OutOfOrder(f"Unknown watch {name[:60]!r}. Known: {', '.join(known)}")


def stand(
    kernel: Kernel,
    by: Operator,
    watch: str,
    *,
    purpose: str,
    params: Any,
    sensors: Mapping[str, str],
    exercise: bool = False,
) -> StandingPermit:
    """Let a watch stand over `sensors` (each with its zone). Refused names every reason; both are in the log."""
    declared = watch_named(kernel, watch)
    if not isinstance(params, declared.asks.params):
        raise OutOfOrder(f"{watch} takes {declared.asks.params.__name__}")
    must_be_a_purpose(purpose, declared.asks.purposes)
    declared.asks.check(params)
    return stood(
        kernel, by, watch, purpose=str(purpose), params=spelled_params(params), sensors=dict(sensors), exercise=exercise
    )


@act
def stood(
    kernel: Kernel,
    by: Operator,
    watch: str,
    *,
    purpose: str,
    params: Mapping[str, Any],
    sensors: Mapping[str, str],
    exercise: bool,
) -> StandingPermit:
    """The same, its parameters spelled as a document spells them."""
    declared = watch_named(kernel, watch)
    given = params_of(declared, params)
    must_be_a_purpose(purpose, declared.asks.purposes)
    declared.asks.check(given)
    check_sensors(sensors)
    must_be_heard(kernel, declared, given, sensors)
    if is_demonstration(kernel) and not exercise:
        raise OutOfOrder("In a demonstration office every watch is an exercise.")
    with kernel.lock:
        person = proven_person(kernel, by)
        request = StandingRequest(
            case=f"w-{secrets.token_hex(5)}",
            watch=watch,
            purpose=purpose,
            params=dict(params),
            sensors=dict(sensors),
            exercise=exercise,
            by=by.person.token,
            unit=person.unit if person else "unknown",
            at=kernel.now().isoformat(),
        )
        request = signed(request, by.sign)
        kernel.record(request, case=request.case, watch=watch, by=request.by)
        use = use_of(kernel, declared, request, given, person)
        _must_pass(kernel, use, request.case, digest_of(request))
        now = kernel.now()
        permit = StandingPermit(
            case=request.case,
            before=digest_of(request),
            watch=watch,
            until=(now + timedelta(days=declared.asks.days)).isoformat(),
            authorizations=tuple(digest_of(next(kernel.policy.authorizations(need, use))) for need in use.needs),
            policy=kernel.policy.digest(),
            at=now.isoformat(),
        )
        permit = kernel.signed(permit)
        fields: dict[str, str | int] = {"sensors": len(sensors), "exercise": int(exercise), "until": permit.until}
        kernel.record(permit, case=permit.case, before=permit.before, watch=watch, **fields)
        return permit


@act
def end(kernel: Kernel, by: Operator, case: str) -> None:
    """The watch no longer stands."""
    known = _stands(kernel, case)
    declared = watch_named(kernel, known.permit.watch)
    must_hold_role(kernel, by, declared.asks.askers | declared.asks.deciders, "the_asker_may_ask")
    acted(kernel, by, "WATCH_ENDED", case=case, before=known.digest)


def begin(kernel: Kernel, permit: StandingPermit, checkpoints: Checkpoints, *, waits: bool = False) -> Standing:
    """Take a permitted watch up where its checkpoint left it. O(states).

    Refused where its technology is suspended; if it `waits`, it begins, and hears nothing until that is lifted.
    """
    known = _stands(kernel, permit.case)
    if digest_of(permit) != known.digest:
        raise OutOfOrder("The watch permit was altered, or was not made in this office.")
    declared = watch_named(kernel, permit.watch)
    params = params_of(declared, known.request.params)
    now = kernel.now()
    standing = Standing(
        permit=permit,
        request=known.request,
        watch=declared,
        params=params,
        checkpoints=checkpoints,
        members=members_of(declared, known.request.sensors),
        begun=now,
        judged_until=now,
    )
    if not waits or declared.technology not in kernel.state.suspended:
        _must_stand(kernel, standing)
    restore(standing)
    _wait_again(kernel, standing)
    return standing


def feed(kernel: Kernel, standing: Standing, readings: Iterable[Reading]) -> tuple[Move, ...]:
    """Give readings to the watch, in the order they came; what its signals did to alarms, logged before it returns.

    A reading that is undeclared, late, a repetition or from the future is counted and goes nowhere. Refused where the
    technology is suspended or an authorization ran out. O(readings).
    """
    moves: list[Move] = []
    with kernel.stores.log.looking():
        _must_stand(kernel, standing)
        faults = kernel.state.alarms.faults
        for reading in readings:
            for signal in _stepped(kernel, standing, reading, faults):
                moves += _heard(kernel, standing, reading.sensor, signal)
    return tuple(moves)


def tick(kernel: Kernel, standings: Iterable[Standing] = ()) -> tuple[Move, ...]:
    """What the passing of time brings: calls that climb, shelving that ends; and sensors that fell silent. Call it
    often.

    O(alarms not closed), and O(2,000 sensors) for each standing that is given: the next tick goes on with the others.
    """
    with kernel.lock:
        now = kernel.now()
        for standing in standings:
            for sensor in next_looked_at(standing):
                patience = max(SILENCE, 3 * standing.paces.get(sensor, timedelta(hours=1)))
                if now - max(standing.begun, standing.latest.get(sensor, standing.begun)) > patience:
                    sensor_fault(kernel, standing.permit.case, sensor, "silent")
        moves = on_time(kernel.state.alarms.floor, now)
        for move in moves:
            taken(kernel, move)
        return moves


@act
def taken(kernel: Kernel, move: Move) -> None:
    """Log a step that signals or the passing of time bring. OutOfOrder for one that a person takes: the office
    acknowledges, decides and shelves nothing, and closes only what a person had disposed of or permitted. What a watch
    saw is taken as it comes; that it stands is known."""
    with kernel.lock:
        _must_be_the_offices(kernel, move)
        log_move(kernel, move)


def log_move(kernel: Kernel, move: Move, by: Operator | None = None) -> AlarmStep:
    """Sign a move, keep it, log it; only then has it happened."""
    with kernel.lock:
        watching = kernel.state.alarms
        step = AlarmStep(
            alarm=move.alarm,
            before=watching.latest.get(move.alarm) or watching.stands[move.watch].digest,
            move=body_of(move),
            by=by.person.token if by else OFFICE,
            unit=by.person.unit if by else OFFICE,
            at=kernel.now().isoformat(),
        )
        step = signed(step, by.sign) if by else kernel.signed(step)
        fields: dict[str, str | int] = {"alarm": move.alarm, "zone": move.zone, "type": move.type, "by": step.by}
        fields |= {"state": str(move.state), "level": str(move.level), "of": move.kind, "case": move.watch}
        kernel.record(step, f"ALARM_{move.step.upper()}", before=step.before, **fields)
        return step


@act
def sensor_fault(kernel: Kernel, case: str, sensor: str, why: str) -> None:
    """A sensor cannot be trusted; said once until it is well again. It is no alarm: it goes to those who mend it. `why`
    is a word of FAULTS."""
    _must_be_of_the_watch(kernel, case, sensor)
    if why not in FAULTS:
        raise InputError("unknown fault of a sensor", accepted=", ".join(sorted(FAULTS)))
    if sensor not in kernel.state.alarms.faults:
        kernel.append("SENSOR_FAULT", case=case, sensor=sensor, why=why)


@act
def sensor_well(kernel: Kernel, case: str, sensor: str) -> None:
    """A sensor that was at fault is well again."""
    _must_be_of_the_watch(kernel, case, sensor)
    kernel.append("SENSOR_WELL", case=case, sensor=sensor)


@act
def rehearsed(kernel: Kernel, case: str, *, readings: int, steps: int) -> None:
    """Log that recorded readings ran through a drill's watch, beside the log (`operations/rehearsal`)."""
    _must_be_watched(kernel, case)
    kernel.append("REHEARSED", case=case, readings=readings, steps=steps)


def _must_be_watched(kernel: Kernel, case: str) -> None:
    if case not in kernel.state.alarms.stands or case in kernel.state.alarms.ended:
        raise OutOfOrder("this office has no such watch")


def _must_be_of_the_watch(kernel: Kernel, case: str, sensor: str) -> None:
    _must_be_watched(kernel, case)
    if sensor not in kernel.state.alarms.stands[case].request.sensors:
        raise OutOfOrder("This watch has no such sensor.")


def _must_be_the_offices(kernel: Kernel, move: Move) -> None:
    watching = kernel.state.alarms
    if move.watch not in watching.stands:
        raise OutOfOrder("this office has no such watch")
    if move.step not in STEPS_OF_THE_OFFICE:
        raise OutOfOrder("Only a person can take this step.")
    alarm = watching.floor.alarms.get(move.alarm)
    if alarm is None and (move.alarm in kernel.state.datasets or move.alarm in kernel.state.queued):
        raise OutOfOrder("name already taken")  # a hold on an alarm would be one on the dataset
    if move.step == "closed":
        ready = alarm is not None and (alarm.disposition or alarm.state in (State.SUPPRESSED, State.JOINED))
        if not ready:
            raise OutOfOrder("An alarm can close only once a person has recorded its outcome.")
    if (move.step == "closed") != (move.state is State.CLOSED):
        raise OutOfOrder("A closed alarm cannot be reopened.")
    kept = alarm is not None and move.state == alarm.state
    cleared = alarm is not None and alarm.state is State.DECIDED and move.state is State.CLEARED
    if not (move.step == "closed" or kept or cleared or move.state in _OPEN_TO_THE_OFFICE):
        raise OutOfOrder("Only a person can bring an alarm into this state.")


def _wait_again(kernel: Kernel, standing: Standing) -> None:
    """A condition that held at the last checkpoint, and has yet to last, is pending again. O(states)."""
    waiting = standing.watch.reducer().waiting
    if waiting is None:
        return
    for name, state in standing.states.items():
        for sensor in standing.members.get(name, ())[:1]:  # of a zone's state: one of its sensors
            kind, zone = post_of(kernel, standing, sensor).kind, standing.request.sensors[sensor]
            for type, since in waiting(state).items():
                kernel.state.alarms.floor.pending.setdefault((zone, type, kind, sensor), since)


def _stepped(
    kernel: Kernel, standing: Standing, reading: Reading, faults: Mapping[str, tuple[str, datetime]]
) -> tuple[Signal, ...]:
    """One reading through the reducer; what it says, if anything."""
    watch, sensor = standing.watch, reading.sensor
    outcome = _outcome(kernel, standing, reading)
    standing.tally[outcome] += 1
    if outcome == "ahead":
        sensor_fault(kernel, standing.permit.case, sensor, "clock-ahead")
    if outcome not in ("taken", "refilled"):
        return ()
    zone, key = standing.request.sensors[sensor], state_of(standing, sensor)
    reading = dataclasses.replace(reading, zone=zone)
    reducer = watch.reducer()
    try:
        state = standing.states[key] if key in standing.states else reducer.start(standing.params)
        if outcome == "refilled":
            standing.states[key] = reducer.refill(state, reading) if reducer.refill else state
            standing.refilled[sensor] = reading.time
            return ()
        standing.states[key], signals = reducer.step(state, reading)
    except Exception:  # a detector that breaks on one reading starts anew: the other sensors go on being watched
        standing.tally["broken"] += 1
        standing.states[key] = watch.reducer().start(standing.params)
        signals = (Signal(zone=zone, type="", turn=Turn.FAULT, time=reading.time, sensor=sensor),)
        sensor_fault(kernel, standing.permit.case, sensor, "broken-detector")
    if sensor in standing.latest:
        standing.paces[sensor] = reading.time - standing.latest[sensor]
    standing.latest[sensor] = reading.time
    standing.changed.setdefault(key)
    standing.fresh.setdefault(key)
    fault = faults.get(sensor)
    if fault and fault[0] in FOUND_HERE and not any(s.turn is Turn.FAULT for s in signals):
        sensor_well(kernel, standing.permit.case, sensor)
    return signals


def _outcome(kernel: Kernel, standing: Standing, reading: Reading) -> str:
    """What becomes of a reading, in one word."""
    names = standing.watch.takes.get(reading.what)
    sensor, time = reading.sensor, reading.time
    if sensor not in standing.request.sensors or names is None or time.tzinfo is None:
        return "undeclared"
    values = reading.values
    if not values or set(values) - names or not all(_is_number(v) for v in values.values()):
        return "undeclared"
    now = kernel.now()
    if time > now + AHEAD:
        return "ahead"
    if time < now - LATE:
        return "late"
    latest = standing.latest.get(sensor)
    if latest is None or time > latest:
        return "taken"
    refilled = standing.refilled.get(sensor)
    anew = latest == standing.restored.get(sensor) and (refilled is None or time > refilled)
    return "refilled" if anew and standing.watch.reducer().refill else "again"


def zone_signal(kernel: Kernel, standing: Standing, sensor: str, signal: Signal) -> tuple[Move, ...]:
    """What a signal of a whole zone does to alarms, logged before it returns; `sensor` is one of those that count
    there. Refused or OutOfOrder where the watch may not stand any more."""
    with kernel.stores.log.looking():
        _must_stand(kernel, standing)
        return tuple(_heard(kernel, standing, sensor, signal, {signal.zone}))


def _heard(
    kernel: Kernel, standing: Standing, sensor: str, signal: Signal, zones: set[str] | None = None
) -> Iterator[Move]:
    """What a signal does, once nothing but declared numbers is found in it."""
    if signal.turn in (Turn.FAULT, Turn.WELL):
        faults = kernel.state.alarms.faults
        if signal.turn is Turn.FAULT:
            why = signal.type if signal.type in FAULTS else "broken-detector"
            sensor_fault(kernel, standing.permit.case, sensor, why)
        elif sensor in faults and faults[sensor][0] not in FOUND_HERE:
            sensor_well(kernel, standing.permit.case, sensor)
        return
    if signal_faults(standing.watch, signal, zones or set(standing.request.sensors.values())):
        standing.tally["withheld"] += 1
        sensor_fault(kernel, standing.permit.case, sensor, "broken-detector")
        return
    with kernel.lock:
        for move in on_signal(kernel.state.alarms.floor, post_of(kernel, standing, sensor), signal, kernel.now()):
            taken(kernel, move)
            yield move


def signal_faults(watch: Watch, signal: Signal, zones: set[str]) -> list[str]:
    """What keeps a signal from becoming an alarm: an undeclared type, zone or fact, or anything but a number."""
    faults = []
    if signal.zone not in zones:
        faults.append("its zone is none of the permit's")
    if signal.type not in watch.signals:
        faults.append("its type is not declared")
    elif set(signal.facts) - watch.signals[signal.type]:
        faults.append("a fact is not declared")
    if not all(_is_number(value) for value in signal.facts.values()):
        faults.append("a fact is no number")
    return faults


def post_of(kernel: Kernel, standing: Standing, sensor: str) -> Post:
    """What a sensor's signals come from: its watch, and whether it is a drill's or being proven."""
    listed = the_register(kernel).get(sensor)
    return Post(
        watch=standing.permit.case,
        zones=len(set(standing.request.sensors.values())),
        exercise=standing.request.exercise,
        silent=not standing.request.exercise and not (listed and proven(listed, kernel.now())),
    )


def _must_stand(kernel: Kernel, standing: Standing) -> None:
    """Refused or OutOfOrder where the watch may not stand any more. O(1) where the log is as it was when this was asked
    less than a minute ago, else O(authorizations)."""
    case, now, log = standing.permit.case, kernel.now(), kernel.stores.log.state()
    if standing.looked_in == log and now < min(standing.judged_until, standing.looked_until):
        return
    person = kernel.state.people.get(standing.request.by)
    if case in kernel.state.alarms.ended or datetime.fromisoformat(standing.permit.until) <= now:
        raise OutOfOrder("This watch has ended. Start it again.")
    known = {name: value for name, value in policy_inputs(kernel).items() if name != "issuers"}
    facts = (person, {**known, "used": dict(known["used"])})
    if standing.judged == (facts, True) and now < standing.judged_until:
        standing.looked_in, standing.looked_until = log, now + _LOOKED_AT_EVERY
        return
    said, standing.judged = standing.judged == (facts, False), (facts, False)
    use = use_of(kernel, standing.watch, standing.request, standing.params, person)
    if reasons := kernel.policy.judge(use):
        if not said:
            must_still_pass(kernel, case)
        raise Refused(reasons)
    ends = [datetime.fromisoformat(authorization.ends) for authorization in kernel.state.authorizations.values()]
    standing.judged = (facts, True)
    until = datetime.fromisoformat(standing.permit.until)
    standing.judged_until = min([now + _JUDGED_EVERY, until, *(end for end in ends if end > now)])


@act
def must_still_pass(kernel: Kernel, case: str) -> None:
    """Refused, and logged, where a watch that stands may do so no longer."""
    with kernel.lock:
        known = _stands(kernel, case)
        declared = watch_named(kernel, known.permit.watch)
        params = params_of(declared, known.request.params)
        person = kernel.state.people.get(known.request.by)
        _must_pass(kernel, use_of(kernel, declared, known.request, params, person), case, known.digest)


def _must_pass(kernel: Kernel, use: Use, case: str, before: str) -> None:
    if reasons := kernel.policy.judge(use):
        rules = ",".join(dict.fromkeys(reason.rule for reason in reasons))
        kernel.append("REFUSED", case=case, before=before, rules=rules, policy=kernel.policy.digest())
        raise Refused(reasons)


def _stands(kernel: Kernel, case: str) -> Any:
    if case not in kernel.state.alarms.stands:
        must_not_be_destroyed(kernel, kernel.state.alarms.gone_watches.get(case, ""))
        raise OutOfOrder("this office has no such watch")
    return kernel.state.alarms.stands[case]


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
