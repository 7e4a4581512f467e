"""The town's civil time: its zone, and times typed in it in UTC. An hour that never was or came twice is told."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from peelian.errors import InputError, sentence
from peelian.kernel.state.kernel import Kernel


def zone_of(kernel: Kernel) -> str:
    """The town's time zone, an IANA name: the one that its datasets state where they agree; else "". O(datasets)."""
    named = {str(one.facts.get("zone", "")) for one in kernel.state.datasets.values()} - {""}
    zone = named.pop() if len(named) == 1 else ""
    try:
        return ZoneInfo(zone).key if zone else ""
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""  # a word such as "unstated"


def in_utc(text: str, zone: str, column: str) -> str:
    """A time as people type it, in UTC: one without an offset is of the zone, of UTC where there is none; "" stays.

    InputError: no time, or one that the zone's clock did not show, or showed twice.

    >>> in_utc("2026-07-01T09:00", "America/Toronto", "started")
    '2026-07-01T13:00:00+00:00'
    """
    if not text.strip():
        return ""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InputError("not a time", column=column, accepted="2026-11-24T08:00") from None
    if moment.tzinfo:
        return moment.astimezone(UTC).isoformat()
    here = ZoneInfo(zone or "UTC")
    first, second = (moment.replace(tzinfo=here, fold=fold) for fold in (0, 1))
    before, after = first.utcoffset(), second.utcoffset()
    if before != after:
        says = (
            "the clock was put forward and never showed this time"
            if before is not None and after is not None and before < after
            else "the clock was put back and showed this time twice"
        )
        earlier, later = (f"{one.isoformat(timespec='minutes')}" for one in (first, second))
        accepted = sentence("%(one)s or %(other)s, or a time outside this hour", one=earlier, other=later)
        raise InputError(says, column=column, accepted=accepted)
    return first.astimezone(UTC).isoformat()
