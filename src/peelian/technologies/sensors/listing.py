"""Shared by all decoders: unlisted fields are refused by name only, numbers and times are checked."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta

from peelian.errors import InputError, Reason, Refused, sentence

MOST_BYTES = 65_536  # of one message; files of meters have their own limit
PLAIN_NAME = re.compile(r"[A-Za-z@][A-Za-z_.@]{0,31}[0-9]{0,2}")
FIRST_YEAR, LAST_YEAR = 2000, 2199


def name_of(field: str) -> str:
    """A field's name for messages: a plain identifier, or only the length of anything else.

    A name can be made to carry something (a plate, a device's address), so only plain words are repeated.

    >>> name_of("plateNumber"), name_of("aa:bb:cc:dd:ee:ff")
    ('plateNumber', 'a name of 17 characters')
    """
    return field if PLAIN_NAME.fullmatch(field) else f"a name of {len(field)} characters"


def not_listed(field: str, what: str, *, value_of: str = "") -> Refused:
    """The refusal of a message with a field that is not on the list of its format, or `value_of` a listed one that is
    not: the log tells the field alone, as a value may hold anything."""
    says = sentence("%(what)s: %(what2)s is not on the list", what=what, what2=name_of(field))
    if value_of:
        says = sentence("%(what)s: this value of %(field)s is not on the list", what=what, field=value_of)
    return Refused(
        [
            Reason(
                rule="only_listed_fields_come_in",
                says=says,
                remedy="Send only the listed fields: levels, counts, their time, the sensor's fixed place.",
                field=value_of or name_of(field),
            )
        ]
    )


def never(what: str, why: str) -> Refused:
    """The refusal of a whole kind of message that follows a person, a vehicle or a home."""
    return Refused(
        [
            Reason(
                rule="nothing_that_follows_comes_in",
                says=sentence("%(what)s: %(why)s", what=what, why=why),
                remedy="Send counts or levels.",
            )
        ]
    )


def sized(data: bytes, most: int = MOST_BYTES) -> bytes:
    """The message, if it is not empty and not too large; else InputError."""
    if not 0 < len(data) <= most:
        says = sentence("a message of %(n)d bytes", n=len(data))
        raise InputError(says, accepted=sentence("1 to %(most)d bytes", most=most))
    return data


def number(value: float, name: str, low: float, high: float) -> float:
    """A finite number in its range; InputError names the field and the range, never the value."""
    if not math.isfinite(value) or not low <= value <= high:
        accepted = sentence("%(low)g to %(high)g", low=low, high=high)
        raise InputError("value out of range", column=name, accepted=accepted)
    return float(value)


def whole(value: float, name: str, high: float = 10_000_000) -> float:
    """A count: a whole number from 0 on."""
    if value != int(number(value, name, 0, high)):
        raise InputError("count not a whole number", column=name, accepted="whole numbers, 0 or more")
    return float(value)


def instant(text: str, name: str) -> datetime:
    """A time with time zone, in UTC. InputError: not ISO 8601, no time zone, or a year out of range.

    >>> instant("2026-03-01T10:00:00+01:00", "at").isoformat()
    '2026-03-01T09:00:00+00:00'
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InputError("not a time", column=name, accepted="ISO 8601, such as 2026-03-01T10:00:00Z") from None
    if at.tzinfo is None:
        raise InputError("time without its zone", column=name, accepted="ISO 8601 with Z or an offset")
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        accepted = sentence("years %(low)d to %(high)d", low=FIRST_YEAR, high=LAST_YEAR)
        raise InputError("time out of range", column=name, accepted=accepted)
    return at.astimezone(UTC)


def period(text: str, name: str) -> tuple[datetime, datetime]:
    """An instant, or an interval "from/to", as its two ends in UTC; InputError where it runs backwards."""
    start, _, end = text.partition("/")
    first = instant(start, name)
    last = instant(end, name) if end else first
    return spanned(first, last, name)


def spanned(first: datetime, last: datetime, name: str) -> tuple[datetime, datetime]:
    """Both ends, if they are in order and not a year apart."""
    if not timedelta() <= last - first <= timedelta(days=366):
        raise InputError("period that ends before it starts, or longer than a year", column=name, accepted="from/to")
    return first, last
