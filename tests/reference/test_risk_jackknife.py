"""The jackknife beside statsmodels: variances that allow for clusters of assessments of one person."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from peelian.technologies.risk.measure.calibration import recalibrated
from peelian.technologies.risk.measure.jackknife import logit, variance


def _clustered(people: int, each: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(person, level 0 to 4, outcome) of each assessment, alike within persons."""
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), each)
    lasting = rng.normal(size=people)[person]
    level = np.clip((2.5 + lasting + rng.normal(size=len(person))).astype(int), 0, 4)
    return person, level, (rng.random(len(person)) < 1 / (1 + np.exp(1.0 - lasting - level / 3))).astype(int)


def test_of_a_share_it_is_the_cluster_robust_variance_of_a_mean() -> None:
    person, _, outcome = _clustered(40, 25, 1)
    model = sm.OLS(outcome, np.ones(len(outcome))).fit(cov_type="cluster", cov_kwds={"groups": person})
    per = np.bincount(person, weights=outcome)
    without = (per.sum() - per) / (len(outcome) - 25)
    assert float(variance(np.array(outcome.mean()), without, np.array(40))) == pytest.approx(model.cov_params()[0, 0])


def test_of_a_logit_it_is_about_that_of_a_clustered_logistic_regression() -> None:
    person, _, outcome = _clustered(200, 10, 2)
    model = sm.GLM(outcome, np.ones(len(outcome)), family=sm.families.Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": person}
    )
    per, size = np.bincount(person, weights=outcome), np.full(200, 10.0)
    value = logit((np.array(per.sum()), np.array(2_000.0)))
    mine = variance(value, logit((per.sum() - per, 2_000.0 - size)), np.array(200))
    assert float(mine) == pytest.approx(float(model.cov_params()[0, 0]), rel=0.02)


def test_of_a_calibration_slope_it_is_about_that_of_a_clustered_logistic_regression() -> None:
    person, level, outcome = _clustered(300, 10, 3)
    promise = np.array([0.2, 0.3, 0.4, 0.5, 0.6])
    x = np.log(promise / (1 - promise))[level]
    model = sm.GLM(outcome, sm.add_constant(x), family=sm.families.Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": person}
    )
    cells = np.zeros((300, 5, 2))
    np.add.at(cells, (person, level, outcome), 1)
    whole = recalibrated(cells.sum(axis=0), promise)
    again = recalibrated(cells.sum(axis=0) - cells, promise)
    assert float(whole.slope) == pytest.approx(float(model.params[1]))
    mine = variance(np.asarray(whole.slope), again.slope, np.array(300))
    assert float(mine) == pytest.approx(float(model.cov_params()[1, 1]), rel=0.03)
