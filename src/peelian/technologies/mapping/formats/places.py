"""Checks points in degrees: no place, null island, another projection, axes swapped, latitudes without a town."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, sentence
from peelian.measure.table import Values
from peelian.technologies.mapping.formats.drops import BAD_PLACE, NO_PLACE, NULL_ISLAND, Bools, Drops, Ints
from peelian.technologies.mapping.formats.numbers import numbers

Floats = NDArray[np.float64]
DEGREES = "longitude -180 to 180 and latitude -90 to 90 in degrees (WGS 84)"
INHABITED = (-56.0, 79.0)  # latitudes of towns: Puerto Toro 55.1 S, Longyearbyen 78.2 N, Ny-Ålesund 78.9 N
FARTHEST_DEGREES = 60.0  # no town lies further than this from the meridian its clocks follow


def points(
    text: tuple[Values, Values], names: tuple[str, str], rows: Ints, drops: Drops, usual_lon: float | None = None
) -> tuple[Floats, Floats, Bools]:
    """Longitude and latitude (float64[n]) from two columns, and which rows have a place that can be kept.

    Missing places and null island are counted and dropped. InputError (or a count, as `drops` says) for text that is
    no number, points that are not on Earth and latitudes where no town lies; it says when they look like metres or
    feet, or swapped.
    """
    lon, not_lon = numbers(text[0])
    lat, not_lat = numbers(text[1])
    kept = np.ones(len(rows), bool)
    for bad, name in ((not_lon, names[0]), (not_lat, names[1])):
        fault = InputError("not a number", accepted=DEGREES, column=name)
        kept &= drops.unreadable(BAD_PLACE, bad & kept, rows, fault)
    kept &= drops.drop(NO_PLACE, (np.isnan(lon) | np.isnan(lat)) & kept, rows)
    kept &= drops.drop(NULL_ISLAND, (lon == 0) & (lat == 0) & kept, rows)
    off = kept & ((np.abs(lon) > 180) | (np.abs(lat) > 90))
    kept &= drops.unreadable(BAD_PLACE, off, rows, _off_earth(lon, lat, off, names))
    if usual_lon is not None:
        swapped = kept & _looks_swapped(lon, lat, usual_lon)
        fault = InputError(
            "longitude and latitude look swapped: the point is far from the town's time zone",
            accepted=DEGREES,
            column=names[0],
        )
        kept &= drops.unreadable(BAD_PLACE, swapped, rows, fault)
    empty = kept & uninhabited(lat)
    kept &= drops.unreadable(BAD_PLACE, empty, rows, _uninhabited(lon, empty, names))
    return lon, lat, kept


def uninhabited(lat: Floats) -> Bools:
    """Which latitudes hold no town, only research stations or nobody: south of 56 S or north of 79 N. nan is none."""
    return np.asarray((lat < INHABITED[0]) | (lat > INHABITED[1]))


def _uninhabited(lon: Floats, empty: Bools, names: tuple[str, str]) -> InputError:
    swapped = bool(empty.any()) and not bool(uninhabited(lon)[empty.argmax()])
    says = "longitude and latitude look swapped" if swapped else "no town lies at this latitude"
    return InputError(says, accepted=DEGREES, column=names[1])


def _off_earth(lon: Floats, lat: Floats, off: Bools, names: tuple[str, str]) -> InputError:
    if not bool(off.any()):
        return InputError("")
    at = int(off.argmax())
    x, y = abs(float(lon[at])), abs(float(lat[at]))
    column = names[0] if x > 180 else names[1]
    if max(x, y) > 1000:
        says = "coordinates look like metres or feet of a map projection"
        accepted = sentence("%(what)s, or a description with the EPSG code", what=sentence(DEGREES))
        return InputError(says, accepted=accepted, column=column)
    if x <= 90 and y <= 180:
        return InputError("longitude and latitude look swapped", accepted=DEGREES, column=column)
    return InputError("point not on Earth", accepted=DEGREES, column=column)


def _looks_swapped(lon: Floats, lat: Floats, usual: float) -> Bools:
    """Far from the town's meridian as it stands, near it when swapped."""
    with np.errstate(invalid="ignore"):
        if not bool((np.abs(lon - usual) > FARTHEST_DEGREES).any()):
            return np.zeros(len(lon), bool)  # the usual case, several times faster
        return (_apart(lon, usual) > FARTHEST_DEGREES) & (_apart(lat, usual) < FARTHEST_DEGREES) & (np.abs(lon) <= 90)


def _apart(lon: Floats, usual: float) -> Floats:
    return np.asarray(np.abs((lon - usual + 180) % 360 - 180))
