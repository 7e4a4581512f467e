"""Lum & Isaac 2016 (Significance): their Oakland forecast was in effect a map of the last 180 days' counts.

Records whose places persist but that do not excite one another give θ ≈ 0: the self-exciting grid model then names the
places that counting names, and so names whatever the records name.
"""

from __future__ import annotations

import numpy as np
import pytest

from peelian.measure.grid import square_grid
from peelian.technologies.mapping.history import History, history
from peelian.technologies.mapping.models import MODELS
from peelian.technologies.mapping.models.base import Window

DAYS = 180.0
GRID = square_grid(cell_metres=150.0, rows=40, cols=40)


def drug_records(seed: int) -> History:
    """180 days of records in places that differ a lot and do not change: a Poisson process in each cell."""
    chance = np.random.default_rng(seed)
    rate = chance.gamma(0.3, 1.0, len(GRID))
    counts = chance.poisson(2500 * rate / rate.sum())
    cell = np.repeat(np.arange(len(GRID)), counts)
    hour = np.sort(chance.uniform(0, DAYS * 24, len(cell)))
    order = chance.permutation(len(cell))
    east, north = (middle[cell][order] for middle in GRID.centres())
    return history(GRID, (hour, east, north), until_hour=DAYS * 24, from_hour=0.0)


@pytest.mark.parametrize("seed", [1, 2])
def test_without_excitation_it_is_a_count_map(seed: int) -> None:
    past = drug_records(seed)
    fitted = MODELS["self_exciting_grid"].fit(past, window_hours=24.0)
    assert float(fitted.settings()["theta"]) < 0.05
    expected = fitted.forecast(Window(start_hour=DAYS * 24, hours=24.0)).expected
    counts = past.counts()
    best = np.argsort(-counts, kind="stable")[: len(GRID) // 50]
    named = np.argsort(-expected, kind="stable")[: len(GRID) // 50]
    assert len(np.intersect1d(best, named)) >= 0.9 * len(best)
    assert np.corrcoef(expected, counts)[0, 1] > 0.98
