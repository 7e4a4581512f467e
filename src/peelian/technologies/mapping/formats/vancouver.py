"""Vancouver Police Department's files: UTM metres; place and time withheld for every offence against a person."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from peelian.errors import InputError
from peelian.kernel.model.formats import Format
from peelian.measure.table import Table
from peelian.technologies.mapping.formats import codes
from peelian.technologies.mapping.formats.coordinates import system
from peelian.technologies.mapping.formats.drops import BAD_PLACE, NO_PLACE, Bools, Drops, Ints
from peelian.technologies.mapping.formats.incident_parts import parted
from peelian.technologies.mapping.formats.incidents import NEVER, OPTIONS, Floats, Part, Town, streamed, words_of
from peelian.technologies.mapping.formats.numbers import numbers
from peelian.technologies.mapping.formats.whens import day_of, whole_day, with_hour

TOWN = Town(
    zone="America/Vancouver",
    source="Vancouver Police Department, GeoDASH open data",
    attribution="Vancouver Police Department crime data; see its legal disclaimer",
)
UTM_10N = "EPSG:26910"
METRES = "metres of UTM zone 10 north: x about 480,000 to 500,000, y about 5,440,000 to 5,470,000"
WITHHELD = "Place and time withheld (offences against a person)"


def part_of(text: Table, options: Mapping[str, str], drops: Drops) -> Part:
    """Rows of one part. Equal rows are separate offences and stay; withheld ones (0, 0) are counted and dropped."""
    rows = text["row"]
    names = ("year", "month", "day")
    days, kept = day_of((text["year"], text["month"], text["day"]), names, rows, drops)
    first, last = whole_day(days)
    x, y, placed = _metres(text, rows, drops)
    first, last, timed = with_hour(first, last, text["hour"], "hour", (rows, drops))
    kept &= placed & timed
    lon, lat = system(UTM_10N).to_degrees(np.where(kept, x, 490_000.0), np.where(kept, y, 5_455_000.0))
    part = Part(
        row=rows,
        code=words_of(text, "type"),
        start=first,
        end=last,
        known=np.full(len(rows), NEVER),
        lon=lon,
        lat=lat,
        area=words_of(text, "neighbourhood"),
    )
    return part.take(kept)


def _metres(text: Table, rows: Ints, drops: Drops) -> tuple[Floats, Floats, Bools]:
    (x, not_x), (y, not_y) = numbers(text["x"]), numbers(text["y"])
    kept = np.ones(len(rows), bool)
    for bad, name in ((not_x, "x"), (not_y, "y")):
        fault = InputError("not a number", accepted=METRES, column=name)
        kept &= drops.unreadable(BAD_PLACE, bad & kept, rows, fault)
    kept &= drops.drop(WITHHELD, (x == 0) & (y == 0) & kept, rows)
    kept &= drops.drop(NO_PLACE, (np.isnan(x) | np.isnan(y)) & kept, rows)
    with np.errstate(invalid="ignore"):
        off = (x < 300_000) | (x > 700_000) | (y < 5_000_000) | (y > 6_000_000)
        degrees = bool((np.abs(x[kept & off]) <= 180).any())
    says = "coordinates look like degrees, not metres" if degrees else "point outside UTM zone 10 north"
    kept &= drops.unreadable(BAD_PLACE, off & kept, rows, InputError(says, accepted=METRES, column="x"))
    return x, y, kept


VANCOUVER = Format(
    id="vancouver",
    title="Vancouver Police Department crime data (GeoDASH)",
    shape="incidents",
    required=frozenset({"type", "year", "month", "day", "hour", "hundred_block", "neighbourhood", "x", "y"}),
    columns=frozenset({"type", "year", "month", "day", "hour", "neighbourhood", "x", "y"}),
    stream=streamed(part_of, TOWN, codes.VANCOUVER),
    parted=parted(part_of, TOWN, codes.VANCOUVER),
    options=OPTIONS,
    numbers=frozenset({"x", "y", "year", "month", "day", "hour"}),
)
