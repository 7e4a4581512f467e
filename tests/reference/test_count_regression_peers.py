"""Poisson and negative binomial score cards against statsmodels, to five digits."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.technologies.mapping.kernels.count_regression import fit_counts

sm = pytest.importorskip("statsmodels.api", reason="the extra `models` is not installed")


def made(spread: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    chance = np.random.default_rng(4)
    columns = chance.normal(size=(1500, 3))
    offset = np.log(chance.uniform(0.5, 2, 1500))
    mean = np.exp(-0.5 + columns @ [0.4, -0.2, 0.1] + offset)
    return columns, chance.poisson(mean * (chance.gamma(1.5, 1 / 1.5, 1500) if spread else 1.0)).astype(float), offset


def test_poisson_slopes_errors_and_likelihood() -> None:
    columns, counts, offset = made(False)
    ours = fit_counts(columns, counts, offset, (0, 1, 2))
    theirs = sm.GLM(counts, sm.add_constant(columns), family=sm.families.Poisson(), offset=offset).fit()
    assert [ours.intercept, *ours.slopes] == pytest.approx(theirs.params, rel=1e-5)
    assert ours.error == pytest.approx(theirs.bse[1:], rel=1e-4)
    assert ours.log_likelihood == pytest.approx(theirs.llf, rel=1e-8)


def test_negative_binomial_slopes_shape_and_likelihood() -> None:
    columns, counts, offset = made(True)
    ours = fit_counts(columns, counts, offset, (0, 1, 2), negative_binomial=True)
    theirs = sm.NegativeBinomial(counts, sm.add_constant(columns), offset=offset).fit(disp=False)
    assert [ours.intercept, *ours.slopes] == pytest.approx(theirs.params[:-1], abs=2e-4)
    assert ours.shape == pytest.approx(1 / theirs.params[-1], rel=1e-3)
    assert ours.log_likelihood == pytest.approx(theirs.llf, rel=1e-7)
