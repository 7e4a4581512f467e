"""Live aggregates: what staff may see of sensors inside the town, and whether each sensor and the listener work.

The listener lays both out as it seals windows. Counts under 15 are left out before anything is kept; energy is not here
at all. What is kept is sealed with a key of the office and let go after 31 days. It holds sums of 15 minutes and the
quarter of an hour of a sensor's newest message: never a reading, nor its time.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from peelian.kernel.model.pseudonyms import CHECKPOINT
from peelian.kernel.records.sensor_register import the_register
from peelian.kernel.state.kernel import Kernel
from peelian.oversight.drafts import generations_of, secret_of
from peelian.technologies.sensors.release import FEWEST
from peelian.technologies.sensors.windows import SHORTEST, Window

COUNTED = ("people", "vehicles")  # counts of an area are added up; levels and occupants are not
SHOWN = (*COUNTED, "occupants", "noise")
KEPT = timedelta(days=31)
_DAY, _HEALTH, _ONE = "live sensors", "sensor health", "listener"

Series = dict[int, float | None]
"""Quarter of the day (0 to 95) → a count of at least 15 or a level in dB(A); None: a count under 15."""


@dataclass(slots=True)
class Day:
    """A day's quarters by sensor and by area, each with its measure."""

    sensors: dict[str, dict[str, Series]] = field(default_factory=dict)
    areas: dict[str, dict[str, Series]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """A sensor at the listener: the quarter of an hour of its newest message (ISO), and messages refused so far."""

    heard: str = ""
    refused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """The listener when it last said so: whether it has its connection, and the sensors it heard."""

    at: datetime
    connected: bool
    sensors: Mapping[str, Health]


def secrets_of(kernel: Kernel, what: str) -> list[bytes]:
    """What checkpoints and live aggregates are sealed with, 32 bytes, and what sealed them under each key before."""
    return [secret_of(kernel, what, domain) for domain in generations_of(kernel, CHECKPOINT)]


def keep_live(kernel: Kernel, windows: Iterable[Window]) -> None:
    """Add windows that were sealed to what staff may see. A further part of a window whose first part was under 15
    leaves it so. O(windows of the days concerned)."""
    by_day: dict[date, list[Window]] = {}
    for window in windows:
        if window.measure in SHOWN:
            by_day.setdefault(window.start.date(), []).append(window)
    for day, some in by_day.items():
        known = live_day(kernel, day)
        _add(known, some, {id: listed.sensor.area for id, listed in the_register(kernel).items()})
        _put(kernel, _DAY, day.isoformat(), asdict(known), most=KEPT.days + 2)
    kernel.stores.tickets.forget(_DAY, kernel.now() - KEPT)


def live_day(kernel: Kernel, day: date) -> Day:
    """A day (UTC) as staff may see it; nothing in it where none of it was kept, or what was kept was altered."""
    found = _get(kernel, _DAY, day.isoformat())
    if found is None:
        return Day()
    series = {
        name: {of: {m: {int(q): v for q, v in one.items()} for m, one in some.items()} for of, some in kept.items()}
        for name, kept in found.items()
    }
    return Day(sensors=series["sensors"], areas=series["areas"])


def keep_health(kernel: Kernel, listening: Listening) -> None:
    """Say how the listener and its sensors are. O(sensors)."""
    body = {
        "at": listening.at.isoformat(),
        "connected": listening.connected,
        "sensors": {id: [one.heard, one.refused] for id, one in listening.sensors.items()},
    }
    _put(kernel, _HEALTH, _ONE, body, most=1)


def health_of(kernel: Kernel) -> Listening | None:
    """How they were when the listener last said so; None where it never did. O(sensors)."""
    found = _get(kernel, _HEALTH, _ONE)
    if found is None:
        return None
    sensors = {id: Health(heard=heard, refused=refused) for id, (heard, refused) in found["sensors"].items()}
    return Listening(at=datetime.fromisoformat(found["at"]), connected=found["connected"], sensors=sensors)


def quarter_of(moment: datetime) -> str:
    """The quarter of an hour of a moment, as ISO.

    >>> quarter_of(datetime(2026, 3, 1, 9, 44, 59, tzinfo=UTC))
    '2026-03-01T09:30+00:00'
    """
    at = moment.astimezone(UTC)
    return at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0).isoformat(timespec="minutes")


def shown_level(window: Window) -> float | None:
    """What staff may see of a window: a count of at least 15, or a level in dB(A)."""
    if window.measure == "noise":
        return round(window.laeq, 1) if math.isfinite(window.laeq) else None
    return float(window.count) if window.count >= FEWEST else None


def _add(day: Day, windows: list[Window], areas: Mapping[str, str]) -> None:
    of_areas: dict[tuple[str, str, int], list[Window]] = {}
    for window in windows:
        quarter = _quarter(window)
        _join(day.sensors, window.sensor, window.measure, quarter, shown_level(window))
        if window.measure in COUNTED and window.sensor in areas:
            of_areas.setdefault((areas[window.sensor], window.measure, quarter), []).append(window)
    for (area, measure, quarter), some in of_areas.items():
        _join(day.areas, area, measure, quarter, _together(some))


def _together(windows: list[Window]) -> float | None:
    """An area's count; None where it is under 15, or would give away the one sensor of it that is."""
    total, small = sum(w.count for w in windows), sum(w.count < FEWEST for w in windows)
    return float(total) if total >= FEWEST and (small != 1 or len(windows) == 1) else None


def _join(kept: dict[str, dict[str, Series]], of: str, measure: str, quarter: int, value: float | None) -> None:
    series = kept.setdefault(of, {}).setdefault(measure, {})
    before = series.get(quarter)
    if quarter not in series:
        series[quarter] = value
    elif measure in COUNTED and before is not None and value is not None:
        series[quarter] = before + value
    elif before is not None and value is not None:
        series[quarter] = max(before, value)


def _quarter(window: Window) -> int:
    return (window.start.hour * 60 + window.start.minute) // (SHORTEST.seconds // 60)


def _put(kernel: Kernel, kind: str, key: str, body: object, *, most: int) -> None:
    sealed = _cipher(kernel).encrypt(json.dumps(body).encode()).decode()
    kernel.stores.tickets.put(kind, key, sealed, kernel.now(), most=most)


def _get(kernel: Kernel, kind: str, key: str) -> dict[str, Any] | None:
    sealed = kernel.stores.tickets.get(kind, key)
    try:
        found: dict[str, Any] | None = json.loads(_cipher(kernel).decrypt(sealed)) if sealed else None
    except InvalidToken:
        return None
    return found


def _cipher(kernel: Kernel) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in secrets_of(kernel, "live")])
