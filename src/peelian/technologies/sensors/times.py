"""Times as devices write them: ISO 8601, seconds or milliseconds since 1970, compact, day first or month first."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from peelian.errors import InputError
from peelian.technologies.sensors.listing import instant

SECONDS = (946_684_800, 7_258_118_400)  # 2000 to 2199
COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)")
SLASHED = re.compile(r"(\d\d)/(\d\d)/(\d{4})[T ](\d\d):(\d\d)(?::(\d\d))?([A-Z]{1,4}|[+-]\d\d:?\d\d)?")
OFFSETS = {"Z": 0, "UTC": 0, "GMT": 0, "CET": 1, "CEST": 2}
DAY_FIRST, MONTH_FIRST = "dmy", "mdy"


def moment(value: str | float, name: str, *, zone: str = "", order: str = "") -> datetime:
    """A time in UTC. `zone`: of times that say none; `order`: of day and month where both are two digits.

    InputError: no such time, no zone known, or a local time that the end of summer time makes twice. O(1).

    >>> moment(1772359200000, "at").isoformat(), moment("01/03/2026T10:00:00Z", "at", order="dmy").isoformat()
    ('2026-03-01T10:00:00+00:00', '2026-03-01T10:00:00+00:00')
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InputError("not a time", column=name, accepted="ISO 8601, or seconds since 1970")
    if not isinstance(value, str) or re.fullmatch(r"\d{10}|\d{13}", value):
        return _since_1970(float(value), name)
    if found := COMPACT.fullmatch(value):
        return _built([int(part) for part in found.groups()], name, _zone(zone, name))
    if order and (found := SLASHED.fullmatch(value)):
        first, second, year, hour, minute, last, offset = found.groups()
        day, month = (second, first) if order == MONTH_FIRST else (first, second)
        parts = [int(part) for part in (year, month, day, hour, minute, last or 0)]
        return _built(parts, name, _offset(offset, name) if offset else _zone(zone, name))
    try:
        bare = datetime.fromisoformat(value)
    except ValueError:
        return instant(value, name)  # tells what is wrong
    return instant(value, name) if bare.tzinfo else _once(bare.replace(tzinfo=_zone(zone, name)), name)


def _since_1970(value: float, name: str) -> datetime:
    for scale in (1, 1_000):
        if SECONDS[0] <= value / scale < SECONDS[1]:
            return datetime.fromtimestamp(value / scale, UTC)
    raise InputError("time out of range", column=name, accepted="seconds or milliseconds since 1970")


def _built(parts: list[int], name: str, zone: tzinfo) -> datetime:
    try:
        year, month, day, hour, minute, second = parts
        at = datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        raise InputError("not a time", column=name, accepted="a time of the calendar") from None
    return _once(at, name)


def _once(at: datetime, name: str) -> datetime:
    """A local time in UTC, if the end of summer time does not make it twice, or its start leave it out."""
    if at.utcoffset() != at.replace(fold=1).utcoffset():
        raise InputError("local time that exists twice, or not at all", column=name, accepted="a time with its zone")
    return instant(at.isoformat(), name)


def _zone(zone: str, name: str) -> tzinfo:
    if not zone:
        raise InputError("time without its zone", column=name, accepted="a zone in the register, as America/Toronto")
    return UTC if zone == "UTC" else ZoneInfo(zone)


def _offset(text: str, name: str) -> tzinfo:
    if text in OFFSETS:
        return timezone(timedelta(hours=OFFSETS[text]))
    if text[0] not in "+-":
        raise InputError("time without its zone", column=name, accepted=", ".join(OFFSETS))
    hours, minutes = int(text[1:3]), int(text[-2:])
    if hours > 14 or minutes > 59:
        raise InputError("not a time", column=name, accepted="a time of the calendar")
    return timezone((1 if text[0] == "+" else -1) * timedelta(hours=hours, minutes=minutes))
