"""Whether a count is unusual: p even under no effect, intervals that cover, and a jump that is found."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.technologies.mapping.diagnostics.trend import trend_of

YEARS = np.arange(157) / 52.18


def series(mean: float, spread: float, generator: np.random.Generator) -> np.ndarray:
    """Three years of weeks with a season and a drift of 10 % a year, Poisson or more spread."""
    of = mean * np.exp(0.3 * np.sin(2 * np.pi * YEARS) + np.log(1.1) * (YEARS - YEARS[-1]))
    if spread == 1:
        return generator.poisson(of).astype(float)
    return generator.negative_binomial(of / (spread - 1), 1 / spread).astype(float)


@pytest.mark.parametrize(("mean", "spread"), [(3, 1), (20, 1), (8, 2), (40, 3)])
def test_under_no_effect_few_weeks_are_unusual_and_intervals_cover(mean, spread):
    generator = np.random.default_rng(1)
    found = [(made := series(mean, spread, generator), trend_of(made, 52.18)) for _ in range(300)]
    assert np.mean([one.p <= 0.05 for _, one in found]) <= 0.08  # 300 series: a standard error of .013
    assert np.mean([one.p <= 0.2 for _, one in found]) <= 0.26
    assert np.mean([one.low <= made[-1] <= one.high for made, one in found]) >= 0.92
    assert np.mean([one.change_low <= 1.1 <= one.change_high for _, one in found]) >= 0.92


def test_a_week_twice_as_busy_is_found():
    made = series(20, 1, np.random.default_rng(2))
    made[-1] = 2 * made[-52]
    assert trend_of(made, 52.18).p < 0.01


def test_a_short_recording_has_no_season_and_silence_is_no_error():
    found = trend_of(np.zeros(30), 52.18)
    assert found.expected < 0.01
    assert found.p == pytest.approx(1, abs=0.05)
    assert np.isnan(found.change)
