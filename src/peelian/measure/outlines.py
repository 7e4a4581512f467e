"""Outlines on the ground: their area, whether they cross themselves, and what two of them have in common."""

from __future__ import annotations

import math
from collections.abc import Sequence

import shapely
from shapely.geometry import Polygon

Point = tuple[float, float]  # longitude, latitude: WGS 84
METRES_PER_DEGREE = 111_195.0  # of a great circle of the mean Earth radius, 6,371,008 m


def on_the_ground(outline: Sequence[Point], lat: float) -> Polygon:
    """The outline in metres, flat around a latitude: areas of a few kilometres are good to one per cent."""
    east = METRES_PER_DEGREE * math.cos(math.radians(lat))
    return Polygon([(lon * east, north * METRES_PER_DEGREE) for lon, north in outline])


def area_m2(outline: Sequence[Point]) -> float:
    """The area in square metres. O(points).

    >>> side = 100 / METRES_PER_DEGREE
    >>> round(area_m2([(0, 0), (side, 0), (side, side), (0, side)]))
    10000
    """
    return float(on_the_ground(outline, outline[0][1]).area)


def crosses_itself(outline: Sequence[Point]) -> bool:
    """Whether it crosses or touches itself, or encloses nothing. O(points × log points).

    >>> crosses_itself([(0, 0), (1, 1), (1, 0), (0, 1)])
    True
    """
    return not shapely.is_valid(Polygon(outline)) or area_m2(outline) == 0


def shared_m2(one: Sequence[Point], other: Sequence[Point]) -> float:
    """How many square metres two outlines that do not cross themselves have in common. O(points × log points)."""
    lat = one[0][1]
    return float(on_the_ground(one, lat).intersection(on_the_ground(other, lat)).area)
