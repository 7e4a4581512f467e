"""Street-level crime of data.police.uk: months only, points moved to the middle of a street, some far away."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from peelian.kernel.model.formats import Format
from peelian.measure.table import Table
from peelian.technologies.mapping.formats import codes
from peelian.technologies.mapping.formats.drops import Drops
from peelian.technologies.mapping.formats.incident_parts import parted
from peelian.technologies.mapping.formats.incidents import NEVER, OPTIONS, Part, Town, streamed, words_of
from peelian.technologies.mapping.formats.places import points
from peelian.technologies.mapping.formats.whens import when
from peelian.technologies.mapping.formats.zones import usual_longitude

ZONE = "Europe/London"
TOWN = Town(
    zone=ZONE,
    source="data.police.uk, street-level crime",
    attribution="Contains public sector information licensed under the Open Government Licence v3.0",
    stray_points=True,
)


def part_of(text: Table, options: Mapping[str, str], drops: Drops) -> Part:
    """Rows of one part; those without a place are counted and dropped (about one in twelve in the City of London)."""
    rows = text["row"]
    first, last, kept = when(text["month"], "month", rows, drops, ("", ZONE))
    at = ("longitude", "latitude")
    lon, lat, placed = points((text[at[0]], text[at[1]]), at, rows, drops, usual_longitude(ZONE))
    part = Part(
        row=rows,
        code=words_of(text, "crime type"),
        start=first,
        end=last,
        known=np.full(len(rows), NEVER),
        lon=lon,
        lat=lat,
        area=words_of(text, "lsoa name"),
    )
    return part.take(kept & placed)


POLICE_UK = Format(
    id="police-uk",
    title="data.police.uk street-level crime (a month, or a zip of months)",
    shape="incidents",
    required=frozenset({"month", "longitude", "latitude", "crime type", "falls within"}),
    columns=frozenset({"month", "longitude", "latitude", "crime type", "lsoa name"}),
    stream=streamed(part_of, TOWN, codes.POLICE_UK),
    parted=parted(part_of, TOWN, codes.POLICE_UK),
    options=OPTIONS,
    packed=frozenset({"month"}),
    numbers=frozenset({"longitude", "latitude"}),
)
