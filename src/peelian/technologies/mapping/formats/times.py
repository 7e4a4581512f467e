"""Reads dates and times from text by the layout they are written in, thousands at a time; no clock, no locale."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.measure.table import Values

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Cells = NDArray[np.uint8]
NO_OFFSET = np.int64(1 << 40)
EARLIEST, LATEST = 1900, 2100
CENTURY_TURNS = 69
"""Years of two digits: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068 (POSIX, strptime, %y)."""
MOST_LAYOUTS = 200
ACCEPTED = "dates such as 2024-05-31 23:59, 05/31/2024 11:59:00 PM, 2024-05-31T23:59:00Z, 5-Mar-21 or 5 mars 2021"

_CLOCK = (
    r"(?:(?P<gap>A|,? +)(?P<h>0{1,2})(?::?(?P<mi>00)(?::?(?P<s>00)(?:[.,]0+)?)?)?(?P<ap> ?AA)?"
    r"(?P<z> ?A| ?[+-]00(?::?00)?)?)?"
)
_LAYOUTS = {
    "ymd": re.compile(r"(?P<y>0000)(?P<sep>[-/.])(?P<m>0{1,2})(?P=sep)(?P<d>0{1,2})" + _CLOCK),
    "compact": re.compile(r"(?P<y>0000)(?P<m>00)(?P<d>00)" + _CLOCK),
    "epoch": re.compile(r"(?P<epoch>0{10}|0{12,13})"),
    "month": re.compile(r"(?P<y>0000)[-/](?P<m>0{1,2})"),
    "day_name": re.compile(
        r"(?P<d>0{1,2})(?P<th>AA(?= ))?(?P<sep>[- /]?)(?P<name>A+)\.?(?P=sep)(?P<y>0000|00)" + _CLOCK
    ),
    "day_name_comma": re.compile(r"(?P<d>0{1,2})(?P<th>AA)? (?P<name>A+)\.?, (?P<y>0000)" + _CLOCK),
    "name_day": re.compile(r"(?P<name>A+)\.?[- ](?P<d>0{1,2})(?P<th>AA)?(?:,? ?|-)(?P<y>0000)" + _CLOCK),
    "name_day_short": re.compile(r"(?P<name>A+)\.? (?P<d>0{1,2})(?P<th>AA)?, (?P<y>00)" + _CLOCK),
    "year_name": re.compile(r"(?P<y>0000)(?P<sep>[- /])(?P<name>A+)(?P=sep)(?P<d>0{1,2})" + _CLOCK),
    "other": re.compile(r"(?P<a>0{1,2})(?P<sep>[-/.])(?P<b>0{1,2})(?P=sep)(?P<c>0000|00)" + _CLOCK),
}
_ORDERS: Mapping[str, tuple[str, str, str]] = {"mdy": ("m", "d", "y"), "dmy": ("d", "m", "y"), "ymd": ("y", "m", "d")}
_NAMES: Mapping[int, str] = {
    1: "jan january janv janvier",
    2: "feb february févr fév février",
    3: "mar march mars",
    4: "apr april avr avril",
    5: "may mai",
    6: "jun june juin",
    7: "jul july juil juillet",
    8: "aug august août",
    9: "sep sept september septembre",
    10: "oct october octobre",
    11: "nov november novembre",
    12: "dec december déc décembre",
}
_ORDINALS = b"st nd rd th er"  # 1st, 2nd, 3rd, 4th, 1er
_ZEROS = (48, 528, 5328, 53328)  # what the character codes of zeros add to one to four digits
_CLASS = np.arange(256, dtype=np.uint8)
_CLASS[48:58] = 48
_CLASS[65:91] = 65
_CLASS[97:123] = 65
_CLASS[128:] = 65  # letters with accents, in UTF-8


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamps:
    """What a column of dates says; arrays of one length n.

    `minutes` since 1970-01-01 00:00 as written; `offset` minutes east of UTC as written, NO_OFFSET where none is;
    `clock`: a time of day is written; `month`: only a month is; `short`: the year has two digits; `empty`: nothing is
    written; `bad`: something that is no date.
    """

    minutes: Ints
    offset: Ints
    clock: Bools
    month: Bools
    short: Bools
    empty: Bools
    bad: Bools

    def __len__(self) -> int:
        return len(self.minutes)


def stamps(values: Values, *, order: str = "") -> Stamps:
    """Read text (bytes or str) as dates. `order` says what 01/02/2024 means: "mdy", "dmy", or "" (then it is bad).

    Months may be named in English or French. Years of two digits turn at CENTURY_TURNS; "ymd" is an order for them.
    One pass for each layout in use; O(n × width × layouts), usually one to eight layouts.

    >>> s = stamps(np.array([b"2024-05-31 23:59", b"", b"31.31.2024"]), order="dmy")
    >>> (s.minutes[0] * np.timedelta64(1, "m") + np.datetime64("1970-01-01")).item().isoformat(), s.empty.tolist()
    ('2024-05-31T23:59:00', [False, True, False])
    >>> s.bad.tolist()
    [False, False, True]
    """
    cells = _matrix(values)
    n = len(cells)
    out = Stamps(
        minutes=np.zeros(n, np.int64),
        offset=np.full(n, NO_OFFSET),
        clock=np.zeros(n, bool),
        month=np.zeros(n, bool),
        short=np.zeros(n, bool),
        empty=cells[:, 0] == 0,
        bad=np.zeros(n, bool),
    )
    marks = np.ascontiguousarray(cells.T)  # one array for each place in the text
    left = np.flatnonzero(~out.empty)
    for _ in range(MOST_LAYOUTS):
        if not left.size:
            return out
        shape = _CLASS[cells[left[0]]]
        here = marks if left.size == n else marks[:, left]
        same = _of_shape(here, shape)
        whole = bool(same.all())
        rows: Ints | slice = slice(None) if whole and left.size == n else left[same]
        layout = _layout(shape.tobytes().rstrip(b"\0").decode("latin-1"), order)
        _read_layout(here if whole else here[:, same], rows, layout, out)
        left = left[~same]
    out.bad[left] = True
    return out


def days_from(year: Ints, month: Ints, day: Ints) -> tuple[Ints, Bools]:
    """Days since 1970-01-01 of calendar dates (arrays), and which of them are no dates.

    >>> days, bad = days_from(np.array([1970, 2023]), np.array([1, 2]), np.array([2, 29]))
    >>> days.tolist()[0], bad.tolist()
    (1, [False, True])
    """
    bad = (year < EARLIEST) | (year > LATEST) | (month < 1) | (month > 12) | (day < 1)
    months = (year - EARLIEST) * 12 + (month - 1)
    starts, lengths = _calendar()
    if bool(bad.any()):
        months = np.where(bad, 0, months)
    bad |= day > lengths.take(months)
    return starts.take(months) + (day - 1), bad


@lru_cache(maxsize=1)
def _calendar() -> tuple[Ints, Ints]:
    """For each month from EARLIEST on: its first day since 1970, and how many days it has."""
    months = np.arange(f"{EARLIEST}-01", f"{LATEST + 1}-02", dtype="datetime64[M]")
    starts = months.astype("datetime64[D]").astype(np.int64)
    return starts[:-1], np.diff(starts)


def _matrix(values: Values) -> Cells:
    """Text as a matrix of bytes, a row for each value, without surrounding blanks."""
    flat = values if values.dtype.kind == "S" else np.array([_bytes(v) for v in values.tolist()] or [b""], dtype="S")
    flat = flat[: len(values)]
    width = max(flat.dtype.itemsize, 1)
    cells = np.ascontiguousarray(flat).view(np.uint8).reshape(len(flat), width)
    blank = (cells[:, 0] == 32) | (cells[:, 0] == 9)
    if bool(blank.any()) or bool((cells[:, -1] == 32).any()):
        flat = np.char.strip(flat)
        cells = np.ascontiguousarray(flat).view(np.uint8).reshape(len(flat), max(flat.dtype.itemsize, 1))
    return cells


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).strip().encode("utf-8", "replace")[:65]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """Where the parts of a date stand in a text of one shape: part → (from, to)."""

    spans: dict[str, tuple[int, int]]


@lru_cache(maxsize=1024)
def _layout(shape: str, order: str) -> _Layout | None:
    for pattern in _LAYOUTS.values():
        found = pattern.fullmatch(shape)
        if found is None:
            continue
        spans = {part: found.span(part) for part, text in found.groupdict().items() if text is not None}
        if "c" not in spans:
            return _Layout(spans=spans)
        named = _by_order([spans.pop(part) for part in "abc"], order)
        return _Layout(spans=spans | named) if named else None
    return None


def _by_order(three: list[tuple[int, int]], order: str) -> dict[str, tuple[int, int]]:
    """Which of three numbers is the day, the month, the year; nothing where the order does not say or cannot be."""
    widths = [end - start for start, end in three]
    if order not in _ORDERS or (order == "ymd" and (widths[0] != 2 or widths[2] != 2)):
        return {}
    return dict(zip(_ORDERS[order], three, strict=True))


def _of_shape(marks: Cells, shape: Cells) -> Bools:
    """Which texts have digits, letters and everything else where the shape (see _CLASS) has them."""
    same = np.ones(marks.shape[1], bool)
    for place, mark in zip(marks, shape.tolist(), strict=True):
        if mark == 48:
            same &= (place - 48) < 10
        elif mark == 65:
            same &= (((place | 32) - 97) < 26) | (place > 127)
        else:
            same &= place == mark
    return same


def _read_layout(marks: Cells, rows: Ints | slice, layout: _Layout | None, out: Stamps) -> None:
    """Fill `out` at `rows`, all of which have the shape of `layout`."""
    if layout is None:
        out.bad[rows] = True
        return
    spans = layout.spans
    if "epoch" in spans:
        out.minutes[rows], out.offset[rows], out.clock[rows] = _epoch(marks, spans["epoch"]), 0, True
        return
    month, unnamed = _month(marks, spans)
    day = _number(marks, spans["d"]) if "d" in spans else np.ones(marks.shape[1], np.int64)
    days, bad = days_from(_year(marks, spans["y"]), month, day)
    hour, minute, off = _clock(marks, spans)
    out.minutes[rows] = (days * 24 + hour) * 60 + minute
    out.clock[rows] = "h" in spans
    out.month[rows] = "d" not in spans
    out.short[rows] = spans["y"][1] - spans["y"][0] == 2
    if "z" in spans:
        out.offset[rows], unzoned = _offset(marks, spans["z"])
        bad |= unzoned
    out.bad[rows] = bad | off | unnamed


def _epoch(marks: Cells, span: tuple[int, int]) -> Ints:
    """Minutes since 1970 from the seconds (10 digits) or milliseconds (12 or 13) that map servers write, in UTC."""
    value = np.zeros(marks.shape[1], np.int64)
    for place in marks[slice(*span)]:
        value = value * 10 + (place.astype(np.int64) - 48)
    return value // (60 if span[1] == 10 else 60_000)


def _year(marks: Cells, span: tuple[int, int]) -> Ints:
    """The year as written, of two digits in the century that CENTURY_TURNS says."""
    year: Ints = _number(marks, span)
    return year if span[1] - span[0] == 4 else year + np.where(year < CENTURY_TURNS, 2000, 1900)


def _month(marks: Cells, spans: dict[str, tuple[int, int]]) -> tuple[Ints, Bools]:
    """The month's number, and where its name, or what is written behind the day, is none."""
    found = np.zeros(marks.shape[1], np.int64)
    if "name" not in spans:
        return _number(marks, spans["m"]), found != 0
    names = _lowered(marks, spans["name"])
    for name, number in _months().items():
        if len(name) == names.dtype.itemsize:
            found[names == name] = number
    if "th" not in spans:
        return found, found == 0
    return found, (found == 0) | ~np.isin(_lowered(marks, spans["th"]), _ORDINALS.split())


def _lowered(marks: Cells, span: tuple[int, int]) -> NDArray[np.bytes_]:
    """The text in a span without case: one bit less, of the second byte of an accented letter as of a plain one."""
    letters = np.ascontiguousarray((marks[slice(*span)] | 32).T)
    return letters.view(f"S{span[1] - span[0]}").ravel()


@lru_cache(maxsize=1)
def _months() -> Mapping[bytes, int]:
    """Every name of a month as `_lowered` makes it, with its accents in one letter or in two, or left out."""
    made: dict[bytes, int] = {}
    for number, names in _NAMES.items():
        for name in names.split():
            apart = unicodedata.normalize("NFD", name)
            for written in (name, apart, apart.encode("ascii", "ignore").decode()):
                made[bytes(byte | 32 for byte in written.encode())] = number
    return made


def _clock(marks: Cells, spans: dict[str, tuple[int, int]]) -> tuple[Ints, Ints, Bools]:
    """Hour (0–24), minute, and where they are no time of day. 24:00 is the next day's midnight (ISO 8601:2019)."""
    zero = np.zeros(marks.shape[1], np.int64)
    if "h" not in spans:
        return zero, zero, np.zeros(marks.shape[1], bool)
    hour = _number(marks, spans["h"])
    minute = _number(marks, spans["mi"]) if "mi" in spans else zero
    bad = (hour > 24) | (minute > 59) | ((hour == 24) & (minute > 0))
    if "s" in spans:
        second = _number(marks, spans["s"])
        bad |= (second > 60) | ((hour == 24) & (second > 0))
    letter = marks[spans["gap"][0]] | 32  # a blank and a comma stay what they are
    bad |= (letter != 32) & (letter != ord("t")) & (letter != ord(","))
    if "ap" in spans:
        half, em = marks[spans["ap"][1] - 2] | 32, marks[spans["ap"][1] - 1] | 32
        afternoon = half == ord("p")
        bad |= ~(afternoon | (half == ord("a"))) | (em != ord("m")) | (hour < 1) | (hour > 12)
        hour = np.where(hour == 12, 0, hour) + 12 * afternoon
    return hour, minute, bad


def _offset(marks: Cells, span: tuple[int, int]) -> tuple[Ints, Bools]:
    """Minutes east of UTC as written, and where what is written is no offset."""
    start, end = span
    start += int(marks[start, 0] == 32)
    if end - start == 1:
        return np.zeros(marks.shape[1], np.int64), marks[start] | 32 != ord("z")
    hours = _number(marks, (start + 1, start + 3))
    minutes = _number(marks, (end - 2, end)) if end - start > 3 else np.zeros_like(hours)
    signed = np.where(marks[start] == ord("-"), -1, 1) * (hours * 60 + minutes)
    return signed, (hours > 15) | (minutes > 59)


def _number(marks: Cells, span: tuple[int, int]) -> Any:
    """The digits in a span, at most four, as whole numbers (int32: half the memory of what becomes of them)."""
    first, *others = range(*span)
    value = marks[first].astype(np.int32)
    for place in others:
        value *= 10
        value += marks[place]
    value -= _ZEROS[len(others)]
    return value
