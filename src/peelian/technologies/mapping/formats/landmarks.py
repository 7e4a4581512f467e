"""The shape "landmarks": kinds of places with their points, for a score card of what lies nearby."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from peelian.errors import InputError, sentence
from peelian.kernel.model.capability import Scalar
from peelian.kernel.model.formats import Admitted, Format
from peelian.measure.persons import are_homes, are_names
from peelian.measure.table import Kind, Table, table
from peelian.technologies.mapping.formats.drops import NO_PLACE, drops_for
from peelian.technologies.mapping.formats.places import points

LANDMARKS_SHAPE = "landmarks"
ROLES: Mapping[str, tuple[str, ...]] = {
    "landmark": ("landmark", "landmark_type", "place_type", "amenity"),
    "longitude": ("longitude", "lon", "long", "lng", "x"),
    "latitude": ("latitude", "lat", "y"),
}
OPTIONS: Mapping[str, str] = {
    "landmark": "column with landmark type",
    "longitude": "column with longitude in degrees",
    "latitude": "column with latitude in degrees",
    "on_bad_row": "stop (default) or drop",
}
MOST_KINDS = 40
LONGEST = 40


def landmarks(text: Table, options: Mapping[str, str]) -> Admitted:
    """Columns landmark (small letters and underscores), longitude, latitude; facts name the kinds. O(rows).

    InputError names row and column of a point that is none, and counts kinds where there are more than 40.
    """
    drops = drops_for(options.get("on_bad_row", "stop"))
    rows = text["row"]
    lon, lat, kept = points((text["longitude"], text["latitude"]), ("longitude", "latitude"), rows, drops)
    words = np.array([_word(str(value)) for value in text["landmark"].tolist()], dtype=object)
    nameless = kept & np.array([not word for word in words], dtype=bool)
    drops.unreadable(NO_PLACE, nameless, rows, InputError("landmark type missing", column="landmark"))
    kept &= ~nameless
    kinds = sorted(set(words[kept].tolist()))
    if not kinds:
        raise InputError("no landmarks", accepted="at least one row with a type and a point")
    if are_names(kinds) or are_homes([kind.replace("_", " ") for kind in kinds]):
        says = "landmark types look like names of people or addresses"
        raise InputError(says, column="landmark", accepted="types such as bar or bus_stop")
    if len(kinds) > MOST_KINDS:
        says = sentence("%(n)d landmark types are too many", n=len(kinds))
        accepted = sentence("at most %(most)d types, such as bar or bus_stop", most=MOST_KINDS)
        raise InputError(says, column="landmark", accepted=accepted)
    made = {
        "landmark": (Kind.GROUP, words[kept]),
        "longitude": (Kind.PERSONAL, lon[kept]),
        "latitude": (Kind.PERSONAL, lat[kept]),
    }
    facts: dict[str, Scalar] = {"groups": ",".join(kinds), "n": int(kept.sum())}
    return Admitted(table=table(LANDMARKS_SHAPE, made), facts=facts, dropped=drops.listed())


def picked(header: tuple[str, ...], options: Mapping[str, str]) -> dict[str, str]:
    """The three columns: as the options say, else by usual names; InputError lists what there is."""
    plain = {name.casefold().strip(): name for name in header}
    found = {}
    for role, usual in ROLES.items():
        asked = options.get(role, "")
        names = [plain[n.casefold()] for n in ([asked] if asked else usual) if n.casefold() in plain]
        if not names:
            known = ", ".join(header)[:300]
            accepted = sentence("the option %(role)s naming one of: %(known)s", role=role, known=known)
            raise InputError(sentence("no %(role)s column found", role=role), accepted=accepted)
        found[role] = names[0]
    return found


def _word(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.casefold()).strip("_")[:LONGEST]


LANDMARKS = Format(
    id="landmarks",
    title="Landmarks with coordinates (bars, stops, vacant lots…)",
    shape=LANDMARKS_SHAPE,
    required=frozenset({"landmark"}),
    columns=frozenset(ROLES),
    convert=landmarks,
    options=OPTIONS,
    kinds=("csv", "parquet", "geojson", "json"),
    pick=picked,
)
