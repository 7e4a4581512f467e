"""Sums readings over 15-minute windows in memory. Raw readings are not kept.

Of a window only sums live: a count, sound energy, a largest level, kilowatt-hours. They are handed on a minute after
the window ended. A reading that comes later than that, but within 65 minutes of the window's beginning, is handed on as
a further part of it, and `merged` puts the parts together. `running_sums` packs the sums for a checkpoint.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from peelian.errors import InputError, sentence
from peelian.kernel.model.watch import Reading

SHORTEST = timedelta(minutes=15)
KEPT = timedelta(minutes=65)
LEEWAY = timedelta(minutes=1)  # for readings on their way when their window ends
MOST_OPEN = 200_000  # windows at once: 20,000 sensors, with room
Key = tuple[str, str, int]  # sensor, measure, start in seconds since 1970


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A closed window: what one sensor measured from `start` on. `n` readings; NaN for what it does not measure."""

    sensor: str
    measure: str  # people, vehicles, occupants, noise, energy
    start: datetime
    n: int
    count: int = 0
    laeq: float = math.nan
    lamax: float = math.nan
    kwh: float = math.nan


@dataclass(slots=True)
class Sums:
    """The running sums of one open window."""

    n: int = 0
    count: float = 0.0
    seconds: float = 0.0
    sound: float = 0.0  # seconds times 10^(level / 10)
    lamax: float = -math.inf
    kwh: float = 0.0


@dataclass(slots=True, kw_only=True)
class Gathering:
    """Open windows. `tally` counts readings: taken, late. `changed`: windows not in a checkpoint yet."""

    minutes: int = 15
    open: dict[Key, Sums] = field(default_factory=dict)
    changed: dict[Key, None] = field(default_factory=dict)
    tally: dict[str, int] = field(default_factory=lambda: {"taken": 0, "late": 0})
    closed_until: int = 0

    def __post_init__(self) -> None:
        if not SHORTEST <= timedelta(minutes=self.minutes) <= timedelta(minutes=60) or 60 % self.minutes:
            raise InputError(sentence("windows of %(n)d minutes", n=self.minutes), accepted="15, 20, 30 or 60")


def gather(into: Gathering, readings: Iterable[Reading]) -> None:
    """Add readings to their windows, in any order. A reading for a closed window is only counted. O(readings)."""
    width = into.minutes * 60
    for reading in readings:
        at = int(reading.time.timestamp())
        start = at - at % width
        if start < into.closed_until:
            into.tally["late"] += 1
            continue
        measure = "noise" if reading.what.startswith("laeq") else reading.what
        key = (reading.sensor, measure, start)
        sums = into.open.get(key)
        if sums is None:
            if len(into.open) >= MOST_OPEN:
                accepted = sentence("at most %(most)d: close more often", most=MOST_OPEN)
                raise InputError("too many open time windows", accepted=accepted)
            sums = into.open[key] = Sums()
        _add(sums, measure, reading)
        into.changed.setdefault(key)
        into.tally["taken"] += 1


def close(from_: Gathering, now: datetime, *, stopping: bool = False) -> tuple[Window, ...]:
    """Take out the windows that are over, oldest first; with `stopping` also open ones.

    What comes later opens a further part of its window, until it is too late for it. O(open).
    """
    width = from_.minutes * 60
    until = int((now - KEPT).timestamp()) + width
    from_.closed_until = max(from_.closed_until, until - until % width)
    ended = (now - LEEWAY).timestamp() - width
    over = sorted((key for key in from_.open if stopping or key[2] <= ended), key=lambda key: (key[2], key))
    for key in over:
        from_.changed.pop(key, None)
    return tuple(_window(key, from_.open.pop(key)) for key in over)


def merged(parts: Iterable[Window]) -> tuple[Window, ...]:
    """Parts of the same windows combined, oldest first: counts summed, levels as energy mean by reading.

    >>> at = datetime(2026, 3, 1, tzinfo=UTC)
    >>> [w.count for w in merged([Window(sensor="s", measure="people", start=at, n=1, count=c) for c in (2, 3)])]
    [5]
    """
    found: dict[tuple[datetime, str, str], Window] = {}
    for part in parts:
        key = (part.start, part.sensor, part.measure)
        found[key] = _together(found[key], part) if key in found else part
    return tuple(found[key] for key in sorted(found))


def _together(one: Window, other: Window) -> Window:
    most_at_once = one.measure == "occupants"
    levels = [(w.n, w.laeq) for w in (one, other) if math.isfinite(w.laeq)]
    heard = sum(n for n, _ in levels)
    peaks = [w.lamax for w in (one, other) if math.isfinite(w.lamax)]
    return replace(
        one,
        n=one.n + other.n,
        count=max(one.count, other.count) if most_at_once else one.count + other.count,
        laeq=10 * math.log10(sum(n * 10 ** (level / 10) for n, level in levels) / heard) if heard else math.nan,
        lamax=max(peaks, default=math.nan),
        kwh=one.kwh + other.kwh,
    )


def _add(sums: Sums, measure: str, reading: Reading) -> None:
    values = reading.values
    sums.n += 1
    if measure == "noise":
        seconds = values.get("seconds", 1.0)
        if "laeq" in values:
            sums.seconds += seconds
            sums.sound += seconds * 10 ** (values["laeq"] / 10)
        sums.lamax = max(sums.lamax, values.get("lamax", values.get("laeq", -math.inf)))
    elif measure == "energy":
        sums.kwh += values["kwh"]
    elif measure == "occupants":
        sums.count = max(sums.count, values["count"])  # how many were there at once
    else:
        sums.count += values.get("count", 0.0)


def _window(key: Key, sums: Sums) -> Window:
    sensor, measure, start = key
    noise = measure == "noise"
    return Window(
        sensor=sensor,
        measure=measure,
        start=datetime.fromtimestamp(start, UTC),
        n=sums.n,
        count=0 if noise or measure == "energy" else int(sums.count),
        laeq=10 * math.log10(sums.sound / sums.seconds) if noise and sums.sound > 0 else math.nan,
        lamax=sums.lamax if noise and math.isfinite(sums.lamax) else math.nan,
        kwh=sums.kwh if measure == "energy" else math.nan,
    )
