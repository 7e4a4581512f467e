"""Totals of two directions become what came and went between two moments; nothing is counted twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from peelian.kernel.model.watch import Reading
from peelian.technologies.sensors.turnstile import Turnstile

START = datetime(2026, 7, 1, 20, tzinfo=UTC)


def _said(at: float, direction: str, total: float, sensor: str = "gate-1") -> tuple[Reading, ...]:
    values = {f"total_{direction}": float(total)}
    return (Reading(sensor=sensor, time=START + timedelta(seconds=at), what="people", values=values),)


def test_gains_of_both_directions_are_told_together_every_ten_seconds() -> None:
    gate = Turnstile()
    assert gate.turned(_said(0, "towards", 100)) == () == gate.turned(_said(0, "away", 7))
    assert gate.turned(_said(4, "towards", 104)) == () == gate.turned(_said(5, "away", 8))
    (made,) = gate.turned(_said(10, "towards", 111))
    assert made.values == {"towards": 11.0, "away": 1.0, "count": 12.0, "seconds": 10.0}
    (after,) = gate.turned(_said(25, "away", 9))
    assert after.values == {"towards": 0.0, "away": 1.0, "count": 1.0, "seconds": 15.0}


def test_a_gate_that_lets_nobody_out_is_told_as_such() -> None:
    gate = Turnstile()
    gate.turned(_said(0, "away", 50))
    gate.turned(_said(0, "towards", 0))
    made = [r for at in range(1, 41) for r in gate.turned(_said(at, "towards", 6 * at))]
    assert [(r.values["towards"], r.values["away"]) for r in made] == [(60.0, 0.0)] * 4


def test_a_repetition_tells_nothing_and_a_counter_that_began_anew_counts_from_nothing() -> None:
    gate = Turnstile()
    gate.turned(_said(0, "towards", 100))
    gate.turned(_said(5, "towards", 110))
    assert gate.turned(_said(5, "towards", 110)) == () == gate.turned(_said(3, "towards", 104))
    (made,) = gate.turned(_said(12, "towards", 3))
    assert made.values["towards"] == 13.0


def test_after_a_long_silence_it_is_a_count_and_no_flow() -> None:
    gate = Turnstile()
    gate.turned(_said(0, "towards", 1))
    (made,) = gate.turned(_said(601, "towards", 9))
    assert made.values == {"towards": 8.0, "away": 0.0, "count": 8.0}


def test_gates_are_told_apart_and_other_readings_pass() -> None:
    gate = Turnstile()
    gate.turned(_said(0, "towards", 1, "gate-1"))
    gate.turned(_said(0, "towards", 900, "gate-2"))
    (made,) = gate.turned(_said(10, "towards", 2, "gate-1"))
    assert made.values["towards"] == 1.0
    other = (Reading(sensor="m", time=START, what="laeq_1s", values={"laeq": 50.0}),)
    assert gate.turned(other) is other


@given(
    st.lists(st.tuples(st.integers(0, 3_000), st.sampled_from(["towards", "away"]), st.integers(0, 50)), max_size=60)
)
def test_everything_gained_is_told_once_whatever_the_order(steps: list[tuple[int, str, int]]) -> None:
    gate, totals, told = Turnstile(), {"towards": 0, "away": 0}, {"towards": 0.0, "away": 0.0}
    for direction in totals:
        gate.turned(_said(-1, direction, 0))
    at = 0
    for ahead, direction, more in steps:
        at += ahead % 40 + 1
        totals[direction] += more
        for _ in range(2):  # each message twice
            for made in gate.turned(_said(at, direction, totals[direction])):
                told = {name: told[name] + made.values[name] for name in told}
    for made in gate.turned(_said(at + 700, "away", totals["away"])):
        told = {name: told[name] + made.values[name] for name in told}
    assert told == totals
