"""A challenge's scores against brute force: every choice of cells tried, every point tested in every cell."""

from __future__ import annotations

from itertools import combinations, pairwise
from math import cos, radians, sin, sqrt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.affinity import rotate
from shapely.geometry import Point, box

from peelian.places import Grid, Incidents, Rules, challenge

WINDOW = "2022-06-01..2022-06-30"
SIDE = 250.0


def town_and_points(seed: int):
    """A square of 1 km about a point where the map is true, and 600 points in it over 2022."""
    generator = np.random.default_rng(seed)
    crs = "+proj=laea +lon_0=9 +lat_0=50 +datum=WGS84 +units=m"
    town = gpd.GeoDataFrame(geometry=[box(-500, -500, 500, 500)], crs=crs)
    at = generator.uniform(1, 999, (600, 2)) ** 2 / 999 - 500
    when = pd.Timestamp("2022-01-01") + pd.to_timedelta(np.sort(generator.integers(0, 365 * 24, 600)), unit="h")
    return town, gpd.GeoDataFrame({"when": when}, geometry=gpd.points_from_xy(*at.T), crs=crs)


def in_window(points):
    return points[(points["when"] >= "2022-06-01") & (points["when"] < "2022-07-01")]


def crossing(ax, ay, bx, by, x, y):
    return (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax


def holds(ring, x, y):
    """Whether a point lies in a ring, by counting the sides to its right."""
    return sum(crossing(*a, *b, x, y) for a, b in pairwise(ring)) % 2 == 1


def counts_by_hand(cells, points):
    rings = [[list(part.exterior.coords) for part in getattr(one, "geoms", [one])] for one in cells.geometry]
    return [sum(holds(ring, p.x, p.y) for p in points.geometry for ring in parts) for parts in rings]


@pytest.mark.parametrize("seed", [0, 1])
def test_ends_over_orders_of_equal_cells_and_the_best_choice_are_those_of_all_choices(seed):
    town, points = town_and_points(seed)
    grid = Grid.within(town, cell=SIDE)
    rules = Rules(windows=[WINDOW], areas=["3 cells"], seed=seed)
    made = challenge(Incidents.from_frame(points, time="when"), grid, rules, model="uniform")
    cells = next(iter(made.hotspots.values())).to_crs(town.crs)
    assert len(cells) == 16 and cells["area_km2"].to_numpy() == pytest.approx(0.0625, rel=1e-5)
    row, counts = made.frame.iloc[0], counts_by_hand(cells, in_window(points))
    assert row["incidents"] == sum(counts) == len(in_window(points))
    n = sum(c for c, flag in zip(counts, cells["hotspot"], strict=True) if flag)
    assert row["n"] == n
    sums = [sum(three) for three in combinations(counts, 3)]
    assert (row["n_least"], row["n_most"]) == pytest.approx((min(sums), max(sums)), abs=0.01)
    assert row["n_by_lot"] == pytest.approx(sum(sums) / len(sums), rel=1e-4)
    assert row["n_possible"] == pytest.approx(max(sums), abs=0.01)
    area = cells[cells["hotspot"] == 1].area.sum()
    assert row["pai"] == pytest.approx((n / sum(counts)) / (area / 1e6), rel=1e-4)
    assert row["pei_star"] == pytest.approx(row["pai"] / row["pai_star"])


@pytest.mark.parametrize(("shape", "rotation"), [("square", 30.0), ("hexagon", 0.0), ("hexagon", 15.0)])
def test_turned_squares_and_hexagons_count_and_cover_what_lies_in_them(shape, rotation):
    town, points = town_and_points(2)
    grid = Grid.within(town, cell=SIDE, rotation=rotation, shape=shape)
    made = challenge(
        Incidents.from_frame(points, time="when"), grid, Rules(windows=[WINDOW], areas=["20 %"]), model="long_run"
    )
    cells = next(iter(made.hotspots.values())).to_crs(town.crs)
    assert cells.area.sum() == pytest.approx(1e6, rel=1e-3) and cells.area.to_numpy() / 1e6 == pytest.approx(
        cells["area_km2"].to_numpy(), abs=1e-5
    )
    counts, row = counts_by_hand(cells, in_window(points)), made.frame.iloc[0]
    assert sum(counts) == row["incidents"]
    hot = cells["hotspot"] == 1
    assert row["n"] == sum(c for c, flag in zip(counts, hot, strict=True) if flag)
    share, best = cells[hot].area.sum() / 1e6, 0.0
    left = cells[hot].area.sum()
    for count, area in sorted(zip(counts, cells.area, strict=True), key=lambda pair: -pair[0] / pair[1]):
        best += count * min(1.0, left / area)
        left = max(0.0, left - area)
    assert row["pai"] == pytest.approx(row["n"] / sum(counts) / share, rel=1e-3)
    assert row["n_possible"] == pytest.approx(best, rel=5e-3)
    whole = cells[cells.area > cells.area.max() * 0.999].geometry.iloc[0]
    if shape == "square":
        x, y = np.array(whole.exterior.coords[:2]).T
        side = (x[1] - x[0], y[1] - y[0])
        axis = (cos(radians(rotation)), sin(radians(rotation)))
        along = abs(side[0] * axis[0] + side[1] * axis[1])
        assert min(along, abs(SIDE - along)) == pytest.approx(0, abs=0.5), "its sides lie along the turned axes"
    else:
        assert whole.area == pytest.approx(SIDE**2 * sqrt(3) / 2, rel=1e-4) and len(whole.exterior.coords) == 7
        turned = rotate(whole, -rotation, origin=(0, 0))
        assert turned.bounds[2] - turned.bounds[0] == pytest.approx(SIDE, rel=1e-3)


def test_the_forecast_of_a_turned_grid_counts_incidents_where_they_are():
    """Half of the incidents gather in one place: the cell that holds it is forecast highest."""
    town, points = town_and_points(3)
    generator = np.random.default_rng(3)
    near = generator.normal(0, 30, (600, 2)) + np.array([200, -300])
    at = np.where((generator.random(600) < 0.5)[:, None], near, generator.uniform(-499, 499, (600, 2)))
    points = points.set_geometry(gpd.points_from_xy(*at.T)).set_crs(town.crs)
    for shape in ("square", "hexagon"):
        grid = Grid.within(town, cell=SIDE, rotation=35, shape=shape)
        rules = Rules(windows=[WINDOW], areas=["1 cells"])
        made = challenge(Incidents.from_frame(points, time="when"), grid, rules, model="long_run")
        cells = next(iter(made.hotspots.values())).to_crs(town.crs)
        whole = cells[cells["area_km2"] > cells["area_km2"].max() / 2]  # an incident in a sliver makes it dense
        dense = whole.loc[(whole["expected"] / whole["area_km2"]).idxmax()].geometry
        assert dense.distance(Point(200, -300)) < 40, shape
        assert cells["expected"].sum() == pytest.approx(600 * 30 / 365, rel=0.1), "nothing is lost or counted twice"
