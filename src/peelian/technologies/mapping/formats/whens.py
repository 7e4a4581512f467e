"""When an incident happened, in the town's civil hours: an hour, or the interval that holds it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, sentence
from peelian.measure.table import Values
from peelian.technologies.mapping.formats.drops import BACKWARDS, BAD_TIME, NO_TIME, Bools, Drops, Ints
from peelian.technologies.mapping.formats.numbers import whole_numbers
from peelian.technologies.mapping.formats.times import ACCEPTED, NO_OFFSET, Stamps, days_from, stamps
from peelian.technologies.mapping.formats.zones import civil_minutes

Hours = NDArray[np.datetime64]
SHORT_YEARS = "Two-digit years were read as 1969 to 2068."


def hours(minutes: Ints) -> Hours:
    """Minutes since 1970 as whole hours, datetime64[h]."""
    return np.asarray(minutes // 60).view("datetime64[h]")


def civil(read: Stamps, zone: str) -> Ints:
    """Minutes since 1970 on the town's clocks; a time written with its offset from UTC is carried over."""
    carried = read.offset != NO_OFFSET
    if not bool(carried.any()):
        return read.minutes
    minutes = read.minutes.copy()
    minutes[carried] = civil_minutes(read.minutes[carried] - read.offset[carried], zone)
    return minutes


def interval(read: Stamps, zone: str) -> tuple[Hours, Hours]:
    """The first and the last hour in which the moment lies: equal with a time of day, else the day's or the month's."""
    first = hours(civil(read, zone))
    if bool(read.clock.all()):
        return first, first.copy()
    last = first + np.where(read.clock, 0, 23).view("timedelta64[h]")
    if bool(read.month.any()):
        months = first[read.month].astype("datetime64[M]")
        last[read.month] = (months + 1).astype("datetime64[h]") - np.timedelta64(1, "h")
    return first, last


def when(text: Values, name: str, rows: Ints, drops: Drops, how: tuple[str, str]) -> tuple[Hours, Hours, Bools]:
    """First and last hour (datetime64[h]) of a column of dates, and which rows can be kept. `how`: (order, zone).

    Missing dates are counted and dropped; text that is no date is an InputError, or a count, as `drops` says.
    """
    read, kept = _dated(text, name, rows, drops, how[0])
    kept &= drops.drop(NO_TIME, read.empty, rows)
    first, last = interval(read, how[1])
    return first, last, kept


def _dated(text: Values, name: str, rows: Ints, drops: Drops, order: str) -> tuple[Stamps, Bools]:
    """A column of dates as read, and which rows can be kept; two-digit years are noted."""
    read = stamps(text, order=order)
    if bool(read.short.any()):
        drops.told.add(SHORT_YEARS)
    fault = InputError("not a date", accepted=ACCEPTED, column=name)
    return read, drops.unreadable(BAD_TIME, read.bad, rows, fault)


def known_from(text: Values, name: str, rows: Ints, drops: Drops, how: tuple[str, str]) -> tuple[Hours, Bools]:
    """The hour from which a row was known (report or last update), NaT where none is given; and which rows to keep.

    A day without a time of day counts from its end: what is known that day is not known in its morning.
    """
    read, kept = _dated(text, name, rows, drops, how[0])
    _, last = interval(read, how[1])
    last[read.empty | read.bad] = np.datetime64("NaT")
    return last, kept


def with_hour(
    first: Hours, last: Hours, text: Values, name: str, cut: tuple[Ints, Drops]
) -> tuple[Hours, Hours, Bools]:
    """Days with the hour of a second column put in where one is given: 0 to 23. `cut`: (rows, drops)."""
    rows, drops = cut
    hour, missing, bad = whole_numbers(text)
    bad = bad | (~missing & ((hour < 0) | (hour > 23)))
    kept = drops.unreadable(BAD_TIME, bad, rows, InputError("not an hour", accepted="0 to 23", column=name))
    given = ~missing & ~bad
    exact = first.astype("datetime64[D]").astype("datetime64[h]") + np.where(given, hour, 0).astype("timedelta64[h]")
    return np.where(given, exact, first), np.where(given, exact, last), kept


def whole_day(hour: Hours) -> tuple[Hours, Hours]:
    """The first and the last hour of the day in which `hour` lies."""
    first: Hours = hour.astype("datetime64[D]").astype("datetime64[h]")
    return first, first + np.timedelta64(23, "h").astype("timedelta64[h]")


def ordered(first: Hours, last: Hours, names: tuple[str, str], rows: Ints, drops: Drops) -> Bools:
    """Which intervals run forwards; one that runs backwards is an InputError or a count."""
    fault = InputError(
        sentence("%(end)s before %(start)s", end=names[1], start=names[0]),
        accepted="a start and a later end",
        column=names[1],
    )
    return drops.unreadable(BACKWARDS, last < first, rows, fault)


def day_of(
    parts: tuple[Values, Values, Values], names: tuple[str, str, str], rows: Ints, drops: Drops
) -> tuple[Any, Bools]:
    """Days (datetime64[D]) from columns of year, month and day, and which rows can be kept."""
    read = [whole_numbers(values) for values in parts]
    missing = read[0][1] | read[1][1] | read[2][1]
    kept = drops.drop(NO_TIME, missing, rows)
    for (_, _, bad), name in zip(read, names, strict=True):
        fault = InputError("not a whole number", accepted="a year, a month, a day", column=name)
        kept &= drops.unreadable(BAD_TIME, bad & kept, rows, fault)
    days, impossible = days_from(read[0][0], read[1][0], read[2][0])
    fault = InputError("no such day", accepted="a calendar day, 1900 to 2100", column=names[2])
    kept &= drops.unreadable(BAD_TIME, impossible & kept, rows, fault)
    return days.astype("datetime64[D]"), kept
