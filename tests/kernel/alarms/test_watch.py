"""A watch at work: what becomes of every kind of reading, what is kept, what is forgotten, who is told of a fault."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta
from typing import Any

import pytest
from desk import another_program
from toy_watch import FIRST, HIGH, TOY_WATCH, WellWatch, wells
from watched import Watched, stood

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.alarms import watch
from peelian.kernel.model.watch import Reading
from peelian.kernel.state.alarm_state import AlarmState
from peelian.kernel.state.watch_checkpoints import checkpoint


@pytest.fixture
def at() -> Watched:
    return stood()


def _reading(**changes: Any) -> Reading:
    (made,) = wells([6.0])
    return dataclasses.replace(made, **changes)


def test_a_reading_that_is_not_declared_goes_nowhere(at: Watched) -> None:
    for change in (
        {"sensor": "well-9"},
        {"what": "voice"},
        {"values": {}},
        {"values": {"metres": 6.0, "plate": 4.0}},
        {"values": {"metres": float("nan")}},
        {"values": {"metres": True}},
        {"values": {"metres": "AB 123"}},
        {"time": FIRST.replace(tzinfo=None)},
    ):
        assert at.feed([]) == [] and watch.feed(at.town.kernel, at.standing, [_reading(**change)]) == ()
    assert at.standing.tally == {"undeclared": 8} and not at.standing.states


def test_late_repeated_and_out_of_order_readings_change_nothing(at: Watched) -> None:
    at.town.clock.now = FIRST + timedelta(seconds=10)
    watch.feed(at.town.kernel, at.standing, wells([1.0, 6.0]))
    before = dict(at.standing.states)
    watch.feed(at.town.kernel, at.standing, [*wells([6.0, 6.0]), _reading(time=FIRST - timedelta(minutes=66))])
    assert at.standing.states == before
    assert at.standing.tally == {"taken": 2, "again": 2, "late": 1}


def test_a_clock_that_runs_ahead_is_a_fault_said_once_and_over_with_the_next_good_reading(at: Watched) -> None:
    ahead = _reading(time=FIRST + timedelta(days=300))
    for _ in range(3):
        watch.feed(at.town.kernel, at.standing, [ahead])
    faults = [e for _, e in at.town.kernel.stores.log.read() if e["kind"] == "SENSOR_FAULT"]
    assert [(f["sensor"], f["why"]) for f in faults] == [("well-1", "clock-ahead")]
    at.feed(wells([1.0]))
    assert at.town.kinds()[-1] == "SENSOR_WELL" and not at.town.kernel.state.alarms.faults
    assert not at.town.kernel.state.alarms.floor.alarms, "a fault is nobody's alarm"


def test_a_sensor_that_falls_silent_is_at_fault_by_its_own_pace(at: Watched) -> None:
    at.feed(wells([1.0, 1.0]))
    for minutes, faults in ((9, []), (2, ["well-1"]), (180, ["well-1", "well-2"])):
        at.town.clock.now += timedelta(minutes=minutes)
        watch.tick(at.town.kernel, [at.standing])
        watch.tick(at.town.kernel, [at.standing])
        assert sorted(at.town.kernel.state.alarms.faults) == faults
    assert at.town.kinds().count("SENSOR_FAULT") == 2


def test_a_counter_that_speaks_every_hour_is_not_silent_between(at: Watched) -> None:
    (first,) = wells([1.0])
    at.feed([first, dataclasses.replace(first, time=FIRST + timedelta(hours=1))])
    at.town.clock.now += timedelta(hours=2, minutes=50)
    watch.tick(at.town.kernel, [at.standing])
    assert "well-1" not in at.town.kernel.state.alarms.faults


def test_a_fault_that_the_detector_finds_goes_to_those_who_mend_it(at: Watched) -> None:
    at.feed(wells([-1.0]))
    assert at.town.kernel.state.alarms.faults["well-1"][0] == "flat"


def test_time_brings_calls_and_they_are_logged(at: Watched) -> None:
    at.feed(wells([6.0, 6.0]))
    at.town.clock.now += timedelta(seconds=61)
    (call,) = watch.tick(at.town.kernel)
    assert call.step == "called" and at.town.kinds()[-1] == "ALARM_CALLED"
    assert watch.tick(at.town.kernel) == ()


def test_a_checkpoint_keeps_what_changed_and_is_taken_up_again(at: Watched) -> None:
    at.feed([*wells([1.0, 6.0]), *wells([1.0], sensor="well-2")])
    assert checkpoint(at.standing) == 2 and checkpoint(at.standing) == 0
    at.feed(wells([1.0], sensor="well-2", first=FIRST + timedelta(seconds=5)))
    assert checkpoint(at.standing) == 1
    again = watch.begin(at.town.kernel, at.permit, at.kept)
    assert again.latest == at.standing.latest
    assert "6.0" not in json.dumps(at.kept.rows), "no raw reading is kept"


def test_a_repeated_raw_reading_fills_the_window_once(at: Watched) -> None:
    at.feed(wells([1.0, 2.0, 3.0]))
    checkpoint(at.standing)
    at.standing = watch.begin(at.town.kernel, at.permit, at.kept)
    readings = list(wells([1.0, 2.0, 3.0]))
    at.feed([*readings, *readings])
    assert at.standing.states["well-1"].window == (1.0, 2.0, 3.0)
    assert at.standing.tally == {"refilled": 3, "again": 3}


def test_the_state_folded_from_the_log_again_is_the_same(at: Watched) -> None:
    at.feed(wells([1.0, 6.0, 6.0, 1.0, 6.0, 12.0, 12.0]))
    at.town.clock.now += timedelta(seconds=700)
    watch.tick(at.town.kernel, [at.standing])
    kernel = at.town.kernel
    again = another_program(at.town)
    floor, other = kernel.state.alarms.floor, again.state.alarms.floor
    assert other.alarms == floor.alarms and other.current == floor.current and other.seen == floor.seen
    assert again.state.alarms.faults.keys() == kernel.state.alarms.faults.keys()
    assert isinstance(again.state.alarms, AlarmState)


def test_a_watch_that_ended_is_fed_nothing(at: Watched) -> None:
    watch.end(at.town.kernel, at.town.people["commander"], at.permit.case)
    with pytest.raises(OutOfOrder, match="has ended"):
        at.feed(wells([1.0]))


@pytest.mark.parametrize(
    "sensors",
    [{}, {"Well One": "north"}, {"well-1": "12 Main Street"}, {"well-1": "city"}, {"well-1": "x" * 41}],
)
def test_sensors_and_zones_are_words(sensors: dict[str, str]) -> None:
    with pytest.raises(InputError):
        stood(sensors=sensors)


def test_a_watch_takes_its_own_params_and_is_one_of_the_declared() -> None:
    with pytest.raises(OutOfOrder, match="WellWatch"):
        stood(params={"highest": 3})
    with pytest.raises(InputError, match="highest"):
        stood(params=WellWatch(highest=0))
    with pytest.raises(OutOfOrder, match="Unknown watch"):
        watch.watch_named(stood().town.kernel, "toywatch.low")


def test_a_zone_may_be_what_a_state_is_kept_for() -> None:
    by_zone = dataclasses.replace(HIGH, state_per="zone")
    known = (dataclasses.replace(TOY_WATCH, watches=(by_zone,)),)
    at = stood(known, by_zone, sensors={"well-1": "north", "well-2": "north"})
    at.feed(wells([6.0]))
    at.feed(wells([6.0], sensor="well-2"))
    assert list(at.standing.states) == ["north"] and len(at.town.kernel.state.alarms.floor.alarms) == 1
    checkpoint(at.standing)
    assert watch.begin(at.town.kernel, at.permit, at.kept).latest.keys() == {"well-1", "well-2"}


def test_the_console_shows_no_number_that_is_not_listed() -> None:
    with pytest.raises(ValueError, match=r"toywatch\.high would show plate"):
        dataclasses.replace(HIGH, shows=frozenset({"count", "plate"}))
