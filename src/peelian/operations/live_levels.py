"""Live levels: what the watches of this process measure now, gathered some times a second and published for the pages.

The gateway's thread gathers, another one seals and writes, a few at a time: no reading waits for it. A zone that is too
full is an alarm, and comes before what is shown: it is judged of the same levels, by the gateway's thread itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime

from peelian.kernel.model.alarms import Move
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.watch_checkpoints import Standing
from peelian.operations.capacity_alarms import CapacityAlarms
from peelian.operations.live_zones import LiveZones, Zone
from peelian.oversight.watches.zone_levels import (
    Minute,
    ZoneLevel,
    forget_levels,
    key_of,
    minutes_of,
    publish,
    publish_trend,
    seal_of,
)

MOST_AT_ONCE = 150  # zones in one write: sealing them takes the interpreter some 15 ms


class LiveLevels:
    """Gathers the levels of standing watches, judges them and publishes them: up to five times a second."""

    def __init__(self, kernel: Kernel, standings: Iterable[Standing]) -> None:
        self._kernel, self._seal = kernel, seal_of(kernel)
        self._live = LiveZones(kernel, standings)
        self._alarms = CapacityAlarms(kernel, self._live.standings)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="levels")
        self._writing: Future[None] | None = None
        self._unjudged: dict[str, Zone] = {}
        self._unshown: dict[str, Zone] = {}
        self._waiting: dict[str, ZoneLevel] = {}
        self._minute = _minute_of(kernel.now())
        self._take_up()

    def judge(self) -> tuple[Move, ...]:
        """Raise, let rise or clear the alarms of zones that are too full. What cannot be said in the log is an error,
        and judged again. O(states that changed)."""
        self._take()
        moves = self._alarms.judge(self._unjudged.values())
        self._unjudged.clear()
        return moves

    def gather(self) -> None:
        """Take in what changed, and have it written unless the write before still runs. O(states that changed)."""
        self._take()
        now = _minute_of(self._kernel.now())
        trends = self._turn(now) if now != self._minute else None
        for key, zone in self._unshown.items():
            if (level := zone.level(self._alarms.capacity(zone))) is not None:
                zone.minute.append(level)
                self._waiting[key] = level
        self._unshown.clear()
        if (self._waiting or trends) and (trends or self._writing is None or self._writing.done()):
            levels = [self._waiting.pop(key) for key in list(self._waiting)[:MOST_AT_ONCE]]
            self._writing = self._writer.submit(self._write, levels, trends)

    def close(self) -> None:
        """Judge and write what waits, and stop."""
        try:
            self.judge()
        finally:
            self.gather()
            self._writer.shutdown()
            self._write(list(self._waiting.values()), None)

    def _take(self) -> None:
        for zone in self._live.fresh():
            key = key_of(zone.name, exercise=zone.exercise)
            self._unjudged[key] = self._unshown[key] = zone

    def _turn(self, now: datetime) -> dict[datetime, dict[str, list[Minute]]]:
        """The minute is over: its means join the trend; the hours that changed, by zone's key."""
        over, self._minute = self._minute, now
        self._live.look_again()
        self._alarms.look_again()
        hour = over.replace(minute=0)
        changed: dict[str, list[Minute]] = {}
        for key, zone in self._live.zones.items():
            if zone.minute:
                zone.hour = [one for one in zone.hour if datetime.fromisoformat(one.at) >= hour]
                zone.hour.append(zone.ended(over))
                changed[key] = list(zone.hour)
        return {hour: changed}

    def _write(self, levels: list[ZoneLevel], trends: Mapping[datetime, dict[str, list[Minute]]] | None) -> None:
        publish(self._kernel, self._seal, levels)
        for hour, minutes in (trends or {}).items():
            publish_trend(self._kernel, self._seal, hour, minutes)
            forget_levels(self._kernel)

    def _take_up(self) -> None:
        """Go on from what was published before this process began, and judge it: a crash may have come before that."""
        for zone in self._live.take_up(self._seal):
            self._unjudged[key_of(zone.name, exercise=zone.exercise)] = zone
        hour = self._minute.replace(minute=0)
        trends = minutes_of(self._kernel, self._seal)
        for key, zone in self._live.zones.items():
            zone.hour = [one for one in trends.get(key, ()) if datetime.fromisoformat(one.at) >= hour]


def _minute_of(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(second=0, microsecond=0)
