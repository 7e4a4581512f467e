"""Chicago's "Crimes" files: the whole history and the one of the last year, which is headed differently."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from peelian.kernel.model.formats import Format
from peelian.measure.coded import Coded, coded
from peelian.measure.table import Table
from peelian.technologies.mapping.formats import codes
from peelian.technologies.mapping.formats.drops import Drops
from peelian.technologies.mapping.formats.incident_parts import parted
from peelian.technologies.mapping.formats.incidents import NEVER, OPTIONS, Part, Town, streamed, words_of
from peelian.technologies.mapping.formats.places import points
from peelian.technologies.mapping.formats.whens import Hours, known_from, when
from peelian.technologies.mapping.formats.zones import usual_longitude

ZONE = "America/Chicago"
TOWN = Town(
    zone=ZONE,
    source="Chicago Police Department, Crimes",
    attribution="Data from the Chicago Data Portal, provided by the City of Chicago; see its terms of use",
)
WHOLE = ("date", "primary type", "community area")
ONE_YEAR = ("date of occurrence", "primary description", "")


def part_of(names: tuple[str, str, str], text: Table, options: Mapping[str, str], drops: Drops) -> Part:
    """Rows of one part. "Updated On" is when the city last wrote the row: it is the only lag the file shows."""
    date, code, area = names
    rows = text["row"]
    first, last, kept = when(text[date], date, rows, drops, ("mdy", ZONE))
    at = ("longitude", "latitude")
    lon, lat, placed = points((text[at[0]], text[at[1]]), at, rows, drops, usual_longitude(ZONE))
    known: Hours = np.full(len(rows), NEVER)
    if "updated on" in text:
        known, dated = known_from(text["updated on"], "updated on", rows, drops, ("mdy", ZONE))
        kept &= dated
    named = words_of(text, code)
    if "iucr" in text:
        named = _by_number(named, words_of(text, "iucr"))
    part = Part(row=rows, code=named, start=first, end=last, known=known, lon=lon, lat=lat, area=words_of(text, area))
    return part.take(kept & placed)


def _by_number(words: Coded, numbers: Coded) -> Coded:
    """The type, or the category of the code's first two digits where the type is missing or not known."""
    strange = {word for word in words.words if word.casefold() not in codes.CHICAGO}
    if not strange:
        return words
    pairs = zip(words.values().tolist(), numbers.values().tolist(), strict=True)
    mended = [codes.CHICAGO_IUCR.get(str(n).zfill(4)[:2], w) if w in strange else w for w, n in pairs]
    return coded(np.array(mended, dtype=object))


CHICAGO = Format(
    id="chicago",
    title="Chicago crimes, 2001 to present",
    shape="incidents",
    required=frozenset({"date", "primary type", "iucr", "latitude", "longitude"}),
    columns=frozenset({"date", "primary type", "iucr", "community area", "updated on", "latitude", "longitude"}),
    stream=streamed(partial(part_of, WHOLE), TOWN, codes.CHICAGO),
    parted=parted(partial(part_of, WHOLE), TOWN, codes.CHICAGO),
    options=OPTIONS,
    packed=frozenset({"date", "updated on"}),
    numbers=frozenset({"latitude", "longitude"}),
)
CHICAGO_ONE_YEAR = Format(
    id="chicago-one-year",
    title="Chicago crimes, last year",
    shape="incidents",
    required=frozenset({"date of occurrence", "primary description", "iucr", "latitude", "longitude"}),
    columns=frozenset({"date of occurrence", "primary description", "iucr", "latitude", "longitude"}),
    stream=streamed(partial(part_of, ONE_YEAR), TOWN, codes.CHICAGO),
    parted=parted(partial(part_of, ONE_YEAR), TOWN, codes.CHICAGO),
    options=OPTIONS,
    packed=frozenset({"date of occurrence"}),
    numbers=frozenset({"latitude", "longitude"}),
)
