"""Coordinate systems by their EPSG codes: projected coordinates carried to longitude and latitude."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from peelian.errors import InputError

Floats = NDArray[np.float64]
MARGIN_DEGREES = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A coordinate system, and the box of the Earth it is made for: west, south, east, north in degrees."""

    code: str
    box: tuple[float, float, float, float]

    def to_degrees(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Longitude and latitude (WGS 84) of coordinates; infinite where there is no such point. O(points)."""
        lon, lat = _transformer(self.code).transform(x, y)
        return np.asarray(lon, np.float64), np.asarray(lat, np.float64)

    def outside(self, lon: Floats, lat: Floats) -> NDArray[np.bool_]:
        """Which points lie more than a degree outside the box: their coordinates belong to another system."""
        west, south, east, north = self.box
        with np.errstate(invalid="ignore"):
            off = (lon < west - MARGIN_DEGREES) | (lon > east + MARGIN_DEGREES)
            off |= (lat < south - MARGIN_DEGREES) | (lat > north + MARGIN_DEGREES)
        return np.asarray(off | ~np.isfinite(lon) | ~np.isfinite(lat))


@lru_cache(maxsize=32)
def system(code: str) -> System:
    """The system with this code ("EPSG:26917"); InputError where there is none.

    >>> system("EPSG:26910").box[0]
    -126.0
    """
    try:
        use = CRS.from_user_input(code).area_of_use
    except CRSError:
        raise InputError("unknown EPSG code", accepted="a code such as EPSG:26917") from None
    return System(code=code, box=use.bounds if use else (-180.0, -90.0, 180.0, 90.0))


def crs_named(text: str) -> str:
    """The option `crs` as "EPSG:n", "" for plain degrees; InputError for anything that is no known EPSG code.

    >>> crs_named("epsg:26917"), crs_named("4326")
    ('EPSG:26917', '')
    """
    found = re.fullmatch(r"(?:EPSG:)?(\d{4,6})", text.strip(), re.IGNORECASE | re.ASCII)
    if text.strip() and not found:
        raise InputError("not an EPSG code", accepted="a code such as EPSG:26917")
    if not found or found[1] == "4326":
        return ""
    return system(f"EPSG:{found[1]}").code


@lru_cache(maxsize=32)
def _transformer(code: str) -> Transformer:
    return Transformer.from_crs(code, 4326, always_xy=True)
