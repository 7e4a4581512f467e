"""Police-found offences, weighted by the inverse chance that police were there to see them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from peelian.errors import InputError
from peelian.kernel.model.capability import Note
from peelian.technologies.mapping.areas import Areas
from peelian.technologies.mapping.incidents import Incidents

Floats = NDArray[np.float64]

FLOOR = 0.05
"""The smallest chance, as a share of the town's mean: no incident may count more than twenty times."""

WEIGHED = (
    "Each incident is weighted by the inverse of the chance that police were in its area to see it. "
    "Weights run from %(low).2f to %(high).2f (effective n = %(effective).0f). Incidents where nobody "
    "looks stay unknown."
)


def weighed(found: Incidents, areas: Areas | None) -> Incidents:
    """The incidents with inverse-probability weights whose sum is that of the weights before (Hájek 1971).

    The chance to be seen is taken to grow with the hours of patrol per square kilometre of the incident's area, with
    a floor of 5 % of the town's mean (Ensign et al. 2018 show why records taken as they are run away). InputError
    where patrol hours are not known. O(n log areas).
    """
    if areas is None or areas.patrol_hours is None or not float(areas.patrol_hours.sum()) > 0:
        raise InputError(
            "police found these offences, and patrol hours are not known",
            column="patrol_hours",
            accepted="areas with patrol hours (option patrols), or a category that people report",
        )
    chance = chances(areas.patrol_hours, shapely.area(areas.outlines) / 1e6)
    where = _area_of(found.east, found.north, areas)
    weight = found.weight / np.where(where >= 0, chance[where], 1.0)
    weight *= float(found.weight.sum()) / float(weight.sum())
    factor = weight / found.weight
    values = {
        "low": float(factor.min()),
        "high": float(factor.max()),
        "effective": float(weight.sum() ** 2 / (weight**2).sum()),
    }
    note = Note(text=WEIGHED, values=values, kind="caveat")
    return replace(found, weight=weight, notes=(*found.notes, note))


def chances(patrol_hours: Floats, km2: Floats) -> Floats:
    """How likely an offence is seen in each area, against the town's mean over its ground: float64[areas], >= 0.05.

    >>> chances(np.array([30.0, 10.0, 0.0]), np.array([1.0, 1.0, 2.0])).round(3).tolist()
    [2.9, 1.0, 0.05]
    """
    presence = patrol_hours / km2
    mean = float(patrol_hours.sum() / km2.sum())
    return FLOOR + (1 - FLOOR) * presence / mean


def _area_of(east: Floats, north: Floats, areas: Areas) -> NDArray[np.intp]:
    """The number of the area each point lies in, -1 for none; of areas that overlap the first."""
    point, area = shapely.STRtree(areas.outlines).query(shapely.points(east, north), predicate="intersects")
    where = np.full(len(east), -1, dtype=np.intp)
    where[point[::-1]] = area[::-1]
    return where
