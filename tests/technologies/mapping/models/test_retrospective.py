"""The analyst's map sees only its last days, and fades as it is told."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.measure.grid import square_grid
from peelian.technologies.mapping.history import history
from peelian.technologies.mapping.models.retrospective import Retrospective, raster_of

GRID = square_grid(cell_metres=250.0, rows=8, cols=8, first_row=-4, first_col=2)
DAY = 24.0


def fitted(ages_days: list[float], east: list[float], **settings: object) -> np.ndarray:
    hours = 400 * DAY - np.array(ages_days) * DAY
    past = history(GRID, (hours, np.array(east), np.zeros(len(east))), until_hour=400 * DAY, from_hour=0.0)
    model = Retrospective(bandwidths_metres=(500.0,), **settings)  # type: ignore[arg-type]
    return model.fit(past, window_hours=168.0).share


def test_incidents_older_than_sixty_days_do_not_count() -> None:
    share = fitted([100.0, 30.0], [600.0, 2300.0])
    left, right = GRID.locate(np.array([600.0, 2300.0]), np.zeros(2))
    assert share[right] > share[left]
    assert share[left] == pytest.approx(share.min())


def test_a_fading_memory_prefers_the_newer_of_two() -> None:
    cells = GRID.locate(np.array([600.0, 2300.0]), np.zeros(2))
    even = fitted([50.0, 5.0], [625.0, 2375.0])[cells]
    fading = fitted([50.0, 5.0], [625.0, 2375.0], memory="linear")[cells]
    assert even[0] == pytest.approx(even[1])
    assert fading[1] > 3 * fading[0]


def test_the_raster_is_the_grid() -> None:
    past = history(GRID, (np.ones(1), np.array([600.0]), np.zeros(1)), until_hour=9.0)
    assert raster_of(past) == (500.0, -1000.0, 250.0, 8, 8)
