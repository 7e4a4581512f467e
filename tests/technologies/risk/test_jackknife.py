"""Jackknife: variances are those of the textbook, intervals symmetric on their scale, rare counts uncertain."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from scipy import stats

from peelian.measure.rates import wilson
from peelian.technologies.risk.measure import jackknife
from peelian.technologies.risk.measure.jackknife import (
    LOG,
    difference_of_shares,
    interval,
    members,
    p_value,
    ratio_of_shares,
    share_interval,
    variance,
)

RNG = np.random.default_rng(5)


def _share(num: np.ndarray, den: np.ndarray):  # type: ignore[no-untyped-def]
    """A share of one node and its counts without each group."""
    full = np.array([num.sum()], dtype=float), np.array([den.sum()], dtype=float)
    return full, (full[0] - num[:, None], full[1] - den[:, None])


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(jackknife).failed == 0


def test_of_single_values_it_is_the_t_interval_of_the_mean() -> None:
    x = RNG.normal(size=12)
    without = (x.sum() - x) / 11
    low, high = interval(np.array(x.mean()), without, np.array(12), level=0.9)
    ends = stats.t.interval(0.9, 11, loc=x.mean(), scale=stats.sem(x))
    assert (float(low), float(high)) == pytest.approx(ends)
    p = p_value(np.array(x.mean()), variance(np.array(x.mean()), without, np.array(12)), np.array(12))
    assert float(p) == pytest.approx(stats.ttest_1samp(x, 0).pvalue)


def test_a_ratio_is_symmetric_on_the_log_scale() -> None:
    low, high = interval(np.array(2.0), np.array([1.8, 2.2, 2.1]), np.array(3), level=0.95, scale=LOG)
    assert float(low * high) == pytest.approx(4.0)


def test_independent_groups_give_about_the_formula_for_rows() -> None:
    den = np.full(50, 200.0)
    num = RNG.binomial(200, 0.3, 50).astype(float)
    full, left = _share(num, den)
    mine, formula = share_interval(full, left, 0.95), wilson(full[0], full[1])
    width = float((mine[1] - mine[0])[0] / (formula[1] - formula[0])[0])
    assert 0.75 < width < 1.35


def test_groups_that_do_not_count_change_nothing() -> None:
    num, den = np.array([3.0, 5, 2, 6]), np.array([10.0, 12, 9, 11])
    with_others = np.append(num, np.zeros(46)), np.append(den, np.zeros(46))
    few, many = share_interval(*_share(num, den), 0.95), share_interval(*_share(*with_others), 0.95)
    assert few[0] == pytest.approx(many[0])
    assert few[1] == pytest.approx(many[1])
    full, left = _share(*with_others)
    assert members(full[1], left[1]).tolist() == [4]


@pytest.mark.parametrize("k", [0, 1])
def test_a_share_of_none_or_all_counts_groups_not_rows(k: int) -> None:
    den = np.full(20, 100.0)
    low, high = share_interval(*_share(k * den, den), 0.95)
    ends = wilson(20 * k, 20)
    assert (float(low[0]), float(high[0])) == pytest.approx((float(ends[0]), float(ends[1])))


def test_errors_of_one_group_alone_are_very_uncertain() -> None:
    num = np.zeros(40)
    num[3] = 20
    low, high = share_interval(*_share(num, np.full(40, 20.0)), 0.95)
    assert float(low[0]) < 0.002
    assert float(high[0]) > 0.3


def test_one_group_gives_no_interval() -> None:
    low, high = share_interval(*_share(np.array([4.0]), np.array([9.0])), 0.95)
    assert np.isnan(low).all() and np.isnan(high).all()


def test_ratios_and_differences_turn_around_with_their_groups() -> None:
    one = _share(RNG.binomial(30, 0.4, 50).astype(float), np.full(50, 30.0))
    two = _share(RNG.binomial(30, 0.2, 50).astype(float), np.full(50, 30.0))
    low, high = ratio_of_shares(one, two, 0.95)
    back = ratio_of_shares(two, one, 0.95)
    assert (1 / float(back[1][0]), 1 / float(back[0][0])) == pytest.approx((float(low[0]), float(high[0])))
    assert low[0] < 2 < high[0]
    low, high = difference_of_shares(one, two, 0.95)
    back = difference_of_shares(two, one, 0.95)
    assert (-float(back[1][0]), -float(back[0][0])) == pytest.approx((float(low[0]), float(high[0])))
    assert low[0] < 0.2 < high[0]


def test_a_ratio_to_nothing_has_no_upper_end() -> None:
    some, none = _share(np.full(30, 2.0), np.full(30, 10.0)), _share(np.zeros(30), np.full(30, 10.0))
    low, high = ratio_of_shares(some, none, 0.95)
    assert np.isfinite(low[0]) and high[0] == np.inf
