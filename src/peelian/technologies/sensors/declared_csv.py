"""CSV from a sensor, with exactly the columns that its register entry declares, in any order."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping

from peelian.errors import InputError, sentence
from peelian.kernel.model.sensors import Sensor
from peelian.kernel.model.watch import Reading
from peelian.technologies.sensors.listing import not_listed, sized
from peelian.technologies.sensors.measures import check_held, reading_of
from peelian.technologies.sensors.personal import must_be_harmless

MOST_BYTES = 1 << 20
SEPARATORS = ",;\t"


def check_columns(columns: Mapping[str, str], drop: Iterable[str] = ()) -> None:
    """InputError unless every column is declared to hold something listed, one of them the time, and no column is both
    held and dropped; Refused where one tells of somebody."""
    check_held(columns)
    for name in (*columns, *drop):
        must_be_harmless(name, "columns")
    if set(columns) & set(drop):
        raise InputError("two declarations of one field", column="drop", accepted="each field once")


def decode_csv(data: bytes, sensor: Sensor) -> tuple[Reading, ...]:
    """Every row as one reading.

    Columns stand between commas, semicolons or tabs. Refused: a column that is not declared. InputError: no UTF-8, a
    missing column or value, a value out of range, with the row (the header is row 1). O(bytes).
    """
    check_columns(sensor.columns, sensor.drop)
    try:
        lines = sized(data, MOST_BYTES).decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise InputError("not UTF-8 text", accepted="CSV in UTF-8") from None
    separator = max(SEPARATORS, key=(lines or [""])[0].count)
    rows = csv.reader(lines, strict=True, delimiter=separator)
    try:
        header = [name.strip() for name in next(rows, [])]
        _check_header(header, sensor)
        held = [sensor.columns.get(name, "") for name in header]
        made = (_told(row, at, held, sensor) for at, row in enumerate(rows, start=2) if row)
        return tuple(reading for reading in made if reading is not None)
    except csv.Error:
        raise InputError("not CSV", accepted="a header and rows, RFC 4180") from None


def _check_header(header: list[str], sensor: Sensor) -> None:
    for name in header:
        if name not in sensor.columns and name not in sensor.drop:
            raise not_listed(name, "CSV, column")
    if sorted(set(header) - set(sensor.drop)) != sorted(sensor.columns) or len(set(header)) != len(header):
        raise InputError("declared column missing or duplicated", row=1, accepted=", ".join(sensor.columns))


def _told(row: list[str], at: int, held: list[str], sensor: Sensor) -> Reading | None:
    try:
        if len(row) != len(held):
            accepted = sentence("%(n)d values", n=len(held))
            raise InputError("row and header differ in number of values", row=at, accepted=accepted)
        return reading_of({word: text.strip() for word, text in zip(held, row, strict=True) if word}, sensor)
    except InputError as error:
        raise InputError(error.wrong, row=at, column=error.column, accepted=error.accepted) from None
