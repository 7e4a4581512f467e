"""The bar is the plain average where there is much data, and the even spread where there is none to speak of."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.measure.grid import square_grid
from peelian.technologies.mapping.history import history
from peelian.technologies.mapping.models.base import Window
from peelian.technologies.mapping.models.long_run import LongRun

GRID = square_grid(cell_metres=250.0, rows=1, cols=4)


def test_much_data_speak_for_themselves() -> None:
    counts = np.array([4000, 1000, 3000, 2000])
    east = np.repeat(GRID.centres()[0], counts)
    hours = np.random.default_rng(0).uniform(0, 1000, len(east))
    past = history(GRID, (hours, east, np.full(len(east), 9.0)), until_hour=1000.0, from_hour=0.0)
    fitted = LongRun().fit(past, window_hours=100.0)
    expected = fitted.forecast(Window(start_hour=1000.0, hours=100.0)).expected
    np.testing.assert_allclose(expected, counts / 10, rtol=0.01)
    assert float(fitted.settings()["imagined_incidents"]) < 200


def test_the_part_of_recent_weeks_is_their_share_of_the_count() -> None:
    hours = np.arange(0.0, 5600.0, 10.0)  # 560 incidents, of which the last eight weeks hold 134
    past = history(GRID, (hours, np.full(560, 10.0), np.full(560, 10.0)), until_hour=5600.0, from_hour=0.0)
    told = LongRun().fit(past, window_hours=168.0).explain(0, Window(start_hour=5600.0, hours=168.0))
    assert told.recent_incidents == 134 and told.recent / (told.recent + told.background) == pytest.approx(
        134 / 560, rel=0.02
    )
