"""An entry of somebody else: checked before anything is forecast, and scored on the ground it shares with ours."""

from __future__ import annotations

import geopandas as gpd
import pytest
from shapely.geometry import Point, box

from peelian.errors import InputError
from peelian.places import Grid
from peelian.places.entries import entry_of
from peelian.places.lengths import limits_of

WEST, SOUTH = 500_000, 5_500_000
TOWN = gpd.GeoDataFrame(geometry=[box(WEST, SOUTH, WEST + 4_000, SOUTH + 4_000)], crs=32632)
GRID = Grid.within(TOWN, cell=500)
LIMITS = limits_of(["0.5 km2..2 km2"])


def cells(many, hotspot, size=500, **more):
    shapes = [box(WEST + size * k, SOUTH, WEST + size * (k + 1), SOUTH + size) for k in range(many)]
    return gpd.GeoDataFrame({"HOTSPOT": hotspot}, geometry=more.get("geometry", shapes), crs=more.get("crs", 32632))


def test_cells_are_cut_at_the_boundary_and_partial_files_are_known():
    made = entry_of(cells(12, [1] * 3 + [0] * 9), GRID, LIMITS)
    assert made.area_km2.sum() == pytest.approx(2, rel=1e-3), "four cells lie outside"
    assert made.area_km2[made.hotspot].sum() == pytest.approx(0.75, rel=1e-3) and not made.whole
    everywhere = gpd.GeoDataFrame(
        {"hotspot": ["1", "1"] + ["0"] * 14},
        geometry=[
            box(WEST + x, SOUTH + y, WEST + x + 1e3, SOUTH + y + 1e3)
            for x in range(0, 4000, 1000)
            for y in range(0, 4000, 1000)
        ],
        crs=32632,
    )
    assert entry_of(everywhere, GRID, LIMITS).whole


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (cells(3, [1, 1, 1], crs=None), "CRS"),
        (cells(3, [1, 1, 1]).rename(columns={"HOTSPOT": "spot"}), "no such column"),
        (cells(3, [1, 2, 0]), "neither 0 nor 1"),
        (cells(3, [1, None, 0]), "neither 0 nor 1"),
        (cells(3, [0, 0, 0]), "no cell is a hot spot"),
        (cells(2, [1, 1], geometry=[box(WEST, SOUTH, WEST + 900, SOUTH + 900)] * 2), "overlap"),
        (cells(1, [1]), "cover 0.250 km²"),
        (cells(9, [1] * 9), "cover 2.25"),
        (cells(1, [1], geometry=[Point(WEST, SOUTH)]), "not polygons"),
        (cells(1, [1], geometry=[None]), "not polygons"),
        (cells(1, [1], geometry=[box(WEST - 9e3, SOUTH, WEST - 8e3, SOUTH + 1e3)]), "no hot spot lies on the ground"),
    ],
)
def test_what_breaks_the_rules_is_told(frame, says):
    with pytest.raises(InputError, match=says):
        entry_of(frame, GRID, LIMITS)
