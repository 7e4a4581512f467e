"""Paired differences and strata against plain loops, scipy, scikit-learn and statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
import scipy

from peelian.measure.multiplicity import holm
from peelian.measure.rates import delong
from peelian.technologies.risk.measure.paired import area_difference, mid_p, tango
from peelian.technologies.risk.measure.stratified import at_equal_score


def components(score: list[float], outcome: list[int]) -> tuple[float, list[float], list[float]]:
    """The area and the structural components of DeLong and others 1988, their equations 3 and 4, pair by pair."""
    events, others = ([s for s, o in zip(score, outcome, strict=True) if o == k] for k in (1, 0))
    psi = [[1.0 if x > y else 0.5 if x == y else 0.0 for y in others] for x in events]
    v10 = [sum(row) / len(others) for row in psi]
    v01 = [sum(row[j] for row in psi) / len(events) for j in range(len(others))]
    return sum(v10) / len(events), v10, v01


def covariance(first: list[float], second: list[float]) -> float:
    means = sum(first) / len(first), sum(second) / len(second)
    return sum((a - means[0]) * (b - means[1]) for a, b in zip(first, second, strict=True)) / (len(first) - 1)


@pytest.mark.parametrize("people", [12, 49, 200])
def test_paired_areas_are_those_of_the_structural_components(people: int) -> None:
    """DeLong, DeLong, Clarke-Pearson 1988, equation 5, in loops over pairs of people; areas also by scikit-learn."""
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")
    rng = np.random.default_rng(people)
    outcome = np.arange(people) % 3 == 0
    first, second = (np.round(2 * rng.normal(size=people) + outcome) for _ in range(2))  # with ties
    parts = [components(score.tolist(), outcome.astype(int).tolist()) for score in (first, second)]
    found = area_difference(first, second, np.stack([~outcome, outcome], axis=1).astype(float))
    assert (found.first, found.second) == (pytest.approx(parts[0][0]), pytest.approx(parts[1][0]))
    assert found.first == pytest.approx(metrics.roc_auc_score(outcome, first))
    s = [[sum(covariance(a[k], b[k]) / len(a[k]) for k in (1, 2)) for b in parts] for a in parts]
    variance = s[0][0] + s[1][1] - 2 * s[0][1]
    assert found.error == pytest.approx(np.sqrt(variance))
    assert found.p == pytest.approx(2 * scipy.stats.norm.sf(abs(parts[1][0] - parts[0][0]) / np.sqrt(variance)))
    own = delong(*(np.bincount((first + 20).astype(int), weights=w) for w in (outcome, ~outcome)))
    assert float(own.variance) == pytest.approx(s[0][0])


def test_areas_by_persons_are_those_of_obuchowski() -> None:
    """Obuchowski 1997, her equation for S10, S01 and S11 of clusters, in loops; clusters hold both outcomes."""
    rng = np.random.default_rng(8)
    outcome, person = rng.random(240) < 0.4, np.arange(240) % 40
    first, second = (np.round(rng.normal(size=40)[person] + rng.normal(size=240) + outcome) for _ in range(2))
    parts = [components(score.tolist(), outcome.astype(int).tolist()) for score in (first, second)]
    total = 0.0
    m, n = len(parts[0][1]), len(parts[0][2])
    for cluster in range(40):
        own = 0.0
        for k, value, size in ((1, True, m), (2, False, n)):
            where = person[outcome == value]
            gaps = [b - a for a, b in zip(parts[0][k], parts[1][k], strict=True)]
            mean = sum(gaps) / size
            own += sum(gap - mean for gap, p in zip(gaps, where.tolist(), strict=True) if p == cluster) / size
        total += own**2
    found = area_difference(first, second, np.stack([~outcome, outcome], axis=1).astype(float), person)
    assert found.error == pytest.approx(np.sqrt(total * 40 / 39), rel=0.01) and found.groups == 40


@pytest.mark.parametrize(("b", "c", "n"), [(1, 7, 21), (16, 8, 86), (3, 2, 400)])
def test_tango_s_interval_ends_where_the_score_test_rejects(b: int, c: int, n: int) -> None:
    """The likelihood under each end is maximized by scipy; there the score statistic is the normal quantile."""
    for end, sign in zip(tango(b, c, n), (1, -1), strict=True):
        lowest, highest = max(0.0, -end), (1 - end) / 2  # of the share of c; that of b is `end` larger

        def unlikely(share: float, end: float = end) -> float:
            cells = ((b, share + end), (c, share), (n - b - c, 1 - 2 * share - end))
            return -sum(k * np.log(max(p, 1e-300)) for k, p in cells if k)

        found = scipy.optimize.minimize_scalar(
            unlikely, bounds=(lowest, highest), method="bounded", options={"xatol": 1e-12}
        )
        spread = n * (2 * found.x + end - end**2)
        assert (b - c - n * end) / np.sqrt(spread) == pytest.approx(sign * scipy.stats.norm.ppf(0.975), abs=1e-4)


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
