"""Two maps of one city beside one another: what the least cut leaves out of honest ones, and what it stops of attacks.

Toronto's 140 neighbourhoods, six of its wards and reported incidents are real. Districts, beats, catchments and squares
are made: cells about points drawn by chance, and a lattice. Each layer is published after each other one, two also
redrawn by 5 m.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

from figures import Figure, at_most, finish, flags, plain, show
from peelian.kernel.model.area_ground import with_ground
from peelian.kernel.model.labels import Label, LabelKind, Vocabulary
from peelian.measure.geographies import drawn_before, wkt_of
from peelian.measure.least_cut import ROWS, is_of_layer, left_out, overlaps_of
from peelian.measure.projection import Projection

TORONTO = files("peelian.technologies.mapping") / "examples" / "toronto"
WARDS = Path(__file__).parents[1] / "tests" / "data" / "toronto" / "wards.geojson"
HERE = Projection(centre_lon=-79.38, centre_lat=43.7)
Shapes = NDArray[Any]
SAMPLES = (1_000, 5_000, 40_000)  # rows of a release: a month, a quarter, a year
SEED = 7


def main() -> None:
    """Print the figures."""
    told = flags(__doc__ or "").parse_args()
    names, points = layers(), incidents()
    figures = [show(one) for one in (*honest(names, points, quick=told.quick), *attacks(names, points))]
    figures += [show(one) for one in (*adopted(names), *cost(names))]
    finish(figures, told.json)


def honest(layers: Mapping[str, Shapes], points: Shapes, *, quick: bool) -> Iterator[Figure]:
    """Every ordered pair of layers, for releases of several sizes."""
    chance = np.random.default_rng(SEED)
    refused = cells = out = still = pairs = 0
    worst = 0.0
    for size in SAMPLES[: 1 if quick else None]:
        of_size = cells, out
        some = points[chance.choice(len(points), size, replace=False)]
        for one, first in layers.items():
            for other, second in layers.items():
                if one == other:
                    continue
                found = overlaps_of(first, second, some)
                counts = np.bincount(found.first[found.first >= 0], found.rows[found.first >= 0], len(first))
                mine = np.bincount(found.second[found.second >= 0], found.rows[found.second >= 0], len(second))
                began = time.process_time()
                gone = left_out(found, counts >= ROWS)
                worst = max(worst, time.process_time() - began)
                large = int((mine >= ROWS).sum())
                pairs += 1
                refused += int(large > 0 and len(gone.cells) == large)
                cells, out, still = cells + large, out + len(gone.cells), still + gone.open
        name = f"cells_left_out_of_releases_of_{size}_rows"
        yield plain(name, 100 * (out - of_size[1]) / (cells - of_size[0]), "% of cells with rows enough")
    yield plain("ordered_pairs", pairs, "releases")
    yield at_most("releases_wholly_refused", refused, "releases", 0)
    yield at_most("cells_left_out", 100 * out / cells, "% of cells with rows enough", 3)
    yield at_most("cuts_left_open", still, "cuts", 0)
    yield plain("least_cut_cpu_worst", worst, "s")


def attacks(layers: Mapping[str, Shapes], points: Shapes) -> Iterator[Figure]:
    """Neighbourhoods first; then the same redrawn so that differences are a few rows."""
    first = layers["neighbourhoods"]
    some = points[np.random.default_rng(SEED).choice(len(points), 40_000, replace=False)]
    ways: dict[str, Callable[[Shapes, Shapes], Shapes]] = {
        "nested": _nested, "redrawn": _redrawn, "swapped": _swapped, "moved_edge": _moved_edge,
    }  # fmt: skip
    for name, made in ways.items():
        second = made(first, some)
        found = overlaps_of(first, second, some)
        counts = np.bincount(found.first[found.first >= 0], found.rows[found.first >= 0], len(first))
        gone = left_out(found, counts >= ROWS)
        before = _differences(found, np.ones(len(second), np.bool_))
        keep = np.ones(len(second), np.bool_)
        keep[list(gone.cells)] = False
        yield plain(f"attack_{name}_without_the_cut", before, "differences under 11 rows")
        yield at_most(f"attack_{name}", _differences(found, keep), "differences under 11 rows", 0)
    third = np.array([shapely.union_all([layers["beats"][0], first[0]]), *first[1:]])
    yield at_most("third_layers_taken_for_the_first", float(is_of_layer(third, first)), "layers", 0)
    unions = np.array([shapely.union_all(first[k : k + 2]) for k in range(0, len(first), 2)])
    yield at_most("unions_taken_for_a_third_layer", float(not is_of_layer(unions, first)), "layers", 0)


def _differences(found: Any, keep: NDArray[np.bool_]) -> int:
    """Cells that are published in both layers and differ by 1 to 10 rows."""
    n = np.bincount(found.first[found.first >= 0], found.rows[found.first >= 0], found.cells[0])
    m = np.bincount(found.second[found.second >= 0], found.rows[found.second >= 0], found.cells[1])
    few = 0
    for a, b, rows in zip(found.first.tolist(), found.second.tolist(), found.rows.tolist(), strict=True):
        if a >= 0 and b >= 0 and keep[b] and n[a] >= ROWS and m[b] >= ROWS:
            few += int(0 < n[a] + m[b] - 2 * rows < ROWS)
    return few


def _homes(first: Shapes, points: Shapes, every: int = 3) -> Iterator[tuple[int, Any]]:
    """In each third cell the ground of one row: a house of 20 m."""
    tree = shapely.STRtree(points)
    for k in range(0, len(first), every):
        inside = tree.query(first[k], predicate="contains")
        if len(inside):
            at = points[inside[0]]
            yield k, shapely.box(at.x - 10, at.y - 10, at.x + 10, at.y + 10)


def _nested(first: Shapes, points: Shapes) -> Shapes:
    second = first.copy()
    for k, home in _homes(first, points):
        second[k] = shapely.difference(first[k], home)
    return second


def _redrawn(first: Shapes, points: Shapes) -> Shapes:
    """A house of each third cell goes to the neighbour."""
    second = _nested(first, points)
    for k, home in _homes(first, points):
        if k + 1 < len(first):
            second[k + 1] = shapely.union_all([second[k + 1], home])
    return second


def _swapped(first: Shapes, points: Shapes) -> Shapes:
    """Two cells give one another a house each."""
    second, homes = first.copy(), dict(_homes(first, points, 1))
    for k in range(0, len(first) - 1, 2):
        if k in homes and k + 1 in homes:
            second[k] = shapely.union_all([shapely.difference(first[k], homes[k]), homes[k + 1]])
            second[k + 1] = shapely.union_all([shapely.difference(first[k + 1], homes[k + 1]), homes[k]])
    return second


def _moved_edge(first: Shapes, points: Shapes) -> Shapes:
    """Each third cell gives up a strip along its western edge, as wide as one row lies from it."""
    second, tree = first.copy(), shapely.STRtree(points)
    for k in range(0, len(first), 3):
        inside = points[tree.query(first[k], predicate="contains")]
        if len(inside) > 2 * ROWS:
            east = np.sort(shapely.get_x(inside))[ROWS // 2]
            west, south, _, north = first[k].bounds
            second[k] = shapely.difference(first[k], shapely.box(west - 1, south - 1, east + 0.5, north + 1))
    return second


def adopted(layers: Mapping[str, Shapes]) -> Iterator[Figure]:
    """Every layer as two people would adopt it: what is refused, and what of its ground is left out."""
    refused, given, kept = 0, 0.0, 0.0
    for name, shapes in layers.items():
        labels = tuple(
            Label(label=f"{name} {k}", people=2_000, ground=wkt_of(shape, HERE)) for k, shape in enumerate(shapes)
        )
        try:
            made = with_ground(Vocabulary(kind=LabelKind.AREA, source="benchmark", labels=labels))
        except ValueError as error:
            print(name, error)
            refused += 1
            continue
        given += float(shapely.area(shapes).sum())
        grounds = shapely.from_wkt([one.ground for one in made.labels])
        flat = shapely.transform(grounds, lambda at: np.column_stack(HERE.to_metres(at[:, 0], at[:, 1])))
        kept += float(shapely.area(flat).sum())
    yield at_most("lists_refused_at_adoption", refused, "lists", 0)
    yield plain("ground_left_out_at_adoption", 100 * (1 - kept / given), "% of ground")


def cost(layers: Mapping[str, Shapes]) -> Iterator[Figure]:
    """Two layers of 200 areas and 200,000 rows."""
    town = shapely.union_all(layers["neighbourhoods"])
    chance = np.random.default_rng(SEED)
    first, second = _cells(town, 200, 11), _cells(town, 200, 12)
    points = shapely.points(_inside(town, 200_000, chance))
    began = time.process_time()
    found = overlaps_of(first, second, points)
    left_out(found, np.ones(len(first), np.bool_))
    yield at_most("two_layers_of_200_areas_and_200000_rows", time.process_time() - began, "CPU s", 5)


def layers() -> dict[str, Shapes]:
    """Eight layers of Toronto, in metres."""
    first = _outlines((TORONTO / "neighbourhoods_140.geojson").read_text("utf-8"))
    town = shapely.union_all(first)
    made = {
        "neighbourhoods": first,
        "wards": _outlines(WARDS.read_text("utf-8")),
        "districts": _cells(town, 25, 1),
        "beats": _cells(town, 72, 2),
        "catchments": _cells(town, 180, 3),
        "squares": _squares(town, 1_500.0),
    }
    redrawn = {name: _redigitised(made[name]) for name in ("neighbourhoods", "beats")}
    return made | {f"{name} redrawn": _adopted(shapes, made[name]) for name, shapes in redrawn.items()}


def _outlines(text: str) -> Shapes:
    """The polygons of a GeoJSON, in metres."""
    shapes = [shapely.from_geojson(json.dumps(one["geometry"])) for one in json.loads(text)["features"]]
    flat = shapely.transform(
        np.array(shapes, dtype=object), lambda at: np.column_stack(HERE.to_metres(at[:, 0], at[:, 1]))
    )
    return np.asarray(shapely.make_valid(flat))


def incidents() -> Shapes:
    """Where incidents were reported, in metres."""
    read = pq.read_table(str(TORONTO / "toronto_mci_2014_2021.parquet"), columns=["Lat", "Long"])
    lon, lat = read["Long"].to_numpy(), read["Lat"].to_numpy()
    known = np.isfinite(lon) & (lat > 40)
    return np.asarray(shapely.points(*HERE.to_metres(lon[known], lat[known])))


def _cells(town: Any, n: int, seed: int) -> Shapes:
    """The ground nearest to each of `n` points of the town."""
    at = shapely.multipoints(_inside(town, n, np.random.default_rng(seed)))
    cut = shapely.intersection(shapely.get_parts(shapely.voronoi_polygons(at, extend_to=town)), town)
    return np.array([one for one in cut if one.area > 40_000], dtype=object)


def _squares(town: Any, side: float) -> Shapes:
    west, south, east, north = town.bounds
    x, y = np.meshgrid(np.arange(west, east, side), np.arange(south, north, side))
    cut = shapely.intersection(shapely.box(x.ravel(), y.ravel(), x.ravel() + side, y.ravel() + side), town)
    return np.array([one for one in cut if one.area > 40_000], dtype=object)


def _redigitised(shapes: Shapes) -> Shapes:
    """The same outlines, each corner up to 5 m elsewhere; neighbours keep their common corners."""
    fine = shapely.segmentize(shapes, 150.0)
    moved = shapely.transform(fine, lambda at: at + 5 * np.sin(np.round(at, 1) * 12.9898))
    return np.asarray(shapely.make_valid(moved))


def _adopted(shapes: Shapes, known: Shapes) -> Shapes:
    """A list that is adopted after another one: what redraws an area of that is counted on its ground."""
    before = drawn_before(shapes, known)
    return np.array([known[k] if k >= 0 else shape for k, shape in zip(before, shapes, strict=True)], dtype=object)


def _inside(town: Any, n: int, chance: np.random.Generator) -> NDArray[np.float64]:
    west, south, east, north = town.bounds
    shapely.prepare(town)
    found = np.zeros((0, 2))
    while len(found) < n:
        at = chance.uniform((west, south), (east, north), (2 * n, 2))
        found = np.vstack([found, at[shapely.contains_xy(town, at[:, 0], at[:, 1])]])
    return found[:n]


if __name__ == "__main__":
    main()
