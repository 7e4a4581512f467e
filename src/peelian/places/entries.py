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

COVERS = 0.99  # of the ground: an entry with nearly all its cells is compared with the best choice among them
OVERLAP = 1e-3  # of the area: neighbours that share a line after rounding
SLACK = 1e-3  # of the area limits: other map projections


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


def _within_limits(km2: float, grid: Grid, limits: Sequence[Limit]) -> None:
    """As the challenge counts: the area of whole cells against the lowest and the highest area asked."""
    ground = float(grid.area_km2.sum())
    asked = [one for one in limits if one.unit != "cells"]
    low = min((one.km2(ground) for one in asked if one.least), default=0.0)
    high = max((one.km2(ground) for one in asked), default=float("inf"))
    if not low * (1 - SLACK) <= km2 <= high * (1 + SLACK):
        says = sentence("the hot spots cover %(km2).3f km²", km2=km2)
        raise InputError(says, column="hotspot", accepted=sentence("%(low).3f to %(high).3f km²", low=low, high=high))
