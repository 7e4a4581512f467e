"""The town's centre, which points lie within reach of it, and their coordinates in metres."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, sentence
from peelian.measure.projection import Projection
from peelian.technologies.mapping.formats.drops import FAR_AWAY, Bools, Drops, Ints

Floats = NDArray[np.float64]
SNAP_METRES = 10.0
REACH_KM = 100.0
KM_A_DEGREE = 111.32


def centre_of(lon: Floats, lat: Floats, options: Mapping[str, str]) -> Projection:
    """The town's centre: the option `centre`, else the median point, rounded to 0.01 degrees.

    >>> here = centre_of(np.array([-79.389, -79.4, 0.0]), np.array([43.7, 43.711, 0.0]), {})
    >>> here.centre_lon, here.centre_lat
    (-79.39, 43.7)
    """
    given = options.get("centre")
    if given is None:
        lon_here, lat_here = float(np.median(lon)), float(np.median(lat))
    else:
        try:
            lon_here, lat_here = (float(text) for text in given.split(","))
        except ValueError:
            says = "option centre is not a point"
            raise InputError(says, accepted="longitude,latitude such as -79.38,43.70") from None
    return Projection(centre_lon=round(lon_here, 2), centre_lat=round(lat_here, 2))


def within_reach(
    points: tuple[Floats, Floats], centre: Projection, options: Mapping[str, str], cut: tuple[Ints, Drops, bool]
) -> Bools:
    """Which points (lon, lat) lie within reach of the centre. `cut`: rows, drops, whether strays are a known quirk.

    A stray point must not make millions of empty cells: it is an InputError, or a count where the format is known for
    them or bad rows are dropped. When over half of the points are strays, the centre is wrong.
    """
    rows, drops, known_quirk = cut
    reach = _reach(options)
    lon, lat = points
    east = lon - centre.centre_lon
    if bool((np.abs(east) > 180).any()):  # across the date line
        east = (east + 180) % 360 - 180
    east *= KM_A_DEGREE * np.cos(np.radians(centre.centre_lat))
    north = (lat - centre.centre_lat) * KM_A_DEGREE
    if np.hypot(np.abs(east).max(), np.abs(north).max()) <= reach:
        return np.ones(len(lon), bool)  # the usual case, several times faster
    apart = np.hypot(east, north)
    far = apart > reach
    if not bool(far.any()):
        return np.ones(len(far), bool)
    if float(far.mean()) > 0.5:
        says = sentence("more than half of the locations are over %(km).0f km from the centre", km=reach)
        raise InputError(says, row=int(rows[far.argmax()]), accepted="the town centre, or a larger reach_km")
    if known_quirk:
        return drops.drop(FAR_AWAY, far, rows)
    fault = InputError(
        sentence("location %(km).0f km from the town centre", km=float(apart[far.argmax()])),
        accepted=sentence("locations within %(km).0f km (option reach_km), or the option on_bad_row=drop", km=reach),
    )
    return drops.unreadable(FAR_AWAY, far, rows, fault)


def metres(lon: Floats, lat: Floats, centre: Projection) -> tuple[Floats, Floats]:
    """Metres from the centre, snapped to 10 m so that no doorstep is kept. O(points)."""
    east, north = centre.to_metres(lon, lat)
    return np.round(east / SNAP_METRES) * SNAP_METRES, np.round(north / SNAP_METRES) * SNAP_METRES


def _reach(options: Mapping[str, str]) -> float:
    try:
        reach = float(options.get("reach_km", REACH_KM))
    except ValueError:
        reach = float("nan")
    if not 1 <= reach <= 1_000:
        raise InputError("option reach_km out of range", accepted="1 to 1000 kilometres")
    return reach
