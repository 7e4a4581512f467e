"""Gaps: when messages of a sensor are missing, as the log tells it, and for how many seconds of a day's windows.

A quarter of an hour without a count is told as a gap where nobody could have counted: before the sensor was registered,
before anybody listened, while sensors were suspended, after the listening ended or was cut off, and where the broker
lost what it held. A sensor that is silent by itself is no gap: for one that tells each passage, silence is a count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from peelian.kernel.records.sensor_register import LISTENED, the_register
from peelian.kernel.state.kernel import Kernel, is_of
from peelian.technologies.sensors.windows import SHORTEST

ITS_QUARTERS = "sensors.quarters"  # a shape, with its owner
WINDOWS = timedelta(days=1) // SHORTEST
_BEGUN, _ENDED = LISTENED
_ALWAYS = datetime.max.replace(tzinfo=UTC)
_NEVER = datetime.min.replace(tzinfo=UTC)
_KINDS = ("LISTENING", "WINDOW_LOST", "SUSPENDED", "RESUMED", "ADMITTED")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """From when to when messages are missing, why, and of which sensor (""; of all)."""

    since: datetime
    until: datetime
    why: str  # a word of `sensor_register.LOSSES`, or: suspended, not listening
    sensor: str = ""


def gaps_of(kernel: Kernel) -> tuple[Gap, ...]:
    """Every gap that the log tells, oldest first; the last may have no end yet. () where nobody ever listened.

    O(entries of listening, losses, suspensions and datasets).
    """
    entries = [entry for _, entry in kernel.stores.log.read(kinds=_KINDS)]
    heard = [_time(entry) for entry in entries if entry["kind"] == "LISTENING" or is_of(kernel, entry, ITS_QUARTERS)]
    if not any(entry["kind"] == "LISTENING" for entry in entries):
        return ()
    found = [_lost(entry) for entry in entries if entry["kind"] == "WINDOW_LOST"]
    found += _suspensions([entry for entry in entries if entry.get("technology") == "sensors"])
    found.append(Gap(since=heard[-1], until=_ALWAYS, why="not listening"))
    return tuple(sorted(found, key=lambda gap: gap.since))


def gap_seconds(kernel: Kernel, sensor: str, day: date) -> tuple[int, ...]:
    """Seconds of each of the 96 quarters of a day (UTC) for which messages of a sensor are missing. O(gaps · 96)."""
    gaps = [(gap.since, gap.until) for gap in gaps_of(kernel) if gap.sensor in ("", sensor)]
    listed = the_register(kernel).get(sensor)
    if gaps and listed is not None:
        gaps.append((_NEVER, datetime.fromisoformat(listed.since)))
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return tuple(_missing(gaps, start + nth * SHORTEST) for nth in range(WINDOWS))


def _time(entry: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(str(entry["t"]))


def _lost(entry: Mapping[str, Any]) -> Gap:
    """Entries of earlier versions do not say until when: until they were made."""
    until = datetime.fromisoformat(str(entry["until"])) if "until" in entry else _time(entry)
    since = datetime.fromisoformat(str(entry["since"]))
    return Gap(since=since, until=until, why=str(entry.get("why", "checkpoint")), sensor=str(entry.get("sensor", "")))


def _suspensions(entries: Iterable[Mapping[str, Any]]) -> list[Gap]:
    found: list[Gap] = []
    for entry in entries:
        if entry["kind"] == "SUSPENDED":
            found.append(Gap(since=_time(entry), until=_ALWAYS, why="suspended"))
        elif entry["kind"] == "RESUMED" and found:
            found[-1] = replace(found[-1], until=min(found[-1].until, _time(entry)))
    return found


def _missing(gaps: Iterable[tuple[datetime, datetime]], start: datetime) -> int:
    return _covered(gaps, start, start + SHORTEST)


def missing_between(gaps: Iterable[Gap], start: datetime, end: datetime) -> int:
    """Seconds between two moments that lie in any of the gaps. O(gaps log gaps)."""
    return _covered([(gap.since, gap.until) for gap in gaps], start, end)


def _covered(gaps: Iterable[tuple[datetime, datetime]], start: datetime, end: datetime) -> int:
    within = sorted((max(since, start), min(until, end)) for since, until in gaps if since < end and until > start)
    missing, reached = timedelta(0), start
    for since, until in within:
        missing += max(timedelta(0), until - max(since, reached))
        reached = max(reached, until)
    return round(missing.total_seconds())
