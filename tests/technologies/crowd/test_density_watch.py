"""Proves the density watch raises and clears by the ground's area, watches its gate, and counts nobody twice."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from peelian.errors import InputError
from peelian.kernel.model.watch import Level, Reading, Signal, Turn
from peelian.technologies.crowd.declarations.density_watch import DENSITY_WATCH, DensityParams

EXAMPLE = DENSITY_WATCH.reducer().example()
BEGIN = datetime(2024, 6, 1, 20, tzinfo=UTC)


def said(readings: list[Reading], params: DensityParams = EXAMPLE.params) -> list[Signal]:
    state, found = DENSITY_WATCH.reducer().start(params), []
    for reading in readings:
        state, more = DENSITY_WATCH.reducer().step(state, dataclasses.replace(reading, zone="stage"))
        assert DENSITY_WATCH.reducer().pack(
            DENSITY_WATCH.reducer().unpack(params, DENSITY_WATCH.reducer().pack(state))
        ) == DENSITY_WATCH.reducer().pack(state)
        found += more
    return found


def gate(towards: float, away: float, n: int) -> list[Reading]:
    values = {"count": towards + away, "towards": towards, "away": away, "seconds": 10.0}
    return [
        Reading(sensor="gate-1", time=BEGIN + timedelta(seconds=10 * k), what="people", values=values) for k in range(n)
    ]


def test_the_example_rises_to_urgent_and_clears() -> None:
    turns = [(s.turn, s.level) for s in said(list(EXAMPLE.readings))]
    assert turns[-1][0] is Turn.CLEAR and (Turn.RAISE, Level.URGENT) in turns


def test_the_same_people_on_a_larger_ground_raise_nothing() -> None:
    assert said(list(EXAMPLE.readings), DensityParams(area_m2=400.0)) == []


def test_a_gate_that_is_pressed_is_told() -> None:
    hold, raised = ("gate", Turn.HOLD, Level.NOTICE), ("gate", Turn.RAISE, Level.WARNING)
    assert [(s.type, s.turn, s.level) for s in said(gate(60, 20, 9))] == [hold, raised]
    assert said(gate(20, 18, 9)) == []


def test_a_ground_that_empties_before_a_minute_is_over_is_pending_and_no_alarm() -> None:
    filled = [
        dataclasses.replace(EXAMPLE.readings[0], time=BEGIN + timedelta(seconds=15 * k), values={"count": float(count)})
        for k, count in enumerate([80, 210, 240, 220, 90, 80])
    ]
    assert [(s.turn, s.type, s.facts) for s in said(filled)] == [
        (Turn.HOLD, "density", {}),
        (Turn.CLEAR, "density", {}),
    ]


def test_a_count_that_does_not_move_above_twenty_is_a_fault_and_no_alarm() -> None:
    stuck = [
        dataclasses.replace(EXAMPLE.readings[0], time=BEGIN + timedelta(seconds=15 * k), values={"count": 190.0})
        for k in range(60)
    ]
    assert [(s.turn, s.type) for s in said(stuck)] == [(Turn.FAULT, "flat")]


@pytest.mark.parametrize("change", [{"area_m2": 0.0}, {"gate_metres": 0.0}, {"area_m2": float("nan")}])
def test_a_ground_that_cannot_be_is_refused(change: dict[str, float]) -> None:
    with pytest.raises(InputError):
        DENSITY_WATCH.asks.check(DensityParams(**change))


def test_a_gates_totals_are_in_its_checkpoint_and_no_single_count_is() -> None:
    reducer = DENSITY_WATCH.reducer()
    assert reducer.level is not None
    state = reducer.start(DensityParams(gate_metres=4.0, gate_error=0.05))
    assert reducer.level(state) == {}
    for reading in gate(30, 12, 3):
        state, _ = reducer.step(state, reading)
    level = {"entered": 90, "left": 36, "metres": 4.0, "gate_error": 0.05}
    packed = reducer.pack(state)
    assert reducer.level(state) == level
    assert reducer.level(reducer.unpack(state.params, packed)) == level
    assert set(packed["gate"]) == {"last", "entered", "left", "holding"}
    del packed["gate"]["entered"], packed["gate"]["left"]
    assert reducer.unpack(state.params, packed).gate.entered == 0, "a checkpoint from before totals"


def test_an_areas_level_is_shown_until_its_counter_is_at_fault() -> None:
    reducer, params = DENSITY_WATCH.reducer(), DensityParams(area_m2=100.0, standing=True)
    assert reducer.level is not None
    state, shown = reducer.start(params), []
    for k in range(48):  # 240 people, and not one comes or goes for twelve minutes
        reading = Reading(sensor="c", time=BEGIN + timedelta(seconds=15 * k), what="occupants", values={"count": 240.0})
        state, _ = reducer.step(state, reading)
        shown.append(reducer.level(state))
    assert shown[0] == {"count": 240, "per_m2": 2.4, "standing": 1} and shown[-1] == {}
    assert reducer.level(reducer.unpack(params, reducer.pack(state))) == {}, "no count outlives the process"
    assert {name for level in shown for name in level} <= DENSITY_WATCH.shows


@pytest.mark.parametrize("error", [-0.01, 0.51, float("nan"), float("inf")])
def test_a_counters_error_out_of_range_is_refused(error: float) -> None:
    with pytest.raises(InputError):
        DENSITY_WATCH.asks.check(DensityParams(gate_error=error))


def test_a_counter_knocked_askew_is_a_fault_and_raises_nothing() -> None:
    counts = [80.0, 82.0, 84.0] + [500.0, 90.0] * 6
    askew = [
        Reading(sensor="c", time=BEGIN + timedelta(seconds=15 * k), what="occupants", values={"count": count})
        for k, count in enumerate(counts)
    ]
    turns = [(s.turn, s.type) for s in said(askew)]
    assert (Turn.FAULT, "jumps") in turns and not [turn for turn, _ in turns if turn is Turn.RAISE]
    filling = [dataclasses.replace(r, values={"count": 80.0 + 60 * k}) for k, r in enumerate(askew)]
    assert not [s for s in said(filling) if s.turn is Turn.FAULT], "people who pour in are no fault"
