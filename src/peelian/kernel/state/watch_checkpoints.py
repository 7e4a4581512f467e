"""Watch checkpoints: the stored state of a watch at work, one for each sensor or zone.

Raw readings live in the memory of the states only: what is packed holds none. Any part of the states is a sound
checkpoint, because a state is kept together with the times of its own sensors' latest readings.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Protocol

from peelian.kernel.model.documents import StandingPermit, StandingRequest
from peelian.kernel.model.watch import Watch

_NEVER = datetime(1, 1, 1, tzinfo=UTC)
LOOKED_AT = 2_000  # sensors at most that one tick searches for silent ones
_COMPACT = json.JSONEncoder(separators=(",", ":")).encode


class Checkpoints(Protocol):
    """Where packed states are kept: JSON text by state's name."""

    def load(self, case: str) -> Mapping[str, str]: ...

    def save(self, case: str, changed: Mapping[str, str]) -> None:
        """Keep all of `changed` or nothing of it, so that it survives a power cut."""


@dataclass(slots=True, kw_only=True)
class Standing:
    """A watch at work. `tally` counts what came of the readings: taken, again, late, ahead, undeclared, refilled…"""

    permit: StandingPermit
    request: StandingRequest
    watch: Watch
    params: Any
    checkpoints: Checkpoints
    states: dict[str, Any] = field(default_factory=dict)
    latest: dict[str, datetime] = field(default_factory=dict)  # sensor → the time of its latest reading
    restored: dict[str, datetime] = field(default_factory=dict)  # sensor → the same, as the checkpoint had it
    refilled: dict[str, datetime] = field(default_factory=dict)  # sensor → how far its raw readings were seen again
    paces: dict[str, timedelta] = field(default_factory=dict)  # sensor → the time between its latest two readings
    changed: dict[str, None] = field(default_factory=dict)  # states not kept since, the longest waiting first
    fresh: dict[str, None] = field(default_factory=dict)  # states that took in a reading since `levels_now`
    members: Mapping[str, tuple[str, ...]]  # state → its sensors
    looked: int = 0  # where the search for silent sensors goes on
    tally: Counter[str] = field(default_factory=Counter)
    begun: datetime
    judged: Any = None  # what the policy last judged by, and whether it passed: a refusal is logged once
    judged_until: datetime
    looked_in: tuple[int, int] = (0, 0)  # the state of the log when it was last found to stand
    looked_until: datetime = _NEVER


def checkpoint(standing: Standing) -> int:
    """Keep the states that changed since the last time; how many. Only then are the readings before it done with."""
    if rows := packed(standing):
        standing.checkpoints.save(standing.permit.case, rows)
    return len(rows)


def packed(standing: Standing, most: int | None = None) -> dict[str, str]:
    """States that changed since the last time, as a checkpoint keeps them: `most` of them, the longest waiting first.

    A state is kept together with the times of its own sensors, so that any part of the states is a sound checkpoint.
    O(packed).
    """
    rows = {}
    for key in list(islice(standing.changed, most)):
        del standing.changed[key]
        heard = (sensor for sensor in standing.members[key] if sensor in standing.latest)
        latest = {sensor: standing.latest[sensor].isoformat() for sensor in heard}
        row = {"latest": latest, "state": standing.watch.reducer().pack(standing.states[key])}
        rows[key] = _COMPACT(row)
    return rows


def levels_now(standing: Standing, most: int | None = None) -> list[tuple[str, datetime, Mapping[str, float]]]:
    """What the console may show of the states that took in a reading since the last time: the state's first sensor, the
    time of its latest reading, and declared numbers by name. `most` of them, the longest waiting first. O(those)."""
    tell = standing.watch.reducer().level
    names = list(islice(standing.fresh, most))
    for name in names:
        del standing.fresh[name]
    if tell is None:
        return []
    found: list[tuple[str, datetime, Mapping[str, float]]] = []
    for name in names:
        sensors = standing.members[name]
        times = [standing.latest[sensor] for sensor in sensors if sensor in standing.latest]
        shown = {key: value for key, value in tell(standing.states[name]).items() if key in standing.watch.shows}
        if times and all(math.isfinite(value) for value in shown.values()):
            found.append((sensors[0], max(times), shown))
    return found


def state_of(standing: Standing, sensor: str) -> str:
    """The name of the state that a sensor's readings change."""
    return standing.request.sensors[sensor] if standing.watch.state_per == "zone" else sensor


def restore(standing: Standing) -> None:
    """Take the states up where the checkpoints left them. O(states)."""
    for name, text in standing.checkpoints.load(standing.permit.case).items():
        row = json.loads(text)
        standing.states[name] = standing.watch.reducer().unpack(standing.params, row["state"])
        standing.latest |= {sensor: datetime.fromisoformat(time) for sensor, time in row["latest"].items()}
    standing.restored = dict(standing.latest)


def members_of(watch: Watch, sensors: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    """The sensors behind each state. O(sensors)."""
    if watch.state_per != "zone":
        return {sensor: (sensor,) for sensor in sensors}
    zones: dict[str, list[str]] = {}
    for sensor, zone in sensors.items():
        zones.setdefault(zone, []).append(sensor)
    return {zone: tuple(held) for zone, held in zones.items()}


def next_looked_at(standing: Standing) -> list[str]:
    """The sensors that are searched for silence now; each call goes on where the last one ended. O(2,000)."""
    names = list(islice(standing.request.sensors, standing.looked, standing.looked + LOOKED_AT))
    standing.looked = standing.looked + LOOKED_AT if len(names) == LOOKED_AT else 0
    return names
