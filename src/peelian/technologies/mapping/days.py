"""ISO days of civil time, and the hours since 1970 that the arithmetic counts in."""

from __future__ import annotations

from datetime import date, timedelta

from peelian.errors import InputError

_EPOCH = date(1970, 1, 1)


def day_of(hour: float) -> str:
    """The ISO day that an hour since 1970 (civil time) falls in.

    >>> day_of(24 * 365.0)
    '1971-01-01'
    """
    return (_EPOCH + timedelta(days=int(hour // 24))).isoformat()


def hour_of(day: str, name: str = "day") -> float:
    """The hour since 1970 at which an ISO day begins; InputError where the text is no day.

    >>> hour_of("1970-01-02")
    24.0
    """
    try:
        found = date.fromisoformat(day)
    except ValueError:
        found = None
    if found is None or found.isoformat() != day:
        raise InputError("not a date", column=name, accepted="a date such as 2020-01-06")
    return (found - _EPOCH).days * 24.0
