"""Areas are read on the flat map, overlap the grid with true ground, and are refused where they cannot be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from peelian.errors import InputError
from peelian.kernel.model.capability import Dataset
from peelian.measure.grid import grid_within
from peelian.measure.projection import Projection
from peelian.measure.table import Kind, table
from peelian.technologies.mapping.areas import areas_of, boundary_of, main_area, overlap_km2
from peelian.technologies.mapping.example import CENTRE, areas

HERE = Projection(**CENTRE)
TOWN = areas_of(areas(), HERE)


def with_outline(outline: str, population: int = 10, members: int = 5) -> Dataset:
    columns = {
        "area": (Kind.PLACE, ["A"]),
        "outline": (Kind.OUTLINE, [outline]),
        "population": (Kind.COUNT, [population]),
        "group_g": (Kind.COUNT, [members]),
    }
    return replace(areas(), table=table("areas", columns), facts={"groups": "g"})


def test_areas_and_groups_are_read() -> None:
    assert len(TOWN) == 9 and TOWN.names[0] == "District 1"
    assert set(TOWN.members) == {"newcomers", "long_settled"}
    assert boundary_of(TOWN).area == pytest.approx(4500.0**2, rel=1e-4)


def test_the_overlap_is_all_the_ground_once() -> None:
    grid = grid_within(boundary_of(TOWN), 250.0)
    overlap = overlap_km2(TOWN, grid)
    np.testing.assert_allclose(np.asarray(overlap.sum(axis=0)).ravel(), grid.area_km2, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(np.asarray(overlap.sum(axis=1)).ravel(), 2.25, rtol=1e-3)


def test_each_cell_has_the_area_it_shares_most_with() -> None:
    grid = grid_within(shapely.box(0, 0, 4500, 4500), 250.0)
    best = main_area(overlap_km2(TOWN, grid))
    east, north = grid.centres()
    inside = [k for k in range(len(grid)) if shapely.contains_xy(TOWN.outlines[best[k]], east[k], north[k])]
    assert len(inside) == len(grid)
    away = grid_within(shapely.box(90_000, 0, 91_000, 1000), 250.0)
    assert (main_area(overlap_km2(TOWN, away)) == -1).all()


@pytest.mark.parametrize("outline", ["", "POINT (10 50)", "POLYGON ((10 50, 10.1", "LINESTRING (10 50, 11 50)"])
def test_an_outline_must_be_a_polygon(outline: str) -> None:
    with pytest.raises(InputError, match="row 1, column outline"):
        areas_of(with_outline(outline), HERE)


def test_more_members_than_residents_is_a_slip() -> None:
    square = str(areas().table["outline"][0])
    with pytest.raises(InputError, match="row 1, column group_g"):
        areas_of(with_outline(square, 10, 11), HERE)


def test_outlines_alone_bound_the_town() -> None:
    made = areas()
    bare = replace(made, table=table("areas", {n: (Kind.PLACE, made.table[n]) for n in ("area", "outline")}))
    town = areas_of(bare, HERE)
    assert town.members == {} and boundary_of(town).area == pytest.approx(4500.0**2, rel=1e-4)


def test_a_crossed_outline_is_repaired() -> None:
    bow = "POLYGON ((10 50, 10.01 50.01, 10.01 50, 10 50.01, 10 50))"
    assert boundary_of(areas_of(with_outline(bow), HERE)).area > 0
