"""The even spread knows the level and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from peelian.measure.grid import grid_within
from peelian.technologies.mapping.history import history
from peelian.technologies.mapping.models.base import Window
from peelian.technologies.mapping.models.uniform import Uniform


def test_cells_cut_by_the_boundary_expect_less() -> None:
    grid = grid_within(shapely.box(0, 0, 375, 250), 250.0)
    past = history(grid, (np.arange(100.0), np.full(100, 10.0), np.full(100, 10.0)), until_hour=100.0)
    made = Uniform().fit(past, window_hours=24.0).forecast(Window(start_hour=100.0, hours=24.0))
    assert made.expected.tolist() == pytest.approx([16.0, 8.0])
