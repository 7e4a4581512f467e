"""Occupancy: what gates add up to, how unsure that is, and when a zone is full."""

from __future__ import annotations

import pytest

from peelian.kernel.model.occupancy import (
    HORIZON_MINUTES,
    Occupancy,
    Passed,
    below_zero,
    occupancy,
    time_to_capacity,
)

SURE = Occupancy(people=800, low=800, high=800)


def test_people_inside_are_those_at_the_reset_and_the_net_of_all_gates() -> None:
    found = occupancy(100, [Passed(entered=50, left=20), Passed(entered=5, left=10)])
    assert found.people == 125


def test_the_interval_grows_with_every_count_and_holds_the_estimate() -> None:
    few, many = (occupancy(0, [Passed(entered=n + 100, left=n)]) for n in (0, 5_000))
    assert few.people == many.people == 100
    assert few.low < few.people < few.high
    assert many.high - many.low > 5 * (few.high - few.low)


def test_an_empty_zone_just_reset_is_known_exactly_and_a_counted_one_is_not() -> None:
    assert occupancy(0, [Passed()]) == Occupancy(people=0, low=0, high=0)
    counted = occupancy(1_000, [Passed()])
    assert counted.low < 1_000 < counted.high


def test_nobody_can_be_fewer_than_none() -> None:
    gates = [Passed(entered=10, left=25)]
    assert below_zero(0, gates, 0.0) == 15
    assert below_zero(0, gates, 15.0) == 0
    assert occupancy(0, gates).people == 0 and occupancy(0, gates).low == 0
    assert occupancy(0, [Passed(entered=20, left=25)], corrected=15.0).people == 10


def test_a_better_counter_makes_a_narrower_interval() -> None:
    rough, fine = (occupancy(0, [Passed(entered=2_000, left=500, error=error)]) for error in (0.1, 0.01))
    assert rough.high - rough.low > 3 * (fine.high - fine.low)


def test_each_gate_and_each_way_errs_for_itself() -> None:
    """4,000 in and 3,000 out by 5 %, 1,000 in by 1 %: 1.96 √(.05²(4,000² + 3,000²) + .01² 1,000² + .1 · 8,000)."""
    found = occupancy(0, [Passed(entered=4_000, left=3_000), Passed(entered=1_000, error=0.01)])
    assert found.high - found.people == pytest.approx(1.96 * (62_500 + 100 + 800) ** 0.5)


def test_a_share_of_capacity_never_looks_surer_than_it_is() -> None:
    """Both ends are rounded outwards, the estimate downwards: what is not yet full is not shown as 100 %."""
    assert Occupancy(people=1_799, low=1_701, high=1_881).share(1_800) == (99, 94, 105)
    assert Occupancy(people=1_800, low=1_800, high=1_800).share(1_800) == (100, 100, 100)


def test_a_zone_that_fills_is_full_after_its_room_divided_by_its_net_flow() -> None:
    found = time_to_capacity(SURE, 2_000, [Passed(entered=500, left=100)], 10)
    assert found.minutes == 30
    assert found.low is not None and found.high is not None and found.low < 30 < found.high


def test_a_zone_at_its_capacity_is_full_now() -> None:
    found = time_to_capacity(SURE, 800, [Passed(entered=5, left=5)], 10)
    assert (found.minutes, found.low) == (0, 0)


@pytest.mark.parametrize("flow", [(0, 0), (10, 100), (40, 40)])
def test_a_zone_that_empties_or_stays_is_not_full_within_two_hours(flow: tuple[int, int]) -> None:
    found = time_to_capacity(SURE, 3_000, [Passed(entered=flow[0], left=flow[1])], 10)
    assert found.minutes is None and found.high is None


def test_what_comes_after_two_hours_is_not_told() -> None:
    slow = Passed(entered=100, left=0)  # ten a minute
    assert time_to_capacity(SURE, 800 + 10 * HORIZON_MINUTES, [slow], 10).minutes == HORIZON_MINUTES
    assert time_to_capacity(SURE, 801 + 10 * HORIZON_MINUTES, [slow], 10).minutes is None


def test_without_a_flow_nothing_is_said() -> None:
    assert time_to_capacity(SURE, 2_000, [Passed(entered=9)], 0).minutes is None
