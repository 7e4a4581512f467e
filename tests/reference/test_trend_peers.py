"""The regression behind trends is statsmodels' Poisson GLM with its dispersion by Pearson's chi-square."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from peelian.technologies.mapping.diagnostics.trend import trend_of


def test_means_drift_and_dispersion_are_those_of_statsmodels():
    years = (np.arange(200) - 199) / 52.18
    generator = np.random.default_rng(3)
    counts = generator.negative_binomial(9 * np.exp(0.2 * years + 0.3 * np.cos(2 * np.pi * years)), 0.5).astype(float)
    found = trend_of(counts, 52.18)
    causes = np.stack([np.ones(200), years, np.sin(2 * np.pi * years), np.cos(2 * np.pi * years)], axis=1)
    fit = sm.GLM(counts[:-1], causes[:-1], family=sm.families.Poisson()).fit(scale="X2")
    assert found.fitted[:-1] == pytest.approx(fit.fittedvalues, rel=1e-5)
    assert found.spread == pytest.approx(fit.scale, rel=1e-5)
    assert (found.change_low, found.change_high) == pytest.approx(tuple(np.exp(fit.conf_int()[1])), rel=1e-4)
