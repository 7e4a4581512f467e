"""Somebody's entry of a challenge: cells with `hotspot` 0 or 1, checked and laid on the ground."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from peelian.errors import InputError, sentence
from peelian.places.grids import Grid
from peelian.places.hexagons import cut_at
from peelian.places.lengths import Limit
from peelian.places.streets import lines_of

COVERS = 0.99  # of the ground: an entry with nearly all its cells is compared with the best choice among them
OVERLAP = 1e-3  # of the area: neighbours that share a line after rounding
SLACK = 1e-3  # of the area limits: other map projections
ON_LINE_METRES = 2.0  # of a segment's middle from a line drawn along it
SAME_STREETS = 0.9
ON_CELLS = ("the hot spots cover %(size).3f km²", "%(low).3f to %(high).3f km²")
ON_STREETS = ("the hot spots cover %(size).3f km of street", "%(low).3f to %(high).3f km of street")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Entry:
    """Cells cut at the boundary (metres), their area inside, which are hot spots, and whether they cover the ground."""

    outlines: NDArray[Any]
    area_km2: NDArray[np.float64]
    hotspot: NDArray[np.bool_]
    whole: bool


def entry_of(frame: Any, grid: Grid, limits: Sequence[Limit]) -> Entry:
    """An entry from a GeoDataFrame of polygons with a column `hotspot` of 0 and 1. O(cells).

    InputError: no CRS, no such column, another value, no polygon, cells that overlap or lie outside, or hot spots whose
    area is outside the limits.
    """
    if getattr(frame, "crs", None) is None:
        raise InputError("the frame states no CRS", accepted="a GeoDataFrame of polygons with a CRS")
    hotspot = _hotspots(frame)
    shapes = np.asarray(frame.geometry.to_crs("EPSG:4326"))
    wrong = np.array([one is None or one.is_empty or "Polygon" not in one.geom_type for one in shapes], dtype=bool)
    if wrong.any():
        raise InputError("not polygons", row=int(np.argmax(wrong)) + 1, column="geometry", accepted="(multi)polygons")
    flat = shapely.make_valid(grid.in_metres(shapes))
    area = shapely.area(flat)
    if not (area > 0).all():
        raise InputError("a cell without area", row=int(np.argmin(area)) + 1, column="geometry", accepted="polygons")
    if area.sum() - shapely.area(shapely.union_all(flat)) > OVERLAP * area.sum():
        raise InputError("cells overlap", column="geometry", accepted="each place in one cell")
    _within_limits(float(area[hotspot].sum()) / 1e6, grid, limits)
    inside, _ = cut_at(grid.outline(), flat)
    km2 = shapely.area(inside) / 1e6
    if not km2[hotspot].sum() > 0:
        raise InputError("no hot spot lies on the ground", column="geometry", accepted="cells of the same town")
    kept = km2 > 0
    whole = bool(km2.sum() >= COVERS * float(grid.area_km2.sum()))
    return Entry(outlines=inside[kept], area_km2=km2[kept], hotspot=hotspot[kept], whole=whole)


def _hotspots(frame: Any) -> NDArray[np.bool_]:
    name = next((str(one) for one in frame.columns if str(one).lower() == "hotspot"), None)
    if name is None:
        raise InputError("no such column", column="hotspot", accepted="a column hotspot with 0 and 1")
    words = [str(one).strip() for one in frame[name]]
    wrong = [k for k, word in enumerate(words) if word not in ("0", "1", "0.0", "1.0")]
    if wrong:
        raise InputError("neither 0 nor 1", row=wrong[0] + 1, column="hotspot", accepted="0 or 1")
    hotspot = np.array([word.startswith("1") for word in words], dtype=bool)
    if not hotspot.any():
        raise InputError("no cell is a hot spot", column="hotspot", accepted="at least one 1")
    return hotspot


def street_entry_of(frame: Any, grid: Grid, limits: Sequence[Limit]) -> NDArray[np.bool_]:
    """An entry of lines as hot spots among the grid's street segments: those whose middle lies on a hot line.

    `frame` is a GeoDataFrame of lines with a column `hotspot` of 0 and 1. InputError as `entry_of`, and where the hot
    lines follow other streets than the grid's. O(segments log lines).
    """
    hot = grid.in_metres(lines_of(frame[_hotspots(frame)]))
    km = float(shapely.length(shapely.union_all(hot))) / 1e3
    _within_limits(km, grid, limits)
    middle = shapely.points(*grid.cells.centres())
    found, _ = shapely.STRtree(hot).query(middle, predicate="dwithin", distance=ON_LINE_METRES)
    member = np.zeros(len(grid), dtype=bool)
    member[found] = True
    if not SAME_STREETS * km <= float(grid.sizes[member].sum()) <= km / SAME_STREETS:
        accepted = "lines along the same streets, cut at crossings"
        raise InputError("the hot spots do not follow these streets", column="geometry", accepted=accepted)
    return member


def _within_limits(size: float, grid: Grid, limits: Sequence[Limit]) -> None:
    """As the challenge counts: the area (length) of whole cells against the lowest and the highest one asked."""
    whole = float(grid.sizes.sum())
    asked = [one for one in limits if one.unit != "cells"]
    low = min((one.size(whole) for one in asked if one.least), default=0.0)
    high = max((one.size(whole) for one in asked), default=float("inf"))
    if not low * (1 - SLACK) <= size <= high * (1 + SLACK):
        says, accepted = ON_STREETS if grid.streets else ON_CELLS
        accepted = sentence(accepted, low=low, high=high)
        raise InputError(sentence(says, size=size), column="hotspot", accepted=accepted)
