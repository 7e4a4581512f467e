"""The tests behind verdicts: equal to peers' statistics, divided by the design effect, and corrected together."""

from __future__ import annotations

import doctest
from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.proportion import proportions_ztest

from peelian.measure.table import Table
from peelian.technologies.risk.audit import verdicts as significance
from peelian.technologies.risk.audit.verdicts import (
    LEVEL,
    adjusted,
    agreement,
    agreement_of,
    area_of,
    chance_p,
    enough,
    family,
    one_df,
    rate_p,
)
from peelian.technologies.risk.measure.counts import quadrants, shares
from peelian.technologies.risk.measure.promises import promised
from peelian.technologies.risk.measure.study import Study, study
from peelian.technologies.risk.shared import Plan


@pytest.fixture
def compas(race: Table) -> Study:
    return study(race, Plan(cut=5, reference=("Caucasian",)))


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(significance).failed == 0


def test_as_many_events_as_expected_is_the_mantel_haenszel_test(compas: Study) -> None:
    """Against everyone with the same score: a group beside the rest, stratified by score."""
    node = compas.nodes.group.index("Hispanic")
    fit = agreement(compas.effective, promised(compas, probability=False), compas.effective[0])
    rest = compas.effective[0] - compas.effective[node]
    tables = [np.array([a[::-1], b[::-1]]) for a, b in zip(compas.effective[node], rest, strict=True)]
    assert fit.level[node] == pytest.approx(StratifiedTable(tables).test_null_odds().statistic)


def test_a_probability_is_tested_as_by_the_score_test_of_a_logistic_model(make_tally) -> None:
    rng = np.random.default_rng(4)
    p = np.repeat([0.1, 0.3, 0.5, 0.8], 200)
    y = rng.random(800) < p * 0.9
    cells = np.array([[(~y[p == one]).sum(), y[p == one].sum()] for one in (0.1, 0.3, 0.5, 0.8)], dtype=float)
    fit = agreement(cells, np.array([0.1, 0.3, 0.5, 0.8]))
    x = np.log(p / (1 - p))
    design = sm.add_constant(x)
    model = sm.Logit(y.astype(float), design, offset=x)
    score, information = model.score(np.zeros(2)), -model.hessian(np.zeros(2))
    expected = float(score @ np.linalg.solve(information, score))
    assert float(fit.level + fit.slope) == pytest.approx(expected)
    assert float(fit.p) == pytest.approx(stats.chi2.sf(expected, 2))
    ratio = 2 * (model.fit(disp=0).llf - model.loglike(np.zeros(2)))
    assert float(fit.level + fit.slope) == pytest.approx(ratio, rel=0.1), "as the likelihood ratio in large samples"


def test_scores_that_all_promise_the_same_have_no_slope() -> None:
    cells = np.array([[[30.0, 10.0], [60.0, 20.0]], [[60.0, 20.0], [30.0, 10.0]]])
    fit = agreement(cells, np.array([0.25, 0.25]), cells.sum(axis=0))
    assert np.isnan(fit.slope).all() and np.allclose(fit.p, one_df(fit.level))


def test_a_probability_of_0_or_1_is_not_refuted_by_a_rounding() -> None:
    cells = np.array([[999.0, 1.0], [500.0, 500.0]])
    assert float(agreement(cells, np.array([0.0, 0.5])).p) > 0.05
    assert float(agreement(np.array([[950.0, 50.0], [500.0, 500.0]]), np.array([0.0, 0.5])).p) < 1e-9


def test_chance_is_tested_as_by_mann_and_whitney_in_a_score_without_information(make_tally) -> None:
    rng = np.random.default_rng(5)
    score, y = rng.integers(1, 6, 300), rng.random(300) < 0.4
    rows = [(s, o, int(((score == s) & (y == o)).sum())) for s in range(1, 6) for o in (0, 1)]
    found = study(make_tally(rows), Plan(cut=3))
    peer = stats.mannwhitneyu(score[y], score[~y], use_continuity=False, method="asymptotic").pvalue
    mine = float(chance_p(found, area_of(found))[0])
    assert mine >= peer * 0.999 and mine == pytest.approx(peer, abs=0.02)


def test_rates_are_compared_by_the_pooled_z_test(compas: Study) -> None:
    a, b = (compas.nodes.group.index(g) for g in ("African-American", "Caucasian"))
    for metric in ("fpr", "fnr", "ppv", "base_rate"):
        num, den = shares(quadrants(compas.people, compas.place))[metric]
        peer = proportions_ztest([num[a], num[b]], [den[a], den[b]])[1]
        assert rate_p(compas, metric)[a] == pytest.approx(peer, rel=1e-6, abs=1e-300)


def test_repeated_assessments_weaken_every_test(compas: Study) -> None:
    """A design effect of 4 is a quarter of the people: squares fall to a quarter, standard errors double."""
    size = len(compas.nodes.group)
    wide = replace(compas, design_effect=np.full(size, 4.0))
    promise = promised(compas, probability=False)
    fits = [agreement_of(one, promise, probability=False) for one in (compas, wide)]
    assert np.allclose(fits[0].level[1:], 4 * fits[1].level[1:]) and np.allclose(
        fits[0].slope[1:], 4 * fits[1].slope[1:]
    )
    assert np.allclose(4 * area_of(compas).variance, area_of(wide).variance)
    node = compas.nodes.group.index("African-American")
    for p in (lambda s: chance_p(s, area_of(s)), lambda s: rate_p(s, "ppv")):
        z = [abs(stats.norm.ppf(p(one)[node] / 2)) if p(one)[node] > 0 else np.inf for one in (compas, wide)]
        assert z[0] == pytest.approx(2 * z[1]) or z[0] == np.inf


def test_a_group_is_validated_by_its_persons_not_by_their_assessments(compas: Study) -> None:
    few = np.stack([compas.size - compas.events, compas.events], axis=1)
    few[compas.nodes.group.index("African-American")] = 99, 1_000
    assert enough(compas, 100).sum() == enough(replace(compas, persons=few), 100).sum() + 1


def test_only_validated_groups_are_tested_and_everyone_against_a_rank_score_is_not(compas: Study) -> None:
    validated = enough(compas, 100)
    fit = agreement_of(compas, promised(compas, probability=False), probability=False)
    found = family(compas, validated, area_of(compas), fit, everyone=False)
    assert not np.isfinite(found["calibration"][0]) and np.isfinite(found["calibration"][validated][1:]).all()
    assert all(np.isnan(values[~validated]).all() for values in found.values())
    assert np.isnan(found["fpr"][compas.nodes.group.index("Caucasian")]), "a reference is not compared with itself"
    own = agreement(compas.effective, np.linspace(0.2, 0.8, 10))
    assert np.isfinite(family(compas, validated, area_of(compas), own, everyone=True)["calibration"][0])


def test_all_kinds_are_corrected_together_and_everyones_discrimination_comes_first() -> None:
    tests = {"discrimination": np.array([0.015, 0.5]), "calibration": np.array([np.nan, 0.009]), "leakage": np.empty(0)}
    found = adjusted(tests)
    assert found["discrimination"][0] == pytest.approx(0.0225) and found["discrimination"][0] <= LEVEL
    assert found["calibration"][1] == pytest.approx(0.0225), "what the first leaves passes on: 2 tests, not 3"
    assert np.isnan(found["calibration"][0]) and found["leakage"].shape == (0,)
