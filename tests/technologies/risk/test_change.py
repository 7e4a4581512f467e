"""A change over time: found where it is, single quarters are told from lasting shifts, and chance seldom passes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom
from sizes import size

from peelian.technologies.risk.measure.change import change, covariance

EVEN = np.diag(np.full(20, 0.01))
LEVEL = 0.05


def most(series: int) -> float:
    """The share of series without change that alarm, at most: chance has more of them in one trial of a thousand."""
    return float(binom.ppf(0.999, series, LEVEL)) / series


def test_a_lasting_shift_is_found_at_its_quarter() -> None:
    values = np.where(np.arange(20) < 12, 1.0, 1.3) + 0.01 * np.sin(np.arange(20))
    found = change(values, EVEN, seed=1, level=LEVEL)
    assert found.at == 12 and found.lasting and found.p < 0.001
    assert found.before < 1.02 and found.after > 1.28


def test_a_single_quarter_that_stands_out_is_no_lasting_shift() -> None:
    values = np.where(np.arange(20) == 10, 2.0, 1.0)
    found = change(values, EVEN, seed=1, level=LEVEL)
    assert not found.lasting and found.p < 0.001
    assert values[10] > found.high[10] and (values[:10] < found.high[:10]).all()


def test_larger_quarters_have_narrower_limits() -> None:
    found = change(np.ones(20), np.diag(np.where(np.arange(20) < 10, 0.01, 0.04)), seed=1, level=LEVEL)
    width = found.high - found.low
    assert width[15] > 1.5 * width[5] and found.p > 0.99


def test_a_series_without_change_seldom_alarms() -> None:
    rng, series = np.random.default_rng(3), size(160, 400)
    p = [change(1 + 0.1 * rng.standard_normal(20), EVEN, seed=i, level=LEVEL).p for i in range(series)]
    assert binom.ppf(0.001, series, LEVEL) / series <= np.mean(np.array(p) <= LEVEL) <= most(series)
    assert np.mean(p) == pytest.approx(0.5, abs=3.3 / np.sqrt(12 * series))


def test_what_would_be_found_is_found_in_eight_of_ten_series() -> None:
    rng, series = np.random.default_rng(4), size(150, 300)
    shift = change(np.ones(20), EVEN, seed=0, level=LEVEL).detectable
    later = np.where(np.arange(20) < 10, 0.0, shift)
    p = [change(later + 0.1 * rng.standard_normal(20), EVEN, seed=i, level=LEVEL).p for i in range(series)]
    assert np.mean(np.array(p) <= LEVEL) >= 0.75


def test_what_persons_add_stands_for_chance_where_they_are_there_again_and_again() -> None:
    """Persons whose figures last for quarters: as independent quarters they alarm, as persons they seldom do."""
    rng, series = np.random.default_rng(6), size(120, 300)
    alarms, blind = [], []
    for i in range(series):
        start, own = rng.integers(0, 20, 100), rng.normal(size=100)
        there = (np.arange(20) - start[:, None]) % 20 < 8
        value = there * (own[:, None] + 0.3 * rng.normal(size=(100, 20))) / there.sum(axis=0)
        variances, values = 1.09 / there.sum(axis=0), value.sum(axis=0)
        each = (value - values.mean() * there / there.sum(axis=0)).reshape(2, 50, 20).sum(axis=0)
        alarms.append(change(values, covariance(variances, each), seed=i, level=LEVEL, groups=50).p <= LEVEL)
        blind.append(change(values, np.diag(variances), seed=i, level=LEVEL).p <= LEVEL)
    assert np.mean(alarms) <= most(series) < 0.15 < np.mean(blind)


def test_one_assessment_of_each_person_leaves_the_variances_as_they_are() -> None:
    rng = np.random.default_rng(9)
    each = np.zeros((500, 6))
    each[np.arange(500), np.arange(500) % 6] = rng.normal(size=500)
    found = covariance(np.full(6, 500 / 6), each.reshape(50, 10, 6).sum(axis=1))
    assert np.diag(found) == pytest.approx(500 / 6, rel=0.15)
    assert np.abs(found - np.diag(np.diag(found))).max() < 0.3 * 500 / 6
