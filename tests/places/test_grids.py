"""Grids: the ground that incidents enclose is the default; areas give true areas; cells are no smaller than 50 m."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import Point, box
from study import study

from peelian.errors import InputError, NotEnoughData
from peelian.places import Grid, Incidents

INCIDENTS = Incidents.from_frame(study(), time="when")


def test_the_enclosed_ground_is_smaller_than_the_box_around_it():
    grid = Grid.enclosing(INCIDENTS)
    assert grid.is_enclosure
    assert 100 < grid.cells.total_km2 < 146
    assert "research use" in repr(grid)


def test_areas_give_their_true_size_and_a_frame_of_cells():
    areas = gpd.GeoDataFrame(geometry=[box(500_000, 5_500_000, 503_000, 5_502_000)], crs=32632)
    grid = Grid.within(areas, cell=500)
    frame = grid.frame(value=range(len(grid)))
    assert grid.cells.total_km2 == pytest.approx(6, rel=0.01)
    assert frame["area_km2"].sum() == pytest.approx(6, rel=0.01)
    assert frame.crs == "EPSG:4326"
    assert frame.to_crs(32632).area.max() == pytest.approx(250_000, rel=0.01)
    assert frame.attrs["use"] == "research use: no accuracy report"


def test_cells_in_feet_turned_by_degrees_lie_where_their_incidents_are():
    areas = gpd.GeoDataFrame(geometry=[box(500_000, 5_500_000, 504_000, 5_504_000)], crs=32632)
    grid = Grid.within(areas, cell="600 ft", rotation=30)
    frame = grid.frame().to_crs(32632)
    assert frame.area.max() == pytest.approx(182.88**2, rel=0.01)
    points = gpd.GeoSeries(gpd.points_from_xy([501_234, 503_210], [5_501_111, 5_502_999]), crs=32632).to_crs(4326)
    cells = grid.cells.locate(*grid.projection.to_metres(points.x, points.y))
    for cell, point in zip(cells, points.to_crs(32632), strict=True):
        assert frame.geometry.iloc[cell].contains(point)
    corner = frame.geometry.iloc[cells[0]].exterior.coords
    (x0, y0), (x1, y1) = corner[0], corner[1]
    turn = np.degrees(np.arctan2(y1 - y0, x1 - x0)) % 90
    assert turn == pytest.approx(30, abs=1), "UTM's north is not ours by up to a degree"


@pytest.mark.parametrize(
    "wrong", [{"cell": "600 feets"}, {"cell": "100 ft"}, {"rotation": 900}, {"rotation": "15"}, {"shape": "circle"}]
)
def test_cells_that_cannot_be_are_told(wrong):
    with pytest.raises(InputError):
        Grid.enclosing(INCIDENTS, **wrong)


def test_cells_as_small_as_a_home_are_refused():
    with pytest.raises(InputError):
        Grid.enclosing(INCIDENTS, cell=30)


@pytest.mark.parametrize(
    "areas",
    [gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1)]), gpd.GeoDataFrame(geometry=[Point(9, 50)], crs=4326), None],
    ids=["no-crs", "points", "nothing"],
)
def test_areas_that_are_none_are_told(areas):
    with pytest.raises(InputError):
        Grid.within(areas)


def test_a_few_points_enclose_nothing():
    with pytest.raises(NotEnoughData, match="enclose no ground"):
        Grid.enclosing(Incidents.from_frame(study().iloc[:3], time="when"))
