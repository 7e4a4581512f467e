"""Rates against other people's arithmetic: scipy, statsmodels and a pairwise AUC."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from peelian.measure import rates


def test_wilson_agrees_with_scipy() -> None:
    for k, n in [(0, 7), (3, 10), (805, 1795), (29, 30), (12, 12)]:
        theirs = stats.binomtest(k, n).proportion_ci(0.95, method="wilson")
        assert np.allclose(rates.wilson(k, n), (theirs.low, theirs.high), atol=1e-10)


def test_differences_and_ratios_agree_with_statsmodels() -> None:
    sm = pytest.importorskip("statsmodels.stats.proportion", reason="statsmodels (extra models) is not installed")
    for counts in [(56, 70, 48, 80), (9, 10, 3, 10), (805, 1795, 349, 1488)]:
        theirs = sm.confint_proportions_2indep(*counts, compare="diff", method="newcomb")
        assert np.allclose(rates.difference_interval(*counts), theirs, atol=1e-9)
        theirs = sm.confint_proportions_2indep(*counts, compare="ratio", method="log")
        assert np.allclose(rates.ratio_interval(*counts), theirs, atol=1e-9)


def test_poisson_agrees_with_the_chi_square_form() -> None:
    for k in (1, 5, 44):
        theirs = stats.chi2.ppf([0.025], 2 * k)[0] / 2, stats.chi2.ppf([0.975], 2 * k + 2)[0] / 2
        assert np.allclose(rates.poisson_interval(k), theirs)


def test_delong_agrees_with_the_pairwise_definition() -> None:
    rng = np.random.default_rng(5)
    events, others = rng.integers(2, 11, 40), rng.integers(0, 9, 70)
    wins = (events[:, None] > others) + 0.5 * (events[:, None] == others)
    variance = wins.mean(1).var(ddof=1) / 40 + wins.mean(0).var(ddof=1) / 70
    area = rates.delong(np.bincount(events, minlength=11), np.bincount(others, minlength=11))
    assert float(area.value) == pytest.approx(wins.mean(), abs=1e-12)
    assert float(area.variance) == pytest.approx(variance, abs=1e-12)
