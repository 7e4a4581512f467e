"""Hexagons: they tile the ground, and what is expected on squares is added up without loss."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.geometry import box
from study import study

from peelian.errors import InputError
from peelian.places import Grid, Incidents, Model, backtest

INCIDENTS = Incidents.from_frame(study(), time="when")
TOWN = gpd.GeoDataFrame(geometry=[box(500_000, 5_500_000, 504_000, 5_503_000)], crs=32632)


@pytest.mark.parametrize("rotation", [0.0, 20.0])
def test_they_tile_the_ground_and_are_cut_at_its_boundary(rotation):
    grid = Grid.within(TOWN, cell=400, shape="hexagon", rotation=rotation)
    outlines = grid.outlines()
    assert outlines.size == len(grid) == len(set(grid.frame()["cell"]))
    assert grid.area_km2.sum() == pytest.approx(12, rel=2e-3)
    assert shapely.area(shapely.union_all(outlines)) / 1e6 == pytest.approx(grid.area_km2.sum())
    assert grid.area_km2.max() == pytest.approx(0.4**2 * np.sqrt(3) / 2)
    assert "turned by 20°" in repr(grid) or not rotation


def test_what_squares_expect_is_added_up_without_loss():
    for grid in (
        Grid.within(TOWN, cell=400, shape="hexagon"),
        Grid.enclosing(INCIDENTS, cell="1200 ft", shape="hexagon"),
    ):
        each = np.asarray(grid.hexagons.weights.sum(axis=0)).ravel()
        assert each == pytest.approx(np.ones(len(grid.cells)))
        week = Model("decayed").fit(INCIDENTS, grid, until="2023-12-04").predict("2023-12-04")
        assert len(week) == len(grid) and (week["low"] <= week["high"]).all()


def test_a_small_hexagon_stands_on_squares_of_fifty_metres():
    grid = Grid.within(TOWN, cell="250 ft", shape="hexagon")
    assert grid.cells.cell_metres == 50 and grid.cell_metres == pytest.approx(76.2)


def test_a_back_test_takes_squares():
    with pytest.raises(InputError, match="squares"):
        backtest(["decayed"], INCIDENTS, grid=Grid.within(TOWN, cell=400, shape="hexagon"))
