"""Calibration: Newton's method finds what it should, and says nan where there is nothing to find."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

from peelian.technologies.risk.measure import calibration
from peelian.technologies.risk.measure.calibration import pooled_rates, recalibrated


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(calibration).failed == 0


def test_a_group_with_a_known_shift_and_slope_gets_them_back() -> None:
    promise = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    logit = np.log(promise / (1 - promise))
    true = 1 / (1 + np.exp(-(0.4 + 0.6 * logit)))
    cells = 1e6 * np.stack([1 - true, true], axis=-1)
    found = recalibrated(cells, promise)
    assert float(found.slope) == pytest.approx(0.6, abs=1e-6)
    assert float(found.ratio) == pytest.approx(true.sum() / promise.sum(), abs=1e-9)
    assert 0 < float(found.slope_error) < 0.01


def test_many_groups_are_fitted_at_once_and_alone_alike() -> None:
    rng = np.random.default_rng(3)
    cells = rng.integers(5, 90, size=(7, 6, 2)).astype(float)
    promise = pooled_rates(cells.sum(axis=0))
    together = recalibrated(cells, promise)
    alone = [recalibrated(one, promise) for one in cells]
    assert np.allclose(together.slope, [float(r.slope) for r in alone], atol=1e-8)
    assert np.allclose(together.intercept, [float(r.intercept) for r in alone], atol=1e-8)


def test_one_class_only_or_perfect_separation_has_no_slope() -> None:
    promise = np.array([0.2, 0.8])
    assert np.isnan(recalibrated(np.array([[9.0, 0.0], [5.0, 0.0]]), promise).intercept)
    assert np.isnan(recalibrated(np.array([[9.0, 0.0], [5.0, 0.0]]), promise).slope)
    assert np.isnan(recalibrated(np.array([[9.0, 0.0], [0.0, 7.0]]), promise).slope)
    assert np.isnan(recalibrated(np.zeros((2, 2)), promise).brier)


def test_pooled_rates_have_a_logit_everywhere() -> None:
    cells = np.array([[5.0, 0.0], [0.0, 0.0], [0.0, 5.0]])
    rates = pooled_rates(cells)
    assert ((rates > 0) & (rates < 1)).all()
    assert rates[1] == 0.5
