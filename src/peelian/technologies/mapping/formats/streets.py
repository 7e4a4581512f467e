"""The shape "streets": lines of streets as WKT in degrees, without their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from peelian.errors import InputError, sentence
from peelian.kernel.model.capability import Scalar
from peelian.kernel.model.formats import Admitted, Format
from peelian.measure.table import Kind, Table, table
from peelian.technologies.mapping.formats.areas import crs_of
from peelian.technologies.mapping.formats.coordinates import system
from peelian.technologies.mapping.formats.drops import Drops, drops_for
from peelian.technologies.mapping.formats.outlines import refuse_off_earth

STREETS_SHAPE, GEOMETRY = "streets", "geometry"
GEOMETRIES, USUAL = ("geometry", "wkt", "the_geom", "geom"), ("highway", "fclass")
MOST_LINES, MOST_VERTICES = 500_000, 4_000
ACCEPTED = "lines in degrees (WGS 84), or an EPSG code in the option crs"
NO_LENGTH, BAD_LINE = "Street without a length", "Unreadable line"
LEFT_OUT, NO_CLASS = "Class left out as asked", "No street: it has no class"
OPTIONS: Mapping[str, str] = {
    "kind": "column with class of street",
    "leave_out": "classes to leave out, comma-separated, such as motorway,footway",
    "crs": "EPSG code of the coordinates, if not longitude and latitude",
    "on_bad_row": "stop (default) or drop",
}

Lines = NDArray[Any]


def streets(text: Table, options: Mapping[str, str]) -> Admitted:
    """Column line (WKT, longitude latitude, to 1 cm), one row per line; no names, and no class. O(vertices).

    InputError names the row of what is no line or not on Earth, and says what there is where a class is unknown.
    """
    drops = drops_for(options.get("on_bad_row", "stop"))
    rows, kept = text["row"], np.ones(len(text), dtype=bool)
    if "kind" in text:
        kept &= _asked_for(text, options, drops)
    shape = shapely.force_2d(_shapes(text[GEOMETRY]))
    empty = kept & shapely.is_missing(shape) & (text[GEOMETRY] == "")
    kept &= drops.drop(NO_LENGTH, empty, rows)
    bad = kept & ~np.isin(shapely.get_type_id(shape), (1, 5))
    kept &= drops.unreadable(BAD_LINE, bad, rows, InputError("not a line", column=GEOMETRY, accepted=ACCEPTED))
    owner, shape = np.flatnonzero(kept), shape[kept]
    shape = _in_degrees(shape, rows[owner], crs_of(options))
    part, which = shapely.get_parts(shape, return_index=True)
    owner = owner[which]
    none = shapely.length(part) == 0
    drops.drop(NO_LENGTH, none, rows[owner])
    part, owner = part[~none], owner[~none]
    _refuse_many(part, rows[owner])
    lines = shapely.to_wkt(part, rounding_precision=7, trim=True)
    west, south, east, north = shapely.total_bounds(part).tolist()
    facts: dict[str, Scalar] = {
        "n": len(part),
        "centre_lon": round((west + east) / 2, 2),
        "centre_lat": round((south + north) / 2, 2),
    }
    return Admitted(table=table(STREETS_SHAPE, {"line": (Kind.OUTLINE, lines)}), facts=facts, dropped=drops.listed())


def picked(header: tuple[str, ...], options: Mapping[str, str]) -> dict[str, str]:
    """The columns to read: geometry, and that of the classes; InputError where it is asked for and missing."""
    plain = {name.casefold().strip(): name for name in header}
    drawn = [plain[name] for name in GEOMETRIES if name in plain]
    if not drawn:
        raise InputError("no lines", accepted="GeoJSON of lines, or a column wkt")
    found = {GEOMETRY: drawn[0]}
    asked = options.get("kind", "").casefold().strip()
    names = [plain[name] for name in ([asked] if asked else USUAL) if name in plain]
    if names:
        found["kind"] = names[0]
    elif asked or "leave_out" in options:
        known = ", ".join(name for name in header if name != drawn[0])[:300]
        accepted = sentence("the option %(role)s naming one of: %(known)s", role="kind", known=known)
        raise InputError(sentence("no %(role)s column found", role="kind"), accepted=accepted)
    return found


def _shapes(texts: Lines) -> Lines:
    """What GeoJSON or WKT draw; None for any other text."""
    wkt = ~np.array([str(one).startswith("{") for one in texts.tolist()], dtype=bool)
    made = np.full(len(texts), None, dtype=object)
    made[wkt] = shapely.from_wkt(texts[wkt], on_invalid="ignore")
    made[~wkt] = shapely.from_geojson(texts[~wkt], on_invalid="ignore")
    return made


def _asked_for(text: Table, options: Mapping[str, str], drops: Drops) -> NDArray[np.bool_]:
    """Which lines have a class, and none to be left out; InputError where no line is of such a class.

    What has no class where others have one is no street: OpenStreetMap's lines are rivers and railways, too.
    """
    gone = {one.strip().casefold() for one in options.get("leave_out", "").split(",") if one.strip()}
    kinds = np.array([str(one).strip().casefold() for one in text["kind"].tolist()])
    if unknown := sorted(gone - set(kinds.tolist())):
        known = ", ".join(sorted(set(kinds.tolist()) - {""}))[:300]
        says = sentence("no street of class %(name)s", name=unknown[0])
        raise InputError(says, column="kind", accepted=sentence("one of: %(known)s", known=known))
    kept = drops.drop(NO_CLASS, kinds == "", text["row"])
    return kept & drops.drop(LEFT_OUT, np.isin(kinds, sorted(gone)), text["row"])


def _in_degrees(shape: Lines, rows: NDArray[np.int64], crs: str) -> Lines:
    """The lines carried from `crs` to degrees; InputError names the row that is not on Earth or not in its area."""
    if not len(shape):
        raise InputError("no streets left", accepted="at least one line")
    at, owner = shapely.get_coordinates(shape, return_index=True)
    if crs:
        here = system(crs)
        at = np.stack(here.to_degrees(at[:, 0], at[:, 1]), axis=1)
        off = here.outside(at[:, 0], at[:, 1])
        if bool(off.any()):
            says = sentence("coordinates outside the area of %(crs)s", crs=crs)
            accepted = sentence("coordinates of %(crs)s, or another option crs", crs=crs)
            raise InputError(says, row=int(rows[owner[off.argmax()]]), column=GEOMETRY, accepted=accepted)
        shape = shapely.set_coordinates(shape.copy(), at)
    refuse_off_earth(at, ACCEPTED)
    return shape


def _refuse_many(part: Lines, rows: NDArray[np.int64]) -> None:
    if not len(part):
        raise InputError("no streets left", accepted="at least one line")
    if len(part) > MOST_LINES:
        raise InputError("more streets than allowed", accepted=sentence("%(n)d rows", n=MOST_LINES))
    long = shapely.get_num_coordinates(part) > MOST_VERTICES
    if bool(long.any()):
        says = sentence("outline with more than %(n)d vertices", n=MOST_VERTICES)
        raise InputError(says, row=int(rows[long.argmax()]), column=GEOMETRY, accepted="lines cut at crossings")


STREETS = Format(
    id="streets",
    title="Streets (lines as GeoJSON or WKT)",
    shape=STREETS_SHAPE,
    required=frozenset({"highway", GEOMETRY}),
    columns=frozenset({GEOMETRY, "kind"}),
    convert=streets,
    options=OPTIONS,
    kinds=("csv", "parquet", "geojson"),
    pick=picked,
)
