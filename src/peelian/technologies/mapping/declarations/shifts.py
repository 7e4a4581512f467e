"""Shifts: the hours that a town divides its day into, which of them is asked for, and the tables that tell of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from peelian.errors import InputError, sentence
from peelian.kernel.model.tables import Emit, amount, category, count
from peelian.kernel.model.vocabulary import Scalar

ALL_SHIFTS = "all"
NAMES: Mapping[str, str] = {
    "morning": "Expected in the morning",
    "day": "Expected in the day",
    "afternoon": "Expected in the afternoon",
    "evening": "Expected in the evening",
    "night": "Expected in the night",
    "early": "Expected in the early shift",
    "late": "Expected in the late shift",
    "first": "Expected in the first shift",
    "second": "Expected in the second shift",
    "third": "Expected in the third shift",
    "fourth": "Expected in the fourth shift",
}
"""A closed list: what a town writes itself could name a person. Each with the title of its column; pages show hours."""
SHIFTS_HELP = "Shifts that fill the day in order (name:start-end, e.g. day:07-15,evening:15-23,night:23-07)"
SHIFT_HELP = "Shift to forecast: one by name, or all"
SHIFTS = Emit(
    table="shifts",
    title="incidents by shift",
    columns={
        "shift": category("Shift"),
        "start": amount("First hour"),
        "end": amount("Until hour"),
        "expected": amount("Expected"),
        "even": amount("If all hours were alike"),
        "n": count("Recorded"),
    },
    optional=frozenset({"n"}),
)
HOURS = Emit(
    table="hours",
    title="incidents by hour of the week",
    columns={
        "day": count("Day (1: Monday)", "days"),
        "hour": count("Hour of the day", "hours"),
        "rate": amount("Multiple of the mean hour"),
    },
    by=("day", "hour"),
)
WHEN = (SHIFTS, HOURS)
_FORM = re.compile(r"([a-z]+):(\d{1,2})-(\d{1,2})")
_EXAMPLE = "shifts that fill the 24 hours in order, e.g. day:07-15,evening:15-23,night:23-07"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """The hours from `start` (0 to 23, local time) on, `hours` long, of every day; it may pass midnight."""

    name: str
    start: int
    hours: int


def shifts_of(texts: tuple[str, ...]) -> tuple[Shift, ...]:
    """The shifts in their order, none where no text is given; InputError unless they fill the 24 hours exactly.

    A day begins with its first shift. A shift belongs to the day on which it begins.

    >>> [(shift.name, shift.start, shift.hours) for shift in shifts_of(("day:07-19", "night:19-07"))]
    [('day', 7, 12), ('night', 19, 12)]
    """
    made = tuple(_shift(text) for text in texts)
    inside = Counter((shift.start + k) % 24 for shift in made for k in range(shift.hours))
    for hour in range(24 if made else 0):
        if inside[hour] != 1:
            says = sentence("%(n)d shifts cover the hour from %(hour)02d:00", n=inside[hour], hour=hour)
            raise InputError(says, column="shifts", accepted=_EXAMPLE)
    in_order = all((a.start + a.hours) % 24 == b.start for a, b in pairwise(made))
    if not in_order or len({shift.name for shift in made}) < len(made):
        raise InputError("shifts out of order or with the same name", column="shifts", accepted=_EXAMPLE)
    return made


def check_shifts(params: Any) -> None:
    """InputError where the shifts do not fill the day, or the one that is asked for is none of them."""
    names = (ALL_SHIFTS, *(one.name for one in shifts_of(params.shifts)))
    if params.shift not in names:
        raise InputError("no shift of this name in shifts", column="shift", accepted=", ".join(names))


def shift_facts(texts: tuple[str, ...]) -> dict[str, Scalar]:
    """What facts and accuracy reports say of shifts: how many there are and when each begins. Empty without any."""
    made = shifts_of(texts)
    begins: dict[str, Scalar] = {f"shift_{one.name}": one.start for one in made}
    return {"shifts": len(made), **begins} if made else {}


def shifts_in(facts: Mapping[str, Scalar]) -> dict[str, tuple[str, ...]]:
    """The parameter `shifts` that `shift_facts` tells of, the earliest hour first.

    >>> shifts_in(shift_facts(("day:07-19", "night:19-07")))
    {'shifts': ('day:07-19', 'night:19-07')}
    """
    begins = sorted((int(facts[f"shift_{name}"]), name) for name in NAMES if f"shift_{name}" in facts)
    ends = [start for start, _ in (*begins[1:], *begins[:1])]
    return {"shifts": tuple(f"{name}:{start:02d}-{end:02d}" for (start, name), end in zip(begins, ends, strict=True))}


def _shift(text: str) -> Shift:
    found = _FORM.fullmatch(text.strip())
    name, start, end = found.groups() if found else ("", "24", "24")
    hours = (int(end) - int(start)) % 24
    if name not in NAMES or int(start) > 23 or int(end) > 24 or not hours:
        accepted = sentence("name:start-end in whole hours of 0 to 24; names: %(names)s", names=", ".join(NAMES))
        raise InputError("not a shift", column="shifts", accepted=accepted)
    return Shift(name=name, start=int(start), hours=hours)
