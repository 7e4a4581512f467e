"""Lengths, areas and windows as people write them: 600 ft, 0.25 mi2..0.75 mi2, 2017-03-01..2017-03-31, 1MO."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from peelian.errors import InputError, sentence

METRES = {"": 1.0, "m": 1.0, "km": 1_000.0, "ft": 0.3048, "yd": 0.9144, "mi": 1_609.344}
KM2 = {"m2": 1e-6, "ha": 0.01, "km2": 1.0, "ft2": 9.290304e-8, "acre": 0.0040468564224, "mi2": 2.589988110336}
WINDOWS = {"1WK": (0, 7), "2WK": (0, 14), "1MO": (1, 0), "2MO": (2, 0), "3MO": (3, 0)}
"""The windows of NIJ's challenge: months and days."""
LENGTHS = "a length such as 250 m, 600 ft or 0.1 mi"
AREAS = "an area such as 0.25 mi2, 1 km2, 40 acre, 1 % or 100 cells, or a range such as 0.25 mi2..0.75 mi2"
STREET_AREAS = "a length of street such as 5 km or 3 mi, 1 % or 100 cells, or a range such as 3 mi..5 mi"
DAYS = "FROM..UNTIL in days such as 2017-03-01..2017-03-31, or 1WK, 2WK, 1MO, 2MO, 3MO"
_QUANTITY = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?|\.[0-9]{1,9}) ?([A-Za-z]{0,6}2?|%)")
_SQUARE = re.compile(r"sq ?(mi|km|ft|m)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """An area to score: `unit` km2, km (of street), share (of the ground or of the streets' length) or cells.

    `least`: whole cells fill at least this area, as the lower end of a range asks; else at most. `ends` are those of
    the range, in the same unit. `label` is what was typed.
    """

    label: str
    value: float
    unit: str
    least: bool = False
    ends: tuple[float, float] = (0.0, float("inf"))

    def size(self, whole: float) -> float:
        """Square kilometres (kilometres of street) of it, of `whole` in all; infinite for a number of cells."""
        return {"cells": float("inf"), "share": self.value * whole}.get(self.unit, self.value)

    def holds(self, size: float, whole: float) -> bool:
        """Whether an area lies within the range; a number of cells is no area, and holds any."""
        if self.unit == "cells":
            return True
        low, high = (end * (whole if self.unit == "share" else 1.0) for end in self.ends)
        return low * (1 - 1e-9) <= size <= high * (1 + 1e-9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Days to forecast, ISO, the last one included."""

    name: str
    first: str
    last: str

    @property
    def days(self) -> int:
        """How many days."""
        return (date.fromisoformat(self.last) - date.fromisoformat(self.first)).days + 1


def metres_of(length: str | float, column: str = "cell") -> float:
    """Metres of a length in m, km, ft (international), yd or mi; a bare number is metres.

    >>> [round(metres_of(word), 2) for word in ("600 ft", "250", 100, "0.1mi")]
    [182.88, 250.0, 100.0, 160.93]
    """
    if isinstance(length, int | float):
        return float(length)
    number, unit = _split(length, column, LENGTHS)
    if unit not in METRES:
        raise InputError("not a length", column=column, accepted=LENGTHS)
    return number * METRES[unit]


def limits_of(words: Sequence[str], *, streets: bool = False) -> tuple[Limit, ...]:
    """The areas to score, lengths where cells are `streets`. A range gives two: at least its lower, at most its upper
    end.

    >>> [(one.label, round(one.value, 3), one.least) for one in limits_of(["0.25 mi2..0.75 mi2", "1 %"])]
    [('0.25 mi2', 0.647, True), ('0.75 mi2', 1.942, False), ('1 %', 0.01, False)]
    """
    found: list[Limit] = []
    read, accepted = (_length, STREET_AREAS) if streets else (_limit, AREAS)
    for word in words:
        low, dots, high = str(word).partition("..")
        ends = [read(low, least=bool(dots)), *([read(high)] if dots else [])]
        if dots and (ends[0].unit != ends[1].unit or ends[0].value > ends[1].value):
            raise InputError("the range is no range", column="area", accepted=accepted)
        span = (ends[0].value, ends[1].value) if dots else (0.0, float("inf"))
        found += [replace(one, ends=span) for one in ends]
    if not found:
        raise InputError("no area to score", column="area", accepted=accepted)
    return tuple({one.label: one for one in reversed(found)}.values())[::-1]


def windows_of(words: Sequence[str], train_until: str) -> tuple[Window, ...]:
    """The windows: days, or NIJ's names, which begin on the day after `train_until` (all five where none is given).

    >>> [(w.name, w.last, w.days) for w in windows_of(["1WK", "1MO"], "2017-02-28")]
    [('1WK', '2017-03-07', 7), ('1MO', '2017-03-31', 31)]
    """
    day = _day(train_until, "train-until") + timedelta(days=1)
    found = [_named(word, day) if word in WINDOWS else _between(word) for word in words or WINDOWS]
    if any(date.fromisoformat(one.first) < day for one in found):
        accepted = sentence("%(day)s or later", day=day.isoformat())
        raise InputError("the window begins in what was trained on", column="window", accepted=accepted)
    return tuple(dict.fromkeys(found))


def day_before(day: str) -> str:
    """The ISO day before an ISO day."""
    return (_day(day, "window") - timedelta(days=1)).isoformat()


def day_after(day: str) -> str:
    """The ISO day after an ISO day."""
    return (_day(day, "train-until") + timedelta(days=1)).isoformat()


def _limit(word: str, *, least: bool = False) -> Limit:
    number, unit = _split(word, "area", AREAS)
    if unit == "cells" and number == int(number):
        return Limit(label=f"{number:g} cells", value=number, unit="cells", least=least)
    if unit == "%" and number <= 100:
        return Limit(label=f"{number:g} %", value=number / 100, unit="share", least=least)
    if unit in KM2:
        return Limit(label=f"{number:g} {unit}", value=number * KM2[unit], unit="km2", least=least)
    raise InputError("not an area", column="area", accepted=AREAS)


def _length(word: str, *, least: bool = False) -> Limit:
    number, unit = _split(word, "area", STREET_AREAS)
    if unit in KM2:
        raise InputError("streets are measured by their length", column="area", accepted=STREET_AREAS)
    if unit in METRES and unit:
        return Limit(label=f"{number:g} {unit}", value=number * METRES[unit] / 1_000, unit="km", least=least)
    return _limit(word, least=least)


def _split(word: str, column: str, accepted: str) -> tuple[float, str]:
    """A number above zero and its unit."""
    met = _QUANTITY.fullmatch(_SQUARE.sub(r"\g<1>2", str(word).strip().replace("²", "2")))
    if met is None or float(met[1]) <= 0:
        raise InputError("not a number with a unit", column=column, accepted=accepted)
    return float(met[1]), met[2].lower()


def _named(name: str, first: date) -> Window:
    months, days = WINDOWS[name]
    end = first + timedelta(days=days)
    if months:
        year, month = divmod(first.month - 1 + months, 12)
        year, month = first.year + year, month + 1
        end = date(year, month, min(first.day, monthrange(year, month)[1]))
    return Window(name=name, first=first.isoformat(), last=(end - timedelta(days=1)).isoformat())


def _between(word: str) -> Window:
    low, dots, high = str(word).partition("..")
    if not dots:
        raise InputError("not a window", column="window", accepted=DAYS)
    first, last = _day(low.strip(), "window"), _day(high.strip(), "window")
    if not 0 <= (last - first).days < 366:
        raise InputError("the window ends before it begins, or lasts over 366 days", column="window", accepted=DAYS)
    return Window(name=f"{first}..{last}", first=first.isoformat(), last=last.isoformat())


def _day(text: str, column: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.isoformat() != text or not 1900 <= found.year <= 2200:
        raise InputError("not a day", column=column, accepted="a day such as 2017-03-01")
    return found
