"""Capacity alarms: zones that hold more people than a plan that two people signed, or an adopted capacity, lets them.

What is open is read from the log's own alarms, so that a process that begins anew raises nothing twice, and clears what
another one raised. A person acknowledges, decides and closes; nothing is dispatched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress

from peelian.errors import OutOfOrder, Refused
from peelian.kernel.alarms.plans_in_force import runbooks
from peelian.kernel.alarms.watch import post_of, zone_signal
from peelian.kernel.model.alarms import RANK, Move
from peelian.kernel.model.capacity import Bars, bars_at, bars_of
from peelian.kernel.model.labels import LabelKind
from peelian.kernel.model.occupancy import Occupancy
from peelian.kernel.model.watch import CAPACITY, Signal, Turn
from peelian.kernel.records.label_register import adopted
from peelian.kernel.records.sensor_register import the_register
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.watch_checkpoints import Standing
from peelian.operations.live_zones import Zone
from peelian.technologies.crowd import capacity
from peelian.technologies.crowd.holding import NEVER, Change, Held, held


class CapacityAlarms:
    """Judges zones by their bars. `look_again` once a minute: which capacities the areas of zones have."""

    def __init__(self, kernel: Kernel, standings: Iterable[Standing]) -> None:
        self._kernel, self._quiet = kernel, dict[tuple[str, bool], int]()
        self._counting = {
            (sensor, standing.request.exercise): standing
            for standing in standings
            if CAPACITY in standing.watch.signals
            for sensor in standing.request.sensors
        }
        self._adopted: Mapping[str, int] = {}
        self.look_again()

    def look_again(self) -> None:
        """The adopted capacities, by zone: of the area in which its sensors stand, the lowest where they stand in
        several. O(vocabularies + sensors)."""
        areas = adopted(self._kernel).labels[LabelKind.AREA].values()
        known = {area.label: area.capacity for area in areas if area.capacity}
        found: dict[str, int] = {}
        register = the_register(self._kernel) if known else {}
        for (sensor, _), standing in self._counting.items() if known else ():
            listed, zone = register.get(sensor), standing.request.sensors[sensor]
            if listed is not None and listed.sensor.area in known:
                least = known[listed.sensor.area]
                found[zone] = min(found.get(zone, least), least)
        self._adopted = found

    def bars(self, zone: str) -> Bars | None:
        """The bars of a zone: by the plans in force, else by the capacity of its area. O(plans)."""
        planned = bars_of(runbooks(self._kernel).plans, zone, self._kernel.now())
        return planned or (bars_at(self._adopted[zone]) if zone in self._adopted else None)

    def capacity(self, zone: Zone) -> int:
        """How many people a zone may hold; 0: not known."""
        bars = self.bars(zone.name)
        return bars.capacity if bars else 0

    def judge(self, zones: Iterable[Zone]) -> tuple[Move, ...]:
        """What the alarms of these zones do now, logged before it returns. A watch that may stand no more says nothing.
        O(zones × plans)."""
        moves: list[Move] = []
        for zone in zones:
            with suppress(Refused, OutOfOrder):  # suspended, or ended: the gateway counts what it drops
                moves += self._judged(zone)
        return tuple(moves)

    def _judged(self, zone: Zone) -> tuple[Move, ...]:
        source = self._source(zone)
        if source is None or zone.at is None:
            return ()
        standing, sensor = source
        floor, kind = self._kernel.state.alarms.floor, post_of(self._kernel, standing, sensor).kind
        alarm = floor.alarms.get(floor.current.get((zone.name, CAPACITY, kind), ""))
        opened = 1 + RANK[alarm.level] if alarm and alarm.active else 0
        bars = self.bars(zone.name)
        if bars is None and not opened:
            return ()
        key, at, figures = (zone.name, zone.exercise), int(zone.at.timestamp()), zone.figures()
        before = Held(open=opened, quiet_since=self._quiet.get(key, NEVER))
        if bars is None:  # its plan is over: nothing says any more what is too many
            after, change = held(capacity.HOLDS, before, at, (False,) * len(capacity.HOLDS.levels), True)
        else:
            after, change = capacity.step(bars, before, at, figures)
        self._quiet[key] = after.quiet_since
        if change is None:
            return ()
        turn = Turn.RAISE if change.raised else Turn.CLEAR
        facts = _facts(bars, change, figures) if bars and figures else {}
        signal = Signal(zone=zone.name, type=CAPACITY, turn=turn, time=zone.at, level=change.level, facts=facts)
        return zone_signal(self._kernel, standing, sensor, signal)

    def _source(self, zone: Zone) -> tuple[Standing, str] | None:
        """The watch that speaks for a zone, and a counter of it: one that is proven, if any is. O(its counters)."""
        known = [(self._counting.get((sensor, zone.exercise)), sensor) for sensor in (*zone.gates, *zone.samples)]
        found = [(standing, sensor) for standing, sensor in known if standing is not None]
        return min(found, key=lambda one: post_of(self._kernel, *one).silent, default=None)


def _facts(bars: Bars, change: Change, figures: list[Occupancy]) -> dict[str, float]:
    inside = capacity.telling(bars, change.level, figures)
    share, low, high = inside.share(bars.capacity)
    return {
        "share": float(share),
        "share_low": float(low),
        "share_high": float(high),
        "people": float(round(inside.people)),
        "capacity": float(bars.capacity),
    }
