"""Smoothing keeps every incident in the town and agrees with the exact sum of Gaussians over points."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from scipy.special import ndtr

from peelian.measure.grid import Grid, grid_within, square_grid
from peelian.technologies.mapping.history import History, history
from peelian.technologies.mapping.models.smoothing import fine_plane, fineness, gaussian, smoothed

CHANCE = np.random.default_rng(0)
SHORE = shapely.Polygon([(0, 0), (6000, 0), (6000, 2500), (3000, 3500), (3000, 6000), (0, 6000)])


def past(grid: Grid, n: int = 400, margin: float = 0.0) -> History:
    east, north = CHANCE.uniform(margin, 6000 - margin, (2, n))
    return history(grid, (np.arange(float(n)), east, north), until_hour=n + 1.0)


@pytest.mark.parametrize("metres", [100.0, 300.0, 1000.0])
def test_no_mass_leaves_the_town(metres: float) -> None:
    grid = grid_within(SHORE, 250.0)
    made = past(grid)
    cuts = fineness(grid)
    out = smoothed(gaussian(grid, metres, cuts), fine_plane(made, cuts))
    assert out.sum() == pytest.approx(len(made), rel=1e-6) and out.min() >= 0


@pytest.mark.parametrize("metres", [100.0, 200.0, 400.0])
def test_it_is_within_one_per_cent_of_the_exact_sum(metres: float) -> None:
    grid = square_grid(cell_metres=250.0, rows=24, cols=24)
    made = past(grid, margin=4.5 * metres)  # no kernel is cut by the edge
    x, y = grid.centres()
    sides = [
        [ndtr((c[:, None] + side - p[None, :]) / metres) for side in (125.0, -125.0)]
        for c, p in ((x, made.east), (y, made.north))
    ]
    exact = ((sides[0][0] - sides[0][1]) * (sides[1][0] - sides[1][1])).sum(axis=1)
    ours = smoothed(gaussian(grid, metres, 5), fine_plane(made, 5))
    busy = exact > np.quantile(exact, 0.5)
    assert np.abs(ours - exact)[busy].max() < 0.01 * exact.max()
    assert ours[busy].sum() == pytest.approx(exact[busy].sum(), rel=0.005)


def test_a_plane_keeps_every_incident_and_its_place() -> None:
    grid = grid_within(SHORE, 250.0, (125.0, 0.0))
    made = past(grid)
    plane = fine_plane(made, 5)
    assert plane.sum() == pytest.approx(len(made)) and plane.shape == (grid.shape[0] * 5, grid.shape[1] * 5)
    inner = made.east[(made.east > 400) & (made.east < 5500)]
    only = history(grid, (np.arange(float(len(inner))), inner, np.full(len(inner), 1000.0)), until_hour=len(inner))
    middles = (np.arange(plane.shape[1]) + 0.5) * 50 + grid.first_col * 250 + 125
    assert (fine_plane(only, 5).sum(axis=0) * middles).sum() == pytest.approx(only.east.sum())


def test_large_grids_are_cut_less_finely() -> None:
    assert fineness(square_grid(cell_metres=250.0, rows=10, cols=10)) == 5
    assert fineness(square_grid(cell_metres=50.0, rows=10, cols=10)) == 1
    assert fineness(square_grid(cell_metres=250.0, rows=1000, cols=1000)) == 2
