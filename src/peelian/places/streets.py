"""Streets of a study: lines of a frame as segments on a ground, and what is to be said of the incidents along them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from peelian.errors import InputError, sentence
from peelian.places.floors import floors
from peelian.places.lengths import metres_of
from peelian.places.research import library

if TYPE_CHECKING:
    from peelian.places.grids import Grid
    from peelian.technologies.mapping.incidents import Incidents as Prepared
    from peelian.technologies.mapping.street_cells import StreetCells

LONGEST = REACH = 100.0
FAR = "%(far)d of %(n)d incidents lie more than %(metres)d m from every street and were left out."
ONE_OF = "A segment is measured by its length. Shares of area are shares of the length of all segments."


def segments(lines: NDArray[Any], ground: Any, longest: str | float, reach: str | float) -> StreetCells:
    """Street segments on a ground, from lines in metres, those below the floor joined with their neighbours.

    InputError: a length out of range, or too few streets.
    """
    from peelian.technologies.mapping.street_cells import street_cells

    metres = {"longest": metres_of(longest, "longest"), "reach": metres_of(reach, "reach")}
    for name, least in (("longest", floors().metres), ("reach", 1)):
        if not least <= metres[name] <= 1_000:
            accepted = sentence("%(low)d to 1,000 m", low=least)
            raise InputError("out of range", column=name, accepted=accepted)
    how = {"longest_metres": metres["longest"], "reach_metres": metres["reach"], "least_metres": floors().metres}
    return street_cells(lines, ground, **how)


def lines_of(frame: Any) -> NDArray[Any]:
    """The lines of a GeoDataFrame, each part by itself, in degrees (WGS 84). O(vertices).

    Missing and empty ones are passed over. InputError: no GeoDataFrame, no CRS, no line, another geometry, or a place
    outside the CRS.
    """
    library("geopandas")
    if not hasattr(frame, "geometry") or not hasattr(frame, "to_crs"):
        raise InputError("not a GeoDataFrame", accepted="a GeoDataFrame of lines with a CRS")
    if frame.crs is None:
        raise InputError("the frame states no CRS", accepted="a GeoDataFrame of lines with a CRS")
    shapes = shapely.force_2d(np.asarray(frame.geometry.to_crs("EPSG:4326")))
    drawn = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    other = drawn & ~np.isin(shapely.get_type_id(shapes), (1, 5))
    if other.any():
        raise InputError("not a line", row=int(np.argmax(other)) + 1, column="geometry", accepted="lines of streets")
    if not drawn.any():
        raise InputError("no streets left", accepted="at least one line")
    degrees, part = shapely.get_parts(shapes[drawn], return_index=True)
    west, south, east, north = shapely.bounds(degrees).T
    off = ~((west >= -180) & (east <= 180) & (south >= -90) & (north <= 90))  # infinite and missing ones too
    if off.any():
        row = int(np.flatnonzero(drawn)[part[np.argmax(off)]]) + 1
        raise InputError("a place outside the CRS", row=row, column="geometry")
    return np.asarray(degrees)


def said_of(came: Prepared, grid: Grid) -> tuple[str, ...]:
    """What is to be said of incidents along streets: nothing on other cells. O(incidents log segments).

    InputError where most incidents on the ground lie too far from every street.
    """
    streets = grid.streets
    if streets is None:
        return ()
    from peelian.technologies.mapping.diagnostics.streets import at_crossings
    from peelian.technologies.mapping.street_cells import refuse_far
    from peelian.technologies.mapping.streets import AT_CROSSINGS, CONNECTED, CROSSING_METRES, MANY, PARTS

    ground = grid.outline()
    shapely.prepare(ground)
    _, first = np.unique(came.row, return_index=True)  # one of unknown day stands in several rows
    east, north = came.east[first], came.north[first]
    on = shapely.contains_xy(ground, east, north)
    east, north = east[on], north[on]
    far = streets.far(east, north)
    refuse_far(int(far.sum()), len(far), streets.reach_metres)
    notes = []
    if far.any():
        notes.append(sentence(FAR, far=int(far.sum()), n=len(far), metres=round(streets.reach_metres)))
    if (share := streets.network.largest_part()) < CONNECTED:
        notes.append(sentence(PARTS, share=100 * share))
    places = np.stack([east, north], axis=1)[~far]
    if (share := at_crossings(streets.network, places, CROSSING_METRES)) >= MANY:
        notes.append(sentence(AT_CROSSINGS, share=100 * share, metres=round(CROSSING_METRES)))
    return (*notes, ONE_OF)
