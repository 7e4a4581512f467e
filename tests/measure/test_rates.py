"""Rates: intervals hold their published values, their edges, and refuse impossible counts."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.measure import rates


def test_the_examples_in_the_docstrings_run() -> None:
    failed, ran = doctest.testmod(rates)
    assert ran >= 8
    assert failed == 0


@given(k=st.integers(0, 500), more=st.integers(0, 500), level=st.sampled_from([0.8, 0.95, 0.99]))
def test_every_interval_holds_its_own_share_and_stays_between_0_and_1(k: int, more: int, level: float) -> None:
    n = k + more
    low, high = rates.wilson(k, n, level)
    if n == 0:
        assert np.isnan(low)
        assert np.isnan(high)
    else:
        assert 0 <= low <= k / n <= high <= 1


def test_counts_are_broadcast_and_a_group_without_trials_gets_nan_not_an_error() -> None:
    low, high = rates.wilson([1, 0], [[4, 0], [10, 5]])
    assert low.shape == (2, 2)
    assert np.isnan(low[0, 1])
    assert np.isnan(high[0, 1])
    assert high[1, 1] > 0.3


def test_a_ratio_with_a_zero_numerator_says_that_one_end_is_unknowable() -> None:
    low, high = rates.ratio_interval([0, 5, 0], [50, 50, 50], [5, 0, 0], [50, 50, 50])
    assert low[0] == 0
    assert 0 < high[0] < 2
    assert np.isposinf(high[1])
    assert np.isnan(low[2])
    assert np.isnan(high[2])


def test_a_difference_covers_zero_when_the_shares_are_equal() -> None:
    low, high = rates.difference_interval(30, 100, 30, 100)
    assert low < 0 < high
    assert low == pytest.approx(-high)


def test_a_perfect_score_has_area_one_and_one_class_alone_has_none() -> None:
    assert float(rates.delong([0, 5], [5, 0]).value) == 1
    assert np.isnan(rates.delong([3, 5], [0, 0]).value)
    assert np.isnan(rates.delong([0, 1], [5, 4]).variance)


def test_areas_of_many_groups_come_at_once() -> None:
    area = rates.delong([[1, 2, 7], [7, 2, 1]], [[6, 3, 1], [6, 3, 1]])
    low, high = area.interval()
    assert area.value.shape == (2,)
    assert bool(np.all(low < area.value))
    assert bool(np.all(area.value < high))


@pytest.mark.parametrize("bad", [(-1, 5), (6, 5), (float("nan"), 5), (1, float("inf"))])
def test_impossible_counts_are_refused(bad: tuple[float, float]) -> None:
    with pytest.raises(InputError):
        rates.wilson(*bad)


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
def test_an_impossible_level_is_refused(level: float) -> None:
    with pytest.raises(InputError):
        rates.wilson(1, 2, level)
