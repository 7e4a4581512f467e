"""Weighted displacement as in its paper and its authors' R package; synthetic weights as another solver finds them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from peelian.technologies.mapping.before_after import synthetic_weights, weighted_displacement


def test_weighted_displacement_is_that_of_wheeler_and_ratcliffe_2018():
    # the paper's example, as in the tests of ptools 2.0.0 (CRAN)
    found = weighted_displacement((207, 110), (308, 318), (178, 157), (150, 140))
    assert found.value == -118
    assert (round(found.low), round(found.high)) == (-196, -40)
    assert (found.high - found.low) / (2 * 1.959963984540054) == pytest.approx(np.sqrt(1568))


def test_periods_of_two_years_and_one_weigh_as_in_ptools():
    found = weighted_displacement((80, 20), (100, 50), length=0.5)
    assert found.value == -20
    assert (found.high - found.low) / (2 * 1.959963984540054) == pytest.approx(np.sqrt(115))


def test_synthetic_weights_are_those_of_sequential_quadratic_programming():
    generator = np.random.default_rng(8)
    donors = generator.gamma(3, 4, (12, 16))
    treated = donors[:4].mean(axis=0) + generator.normal(0, 1, 16)
    found = synthetic_weights(treated, donors)
    other = minimize(
        lambda w: ((treated - w @ donors) ** 2).sum(),
        np.full(12, 1 / 12),
        bounds=[(0, 1)] * 12,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        method="SLSQP",
        options={"ftol": 1e-12, "maxiter": 2_000},
    )
    assert found == pytest.approx(other.x, abs=2e-3)
    assert ((treated - found @ donors) ** 2).sum() <= other.fun * (1 + 1e-6)
