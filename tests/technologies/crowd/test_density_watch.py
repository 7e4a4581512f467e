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
