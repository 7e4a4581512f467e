"""Paired differences and strata against published figures and statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
import scipy

from peelian.measure.multiplicity import holm
from peelian.measure.rates import delong
from peelian.technologies.risk.paired import area_difference, mid_p, tango
from peelian.technologies.risk.stratified import at_equal_score

OVARIAN = """
3.0 5.8 10 0  3.2 6.3 5 1  3.9 6.8 3 1  2.8 4.8 6 0  3.2 5.8 3 1  0.9 4.0 5 0  2.5 5.7 8 0  1.6 5.6 5 1  3.8 5.7 5 1
3.7 6.7 6 1  3.2 5.4 4 1  3.8 6.6 6 1  4.1 6.6 5 1  3.6 5.7 5 1  4.3 7.0 4 1  3.6 6.7 4 0  2.3 4.4 6 1  4.2 7.6 4 0
4.0 6.6 6 0  3.5 5.8 6 1  3.8 6.8 7 1  3.0 4.7 8 0  4.5 7.4 5 1  3.7 7.4 5 1  3.1 6.6 6 1  4.1 8.2 6 1  4.3 7.0 5 1
4.3 6.5 4 1  3.2 5.1 5 1  2.6 4.7 6 1  3.3 6.8 6 0  1.7 4.0 7 0  3.7 6.1 5 1  3.3 6.3 7 1  4.2 7.7 6 1  3.5 6.2 5 1
2.9 5.7 9 0  2.1 4.8 7 1  2.8 6.2 8 0  4.0 7.0 7 1  3.3 5.7 6 1  3.7 6.9 5 1  3.6 6.6 5 1
"""
"""Albumin, total protein, K-G score, benefit of surgery: DeLong and others 1988, their 43 whole cases."""


@pytest.mark.parametrize(
    ("test", "area", "error", "difference", "difference_error", "chi_square"),
    # Data and analysis: SAS/STAT user's guide, PROC LOGISTIC, Comparing Receiver Operating Characteristic Curves. Its
    # table of results could not be read here; the figures are remembered from it.
    [(0, 0.7366, 0.0927, 0.0108, 0.0953, 0.0127), (1, 0.6478, 0.1000, -0.0780, 0.1046, 0.5554)],
)
def test_paired_areas_are_those_of_the_paper_s_data(
    test: int, area: float, error: float, difference: float, difference_error: float, chi_square: float
) -> None:
    data = np.array(OVARIAN.split(), dtype=float).reshape(-1, 4)
    found = area_difference(10 - data[:, 2], data[:, test], np.stack([1 - data[:, 3], data[:, 3]], axis=1))
    assert (found.first, found.second) == (pytest.approx(0.7258, abs=5e-5), pytest.approx(area, abs=5e-5))
    assert found.value == pytest.approx(difference, abs=5e-5)
    assert found.error == pytest.approx(difference_error, abs=5e-5)
    assert (found.value / found.error) ** 2 == pytest.approx(chi_square, abs=5e-5)
    own = delong(*(np.bincount((data[:, test] * 10).astype(int), weights=w) for w in (data[:, 3], 1 - data[:, 3])))
    assert np.sqrt(float(own.variance)) == pytest.approx(error, abs=5e-5)


@pytest.mark.parametrize(
    ("b", "c", "n", "low", "high"),
    # Fagerland, Lydersen, Laake 2014, table II (Tango's interval); Agresti, Min 2005.
    [(1, 7, 21, -0.517, -0.026), (16, 8, 86, -0.020, 0.207)],
)
def test_tango_s_interval_is_the_published_one(b: int, c: int, n: int, low: float, high: float) -> None:
    assert tango(b, c, n) == (pytest.approx(low, abs=5e-4), pytest.approx(high, abs=5e-4))


@pytest.mark.parametrize(("b", "c"), [(3, 12), (0, 6), (40, 61)])
def test_mcnemar_agrees_with_statsmodels(b: int, c: int) -> None:
    tables = pytest.importorskip("statsmodels.stats.contingency_tables", reason="statsmodels is not installed")
    exact = tables.mcnemar([[0, b], [c, 0]], exact=True).pvalue
    assert mid_p(b, c) == pytest.approx(exact - scipy.stats.binom.pmf(min(b, c), b + c, 0.5), abs=1e-12)
    plain = tables.mcnemar([[0, b], [c, 0]], exact=False, correction=False).statistic
    level = float(scipy.special.chdtr(1, plain))  # the interval at this level just touches 0
    assert max(tango(b, c, 200, level), key=lambda end: -abs(end)) == pytest.approx(0, abs=1e-9)


def test_strata_agree_with_cochran_mantel_haenszel_of_statsmodels() -> None:
    tables = pytest.importorskip("statsmodels.stats.contingency_tables", reason="statsmodels is not installed")
    rng = np.random.default_rng(3)
    group = rng.integers(1, 20, (6, 2)).astype(float)
    everyone = group + rng.integers(1, 30, (6, 2))
    strata = [[[g[1], g[0]], [e[1] - g[1], e[0] - g[0]]] for g, e in zip(group, everyone, strict=True)]
    theirs = tables.StratifiedTable([np.array(one) for one in strata]).test_null_odds(correction=False)
    ours = at_equal_score(group, everyone)
    assert float(ours.z) ** 2 == pytest.approx(theirs.statistic, rel=1e-12)
    assert float(ours.p) == pytest.approx(theirs.pvalue, rel=1e-10)


def test_holm_agrees_with_statsmodels() -> None:
    multitest = pytest.importorskip("statsmodels.stats.multitest", reason="statsmodels is not installed")
    p = np.random.default_rng(4).random(30) ** 3
    assert holm(p).tolist() == pytest.approx(multitest.multipletests(p, method="holm")[1].tolist(), abs=1e-12)
