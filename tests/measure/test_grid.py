"""Cells have stable names and true areas; points find their cell; strays and slips of units are caught, not gridded."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.measure.grid import Grid, grid_of, grid_within, offset_grids, reach_boundary, square_grid, strays

TOWN = shapely.Polygon([(-900, -300), (1300, -500), (1500, 900), (200, 1600), (-1000, 700)])
HOLED = TOWN.difference(shapely.box(0, 0, 600, 600))


@pytest.mark.parametrize("boundary", [TOWN, HOLED, shapely.MultiPolygon([TOWN, shapely.box(5000, 0, 5100, 100)])])
@pytest.mark.parametrize("metres", [100.0, 250.0, 333.0])
def test_areas_inside_sum_to_the_boundary(boundary: shapely.Geometry, metres: float) -> None:
    for grid in offset_grids(boundary, metres):
        assert grid.total_km2 == pytest.approx(boundary.area / 1e6, rel=1e-3)
        assert (grid.share_inside > 0).all() and (grid.share_inside <= 1).all()


def test_names_do_not_depend_on_the_boundary() -> None:
    small, large = grid_within(TOWN, 250.0), grid_within(TOWN.buffer(3000), 250.0)
    assert set(small.ids()) <= set(large.ids())


@given(st.floats(-2000, 2500), st.floats(-1500, 2500))
def test_a_point_lies_in_the_square_it_is_given(east: float, north: float) -> None:
    grid = grid_within(TOWN, 250.0, (125.0, 0.0))
    cell = int(grid.locate(np.array([east]), np.array([north]))[0])
    if cell >= 0:
        x, y = (float(part[cell]) for part in grid.centres())
        assert abs(east - x) <= 125.0001 and abs(north - y) <= 125.0001
    else:
        assert not TOWN.buffer(-10).contains(shapely.Point(east, north))


def test_centres_are_found_in_their_own_cells() -> None:
    for grid in offset_grids(HOLED, 250.0):
        assert (grid.locate(*grid.centres()) == np.arange(len(grid))).all()


def test_a_raster_gives_the_values_back() -> None:
    grid = grid_within(HOLED, 250.0)
    values = np.arange(len(grid), dtype=np.float64) + 1
    assert (grid.cells(grid.raster(values)) == values).all()
    assert grid.raster(values).sum() == values.sum()


def test_offsets_are_one_or_four_and_half_a_cell() -> None:
    assert [grid.shift for grid in offset_grids(TOWN, 200.0)] == [(0, 0), (100, 0), (0, 100), (100, 100)]
    assert len(offset_grids(TOWN, 200.0, 1)) == 1
    with pytest.raises(InputError, match="one grid or on four"):
        offset_grids(TOWN, 200.0, 2)


@pytest.mark.parametrize("boundary", [shapely.Polygon(), shapely.LineString([(0, 0), (1, 1)])])
def test_a_boundary_without_area_is_refused(boundary: shapely.Geometry) -> None:
    with pytest.raises(InputError, match="no area"):
        grid_within(boundary, 250.0)


@pytest.mark.parametrize("metres", [0.0, 1.0, 49.9, -250.0, float("nan"), 1e9])
def test_a_cell_must_have_a_length(metres: float) -> None:
    with pytest.raises(InputError, match="length in metres"):
        grid_within(TOWN, metres)


def test_millions_of_cells_are_a_slip_not_a_town() -> None:
    with pytest.raises(InputError, match="cells"):
        grid_within(shapely.box(0, 0, 9e6, 9e6), 100.0)
    with pytest.raises(InputError, match="cells"):
        reach_boundary(np.array([0.0, 9e6]), np.array([0.0, 9e6]))


def test_strays_are_few_and_far() -> None:
    chance = np.random.default_rng(0)
    town = chance.normal(0, 4000, (2, 1000))
    east, north = np.append(town[0], [8.8e6, -60_000.0]), np.append(town[1], [-4.8e6, 0.0])
    assert strays(east, north).nonzero()[0].tolist() == [1000, 1001]


def test_a_second_town_is_no_stray_and_nothing_is_lost_where_all_is_one_point() -> None:
    east = np.concatenate((np.zeros(60), np.full(40, 80_000.0)))
    assert not strays(east, np.zeros(100)).any()
    assert not strays(np.zeros(3), np.zeros(3)).any()
    assert len(strays(np.zeros(0), np.zeros(0))) == 0


def test_the_ground_within_reach_covers_every_point_and_little_more() -> None:
    chance = np.random.default_rng(1)
    east, north = chance.uniform(0, 3000, 200), chance.uniform(0, 3000, 200)
    ground = reach_boundary(east, north, 500.0)
    assert shapely.contains_xy(ground, east, north).all()
    assert not shapely.contains_xy(ground, [-800.0, 4000.0], [-800.0, 4000.0]).any()
    single = reach_boundary(np.array([10.0]), np.array([10.0]), 500.0)
    assert single.area == pytest.approx((5 * 250) ** 2)
    with pytest.raises(InputError, match="no point"):
        reach_boundary(np.zeros(0), np.zeros(0))


def test_a_square_grid_is_full() -> None:
    grid: Grid = square_grid(cell_metres=250.0, rows=3, cols=4, first_row=-1, first_col=2)
    assert len(grid) == 12 and grid.shape == (3, 4) and grid.ids()[0] == "250:-1:2"
    assert grid.total_km2 == pytest.approx(0.75)


def test_a_grid_is_made_again_of_its_cells() -> None:
    before = grid_within(shapely.Point(0, 0).buffer(1500), 250.0)
    after = grid_of(250.0, before.row, before.col, before.area_km2)
    assert after.ids().tolist() == before.ids().tolist() and np.allclose(after.area_km2, before.area_km2)
    east, north = before.centres()
    assert after.locate(east, north).tolist() == list(range(len(before)))


@pytest.mark.parametrize(
    ("row", "col", "area"), [([0, 0], [1, 1], [0.01, 0.01]), ([0], [0], [1.0]), ([0, 1], [0], [0.01]), ([], [], [])]
)
def test_cells_that_are_no_grid_are_refused(row: list[int], col: list[int], area: list[float]) -> None:
    with pytest.raises(InputError):
        grid_of(250.0, np.array(row, dtype=np.int32), np.array(col, dtype=np.int32), np.array(area))
