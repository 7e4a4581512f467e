"""CSV from a sensor, with exactly the columns that its register entry declares, in any order."""

from __future__ import annotations

import csv
from collections.abc import Mapping

from peelian.errors import InputError, sentence
from peelian.kernel.model.sensors import Sensor
from peelian.kernel.model.watch import Reading
from peelian.technologies.sensors.listing import instant, not_listed, number, sized, whole

MOST_BYTES = 1 << 20
HOLDS: Mapping[str, tuple[str, str]] = {
    "time": ("", ""),
    "count": ("people", "count"),
    "towards": ("people", "towards"),
    "away": ("people", "away"),
    "vehicles": ("vehicles", "count"),
    "laeq": ("noise", "laeq"),
    "lamax": ("noise", "lamax"),
    "lamin": ("noise", "lamin"),
    "l10": ("noise", "l10"),
    "l90": ("noise", "l90"),
    "kwh": ("energy", "kwh"),
    "seconds": ("", "seconds"),
}
"""What a column may be declared to hold: the reading it belongs to, and the value's name."""


def check_columns(columns: Mapping[str, str]) -> None:
    """InputError unless every column is declared to hold something listed, one of them the time."""
    for held in columns.values():
        if held not in HOLDS:
            raise InputError("field not allowed in a column", column="columns", accepted=", ".join(HOLDS))
    if list(columns.values()).count("time") != 1 or len(set(columns.values())) != len(columns):
        raise InputError("different fields, one of them the time", column="columns", accepted="time, count")
    if len({HOLDS[held][0] for held in columns.values()} - {""}) != 1:
        raise InputError("columns of one kind of reading", column="columns", accepted="levels, or a count, or energy")


def decode_csv(data: bytes, sensor: Sensor) -> tuple[Reading, ...]:
    """Every row as one reading.

    Refused: a column that is not declared. InputError: no UTF-8, a missing column or value, a value out of range, with
    the row (the header is row 1). O(bytes).
    """
    check_columns(sensor.columns)
    try:
        lines = sized(data, MOST_BYTES).decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise InputError("not UTF-8 text", accepted="CSV in UTF-8") from None
    rows = csv.reader(lines, strict=True)
    try:
        header = [name.strip() for name in next(rows, [])]
        _check_header(header, sensor.columns)
        held = [sensor.columns[name] for name in header]
        return tuple(_told(row, at, held, sensor) for at, row in enumerate(rows, start=2) if row)
    except csv.Error:
        raise InputError("not CSV", accepted="a header and rows, RFC 4180") from None


def _check_header(header: list[str], columns: Mapping[str, str]) -> None:
    for name in header:
        if name not in columns:
            raise not_listed(name, "CSV, column")
    if sorted(header) != sorted(columns):
        raise InputError("declared column missing or duplicated", row=1, accepted=", ".join(columns))


def _told(row: list[str], at: int, held: list[str], sensor: Sensor) -> Reading:
    try:
        return _read(row, at, held, sensor)
    except InputError as error:
        raise InputError(error.wrong, row=at, column=error.column, accepted=error.accepted) from None


def _read(row: list[str], at: int, held: list[str], sensor: Sensor) -> Reading:
    if len(row) != len(held):
        accepted = sentence("%(n)d values", n=len(held))
        raise InputError("row and header differ in number of values", row=at, accepted=accepted)
    values: dict[str, float] = {}
    time, what = None, ""
    for text, holds in zip(row, held, strict=True):
        if holds == "time":
            time = instant(text.strip(), "time")
            continue
        kind, called = HOLDS[holds]
        what = kind or what
        values[called] = _value(text, holds, at)
    if time is None:
        raise InputError("row without a time", row=at, column="time", accepted="ISO 8601 with time zone")
    return Reading(sensor=sensor.id, time=time, what=what, values=values)


def _value(text: str, holds: str, at: int) -> float:
    try:
        value = float(text)
    except ValueError:
        raise InputError("not a number", row=at, column=holds, accepted="a number") from None
    if HOLDS[holds][1] in ("count", "towards", "away"):
        return whole(value, holds)
    return number(value, holds, -50 if HOLDS[holds][0] == "noise" else 0, 1e9)
