"""File formats of crowd management: sound levels, and hourly counts of people."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, NotEnoughData, sentence
from peelian.kernel.model.capability import Scalar
from peelian.kernel.model.formats import Admitted, Dropped, Format
from peelian.kernel.model.parameters import is_day
from peelian.measure.table import Kind, Table, table
from peelian.technologies.crowd.counters import MOST_COUNT
from peelian.technologies.crowd.declarations.noise_rules import RULES
from peelian.technologies.crowd.noise import HIGHEST_DB, LOWEST_DB

LEVELS, COUNTS = "levels", "counts"
NO_TIME = "Unreadable time"
NO_LEVEL = "Level missing or not a sound level"
NO_COUNT = "Count missing"
BAD_COUNT = "Count not a whole number of persons"
SAME_TIME = "Duplicate time"
STAMP = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?Z?")
HOUR = re.compile(r"(\d{1,2})(?::00)?(?:\s*-\s*\d{1,2}(?::\d{2})?)?")
SENSOR = re.compile(r"[\w() .,'/-]{1,60}")
MOST_SENSORS = 500
MOST_HOURS = 24 * 366 * 30

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
NO_STAMP = np.iinfo(np.int64).min


def levels(text: Table, options: Mapping[str, str]) -> Admitted:
    """Levels of one meter: seconds since its first reading and dB, in order of time; gaps stay gaps. O(n log n)."""
    value = "laeq" if "laeq" in text else "leq db -a"
    stamps = _seconds(text["time" if "time" in text else "datetime"])
    level = np.array([_number(v) for v in text[value].tolist()], dtype=np.float64)
    dropped: list[Dropped] = []
    keep = _kept(text, stamps != NO_STAMP, NO_TIME, dropped)
    with np.errstate(invalid="ignore"):
        keep &= _kept(text, ((level >= LOWEST_DB) & (level <= HIGHEST_DB)) | ~keep, NO_LEVEL, dropped)
    _stop_at(dropped, options)
    rows = np.flatnonzero(keep)
    if len(rows) < 2:
        says = sentence("only %(n)d readable levels, 2 needed", n=len(rows))
        raise NotEnoughData(says, accepted="a time and a level in each row")
    _, first = np.unique(stamps[rows], return_index=True)
    once = np.zeros(len(rows), dtype=np.bool_)
    once[first] = True
    again = np.ones(len(text), dtype=np.bool_)
    again[rows[~once]] = False
    _kept(text, again, SAME_TIME, dropped)
    rows = rows[first]
    return _levels(stamps[rows], level[rows], options, tuple(dropped))


def _levels(
    stamps: Ints, level: NDArray[np.float64], options: Mapping[str, str], dropped: tuple[Dropped, ...]
) -> Admitted:
    period = int(np.median(np.diff(stamps)))
    if period not in RULES:
        says = sentence("levels are %(n)s seconds apart", n=period)
        raise InputError(says, column="time", accepted="one level per second or per minute")
    made = table(
        LEVELS,
        {"second": (Kind.COUNT, stamps - stamps[0]), "laeq_db": (Kind.AMOUNT, np.round(level, 2))},
        second="seconds",
        laeq_db="dB",
    )
    start = np.datetime64(int(stamps[0]), "s")
    facts: dict[str, Scalar] = {
        "period_seconds": period,
        "n": len(stamps),
        "start_second": int(stamps[0]),
        "from_day": str(start.astype("datetime64[D]")),
        "to_day": str(np.datetime64(int(stamps[-1]), "s").astype("datetime64[D]")),
        "source": options.get("source", "the town's own file"),
    }
    return Admitted(table=made, facts=facts, dropped=dropped)


def counts(text: Table, options: Mapping[str, str]) -> Admitted:
    """Hourly counts, a row per sensor and hour: columns sensor, hour, count; the sensor is its place. O(n log n)."""
    hours = _stamped_hours(text)
    names = text["sensor"]
    return _counts(text, (names, hours, text["count"]), options)


def counts_in_columns(text: Table, options: Mapping[str, str]) -> Admitted:
    """Hourly counts, a row per hour and a column per sensor, as Auckland publishes them. O(rows · sensors).

    The hours are text ("6:00-6:59") and a day runs from 6 to 6: the hours 0 to 5 stand last and belong to the next
    morning, as the crowds after midnight on New Year's Eve show.
    """
    sensors = [name for name in text.names if name not in ("date", "hour", "row")]
    if not sensors:
        raise InputError("no count column", row=1, accepted="one column per counter")
    hours = _split_hours(text)
    every = np.tile(hours, len(sensors))
    names = np.repeat(np.array(sensors, dtype=object), len(text))
    values = np.concatenate([text[name] for name in sensors])
    rows = table("rows", {"row": (Kind.COUNT, np.tile(text["row"], len(sensors)))})
    return _counts(rows, (names, every, values), options)


def _counts(text: Table, told: tuple[NDArray[Any], Ints, NDArray[Any]], options: Mapping[str, str]) -> Admitted:
    names, hours, values = told
    count = np.array([_number(v) for v in values.tolist()], dtype=np.float64)
    dropped: list[Dropped] = []
    keep = _kept(text, hours != NO_STAMP, NO_TIME, dropped)
    keep &= _kept(text, ~np.isnan(count) | ~keep, NO_COUNT, dropped)
    with np.errstate(invalid="ignore"):
        keep &= _kept(text, ((count >= 0) & (count <= MOST_COUNT) & (count % 1 == 0)) | ~keep, BAD_COUNT, dropped)
    _stop_at(dropped, options)
    known = sorted({str(name) for name in names[keep].tolist()})
    _check_sensors(known)
    member = np.searchsorted(known, [str(n) for n in names[keep].tolist()])
    order = np.lexsort((hours[keep], member))
    member, hour, count = member[order], hours[keep][order], count[keep][order]
    once = np.ones(len(hour), dtype=np.bool_)
    once[1:] = (np.diff(hour) != 0) | (np.diff(member) != 0)
    again = np.ones(len(hours), dtype=np.bool_)
    again[np.flatnonzero(keep)[order[~once]]] = False
    _kept(text, again, SAME_TIME, dropped)
    member, hour, count = member[once], hour[once], count[once]
    if int(hour.max() - hour.min()) > MOST_HOURS:
        raise InputError("hours span more than thirty years", column="hour", accepted="one record of counters")
    made = table(
        COUNTS,
        {
            "area": (Kind.PLACE, np.array(known, dtype=object)[member]),
            "hour": (Kind.TIME, hour.astype("datetime64[h]")),
            "count": (Kind.COUNT, count.astype(np.int64)),
        },
    )
    facts: dict[str, Scalar] = {
        "sensors": len(known),
        "n": len(hour),
        "from_day": str(hour.min().astype("datetime64[h]").astype("datetime64[D]")),
        "to_day": str(hour.max().astype("datetime64[h]").astype("datetime64[D]")),
        "source": options.get("source", "the town's own file"),
    }
    return Admitted(table=made, facts=facts, dropped=tuple(dropped))


def _check_sensors(known: list[str]) -> None:
    if not known:
        raise NotEnoughData("no readable count", accepted="a time and a whole number in each row")
    if len(known) > MOST_SENSORS:
        says = sentence("%(n)d counters", n=len(known))
        raise InputError(says, accepted=sentence("at most %(most)d counters in one file", most=MOST_SENSORS))
    if any(not SENSOR.fullmatch(name) for name in known):
        raise InputError("sensor name not allowed", column="sensor", accepted="up to 60 letters and digits")


def _stop_at(dropped: Sequence[Dropped], options: Mapping[str, str]) -> None:
    """An impossible time or count stops the admission, unless such rows are to be dropped; what is missing does not."""
    for one in dropped:
        if one.why in (NO_TIME, BAD_COUNT) and options.get("on_bad_row", "stop") != "drop":
            raise InputError(
                "unreadable time" if one.why == NO_TIME else "count not a whole number of persons",
                row=one.first_row,
                accepted="a time such as 2025-03-22 00:00:00 and a number, or the option on_bad_row=drop",
            )


def _kept(text: Table, good: Flags, why: str, dropped: list[Dropped]) -> Flags:
    """`good`, and a line in `dropped` about the rows that are not."""
    bad = np.flatnonzero(~good)
    if bad.size:
        dropped.append(Dropped(why=why, n=int(bad.size), first_row=int(text["row"][bad[0]])))
    return good.copy()


def _seconds(stamps: NDArray[Any]) -> Ints:
    """Seconds since 1970 as the meter's clock shows them; the least whole number where there is no time."""
    return np.array([_second(str(stamp).strip()) for stamp in stamps.tolist()], dtype=np.int64)


def _second(stamp: str) -> int:
    read = STAMP.fullmatch(stamp)
    if read is None or int(read[2]) > 23 or int(read[3]) > 59 or int(read[4] or 0) > 59:
        return int(NO_STAMP)
    day = _day(read[1])
    return (
        day * 86_400 + int(read[2]) * 3_600 + int(read[3]) * 60 + int(read[4] or 0)
        if day is not None
        else int(NO_STAMP)
    )


def _day(text: str) -> int | None:
    """Days since 1970, None where there is no such day."""
    return int(np.datetime64(text, "D").astype(np.int64)) if is_day(text) else None


def _stamped_hours(text: Table) -> Ints:
    seconds = _seconds(text["hour"])
    return np.where(seconds == NO_STAMP, NO_STAMP, seconds // 3_600)


def _split_hours(text: Table) -> Ints:
    """Hours since 1970 from a column of days and one of hours."""
    found: list[int] = []
    before: tuple[int | None, int] = (None, -1)
    for day_text, hour_text in zip(text["date"].tolist(), text["hour"].tolist(), strict=True):
        day, read = _day(str(day_text).strip()), HOUR.fullmatch(str(hour_text).strip())
        if day is None or read is None or int(read[1]) > 23:
            found.append(int(NO_STAMP))
            continue
        hour = int(read[1])
        after_midnight = before[0] == day and hour < before[1]
        if not after_midnight:
            before = (day, hour)
        found.append((day + after_midnight) * 24 + hour)
    return np.array(found, dtype=np.int64)


def _number(value: Any) -> float:
    if isinstance(value, (int, float)):
        return float(value)
    text = str(value).strip()
    if not re.fullmatch(r"[-+]?\d+([.,]\d*)?", text, re.ASCII):
        return float("nan")
    return float(text.replace(",", "."))


def _columns_of_counters(header: tuple[str, ...], options: Mapping[str, str]) -> Mapping[str, str]:
    """Every column but the year: a counter each."""
    plain = {name.strip().lower(): name for name in header}
    return {"date": plain["date"], "hour": plain["hour"]} | {
        name.strip(): name for name in header if name.strip().lower() not in ("date", "hour", "year")
    }


SOURCE = {
    "source": "source of the figures, in a few words",
    "on_bad_row": "stop, or drop rows with an invalid time or count",
}

FORMATS = (
    Format(
        id="sound-levels",
        title="Sound levels: time, laeq",
        shape=LEVELS,
        required=frozenset({"time", "laeq"}),
        columns=frozenset({"time", "laeq"}),
        convert=levels,
        options=SOURCE,
    ),
    Format(
        id="noisemonitor",
        title="Sound levels (noisemonitor format)",
        shape=LEVELS,
        required=frozenset({"datetime", "leq db -a"}),
        columns=frozenset({"datetime", "leq db -a"}),
        convert=levels,
        options=SOURCE,
    ),
    Format(
        id="counter-hours",
        title="Hourly counts of people: sensor, hour, count",
        shape=COUNTS,
        required=frozenset({"sensor", "hour", "count"}),
        columns=frozenset({"sensor", "hour", "count"}),
        convert=counts,
        options=SOURCE,
    ),
    Format(
        id="auckland-counts",
        title="Hourly counts, one column per counter (Auckland format)",
        shape=COUNTS,
        required=frozenset({"date", "hour", "year"}),
        columns=frozenset({"date", "hour"}),
        convert=counts_in_columns,
        options=SOURCE,
        pick=_columns_of_counters,
    ),
)
