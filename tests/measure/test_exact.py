"""Proves that exact intervals and tests equal scipy's and statsmodels', fractions and edges included."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from peelian.measure.exact import at_least, at_most, clopper_pearson, fisher

COUNTS = [(0, 7), (7, 7), (1, 30), (10, 2077), (10, 3_147_436), (250, 1000)]


@pytest.mark.parametrize(("k", "n"), COUNTS)
def test_the_interval_is_statsmodels_beta_interval(k, n):
    assert np.allclose(clopper_pearson(k, n), proportion_confint(k, n, method="beta"), rtol=1e-9)


def test_fractions_lie_between_their_neighbours_and_nothing_has_no_interval():
    low, high = clopper_pearson([2, 2.5, 3], [50, 50, 50])
    assert (np.diff(low) > 0).all() and (np.diff(high) > 0).all()
    assert np.isnan(clopper_pearson(0, 0)).all()


@pytest.mark.parametrize(("k", "n"), COUNTS)
def test_tails_are_the_binomial_ones(k, n):
    for share in (0.001, 0.2, 0.9):
        assert at_most(k, n, share) == pytest.approx(stats.binom.cdf(k, n, share), abs=1e-12)
        assert at_least(k, n, share) == pytest.approx(stats.binom.sf(k - 1, n, share), abs=1e-12)


def test_fisher_is_scipys():
    rng = np.random.default_rng(4)
    for _ in range(200):
        n1, n2 = rng.integers(1, 400, 2)
        k1, k2 = rng.binomial(n1, rng.random()), rng.binomial(n2, rng.random())
        expected = stats.fisher_exact([[k1, n1 - k1], [k2, n2 - k2]]).pvalue
        assert fisher(int(k1), int(n1), int(k2), int(n2)) == pytest.approx(expected, abs=1e-9)
    assert np.isnan(fisher(0, 0, 1, 5))
