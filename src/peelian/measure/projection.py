"""A town's own flat map: longitude and latitude to metres east and north, with true areas."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import Proj, Transformer

from peelian.errors import InputError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """Lambert azimuthal equal-area projection (WGS 84 ellipsoid) about a centre in degrees; EPSG guidance note 7-2.

    Within 50 km of the centre lengths are true to 1 in 100,000, areas everywhere. `rotation` (degrees, anticlockwise)
    turns the axes about the centre: "east" and "north" are then the sides of a rotated grid.

    >>> here = Projection(centre_lon=-79.38, centre_lat=43.7)
    >>> east, north = here.to_metres([-79.38, -79.37], [43.7, 43.7])
    >>> east.round(0).tolist(), north.round(0).tolist()
    ([0.0, 806.0], [0.0, 0.0])
    >>> turned = Projection(centre_lon=-79.38, centre_lat=43.7, rotation=90.0)
    >>> [part.round(0).tolist() for part in turned.to_metres([-79.37], [43.7])]
    [[0.0], [-806.0]]
    """

    centre_lon: float
    centre_lat: float
    rotation: float = 0.0

    def __post_init__(self) -> None:
        if not (-180 <= self.centre_lon <= 180 and -90 <= self.centre_lat <= 90):
            raise InputError("the centre of the map is not on Earth", accepted="longitude ±180, latitude ±90 degrees")
        if not -360 <= self.rotation <= 360:
            raise InputError("not a rotation", column="rotation", accepted="degrees, anticlockwise, -360 to 360")

    def to_metres(self, lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
        """Degrees (arrays of one shape) to metres (east, north) of the centre. O(points)."""
        flat = _flat(self.centre_lon, self.centre_lat)
        east, north = flat(np.asarray(lon, np.float64), np.asarray(lat, np.float64))
        return self._turned(np.asarray(east, np.float64), np.asarray(north, np.float64), -self.rotation)

    def to_degrees(self, east: ArrayLike, north: ArrayLike) -> tuple[Floats, Floats]:
        """Metres of the centre (arrays of one shape) back to degrees (lon, lat). O(points)."""
        flat = self._turned(np.asarray(east, np.float64), np.asarray(north, np.float64), self.rotation)
        lon, lat = _transformer(self.centre_lon, self.centre_lat).transform(*flat, direction="INVERSE")
        return np.asarray(lon, np.float64), np.asarray(lat, np.float64)

    def projjson(self) -> str:
        """The system of these metres as PROJJSON; for axes that are not rotated."""
        return _flat(self.centre_lon, self.centre_lat).crs.to_json()

    def _turned(self, east: Floats, north: Floats, degrees: float) -> tuple[Floats, Floats]:
        """The points turned anticlockwise about the centre."""
        if not degrees:
            return east, north
        cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        return east * cos - north * sin, east * sin + north * cos


def _here(lon: float, lat: float) -> str:
    return f"+proj=laea +lon_0={lon!r} +lat_0={lat!r} +datum=WGS84 +units=m +no_defs"


@lru_cache(maxsize=64)
def _flat(lon: float, lat: float) -> Proj:
    """The same metres as `_transformer` to the last bit, in less than half the time."""
    return Proj(_here(lon, lat))


@lru_cache(maxsize=64)
def _transformer(lon: float, lat: float) -> Transformer:
    """Milliseconds to make, and safe to use by several threads."""
    return Transformer.from_crs("EPSG:4326", _here(lon, lat), always_xy=True)
