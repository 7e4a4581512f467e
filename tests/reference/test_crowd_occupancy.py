"""The intervals of occupancy and of the time to capacity hold the truth as often as they say, on simulated counters."""

from __future__ import annotations

import pytest
from gate_counters import covers_emptying, covers_people, covers_time, share_of

from peelian.kernel.model.occupancy import GATE_ERROR


@pytest.mark.parametrize("minutes", [30, 120])
def test_people_inside_lie_in_their_interval_as_often_as_it_says(minutes: int) -> None:
    held = share_of(400, lambda rng: covers_people(rng, minutes=minutes, error=GATE_ERROR))
    assert held.interval[0] <= 0.95 <= held.interval[1], held


def test_the_correction_below_zero_takes_nothing_from_the_coverage() -> None:
    held = share_of(400, lambda rng: covers_emptying(rng, error=GATE_ERROR))
    assert held.interval[1] >= 0.95, held


def test_the_time_to_capacity_lies_in_its_interval_as_often_as_it_says() -> None:
    held = share_of(400, lambda rng: covers_time(rng, error=GATE_ERROR))
    assert held.interval[0] <= 0.95 <= held.interval[1], held


def test_counters_twice_as_bad_as_stated_are_told_by_the_coverage() -> None:
    held = share_of(200, lambda rng: covers_people(rng, minutes=120, error=2 * GATE_ERROR))
    assert held.interval[1] < 0.9, "the simulation can tell a wrong interval from a right one"
