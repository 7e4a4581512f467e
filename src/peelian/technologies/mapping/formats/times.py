"""Reads dates and times from text by the layout they are written in, thousands at a time; no clock, no locale."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.measure.table import Values

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
NO_OFFSET = np.int64(1 << 40)
EARLIEST, LATEST = 1900, 2100
MOST_LAYOUTS = 200
ACCEPTED = "dates such as 2024-05-31 23:59, 2024/05/31, 05/31/2024 11:59:00 PM or 2024-05-31T23:59:00Z"

_CLOCK = (
    r"(?:(?P<gap>A| +)(?P<h>0{1,2})(?::?(?P<mi>00)(?::?(?P<s>00)(?:[.,]0+)?)?)?(?P<ap> ?AA)?"
    r"(?P<z> ?A| ?[+-]00(?::?00)?)?)?"
)
_LAYOUTS = {
    "ymd": re.compile(r"(?P<y>0000)(?P<sep>[-/.])(?P<m>0{1,2})(?P=sep)(?P<d>0{1,2})" + _CLOCK),
    "compact": re.compile(r"(?P<y>0000)(?P<m>00)(?P<d>00)" + _CLOCK),
    "month": re.compile(r"(?P<y>0000)[-/](?P<m>0{1,2})"),
    "named": re.compile(r"(?P<d>0{1,2})[- ](?P<name>AAA)[- ](?P<y>0000)" + _CLOCK),
    "other": re.compile(r"(?P<a>0{1,2})(?P<sep>[-/.])(?P<b>0{1,2})(?P=sep)(?P<y>0000)" + _CLOCK),
}
_MONTHS = {name: i + 1 for i, name in enumerate(b"jan feb mar apr may jun jul aug sep oct nov dec".split())}
_CLASS = np.arange(256, dtype=np.uint8)
_CLASS[48:58] = 48
_CLASS[65:91] = 65
_CLASS[97:123] = 65


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamps:
    """What a column of dates says; arrays of one length n.

    `minutes` since 1970-01-01 00:00 as written; `offset` minutes east of UTC as written, NO_OFFSET where none is;
    `clock`: a time of day is written; `month`: only a month is; `empty`: nothing is; `bad`: something that is no date.
    """

    minutes: Ints
    offset: Ints
    clock: Bools
    month: Bools
    empty: Bools
    bad: Bools

    def __len__(self) -> int:
        return len(self.minutes)


def stamps(values: Values, *, order: str = "") -> Stamps:
    """Read text (bytes or str) as dates. `order` says what 01/02/2024 means: "mdy", "dmy", or "" (then it is bad).

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
        empty=cells[:, 0] == 0,
        bad=np.zeros(n, bool),
    )
    shapes = np.ascontiguousarray(_CLASS[cells]).view(f"S{cells.shape[1]}").ravel()
    left = np.flatnonzero(~out.empty)
    for _ in range(MOST_LAYOUTS):
        if not left.size:
            return out
        shape = shapes[left[0]]
        same = shapes[left] == shape
        _read_layout(cells, left if bool(same.all()) else left[same], _layout(shape.decode("latin-1"), order), out)
        left = left[~same]
    out.bad[left] = True
    return out


def order_of(values: Values) -> str:
    """Whether dates like 01/02/2024 in `values` put the month or the day first: "mdy", "dmy", "" undecided or unneeded.

    >>> order_of(np.array([b"01/02/2024", b"01/31/2024"])), order_of(np.array([b"01/02/2024"]))
    ('mdy', '')
    """
    texts = [v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in values[:50_000].tolist()]
    pairs = [(int(f[1]), int(f[2])) for text in texts if (f := re.match(r"\s*(\d{1,2})[-/.](\d{1,2})[-/.]\d{4}", text))]
    day_first, month_first = any(a > 12 for a, _ in pairs), any(b > 12 for _, b in pairs)
    if day_first == month_first:
        return ""
    return "dmy" if day_first else "mdy"


def is_ambiguous(values: Values) -> bool:
    """Whether a column holds dates like 01/02/2024 at all, so that somebody must say which number is the month."""
    for value in values[:50_000].tolist():
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        if re.match(r"\s*\d{1,2}[-/.]\d{1,2}[-/.]\d{4}", text):
            return True
    return False


def days_from(year: Ints, month: Ints, day: Ints) -> tuple[Ints, Bools]:
    """Days since 1970-01-01 of calendar dates (arrays), and which of them are no dates.

    >>> days, bad = days_from(np.array([1970, 2023]), np.array([1, 2]), np.array([2, 29]))
    >>> days.tolist()[0], bad.tolist()
    (1, [False, True])
    """
    bad = (year < EARLIEST) | (year > LATEST) | (month < 1) | (month > 12) | (day < 1)
    months = np.where(bad, 0, (year - 1970) * 12 + month - 1)
    table = _month_starts()
    first = table[months + (1970 - EARLIEST) * 12]
    length = table[months + (1970 - EARLIEST) * 12 + 1] - first
    bad = bad | (day > length)
    return np.where(bad, 0, first + day - 1), bad


@lru_cache(maxsize=1)
def _month_starts() -> Ints:
    months = np.arange(f"{EARLIEST}-01", f"{LATEST + 1}-03", dtype="datetime64[M]")
    return months.astype("datetime64[D]").astype(np.int64)


def _matrix(values: Values) -> NDArray[np.uint8]:
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
    swapped: bool  # day before month


@lru_cache(maxsize=1024)
def _layout(shape: str, order: str) -> _Layout | None:
    for name, pattern in _LAYOUTS.items():
        found = pattern.fullmatch(shape)
        if found is None or (name == "other" and order not in ("mdy", "dmy")):
            continue
        spans = {part: found.span(part) for part, text in found.groupdict().items() if text is not None}
        if name == "other":
            first, second = ("m", "d") if order == "mdy" else ("d", "m")
            spans[first], spans[second] = spans.pop("a"), spans.pop("b")
        return _Layout(spans=spans, swapped=order == "dmy")
    return None


def _read_layout(cells: NDArray[np.uint8], rows: Ints, layout: _Layout | None, out: Stamps) -> None:
    """Fill `out` at `rows`, all of which have the shape of `layout`."""
    if layout is None:
        out.bad[rows] = True
        return
    spans = layout.spans
    mine = cells if len(rows) == len(cells) else cells[rows]
    month, unnamed = _month(mine, spans)
    day = _number(mine, spans["d"]) if "d" in spans else np.ones(len(rows), np.int64)
    days, bad = days_from(_number(mine, spans["y"]), month, day)
    hour, minute, off = _clock(mine, spans)
    offset, unzoned = _offset(mine, spans)
    out.minutes[rows] = days * 1440 + hour * 60 + minute
    out.offset[rows] = offset
    out.clock[rows] = "h" in spans
    out.month[rows] = "d" not in spans
    out.bad[rows] = bad | off | unnamed | unzoned


def _month(cells: NDArray[np.uint8], spans: dict[str, tuple[int, int]]) -> tuple[Ints, Bools]:
    if "name" not in spans:
        return _number(cells, spans["m"]), np.zeros(len(cells), bool)
    start, end = spans["name"]
    names = np.ascontiguousarray(cells[:, start:end] | 32).view("S3").ravel()
    found = np.zeros(len(cells), np.int64)
    for name, number in _MONTHS.items():
        found[names == name] = number
    return found, found == 0


def _clock(cells: NDArray[np.uint8], spans: dict[str, tuple[int, int]]) -> tuple[Ints, Ints, Bools]:
    """Hour (0–24), minute, and where they are no time of day. 24:00 is the next day's midnight (ISO 8601:2019)."""
    zero = np.zeros(len(cells), np.int64)
    if "h" not in spans:
        return zero, zero, np.zeros(len(cells), bool)
    hour = _number(cells, spans["h"])
    minute = _number(cells, spans["mi"]) if "mi" in spans else zero
    second = _number(cells, spans["s"]) if "s" in spans else zero
    bad = (hour > 24) | (minute > 59) | (second > 60) | ((hour == 24) & (minute + second > 0))
    gap = spans["gap"][0]
    letter = cells[:, gap]
    bad |= (letter != 32) & (letter | 32 != ord("t"))
    if "ap" in spans:
        half = cells[:, spans["ap"][1] - 2] | 32
        bad |= ((half != ord("a")) & (half != ord("p"))) | (cells[:, spans["ap"][1] - 1] | 32 != ord("m"))
        bad |= (hour < 1) | (hour > 12)
        hour = hour % 12 + np.where(half == ord("p"), 12, 0)
    return hour, minute, bad


def _offset(cells: NDArray[np.uint8], spans: dict[str, tuple[int, int]]) -> tuple[Ints, Bools]:
    """Minutes east of UTC as written, and where what is written is no offset."""
    none = np.zeros(len(cells), bool)
    if "z" not in spans:
        return np.full(len(cells), NO_OFFSET), none
    start, end = spans["z"]
    start += int(cells[0, start] == 32)
    if end - start == 1:
        return np.zeros(len(cells), np.int64), cells[:, start] | 32 != ord("z")
    hours = _number(cells, (start + 1, start + 3))
    minutes = _number(cells, (end - 2, end)) if end - start > 3 else np.zeros(len(cells), np.int64)
    signed = np.where(cells[:, start] == ord("-"), -1, 1) * (hours * 60 + minutes)
    return signed, (hours > 15) | (minutes > 59)


def _number(cells: NDArray[np.uint8], span: tuple[int, int]) -> Ints:
    value = np.zeros(len(cells), np.int64)
    for place in range(*span):
        value = value * 10 + (cells[:, place].astype(np.int64) - 48)
    return value
