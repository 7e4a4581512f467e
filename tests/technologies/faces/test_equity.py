"""Proves what summary measures over groups say at their ends, and that rates of zero are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.technologies.faces.measure.equity import fairness_discrepancy_rate, gini, inequity_ratio, of_both, of_rates

RATES = st.lists(st.floats(1e-7, 1.0), min_size=2, max_size=12)


@given(RATES)
def test_measures_order_and_bounds(rates):
    made = of_rates(rates)
    assert made.max_min >= made.max_geomean * (1 - 1e-9) >= 1 - 1e-8
    assert made.max_geomean >= made.max_mean * (1 - 1e-9) >= 1 - 1e-8
    assert -1e-9 <= made.gini <= 1 + 1e-9


@given(st.floats(1e-6, 0.5), st.integers(2, 9))
def test_equal_rates_are_equal_by_every_measure(rate, groups):
    made = of_rates([rate] * groups)
    assert made.named() == pytest.approx({"max/min": 1, "max/geometric mean": 1, "max/mean": 1, "Gini": 0}, abs=1e-9)
    assert fairness_discrepancy_rate([rate] * groups, [rate] * groups) == 1
    assert inequity_ratio([rate] * groups, [rate] * groups) == pytest.approx(1)


def test_fdr_hides_what_the_others_show():
    both = of_both([1e-5, 4e-4], [0.01, 0.01])
    assert both["FDR"] > 0.999
    assert both["inequity ratio"] == pytest.approx(40**0.5)


def test_one_group_that_bears_all_is_a_gini_of_nearly_one():
    assert gini([1e-9, 1e-9, 0.5]) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("rates", [[0.1], [0.0, 0.1], [float("nan"), 0.1], [0.5, 1.5], []])
def test_zero_missing_or_single_rates_are_refused(rates):
    with pytest.raises(InputError, match="fewer than two groups"):
        of_rates(rates)
