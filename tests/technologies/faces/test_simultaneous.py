"""Proves that intervals of summary measures hold their estimate, hold 1 for equal groups, and are the widest range."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peelian.technologies.faces.measure.equity import (
    GINI,
    MAX_GEOMEAN,
    MAX_MEAN,
    MAX_MIN,
    deviations,
    gini,
    of_rates,
    projected,
    together,
)

RATES = st.lists(st.floats(1e-4, 0.3), min_size=2, max_size=9)


@settings(max_examples=40, deadline=None)
@given(RATES, st.floats(1e-3, 0.2))
def test_the_estimate_always_lies_inside(rates, relative):
    values = np.array(rates)
    made = projected(deviations(values, np.full(len(values), relative), 60))
    named = of_rates(values).named()
    for measure in (MAX_GEOMEAN, MAX_MIN, MAX_MEAN, GINI):
        low, high = made[measure]
        assert low <= named[measure] * (1 + 1e-9) + 1e-12 and named[measure] <= high * (1 + 1e-9) + 1e-12


def test_the_ranges_are_those_of_the_box_of_intervals():
    """Against a search: no rates within the intervals give a value outside, and some come near both ends."""
    one = deviations(np.array([0.01, 0.02, 0.04]), np.array([0.02, 0.01, 0.02]), 100)
    made, rng = projected(one), np.random.default_rng(1)
    drawn = np.exp(one.low + (one.high - one.low) * rng.integers(0, 9, (60_000, 3)) / 8)
    tops = drawn.max(axis=1)
    found = {
        MAX_MIN: tops / drawn.min(axis=1),
        MAX_MEAN: tops / drawn.mean(axis=1),
        GINI: np.array([gini(row / 100) for row in drawn[:4000]]),
    }
    for measure, values in found.items():
        low, high = made[measure]
        assert values.min() >= low - 1e-9 and values.max() <= high + 1e-9
        assert values.max() > 0.9 * high
        assert values.min() < 1.1 * low + 0.02


def test_equal_groups_hold_one_and_a_wide_gap_does_not():
    equal = projected(deviations(np.full(8, 0.01), np.full(8, 0.02), 100))
    assert equal[MAX_GEOMEAN][0] == equal[MAX_MIN][0] == 1.0
    apart = projected(deviations(np.array([0.04, *[0.01] * 7]), np.full(8, 0.01), 100))
    assert apart[MAX_GEOMEAN][0] > 1.5


def test_fewer_subjects_widen_every_interval():
    few, many = (deviations(np.array([0.01, 0.02]), np.full(2, 0.02), n) for n in (12, 500))
    assert (few.high - few.low > many.high - many.low).all()
    # With two groups both deviations are one number: the reach is t's own, scipy.stats.t.ppf(0.9875, 11) = 2.593.
    assert few.high[0] - few.value[0] == pytest.approx(2.593 * np.sqrt(0.02 / 2), rel=0.03)


def test_measures_of_both_rates_join_their_ranges():
    first, second = {GINI: (0.1, 0.3), MAX_MIN: (1.0, 4.0)}, {GINI: (0.0, 0.1), MAX_MIN: (1.0, 9.0)}
    assert together(first, second) == {"GARBE": (0.05, 0.2), "inequity ratio": (1.0, 6.0)}
