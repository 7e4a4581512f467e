"""Hexagons: a forecast's square cells resampled to the H3 grid."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from peelian.errors import InputError, OutOfOrder, sentence
from peelian.kernel.model.capability import Shapes
from peelian.measure.table import Kind, table

COARSEST, FINEST = 5, 10
MOST_HEXAGONS = 2_000_000
POURED = "Values were poured from squares into H3 hexagons by ground, as if incidents lay evenly within a square."


def in_hexagons(shapes: Shapes, resolution: int) -> Shapes:
    """The additive columns (expected counts) summed per hexagon; sums over the town stay what they were.

    Intervals and ranks do not add up and are left out. `resolution` 5 (253 km²) to 10 (0.015 km²); finer ones
    would be smaller than a cell of 100 m. H3 (Uber 2018).
    OutOfOrder: the findings name no column that may be added. InputError: no such resolution, the extra `geo` is
    missing. O(overlaps).
    """
    if not COARSEST <= resolution <= FINEST:
        accepted = sentence("%(low)d to %(high)d, for example 9", low=COARSEST, high=FINEST)
        raise InputError("unknown hexagon resolution", accepted=accepted)
    if not shapes.additive:
        raise OutOfOrder("These findings cannot be shown as hexagons. Export them as they are.")
    h3 = _library()
    names = _covering(h3, shapes.rings, resolution)
    if len(names) > MOST_HEXAGONS:
        accepted = sentence("at most %(most)d", most=MOST_HEXAGONS)
        raise InputError("resolution gives too many hexagons", accepted=accepted)
    rings = np.stack([_ring(h3, name) for name in names])
    square, hexagon, share = _shares(shapes.rings, rings)
    touched = np.bincount(hexagon, minlength=len(names)) > 0
    columns: dict[str, Any] = {"hexagon": (Kind.PLACE, np.array(names, dtype=object)[touched])}
    for name in shapes.table.names:
        if name in shapes.additive:
            poured = share * np.asarray(shapes.table[name], dtype=np.float64)[square]
            columns[name] = (Kind.AMOUNT, np.bincount(hexagon, weights=poured, minlength=len(names))[touched])
    told = dict(shapes.provenance)
    statement = f"{told.get('statement', '')} {POURED}".strip()
    provenance = {**told, "h3_resolution": resolution, "statement": statement}
    return dataclasses.replace(
        shapes,
        table=table(shapes.table.name, columns),
        rings=rings[touched],
        provenance=provenance,
        additive=frozenset(),
    )


def _covering(h3: Any, rings: NDArray[np.float64], resolution: int) -> list[str]:
    """Every hexagon that may touch a square: those of the squares' corners and middles, and their neighbours."""
    points = np.concatenate([rings[:, :4], rings[:, :4].mean(axis=1, keepdims=True)], axis=1).reshape(-1, 2)
    side = float(np.abs(rings[0, 2] - rings[0, 0]).max()) * 111_000.0
    reach = 1 + int(side / h3.average_hexagon_edge_length(resolution, unit="m"))  # squares larger than hexagons
    core = {h3.latlng_to_cell(lat, lon, resolution) for lon, lat in points.tolist()}
    return sorted(set().union(*(h3.grid_disk(name, reach) for name in core)))


def _shares(squares: NDArray[np.float64], hexagons: NDArray[np.float64]) -> tuple[Any, Any, NDArray[np.float64]]:
    """(square, hexagon, share of the square's ground in it), for each pair that overlaps."""
    ours, theirs = shapely.polygons(squares), shapely.polygons(hexagons)
    square, hexagon = shapely.STRtree(theirs).query(ours, predicate="intersects")
    ground = shapely.area(shapely.intersection(ours[square], theirs[hexagon]))
    kept = ground > 0
    square, hexagon, ground = square[kept], hexagon[kept], ground[kept]
    whole = np.bincount(square, weights=ground, minlength=len(squares))
    return square, hexagon, ground / whole[square]


def _ring(h3: Any, name: str) -> NDArray[np.float64]:
    """The outline, closed and counter-clockwise; one of five or more corners is given seven points all the same."""
    corners = [(lon, lat) for lat, lon in h3.cell_to_boundary(name)][:6]
    closed = [*corners, *[corners[0]] * (7 - len(corners))]
    return np.array(closed, dtype=np.float64)


def _library() -> Any:
    try:
        import h3  # an extra: only when hexagons are asked for
    except ImportError:
        raise InputError("hexagons need the extra `geo`", accepted="pip install 'peelian[geo]'") from None
    return h3
