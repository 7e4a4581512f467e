"""What every watch promises, without knowing which watch it is."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from changed import changed
from desk import desk
from promised import promised_watches
from suspending import lift, suspend
from toy_watch import TOY_WATCH
from watched import Watched, asker, decider, issue_all, listed, stood

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.alarms import operator_desk, watch
from peelian.kernel.alarms.watch import signal_faults
from peelian.kernel.model.alarms import Move, State
from peelian.kernel.model.capability import Purpose
from peelian.kernel.model.sensors import SILENT_DAYS
from peelian.kernel.model.technology import Technology
from peelian.kernel.model.watch import Reading, Signal, Turn, Watch
from peelian.kernel.state.watch_checkpoints import checkpoint
from peelian.operations.office import technologies

KNOWN = (*technologies(), TOY_WATCH)
WATCHES = promised_watches(KNOWN)
every_watch = pytest.mark.parametrize("declared", WATCHES, ids=lambda w: w.id)
with_authorizations = pytest.mark.parametrize("declared", [w for w in WATCHES if w.needs], ids=lambda w: w.id)


def _stand(declared: Watch, **changes: Any) -> Watched:
    return stood(KNOWN, declared, **changes)


def _fed(at: Watched, readings: Iterable[Reading]) -> list[Move]:
    """Feed them as a busy gateway does: many at once where a watch hears thousands."""
    return at.feed(readings, at_once=max(1, len(at.declared.reducer().example().readings) // 100))


def _signals(declared: Watch, readings: Iterable[Reading]) -> list[Signal]:
    """The reducer alone, as the kernel drives it."""
    example = declared.reducer().example()
    states: dict[str, Any] = {}
    said: list[Signal] = []
    for reading in readings:
        zone = example.sensors[reading.sensor]
        key = zone if declared.state_per == "zone" else reading.sensor
        state = states[key] if key in states else declared.reducer().start(example.params)
        states[key], more = declared.reducer().step(state, dataclasses.replace(reading, zone=zone))
        said += more
    return said


def _alarms(at: Watched) -> list[tuple[str, ...]]:
    return [
        (str(e["kind"]), str(e["zone"]), str(e["type"]), str(e["level"]))
        for _, e in at.town.kernel.stores.log.read()
        if str(e["kind"]).startswith("ALARM_") and e["kind"] != "ALARM_CALLED"
    ]


@every_watch
def test_its_example_raises_and_clears_and_a_person_closes_it(declared: Watch) -> None:
    at = _stand(declared)
    moves = _fed(at, declared.reducer().example().readings)
    assert {"raised", "cleared"} <= {move.step for move in moves}
    person = at.town.people[decider(at.town, declared, asker(at.town, declared))]
    floor = at.town.kernel.state.alarms.floor
    for alarm in [a for a in floor.queue() if not a.active]:
        operator_desk.acknowledge(at.town.kernel, person, alarm.id)
        operator_desk.decide(at.town.kernel, person, alarm.id, choice="watch", reason="looked at it")
        closed = operator_desk.dispose(at.town.kernel, person, alarm.id, disposition="other")
        assert closed.state is State.CLOSED
    assert any(a.state is State.CLOSED for a in at.town.kernel.state.alarms.floor.alarms.values())


@with_authorizations
def test_without_authorizations_it_does_not_stand(declared: Watch) -> None:
    town = desk(KNOWN)
    example = declared.reducer().example()
    asked = {"purpose": sorted(declared.asks.purposes)[0], "params": example.params, "sensors": example.sensors}
    person = town.people[asker(town, declared)]
    with pytest.raises(Refused) as refused:
        watch.stand(town.kernel, person, declared.id, **asked)
    named = [r for r in refused.value.reasons if r.rule == "the_authorizations_are_in_order"]
    assert len(named) == len(declared.needs) and all(reason.remedy for reason in named)
    assert town.kinds()[-1] == "REFUSED" and not town.kernel.state.alarms.stands
    for need in declared.needs:
        fresh = desk(KNOWN)
        issue_all(fresh, declared, but=need.kind)
        with pytest.raises(Refused) as refused:
            watch.stand(fresh.kernel, fresh.people[asker(fresh, declared)], declared.id, **asked)
        assert len(refused.value.reasons) == 1


@every_watch
def test_no_purpose_or_role_but_the_declared_ones(declared: Watch) -> None:
    town = desk(KNOWN)
    issue_all(town, declared)
    example = declared.reducer().example()
    asked = {"purpose": sorted(declared.asks.purposes)[0], "params": example.params, "sensors": example.sensors}
    stranger = next(p for p in town.people.values() if not p.person.roles & declared.asks.askers)
    entitled = town.people[asker(town, declared)]
    undeclared = next(purpose for purpose in Purpose if purpose not in declared.asks.purposes)
    for who, change in ((stranger, {}), (entitled, {"purpose": undeclared})):
        with pytest.raises(Refused):
            watch.stand(town.kernel, who, declared.id, **(asked | change))
        assert town.kinds()[-1] == "REFUSED"
    before = len(town.kinds())
    with pytest.raises(InputError):
        watch.stand(town.kernel, entitled, declared.id, **(asked | {"purpose": "curiosity"}))
    assert len(town.kinds()) == before, "a slip in a form is no refusal"


@every_watch
def test_a_suspended_technology_watches_nothing(declared: Watch) -> None:
    at = _stand(declared)
    kernel = at.town.kernel
    suspend(kernel, at.town.people["board"], declared.technology)
    for act in (
        lambda: watch.feed(kernel, at.standing, declared.reducer().example().readings),
        lambda: watch.begin(kernel, at.permit, at.kept),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.reasons[0].rule == "the_technology_is_not_suspended"
    assert not at.standing.states and not _alarms(at)
    lift(kernel, at.town.people["privacy-officer"], at.town.people["board"], declared.technology)
    assert _fed(at, declared.reducer().example().readings)


@with_authorizations
def test_a_authorization_that_runs_out_stops_it(declared: Watch) -> None:
    at = _stand(declared)
    at.town.clock.days(401)
    with pytest.raises((Refused, OutOfOrder)):
        watch.feed(at.town.kernel, at.standing, declared.reducer().example().readings)


@every_watch
def test_a_doctored_standing_permit_begins_nothing(declared: Watch) -> None:
    at = _stand(declared)
    for doctored in (
        dataclasses.replace(at.permit, until="2099-01-01T00:00:00+00:00"),
        dataclasses.replace(at.permit, case="w-0000000000"),
    ):
        with pytest.raises(OutOfOrder):
            watch.begin(at.town.kernel, doctored, at.kept)


@every_watch
def test_the_same_readings_say_the_same(declared: Watch) -> None:
    readings = declared.reducer().example().readings
    assert _signals(declared, readings) == _signals(declared, readings) != []
    once, again = _stand(declared), _stand(declared)
    _fed(once, readings)
    _fed(again, readings)
    assert _alarms(once) == _alarms(again)


@every_watch
def test_who_asked_for_it_and_their_unit_decide_nothing(declared: Watch) -> None:
    at = _stand(declared)
    _fed(at, declared.reducer().example().readings)
    name = next(iter(at.town.kernel.state.alarms.floor.alarms))
    asked = at.town.people[asker(at.town, declared)]
    colleague = at.town.office.enrol(
        "two-hats",
        name="Two hats",
        unit=asked.person.unit,
        roles=declared.asks.deciders,
        by=at.town.people["custodian"],
    )
    for person in (asked, colleague):
        with pytest.raises(Refused):
            operator_desk.acknowledge(at.town.kernel, person, name)
    assert "ALARM_ACKED" not in at.town.kinds()


@every_watch
def test_a_runbook_is_ticked_by_deciders_alone_and_decides_nothing(declared: Watch) -> None:
    at = _stand(declared)
    _fed(at, declared.reducer().example().readings)
    kernel, alarm = at.town.kernel, next(iter(at.town.kernel.state.alarms.floor.queue()))
    asked = at.town.people[asker(at.town, declared)]
    person = at.town.people[decider(at.town, declared, asker(at.town, declared))]
    steps = declared.runbooks[alarm.type]
    with pytest.raises(Refused):
        operator_desk.tick(kernel, asked, alarm.id, item=steps[0], done=True)
    for item in steps:
        operator_desk.tick(kernel, person, alarm.id, item=item, done=True)
    after = kernel.state.alarms.floor.at(alarm.id)
    assert [tick.item for tick in after.ticks] == list(steps) and all(
        tick.by == person.person.token for tick in after.ticks
    )
    assert dataclasses.replace(after, ticks=(), changed_at=alarm.changed_at) == alarm, "no state, call or outcome moved"


@every_watch
def test_nothing_but_declared_numbers_comes_out(declared: Watch) -> None:
    example = declared.reducer().example()
    zones = set(example.sensors.values())
    said = [s for s in _signals(declared, example.readings) if s.turn not in (Turn.FAULT, Turn.WELL)]
    assert said and not [fault for signal in said for fault in signal_faults(declared, signal, zones)]
    assert set(declared.titles) == {*declared.signals, *declared.takes}, "people read every type and reading in words"
    good = next(s for s in said if s.turn is Turn.RAISE)
    for change in (
        {"zone": "elsewhere"},
        {"type": "person_seen"},
        {"facts": {"plate": 1.0}},
        {"facts": dict.fromkeys(good.facts, "AB 123")},
        {"facts": dict.fromkeys(good.facts, float("nan"))},
    ):
        if change.get("facts") == {}:
            continue
        bad = dataclasses.replace(good, **change)
        assert signal_faults(declared, bad, zones)
        lame = changed(declared, step=lambda state, reading, bad=bad: (state, (bad,)))
        at = stood(_with(lame), lame)
        assert _fed(at, example.readings[:1]) == [] and at.standing.tally["withheld"] == 1


@every_watch
def test_a_packed_state_holds_no_raw_reading_and_goes_on_as_before(declared: Watch) -> None:
    example = declared.reducer().example()
    whole = _signals(declared, example.readings)
    last = len(example.readings) - 1
    for cut in {last // 3, last // 2, 2 * last // 3, last}:
        states: dict[str, Any] = {}
        said: list[Signal] = []
        for n, bare in enumerate(example.readings):
            reading = dataclasses.replace(bare, zone=example.sensors[bare.sensor])
            key = reading.zone if declared.state_per == "zone" else reading.sensor
            state = states[key] if key in states else declared.reducer().start(example.params)
            states[key], more = declared.reducer().step(state, reading)
            said += more
            if n == cut:
                packed = {key: json.dumps(declared.reducer().pack(state)) for key, state in states.items()}
                for seen in example.readings[: n + 1]:
                    for value in (v for v in seen.values.values() if len(repr(float(v)).strip("0")) > 4):
                        assert repr(float(value)) not in " ".join(packed.values()), "a raw reading was packed"
                states = {
                    key: declared.reducer().unpack(example.params, json.loads(text)) for key, text in packed.items()
                }
                since = reading.time - timedelta(seconds=declared.window_seconds)
                for seen in example.readings[: n + 1]:
                    if declared.reducer().refill and seen.time > since:
                        zone = example.sensors[seen.sensor]
                        key = zone if declared.state_per == "zone" else seen.sensor
                        states[key] = declared.reducer().refill(states[key], dataclasses.replace(seen, zone=zone))
        assert said == whole, f"packed and taken up again after reading {cut}"


@every_watch
def test_a_crash_loses_no_alarm_and_doubles_none(declared: Watch) -> None:
    readings = declared.reducer().example().readings
    whole = _stand(declared)
    _fed(whole, readings)
    steps = max(1, len(readings) // 3)
    for saved_at in range(0, len(readings), steps):
        at = _stand(declared)
        _fed(at, readings[:saved_at])
        checkpoint(at.standing)
        lost = readings[saved_at : saved_at + steps + 1]  # acknowledged to nobody: the sender will repeat them
        _fed(at, [r for r in lost if r.time - lost[0].time < watch.LATE])  # a longer time without a checkpoint is none
        at.standing = watch.begin(at.town.kernel, at.permit, at.kept)
        window = readings[saved_at - 1].time - timedelta(seconds=declared.window_seconds) if saved_at else None
        unacknowledged = [r for r in readings[:saved_at] if window and r.time > window]
        _fed(at, [*unacknowledged, *readings[saved_at:]])
        assert _alarms(at) == _alarms(whole), f"after a crash at reading {saved_at + steps + 1}"


@every_watch
def test_a_detector_that_breaks_says_so_without_data_and_the_watch_goes_on(declared: Watch) -> None:
    example = declared.reducer().example()

    def broken(state: object, reading: Reading) -> Any:
        raise KeyError("12 Main Street, Mr Example")

    lame = changed(declared, step=broken)
    at = stood(_with(lame), lame)
    assert _fed(at, example.readings[:1]) == []
    (fault,) = [e for _, e in at.town.kernel.stores.log.read() if e["kind"] == "SENSOR_FAULT"]
    assert fault["why"] == "broken-detector" and "Main" not in json.dumps(fault)
    at.standing.watch = declared
    assert _fed(at, example.readings[1:]), "the others go on"
    assert "SENSOR_WELL" in at.town.kinds()


@every_watch
def test_a_new_sensor_is_proven_in_silence_for_28_days(declared: Watch) -> None:
    at = _stand(declared, proven=False)
    for sensor in declared.reducer().example().sensors:
        listed(at.town, sensor)
    _fed(at, declared.reducer().example().readings)
    floor = at.town.kernel.state.alarms.floor
    until = declared.reducer().example().readings[0].time + timedelta(days=SILENT_DAYS)
    young = [alarm for alarm in floor.alarms.values() if alarm.raised_at < until]  # some watches learn for longer
    assert floor.alarms and not [alarm for alarm in floor.queue() if alarm.raised_at < until]
    assert all(alarm.kind == "silent" for alarm in young)


@every_watch
def test_a_drill_is_marked_as_one(declared: Watch) -> None:
    at = _stand(declared, exercise=True, proven=False)
    _fed(at, declared.reducer().example().readings)
    assert {a.kind for a in at.town.kernel.state.alarms.floor.alarms.values()} == {"exercise"}


def _with(lame: Watch) -> tuple[Technology, ...]:
    owner = next(t for t in KNOWN if t.id == lame.technology)
    others = tuple(lame if w.id == lame.id else w for w in owner.watches)
    return (*(t for t in KNOWN if t is not owner), dataclasses.replace(owner, watches=others))
