"""Outlines of areas: GeoJSON polygons checked, carried to degrees, repaired where that changes nothing, as WKT."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from peelian.errors import InputError, sentence
from peelian.technologies.mapping.formats.coordinates import system
from peelian.technologies.mapping.formats.places import uninhabited

Floats = NDArray[np.float64]

ACCEPTED = "polygons or multipolygons in degrees (WGS 84, RFC 7946), or an EPSG code in the option crs"
MOST_VERTICES = 1_000_000  # in one area
MOST_TEXT = 95_000  # characters of WKT, what the intake checks accept


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One area's outline in degrees, and what was done to it: rings closed, crossings repaired, vertices thinned."""

    shape: BaseGeometry
    closed: bool = False
    repaired: bool = False
    thinned: bool = False

    @property
    def wkt(self) -> str:
        """Well-known text, longitude before latitude, to 0.1 m."""
        return str(shapely.to_wkt(self.shape, rounding_precision=6, trim=True))


def outline(text: str, crs: str = "") -> Outline:
    """The outline in a GeoJSON geometry (text), carried from `crs` (an EPSG code) to degrees.

    It is simplified until the intake checks accept its size. InputError: not a polygon, rings with fewer than four
    points, coordinates that are not numbers or not on Earth, crossings that change the area, no area.
    O(vertices log vertices).
    """
    polygons, closed = _polygons(text)
    try:
        shape = shapely.multipolygons([shapely.polygons(rings[0], rings[1:] or None) for rings in polygons])
    except (shapely.errors.ShapelyError, ValueError, TypeError):
        raise InputError("rings do not form a polygon", column="geometry", accepted=ACCEPTED) from None
    shape = _carried(shape, crs) if crs else shape
    refuse_off_earth(shapely.get_coordinates(shape), ACCEPTED)
    made = _valid(Outline(shape=shape, closed=closed))
    return _fitting(made)


def _carried(shape: BaseGeometry, crs: str) -> BaseGeometry:
    """The shape in degrees; InputError where its points do not lie in the area that the system is made for."""
    here = system(crs)

    def to_degrees(points: Floats) -> Floats:
        return np.stack(here.to_degrees(points[:, 0], points[:, 1]), axis=1)

    carried: BaseGeometry = shapely.transform(shape, to_degrees)
    points = shapely.get_coordinates(carried)
    if bool(here.outside(points[:, 0], points[:, 1]).any()):
        says = sentence("coordinates outside the area of %(crs)s", crs=crs)
        accepted = sentence("coordinates of %(crs)s, or another option crs", crs=crs)
        raise InputError(says, column="geometry", accepted=accepted)
    return carried


def _polygons(text: str) -> tuple[list[list[Any]], bool]:
    """Rings of each polygon as arrays (points × 2), closed, and whether one had to be closed."""
    try:
        geometry: Any = json.loads(text) if text else None
    except (ValueError, RecursionError):
        geometry = None
    geometry = geometry if isinstance(geometry, dict) else {}
    kind = geometry.get("type")
    if kind not in ("Polygon", "MultiPolygon"):
        raise InputError("geometry is not a polygon", column="geometry", accepted=ACCEPTED)
    parts = geometry.get("coordinates")
    parts = [parts] if kind == "Polygon" else parts
    if not isinstance(parts, list) or not parts:
        raise InputError("empty polygon", column="geometry", accepted=ACCEPTED)
    closed, polygons = False, []
    for part in parts:
        if not isinstance(part, list) or not part:
            raise InputError("polygon without a ring", column="geometry", accepted=ACCEPTED)
        rings = [_ring(ring) for ring in part]
        closed = closed or any(mended for _, mended in rings)
        polygons.append([ring for ring, _ in rings])
    if sum(len(ring) for rings in polygons for ring in rings) > MOST_VERTICES:
        says = sentence("outline with more than %(n)d vertices", n=MOST_VERTICES)
        raise InputError(says, column="geometry", accepted="a simplified outline")
    return polygons, closed


def _ring(points: Any) -> tuple[Any, bool]:
    fault = InputError("ring with fewer than four points", column="geometry", accepted=ACCEPTED)
    if not isinstance(points, list) or len(points) < 3:
        raise fault
    pairs = [point[:2] for point in points if isinstance(point, list) and len(point) >= 2]
    if len(pairs) != len(points) or not all(_is_number(v) for pair in pairs for v in pair):
        raise InputError("coordinate is not a number", column="geometry", accepted=ACCEPTED)
    ring = np.array(pairs, dtype=np.float64)
    mended = bool((ring[0] != ring[-1]).any())
    ring = np.vstack([ring, ring[:1]]) if mended else ring
    if len(ring) < 4:
        raise fault
    return ring, mended


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return abs(value) < 1e12 and math.isfinite(value)


def refuse_off_earth(points: Floats, accepted: str) -> None:
    """InputError where points (longitude, latitude) are no degrees, or no town lies there. O(points)."""
    x, y = np.abs(points[:, 0]).max(), np.abs(points[:, 1]).max()
    if max(x, y) > 1000:
        says = "coordinates look like metres or feet of a map projection"
    elif x > 180 or y > 90:
        says = "longitude and latitude look swapped" if x <= 90 and y <= 180 else "point not on Earth"
    elif bool(uninhabited(points[:, 1]).all()):
        says = "longitude and latitude look swapped"
    else:
        return
    raise InputError(says, column="geometry", accepted=accepted)


def _valid(made: Outline) -> Outline:
    """The outline without crossings, as long as mending them does not change its area by more than one part in 100."""
    shape = made.shape
    if not shapely.is_valid(shape):
        pieces = shapely.get_parts(shapely.make_valid(shape, method="structure"))
        pieces = [piece for piece in pieces if piece.geom_type == "Polygon"]
        mended = shapely.union_all(pieces) if pieces else shapely.MultiPolygon()
        if abs(mended.area - shape.area) > 0.01 * max(shape.area, mended.area):
            raise InputError("outline crosses itself", column="geometry", accepted=ACCEPTED)
        made = replace(made, shape=mended, repaired=True)
    if not made.shape.area > 0:
        raise InputError("outline without an area", column="geometry", accepted=ACCEPTED)
    return made


def _fitting(made: Outline) -> Outline:
    """The outline simplified as little as the intake checks allow: with 1 m to 100 m of tolerance."""
    tolerance = 1e-5
    while len(made.wkt) > MOST_TEXT:
        if tolerance > 1e-3:
            says = "too many vertices, even simplified to 100 m"
            raise InputError(says, column="geometry", accepted="a simplified outline")
        made = replace(made, shape=shapely.simplify(made.shape, tolerance, preserve_topology=True), thinned=True)
        tolerance *= 2
    return made
