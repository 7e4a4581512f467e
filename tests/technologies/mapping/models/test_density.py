"""Kernel density chooses its width on held-out weeks, and keeps its plane from one day to the next."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.measure.grid import square_grid
from peelian.technologies.mapping.history import History, history
from peelian.technologies.mapping.models.density import Density

GRID = square_grid(cell_metres=250.0, rows=24, cols=24)
WEEK = 168.0


def around(sigma: float, n: int, centres: int) -> History:
    chance = np.random.default_rng(1)
    middles = chance.uniform(1000, 5000, (centres, 2))
    points = np.clip(middles[chance.integers(0, centres, n)] + chance.normal(0, sigma, (n, 2)), 1, 5999)
    hours = np.sort(chance.uniform(0, 80 * WEEK, n))
    return history(GRID, (hours, points[:, 0], points[:, 1]), until_hour=80 * WEEK, from_hour=0.0)


def test_wide_clusters_want_a_wide_kernel_and_tight_ones_a_tight() -> None:
    wide, tight = (Density().fit(h, window_hours=WEEK) for h in (around(1200.0, 600, 2), around(60.0, 4000, 12)))
    assert float(wide.settings()["bandwidth_metres"]) >= 300
    assert float(tight.settings()["bandwidth_metres"]) <= 100


def test_warm_adds_only_what_is_new_and_gives_the_same_plane() -> None:
    past = around(300.0, 2000, 5)
    before = Density().fit(past.before(past.until_hour - WEEK), window_hours=WEEK)
    warm = Density().fit(past, window_hours=WEEK, start=before)
    cold = Density(bandwidths_metres=(before.bandwidth_metres,)).fit(past, window_hours=WEEK)
    assert warm.bandwidth_metres == before.bandwidth_metres
    np.testing.assert_allclose(warm.share, cold.share, rtol=1e-9)
    assert warm.share.sum() == pytest.approx(1.0)
