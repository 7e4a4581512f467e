"""Formats of counts, levels and energy files: one row per place and hour.

Shape "windows": area, hour, measure, count, level, kwh, n and homes. Finer rows are summed into hours here, so that
nothing finer is ever sealed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from peelian.errors import InputError, NotEnoughData, sentence
from peelian.kernel.model.capability import Note
from peelian.kernel.model.formats import Admitted, Dropped, Format
from peelian.measure.table import Kind, Table, Values, table
from peelian.technologies.sensors import vocabulary as v
from peelian.technologies.sensors.energy import INSIDE_HOMES
from peelian.technologies.sensors.listing import never
from peelian.technologies.sensors.plausible import DECIBELS
from peelian.technologies.sensors.running_totals import Total, gain, limit_of, looks_running, must_not_be_steep

LEAST_DB, MOST_DB = DECIBELS
MOST_COUNTERS = 500
RUNNING = frozenset({v.ENERGY, *v.COUNTED})
TOTAL_OR_NOT = "total=yes if a meter or counter counts on (it is differenced), total=no if they are amounts"
Convert = Callable[[Table, Mapping[str, str]], Admitted]
Pick = Callable[[tuple[str, ...], Mapping[str, str]], Mapping[str, str]]
ISO = re.compile(r"(?P<y>\d{4})-(?P<m>\d\d?)-(?P<d>\d\d?)(?:[ T](?P<h>\d\d?)(?::\d\d)*(?:\.\d+)?)?$")
FINER = re.compile(r"[ T]\d\d?:(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?")
MONTH_FIRST = re.compile(r"(?P<m>\d\d?)/(?P<d>\d\d?)/(?P<y>\d{4})(?: (?P<h>\d\d?)(?::\d\d)*)?$")
OPTIONS = {
    "measure": "what the values measure: people, vehicles, noise or energy",
    "area": "place of all rows, if the file has no place column",
    "homes": "energy: number of homes per row",
    "largest_share": "energy: largest share of a single home, 0 to 1",
    "total": "yes: values are running totals of a meter or counter; no: they are amounts, whatever they look like",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of a file: place, hour (datetime64[h]) and value; NaN where a value is missing."""

    area: Values
    hour: Values
    value: Values
    second: Values | None = None  # the same times to the second, where a file tells them: datetime64[s]


def hours_of(texts: Values, row: Values) -> Values:
    """Times as whole hours: datetime64[h]. InputError names the first invalid row."""
    cache: dict[str, np.datetime64] = {}
    for at, text in zip(row.tolist(), texts.tolist(), strict=True):
        if text not in cache:
            cache[text] = _hour(text, at)
    return np.array([cache[text] for text in texts.tolist()], dtype="datetime64[h]")


def _hour(text: str, row: int) -> np.datetime64:
    found = ISO.match(text.strip()) or MONTH_FIRST.match(text.strip())
    if found:
        part = found.groupdict()
        try:
            day = f"{part['y']}-{int(part['m']):02d}-{int(part['d']):02d}"
            return np.datetime64(f"{day}T{int(part['h'] or 0):02d}", "h")
        except ValueError:
            pass
    raise InputError("not a time", row=row, column="time", accepted="2026-03-01 10:00, local time")


def seconds_of(texts: Values, hour: Values) -> Values:
    """The same times to the second, where they say more than the hour: datetime64[s]."""
    found = (FINER.search(text) for text in texts.tolist())
    more = [60 * int(one["m"]) + int(one["s"] or 0) if one else 0 for one in found]
    made: Values = hour.astype("datetime64[s]") + np.array(more, dtype="timedelta64[s]")
    return made


def values_of(texts: Values, row: Values, column: str) -> Values:
    """Numbers, NaN for missing ones. InputError names the first invalid row."""
    made = np.full(len(texts), np.nan)
    for i, (at, text) in enumerate(zip(row.tolist(), texts.tolist(), strict=True)):
        if text.strip():
            try:
                made[i] = float(text)
            except ValueError:
                raise InputError("not a number", row=at, column=column, accepted="a number") from None
            if not np.isfinite(made[i]):
                raise InputError("not a number", row=at, column=column, accepted="a finite number")
    return made


def admitted_hours(rows: Rows, options: Mapping[str, str], row: Values) -> Admitted:
    """Rows as hours of places: counts and energy summed, levels as the mean of their energy. O(rows log rows).

    Refused: energy of fewer than 15 homes. InputError: a value out of range, an option that is none.
    """
    measure = options.get("measure", v.PEOPLE)
    if measure not in v.MEASURES:
        raise InputError("unknown measure", column="measure", accepted=", ".join(v.MEASURES))
    if measure == v.ENERGY and _homes(options) < INSIDE_HOMES:
        raise never(
            "energy",
            sentence("Data of fewer than %(n)d homes needs a warrant: `peelian sensors collect`", n=INSIDE_HOMES),
        )
    there = np.isfinite(rows.value)
    if not there.any():
        raise NotEnoughData("no values in the file")
    if options.get("total", "no") not in (("yes", "no") if measure in RUNNING else ("no",)):
        raise InputError("not one of the choices", column="total", accepted="yes, no. Levels have no totals")
    if options.get("total") == "yes":
        rows, there = differenced(rows, there, measure, options)
    else:
        _must_be_amounts(rows, there, measure, options)
    _check_range(rows.value[there], measure, row[there])
    made = _summed(rows, there, measure, options)
    days = made["hour"].astype("datetime64[D]")
    facts: dict[str, int | float | str | bool] = {
        "measure": measure,
        "places": len(set(made["area"].tolist())),
        "from_day": str(days.min()),
        "to_day": str(days.max()),
    }
    missing = np.flatnonzero(~there)
    dropped = (Dropped(why="no value", n=int(missing.size), first_row=int(row[missing[0]])),) if missing.size else ()
    if measure == v.ENERGY:
        facts |= {"declared_homes": _homes(options), "declared_largest_share": _share(options)}
    notes = (Note(text=v.DECLARED, values={"homes": _homes(options)}, kind="caveat"),) if measure == v.ENERGY else ()
    return Admitted(table=made, facts=facts, dropped=dropped, notes=notes)


def differenced(rows: Rows, there: Values, measure: str, options: Mapping[str, str]) -> tuple[Rows, Values]:
    """Running totals as what each place gained since its row before, and which rows say so: a place's first does not.

    InputError where a total rises faster than its kind can. O(rows log rows).
    """
    limit = limit_of(measure, homes=_homes(options))
    value, says, before = np.full(len(rows.value), np.nan), np.zeros(len(rows.value), dtype=bool), dict[str, Total]()
    at = _seconds(rows)
    for i in np.flatnonzero(there)[np.argsort(at[there], kind="stable")].tolist():
        area = str(rows.area[i])
        told = gain(before.get(area), float(at[i]), float(rows.value[i]), limit)
        must_not_be_steep(told, "value", limit)
        value[i], says[i] = told.gained, area in before
        before[area] = told.total
    if not says.any():
        raise NotEnoughData("running totals of one row each", accepted="at least two rows of a place")
    return replace(rows, value=value), says


def _must_be_amounts(rows: Rows, there: Values, measure: str, options: Mapping[str, str]) -> None:
    """InputError where the values of a place look like a running total, and nobody said that they are none."""
    if options.get("total") or measure not in RUNNING:
        return
    order = np.lexsort((_seconds(rows), rows.area.astype(str)))
    order = order[there[order]]
    areas = rows.area[order].astype(str)
    for part in np.split(rows.value[order], np.flatnonzero(areas[1:] != areas[:-1]) + 1):
        if looks_running(part.tolist()):
            raise InputError("amounts that look like a running total", column="value", accepted=TOTAL_OR_NOT)


def _seconds(rows: Rows) -> Values:
    times = rows.hour if rows.second is None else rows.second
    return times.astype("datetime64[s]").astype(np.float64)


def _check_range(values: Values, measure: str, row: Values) -> None:
    if measure == v.NOISE:
        bad = (values < LEAST_DB) | (values > MOST_DB)
        accepted = sentence("levels from %(low)g to %(high)g dB", low=LEAST_DB, high=MOST_DB)
    elif measure == v.ENERGY:
        bad, accepted = values < 0, "kilowatt-hours, 0 or more"
    else:
        bad, accepted = (values < 0) | (values != np.floor(values)) | (values > 1e9), "whole numbers, 0 or more"
    if bad.any():
        raise InputError("value out of range", row=int(row[np.flatnonzero(bad)[0]]), accepted=accepted)


def _summed(rows: Rows, there: Values, measure: str, options: Mapping[str, str]) -> Table:
    areas, index = np.unique(rows.area[there].astype(str), return_inverse=True)
    hours, hour_index = np.unique(rows.hour[there], return_inverse=True)
    keys, where = np.unique(index * len(hours) + hour_index, return_inverse=True)
    n = np.bincount(where)
    values = rows.value[there]
    sums = np.bincount(where, weights=10 ** (values / 10) if measure == v.NOISE else values)
    size, nothing = len(keys), np.full(len(keys), np.nan)
    level = 10 * np.log10(sums / n) if measure == v.NOISE else nothing
    counted = measure in v.COUNTED
    return table(
        "windows",
        {
            "area": (Kind.PLACE, areas[keys // len(hours)].astype(object)),
            "hour": (Kind.TIME, hours[keys % len(hours)]),
            "measure": (Kind.GROUP, np.array([measure] * size, dtype=object)),
            "count": (Kind.COUNT, np.rint(sums).astype(np.int64) if counted else np.zeros(size, dtype=np.int64)),
            "level": (Kind.AMOUNT, level),
            "kwh": (Kind.AMOUNT, sums if measure == v.ENERGY else nothing),
            "n": (Kind.COUNT, n.astype(np.int64)),
            "homes": (Kind.COUNT, np.full(size, _homes(options), dtype=np.int64)),
            "largest_share": (Kind.AMOUNT, np.full(size, _share(options))),
        },
        level="dB(A)",
        kwh="kWh",
        n="bins",
        homes="residents",
    )


def _homes(options: Mapping[str, str]) -> int:
    text = options.get("homes", "1")
    if not text.isdecimal() or len(text) > 8 or not 1 <= int(text) <= 10_000_000:
        raise InputError("not a number of homes", column="homes", accepted="a whole number, 1 or more")
    return int(text)


def _share(options: Mapping[str, str]) -> float:
    try:
        share = float(options.get("largest_share", "1"))
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise InputError("not a share", column="largest_share", accepted="0 to 1")
    return share


def _long(text: Table, options: Mapping[str, str]) -> Admitted:
    area = text["area"] if "area" in text else _one_area(text, options)
    hour = hours_of(text["time"], text["row"])
    rows = Rows(
        area=area,
        hour=hour,
        value=values_of(text["value"], text["row"], "value"),
        second=seconds_of(text["time"], hour),
    )
    return admitted_hours(rows, options, text["row"])


def _one_area(text: Table, options: Mapping[str, str]) -> Values:
    return np.array([options.get("area", "the sensor")] * len(text), dtype=object)


def _level(text: Table, options: Mapping[str, str]) -> Admitted:
    name = next(each for each in text.names if each not in ("datetime", "row"))
    rows = Rows(
        area=_one_area(text, options),
        hour=hours_of(text["datetime"], text["row"]),
        value=values_of(text[name], text["row"], name),
    )
    return admitted_hours(rows, {**options, "measure": v.NOISE}, text["row"])


def _energy(text: Table, options: Mapping[str, str]) -> Admitted:
    stamps = [_of_day(day, hour, row) for day, hour, row in zip(text["date"], text["hour"], text["row"], strict=True)]
    rows = Rows(
        area=_one_area(text, options),
        hour=np.array(stamps, dtype="datetime64[h]"),
        value=values_of(text["energy_kWh"], text["row"], "energy_kWh"),
    )
    return admitted_hours(rows, {**options, "measure": v.ENERGY}, text["row"])


def _of_day(day: str, hour: str, row: int) -> np.datetime64:
    """A day, and an hour in it as 0 to 23, 1 to 24, or "6:00-6:59"."""
    digits = hour.strip().partition(":")[0]
    if not digits.isdecimal() or len(digits) > 2 or int(digits) > 24:
        raise InputError("not an hour of the day", row=row, column="hour", accepted="0 to 24, or 6:00-6:59")
    return _hour(day, row) + np.timedelta64(int(digits), "h")


def _series(text: Table, options: Mapping[str, str]) -> Admitted:
    hour = hours_of(text["timestamp"], text["row"])
    rows = Rows(
        area=_one_area(text, options),
        hour=hour,
        value=values_of(text["value"], text["row"], "value"),
        second=seconds_of(text["timestamp"], hour),
    )
    return admitted_hours(rows, {"measure": v.VEHICLES, **options}, text["row"])


def _every_column(header: tuple[str, ...], options: Mapping[str, str]) -> Mapping[str, str]:
    """A file with one column for each counter: all of them are read, once it is said that they are counts."""
    _must_be_named({"date", "hour", "year"}, header, options)
    if len(header) > MOST_COUNTERS:
        says = sentence("%(n)d columns", n=len(header))
        raise InputError(says, accepted=sentence("at most %(most)d counters", most=MOST_COUNTERS))
    return {name: name for name in header}


def _one_level(header: tuple[str, ...], options: Mapping[str, str]) -> Mapping[str, str]:
    """A sound meter's file: its time and its one level, once it is said that it is noise."""
    _must_be_named({"datetime"}, header, options)
    levels = [name for name in header if name.strip().lower().startswith("leq")]
    if len(levels) != 1:
        raise InputError("no level column", row=1, accepted="datetime, and one column whose name begins with LEQ")
    return {name: name for name in header if name in levels or name.strip() == "datetime"}


def _must_be_named(needed: set[str], header: tuple[str, ...], options: Mapping[str, str]) -> None:
    """Other formats read files with such headers too, so these two are not guessed."""
    if "measure" not in options or not needed <= {name.strip() for name in header}:
        says = "columns %(columns)s, and the option measure=people or measure=noise"
        accepted = sentence(says, columns=", ".join(sorted(needed)))
        raise InputError("unit of the values missing", row=1, accepted=accepted)


def _wide(text: Table, options: Mapping[str, str]) -> Admitted:
    stamps = [_of_day(day, hour, row) for day, hour, row in zip(text["date"], text["hour"], text["row"], strict=True)]
    counters = [name for name in text.names if name not in ("date", "hour", "year", "row")]
    if not counters:
        raise InputError("no counter column", row=1, accepted="date, hour, year and one column per counter")
    rows = Rows(
        area=np.repeat(np.array(counters, dtype=object), len(text)),
        hour=np.tile(np.array(stamps, dtype="datetime64[h]"), len(counters)),
        value=np.concatenate([values_of(text[name], text["row"], name) for name in counters]),
    )
    return admitted_hours(rows, options, np.tile(text["row"], len(counters)))


def _format(
    id: str, title: str, required: str, convert: Convert, *, optional: str = "", pick: Pick | None = None
) -> Format:
    """`required` and `optional`: column names with bars between them."""
    needed = frozenset(name for name in required.split("|") if name)
    return Format(
        id=id,
        title=title,
        shape="windows",
        required=needed,
        columns=needed | frozenset(name for name in optional.split("|") if name),
        convert=convert,
        options=OPTIONS,
        pick=pick,
        words=frozenset(v.MEASURES),
    )


FORMATS = (
    _format("sensor-counts", "Counts, levels or energy by place and time", "time|value", _long, optional="area"),
    _format(
        "counters-hourly", "Hourly counters (date, hour, year, one column per counter)", "", _wide, pick=_every_column
    ),
    _format("noise-levels", "Sound levels (datetime, LEQ dB -A)", "", _level, pick=_one_level),
    _format("energy-hours", "Energy by hour (date, hour, energy_kWh)", "date|hour|energy_kWh", _energy),
    _format("traffic-series", "Traffic series (timestamp, value)", "timestamp|value", _series),
)
