"""Any table of incidents, by a town's own description, by options, or by the names of its columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import chain
from typing import Any

import numpy as np

from peelian.errors import InputError, sentence
from peelian.kernel.model.capability import Note
from peelian.kernel.model.formats import Admitted, Emit, Format
from peelian.measure.table import Table, Values
from peelian.technologies.mapping.formats import codes
from peelian.technologies.mapping.formats.coordinates import crs_named, system
from peelian.technologies.mapping.formats.date_order import order_of
from peelian.technologies.mapping.formats.description import ROLES, SETTINGS, Description, description, with_options
from peelian.technologies.mapping.formats.drops import BAD_PLACE, BAD_TIME, NO_PLACE, NULL_ISLAND, Bools, Drops, Ints
from peelian.technologies.mapping.formats.guesses import guessed
from peelian.technologies.mapping.formats.incident_parts import incidents_in_parts, parted_by
from peelian.technologies.mapping.formats.incidents import (
    NEVER,
    OPTIONS,
    Floats,
    Part,
    ReadPart,
    Town,
    incidents,
    words_of,
)
from peelian.technologies.mapping.formats.numbers import numbers
from peelian.technologies.mapping.formats.places import points
from peelian.technologies.mapping.formats.times import NO_OFFSET, stamps
from peelian.technologies.mapping.formats.whens import Hours, civil, hours, interval, known_from, ordered, when
from peelian.technologies.mapping.formats.zones import usual_longitude

UNSTATED = "Etc/UTC"
NO_ZONE = "No time zone given. Times are taken as local time."
NO_CATEGORY = "No category column. Every row counts as %(word)s."
ITS_OWN_TIME = re.compile(r"(?:T|, ++|(?<! ) ++)\d{1,2}:\d\d.{0,60}$|(?<=^\d{8})[ T]\d{4,6}$")
TIME = "a time such as 23:59, 2359, 11:59 PM or an hour 0 to 23"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How to read this file: the zone, the order of day and month, the projection, the word for every row if none."""

    zone: str
    order: str
    crs: str
    one_category: str


def generic(parts: Iterable[Table], options: Mapping[str, str]) -> Admitted:
    """Incidents from parts whose columns are named by their roles (see description.ROLES)."""
    return _read_by(parts, options, lambda these, how: incidents(these, *how, options))


def generic_in_parts(parts: Iterable[Table], options: Mapping[str, str], emit: Emit) -> Admitted:
    """The same for a file of any size."""
    return _read_by(parts, options, lambda these, how: incidents_in_parts(these, how, options, emit))


def _read_by(
    parts: Iterable[Table],
    options: Mapping[str, str],
    read: Callable[[Iterable[Table], tuple[ReadPart, Town, Mapping[str, str]]], Admitted],
) -> Admitted:
    made = _described(options)
    arriving = iter(parts)
    first = next(arriving, None)
    if first is None:
        raise InputError("no rows", accepted="at least one incident")
    reading = _reading(first, made)
    town = Town(
        zone=reading.zone,
        source=made.settings.get("source", "the town's own file"),
        attribution=made.settings.get("attribution", ""),
    )
    general = {**codes.EVERYWHERE, **made.categories}
    taken = read(chain([first], arriving), (partial(_part, reading), town, general))
    notes = [Note(text=NO_ZONE, kind="caveat")] if "zone" not in made.settings else []
    if "category" not in first:
        notes.append(Note(text=NO_CATEGORY, values={"word": reading.one_category}, kind="caveat"))
    return Admitted(table=taken.table, facts=taken.facts, dropped=taken.dropped, notes=(*taken.notes, *notes))


def picked(header: tuple[str, ...], options: Mapping[str, str]) -> dict[str, str]:
    """Role → column: as described, as the options say, and where neither does, by plain names."""
    made = _described(options)
    return guessed(header, made.columns, projected=bool(crs_named(made.settings.get("crs", ""))))


@lru_cache(maxsize=8)
def _parsed(text: str) -> Description:
    return description(text)


def _described(options: Mapping[str, str]) -> Description:
    return with_options(_parsed(options.get("description", "")), options)


def _reading(first: Table, made: Description) -> Reading:
    """What the first part settles for the whole file: the order of day and month, and whether a zone is needed."""
    dates = {role: first[role] for role in ("date", "end", "known") if role in first}
    order = made.settings.get("order", "") or order_of(dates, first["row"])
    zone = made.settings.get("zone", UNSTATED)
    if zone == UNSTATED and bool((stamps(first["date"], order=order).offset != NO_OFFSET).any()):
        says = "times have a UTC offset but the time zone is not given"
        raise InputError(says, column="date", accepted="the option zone, such as America/Toronto")
    return Reading(
        zone=zone,
        order=order,
        crs=crs_named(made.settings.get("crs", "")),
        one_category=made.settings.get("one_category", "other_reported"),
    )


def _part(reading: Reading, text: Table, options: Mapping[str, str], drops: Drops) -> Part:
    rows = text["row"]
    how = (reading.order, reading.zone)
    start, end, kept = when(_with_time(text, "date", "time", rows, drops), "date", rows, drops, how)
    if "end" in text:
        end, later = _end(text, start, end, (rows, drops), how)
        kept &= later
    known: Hours = np.full(len(rows), NEVER)
    if "known" in text:
        known, dated = known_from(text["known"], "known", rows, drops, how)
        kept &= dated
    lon, lat, placed = _points(text, reading, rows, drops)
    part = Part(
        row=rows,
        code=words_of(text, "category", reading.one_category),
        start=start,
        end=end,
        known=known,
        lon=lon,
        lat=lat,
        area=words_of(text, "area"),
    )
    return part.take(kept & placed)


def _end(text: Table, start: Hours, end: Hours, cut: tuple[Ints, Drops], how: tuple[str, str]) -> tuple[Hours, Bools]:
    """The interval's last hour; where no end is given the interval is what the start alone says."""
    rows, drops = cut
    read = stamps(_with_time(text, "end", "end_time", rows, drops), order=how[0])
    fault = InputError("not a date", accepted="a date as in the start column", column="end")
    kept = drops.unreadable(BAD_TIME, read.bad, rows, fault)
    given = ~(read.empty | read.bad)
    _, until = interval(read, how[1])
    kept &= ordered(start, np.where(given, until, start), ("date", "end"), rows, drops)
    closing = hours(civil(read, how[1]) - 1)  # an end at a full hour closes the hour before it
    last = np.where(read.clock, np.maximum(closing, start), until)
    return np.where(given, last, end), kept


def _with_time(text: Table, day: str, time: str, rows: Ints, drops: Drops) -> Values:
    """A column of days with the time of day of another column written behind it."""
    if time not in text:
        return text[day]
    clocks = [_clock(_text(value)) for value in text[time].tolist()]
    bad = np.array([clock is None for clock in clocks], dtype=bool)
    drops.unreadable(BAD_TIME, bad, rows, InputError("not a time of day", accepted=TIME, column=time))
    days = [ITS_OWN_TIME.sub("", _text(value)) for value in text[day].tolist()]
    joined = [f"{d} {clock}".strip() if d and clock else d for d, clock in zip(days, clocks, strict=True)]
    return np.array([*joined, ""], dtype=object)[:-1]


def _text(value: Any) -> str:
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:g}"
    return value.decode("utf-8", "replace").strip() if isinstance(value, bytes) else str(value).strip()


def _clock(text: str) -> str | None:
    """ "23", "2359", "23:59:00" or "11:59 PM" as a time that can stand behind a date; None when it is none."""
    if text.isdecimal() and len(text) <= 2:
        return f"{text.zfill(2)}:00" if int(text) <= 24 else None
    if text.isdecimal() and len(text) <= 4:
        return f"{text.zfill(4)[:2]}:{text.zfill(4)[2:]}"
    head = text.split(":")
    return text if not text or (len(head) > 1 and head[0].isdigit()) else None


def _points(text: Table, reading: Reading, rows: Ints, drops: Drops) -> tuple[Floats, Floats, Bools]:
    pair = (text["x"], text["y"])
    if not reading.crs:
        usual = None if reading.zone == UNSTATED else usual_longitude(reading.zone)
        return points(pair, ("x", "y"), rows, drops, usual)
    (x, not_x), (y, not_y) = numbers(pair[0]), numbers(pair[1])
    kept = np.ones(len(rows), bool)
    accepted = sentence("coordinates of %(crs)s", crs=reading.crs)
    for bad, name in ((not_x, "x"), (not_y, "y")):
        kept &= drops.unreadable(
            BAD_PLACE, bad & kept, rows, InputError("not a number", accepted=accepted, column=name)
        )
    kept &= drops.drop(NO_PLACE, (np.isnan(x) | np.isnan(y)) & kept, rows)
    kept &= drops.drop(NULL_ISLAND, (x == 0) & (y == 0) & kept, rows)
    return _carried(x, y, kept, reading.crs, (rows, drops))


def _carried(x: Floats, y: Floats, kept: Bools, crs: str, cut: tuple[Ints, Drops]) -> tuple[Floats, Floats, Bools]:
    """Projected coordinates as degrees; a point outside the projection's own area of use is unreadable."""
    rows, drops = cut
    here = system(crs)
    lon, lat = here.to_degrees(x, y)
    off = kept & here.outside(lon, lat)
    degrees = bool(((np.abs(x) <= 180) & (np.abs(y) <= 90))[off].any())
    says = "coordinates look like degrees" if degrees else sentence("point outside the area of %(crs)s", crs=crs)
    fault = InputError(says, accepted=sentence("coordinates of %(crs)s", crs=crs), column="x")
    kept = kept & drops.unreadable(BAD_PLACE, off, rows, fault)
    return np.where(kept, lon, 0.0), np.where(kept, lat, 0.0), kept


GENERIC = Format(
    id="incidents",
    title="Any incident table, by description or column names",
    shape="incidents",
    required=frozenset(),
    columns=frozenset(ROLES),
    stream=generic,
    parted=parted_by(generic_in_parts),
    options={
        **OPTIONS,
        **ROLES,
        **SETTINGS,
        "description": "TOML file that describes the columns (docs/reference/formats.md)",
    },
    kinds=("csv", "parquet", "geojson", "json"),
    packed=frozenset({"date", "end", "known"}),
    numbers=frozenset({"x", "y"}),
    pick=picked,
)
