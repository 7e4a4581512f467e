"""Many sensors at once: a CSV with a column for each fact, or JSON, or all whose registration ends soon.

Every bad row is told, and none is registered then.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from peelian.errors import InputError, OutOfOrder, PeelianError, Refused, enumerated, sentence
from peelian.forms import day_of
from peelian.kernel.model.people import Operator
from peelian.kernel.model.sensors import Sensor, sensor_of
from peelian.kernel.records.label_register import adopted
from peelian.kernel.records.sensor_register import numbered, the_register
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.verbs.sensor_batches import MOST_AT_ONCE, as_listed, must_come_in, propose_sensors
from peelian.oversight.sensors.register import can_speak

MOST_BYTES = 8 << 20
MOST_TOLD = 50
PAIR, NEXT = "=", "|"  # in a cell: when=time|people=count
YES, NO = frozenset({"yes", "true", "1", "oui"}), frozenset({"no", "false", "0", "non"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with one row: its number (the header is row 1; an entry of JSON counts from 1), column, remedy."""

    row: int
    column: str
    wrong: str
    remedy: str

    def __str__(self) -> str:
        says = "row %(row)d, %(column)s: %(wrong)s → %(remedy)s"
        return sentence(says, row=self.row, column=self.column, wrong=self.wrong, remedy=self.remedy)


def propose_file(kernel: Kernel, by: Operator, content: bytes, *, words: str) -> tuple[str, int]:
    """Propose to register every sensor of a file; the proposal's digest and how many they are. InputError tells every
    bad row: nothing is proposed then. O(bytes)."""
    rows = rows_of(content)
    sensors, faults = checked(kernel, rows)
    if faults:
        raise wrong(faults, len(rows))
    return propose_sensors(kernel, by, sensors, words=words), len(sensors)


def propose_renewal(kernel: Kernel, by: Operator, *, ending_by: str, until: str, words: str) -> tuple[str, int]:
    """Propose to renew every registration that ends by a day, until another; the proposal's digest and how many they
    are. InputError: none ends by then, or one of them cannot be renewed. O(sensors)."""
    first, last = day_of(ending_by, "ending_by"), day_of(until, "until").isoformat()
    due = [
        listed.sensor
        for _, listed in sorted(the_register(kernel).items())
        if not listed.ending and date.fromisoformat(listed.sensor.ends) <= first
    ]
    if not due:
        raise InputError("no registration ends by then", column="ending_by", accepted="a later day")
    renewed = tuple(replace(sensor, ends=last) for sensor in due)
    return propose_sensors(kernel, by, renewed, words=words), len(renewed)


def rows_of(content: bytes) -> tuple[tuple[int, Mapping[str, Any]], ...]:
    """Facts by row, of CSV (commas or semicolons) or JSON (one object, or a list). InputError: neither, empty, too
    large or too many. O(bytes)."""
    if len(content) > MOST_BYTES:
        raise InputError("file too large", accepted=sentence("at most %(n)d bytes", n=MOST_BYTES))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("the file is not UTF-8 text", accepted="a text file in UTF-8") from None
    found = tuple(_of_json(text) if text.lstrip()[:1] in ("[", "{") else _of_csv(text))
    if not 0 < len(found) <= MOST_AT_ONCE:
        raise InputError("no sensor in the file, or too many", accepted="1 to 5,000 sensors")
    return found


def checked(
    kernel: Kernel, rows: tuple[tuple[int, Mapping[str, Any]], ...]
) -> tuple[tuple[Sensor, ...], tuple[Fault, ...]]:
    """The sensors of rows, and everything that is wrong with them: the first fault of each row. O(rows)."""
    labels, seen = adopted(kernel), set[str]()
    sensors: list[Sensor] = []
    faults: list[Fault] = []
    for row, facts in rows:
        try:
            sensor = sensor_of(_typed(facts))
            can_speak(sensor)
            must_come_in(kernel, sensor, labels)
            if sensor.id and sensor.id in seen:
                raise InputError("sensor named twice in the file", column="id", accepted="each sensor once")
            if as_listed(kernel, sensor) is None:
                numbered(kernel, sensor)
            seen.add(sensor.id)
            sensors.append(sensor)
        except PeelianError as error:
            faults.append(_fault(row, error))
        except (TypeError, ValueError, AttributeError):  # JSON: a number where a text stands, and the like
            faults.append(Fault(row=row, column="–", wrong="a fact of another type", remedy="text for text facts"))
    return tuple(sensors), tuple(faults)


def wrong(faults: tuple[Fault, ...], rows: int) -> InputError:
    """The error that tells every fault, row by row."""
    says = "%(n)d of %(rows)d rows are wrong. Nothing was registered: %(faults)s"
    told = enumerated([str(fault) for fault in faults[:MOST_TOLD]])
    return InputError(sentence(says, n=len(faults), rows=rows, faults=told), accepted="every row as its remedy says")


def _fault(row: int, error: PeelianError) -> Fault:
    if isinstance(error, InputError):
        return Fault(row=row, column=error.column or "–", wrong=error.wrong, remedy=error.accepted)
    if isinstance(error, Refused):
        reason = error.reasons[0]
        return Fault(row=row, column="columns, drop", wrong=reason.says, remedy=reason.remedy)
    column = "id" if isinstance(error, OutOfOrder) else "–"
    return Fault(row=row, column=column, wrong=str(error), remedy="Leave this row out, or correct it.")


def _of_json(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError("not JSON", accepted="a JSON file in UTF-8") from None
    for row, facts in enumerate(body if isinstance(body, list) else [body], start=1):
        if not isinstance(facts, dict):
            raise InputError("not the facts of a sensor", row=row, accepted="one JSON object")
        yield row, facts


def _of_csv(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    lines = text.splitlines()
    separator = max(",;\t", key=(lines or [""])[0].count)
    rows = csv.reader(lines, strict=True, delimiter=separator)
    try:
        header = [name.strip() for name in next(rows, [])]
        known = {each.name for each in fields(Sensor)}
        if unknown := [name for name in header if name not in known]:
            raise InputError("unknown fact of a sensor", column=unknown[0][:40], accepted=", ".join(sorted(known)))
        for row, cells in enumerate(rows, start=2):
            if any(cell.strip() for cell in cells):
                yield row, _cells(header, cells)
    except csv.Error:
        raise InputError("not CSV", accepted="a header and rows, RFC 4180") from None


def _cells(header: list[str], cells: list[str]) -> dict[str, Any]:
    """Facts by column; an empty cell is a fact that is not told. A row of another length tells too few or unknown."""
    named = dict(zip(header, cells, strict=False))
    return {name: cell.strip() for name, cell in named.items() if cell.strip()} | (
        {"": ""} if len(cells) > len(header) else {}
    )


def _typed(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as a sensor has them: the words of a cell as yes or no, as pairs, as a list."""
    made = dict(facts)
    if isinstance(said := made.get("personal_data"), str):
        if said.lower() not in YES | NO:
            raise InputError("not one of the choices", column="personal_data", accepted="yes, no")
        made["personal_data"] = said.lower() in YES
    elif "personal_data" in made and not isinstance(said, bool):
        raise InputError("not one of the choices", column="personal_data", accepted="yes, no")
    if isinstance(said := made.get("columns"), str):
        pairs = [part.partition(PAIR) for part in said.split(NEXT) if part.strip()]
        if not all(held.strip() for _, _, held in pairs):
            raise InputError("not column names", column="columns", accepted="when=time|people=count")
        made["columns"] = {name.strip(): held.strip() for name, _, held in pairs}
    if isinstance(said := made.get("drop"), str):
        made["drop"] = [part.strip() for part in said.split(NEXT) if part.strip()]
    return made
