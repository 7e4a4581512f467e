"""Turns moments in UTC into a town's civil hours, across changes of its clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError

Ints = NDArray[np.int64]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def zone_named(name: str) -> ZoneInfo:
    """The time zone with this IANA name; InputError when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError("unknown time zone", accepted="an IANA name such as America/Toronto") from None


def civil_minutes(utc_minutes: Ints, zone: str) -> Ints:
    """Minutes since 1970 UTC → minutes since 1970 as the town's clocks show them. O(n log changes).

    >>> def at(text): return np.array([np.datetime64(text, "m").astype(np.int64)])
    >>> before = civil_minutes(at("2024-03-10T06:59"), "America/Toronto")
    >>> after = civil_minutes(at("2024-03-10T07:00"), "America/Toronto")
    >>> int(after[0] - before[0])  # 01:59 is followed by 03:00
    61
    """
    if not len(utc_minutes):
        return utc_minutes
    years = utc_minutes[[utc_minutes.argmin(), utc_minutes.argmax()]] // (1440 * 365) + 1970
    at, offsets = _changes(zone, int(years[0]) - 1, int(years[1]) + 1)
    return utc_minutes + offsets[np.searchsorted(at, utc_minutes, side="right")]


def clock_hours(start_hour: float, hours: float, zone: str) -> NDArray[np.float64]:
    """How long each civil hour from `start_hour` (hours since 1970, civil) on lasted: float64[hours], in hours.

    0 where the clocks skip it, 2 where it comes twice, otherwise 1. O(hours x changes of the clocks).

    >>> def at(text): return float(np.datetime64(text, "h").astype(np.int64))
    >>> clock_hours(at("2024-03-10T01"), 3, "America/Toronto").tolist()
    [1.0, 0.0, 1.0]
    """
    edges = (start_hour + np.arange(int(hours) + 1)) * 60
    years = [int(minute // (1440 * 365.25)) + 1970 for minute in (edges[0], edges[-1])]
    at, offsets = _changes(zone, years[0] - 1, years[1] + 1)
    made = np.ones(int(hours))
    for moment, before, after in zip(at, offsets, offsets[1:], strict=False):
        low, high = min(before, after) + moment, max(before, after) + moment
        made += np.sign(before - after) * np.diff(np.clip(edges, low, high)) / 60
    return made


def usual_longitude(zone: str) -> float:
    """The longitude (degrees) at which the sun keeps this zone's winter time: 15 degrees an hour."""
    noon = datetime(2024, 1, 1, 12, tzinfo=UTC), datetime(2024, 7, 1, 12, tzinfo=UTC)
    offsets = [_offset_minutes(zone_named(zone), moment) for moment in noon]
    return min(offsets) / 4.0


@lru_cache(maxsize=64)
def _changes(zone: str, first_year: int, last_year: int) -> tuple[Ints, Ints]:
    """When the offset changes (UTC minutes), and the offsets before, between and after: one more than changes."""
    town = zone_named(zone)
    moment = datetime(max(first_year, 1), 1, 1, tzinfo=UTC)
    until = datetime(min(last_year, 9998) + 1, 1, 1, tzinfo=UTC)
    at: list[int] = []
    offsets = [_offset_minutes(town, moment)]
    while moment < until:
        after = moment + timedelta(days=1)
        if _offset_minutes(town, after) != offsets[-1]:
            low, high = moment, after
            while high - low > timedelta(minutes=1):
                middle = low + timedelta(minutes=int((high - low).total_seconds() // 120))
                low, high = (middle, high) if _offset_minutes(town, middle) == offsets[-1] else (low, middle)
            at.append(int((high - EPOCH).total_seconds() // 60))
            offsets.append(_offset_minutes(town, after))
        moment = after
    return np.array(at, np.int64), np.array(offsets, np.int64)


def _offset_minutes(zone: ZoneInfo, moment: datetime) -> int:
    offset = moment.astimezone(zone).utcoffset() or timedelta()
    return int(offset.total_seconds() // 60)
