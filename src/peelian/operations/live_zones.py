"""Live zones: what the standing watches of this process know of each zone now, gathered from their states.

Gates are added up, sensors that look at an area are not. Levels for the pages (`live_levels`) and the alarm of a full
zone (`capacity_alarms`) are both made of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import fmean

from peelian.kernel.model.documents import ZoneCount
from peelian.kernel.model.occupancy import WINDOW_MINUTES, Occupancy, Passed, below_zero, counted_people, occupancy
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.watch_checkpoints import Standing, levels_now
from peelian.oversight.watches.zone_levels import (
    KEPT,
    LEVEL,
    GateLevel,
    Minute,
    Seal,
    ZoneLevel,
    key_of,
    level_of,
    service_of,
    zones_beyond,
)

MEAN_SECONDS, LEAST_READINGS = timedelta(seconds=30), 2
WINDOW = timedelta(minutes=WINDOW_MINUTES)
MOST_STATES = 100  # sensors of one watch in one gathering: readings wait some 5 ms for it, and the others .2 s
MEASURES = ("count", "per_m2", "standing", "above_db")
BEFORE = datetime(1, 1, 1, tzinfo=UTC)
Sample = tuple[datetime, Mapping[str, float]]


@dataclass(slots=True, kw_only=True)
class Gate:
    """One gate's counter: totals as its watch knows them, those at the last reset, and those of the last minutes."""

    metres: float
    error: float
    entered: float = 0.0
    left: float = 0.0
    from_entered: float = 0.0  # at the last reset
    from_left: float = 0.0
    began: datetime | None = None  # its first reading in this process: its flow is known from there on
    past: deque[tuple[datetime, float, float]] = field(default_factory=deque)

    @property
    def passed(self) -> Passed:
        """What it counted since the last reset."""
        return Passed(entered=self.entered - self.from_entered, left=self.left - self.from_left, error=self.error)

    def take(self, at: datetime, values: Mapping[str, float]) -> None:
        """Totals of a reading at `at`. Totals that fell begin anew: its detector broke, and started again."""
        entered, left = values["entered"], values["left"]
        if entered < self.entered or left < self.left:
            self.from_entered -= self.entered
            self.from_left -= self.left
            self.past.clear()
            self.began = at
        self.began = self.began or at
        self.metres, self.error, self.entered, self.left = values["metres"], values["gate_error"], entered, left
        self.past.append((at, entered, left))
        while len(self.past) > 1 and self.past[1][0] <= at - WINDOW:
            self.past.popleft()

    def reset(self, at: datetime) -> None:
        """Count from `at` on: what was read before belongs to what was there already."""
        before = [(entered, left) for time, entered, left in self.past if time <= at]
        if before:
            self.from_entered, self.from_left = before[-1]

    def since(self, at: datetime) -> tuple[timedelta, float, float]:
        """The time over which its flow is known since `at`, and people into the zone and out of it in that."""
        known = [one for one in self.past if self.began is not None and one[0] >= self.began]
        if not known:
            return timedelta(0), 0.0, 0.0
        then = next((one for one in reversed(known) if one[0] <= at), known[0])
        return known[-1][0] - then[0], self.entered - then[1], self.left - then[2]


@dataclass(slots=True, kw_only=True)
class Zone:
    """One zone as its sensors see it."""

    name: str
    exercise: bool
    samples: dict[str, deque[Sample]] = field(default_factory=dict)  # sensor → its readings of the last half minute
    gates: dict[str, Gate] = field(default_factory=dict)
    at: datetime | None = None
    start: int = 0
    reset: datetime | None = None
    by_hand: bool = False
    corrected: float = 0.0
    hour: list[Minute] = field(default_factory=list)  # of the trend's newest hour
    minute: list[ZoneLevel] = field(default_factory=list)  # levels of the minute that is not over
    running: dict[str, float] = field(default_factory=dict)  # sensor → the least of its last three counts
    last: tuple[float, str] | None = None  # the newest trusted count of its area, and when

    def take(self, sensor: str, at: datetime, values: Mapping[str, float]) -> None:
        """What one sensor's state shows after its reading at `at`."""
        self.at = at if self.at is None else max(self.at, at)
        measured = {name: values[name] for name in MEASURES if name in values}
        kept = self.samples.setdefault(sensor, deque(maxlen=64))
        self.running.pop(sensor, None)
        if "count_least" in values:
            self.running[sensor] = values["count_least"]
        if measured:
            kept.append((at, measured))
        elif "entered" not in values:
            kept.clear()  # at fault: nothing is shown of it
        while len(kept) > LEAST_READINGS and kept[0][0] < at - MEAN_SECONDS:
            kept.popleft()
        if "entered" in values:
            gate = self.gates.get(sensor)
            if gate is None:
                gate = self.gates[sensor] = Gate(metres=values["metres"], error=values["gate_error"])
                gate.past.append((BEFORE, 0.0, 0.0))
            self.reset = self.reset or at
            gate.take(at, values)

    def take_up(self, sensor: str, at: datetime, values: Mapping[str, float]) -> None:
        """A gate's totals as a checkpoint kept them: where nothing else is known of it, counting begins here."""
        gate, entered, left = self.gates.get(sensor), values["entered"], values["left"]
        if gate is None or entered < gate.from_entered or left < gate.from_left:
            gate = Gate(metres=values["metres"], error=values["gate_error"], from_entered=entered, from_left=left)
            self.gates[sensor] = gate
        gate.entered, gate.left, self.reset = entered, left, self.reset or at
        gate.past.append((at, entered, left))
        self.at = at if self.at is None else max(self.at, at)

    def counted(self, count: ZoneCount) -> None:
        """A person's own count replaces what the gates add up to."""
        at = datetime.fromisoformat(count.at)
        self.start, self.reset, self.by_hand, self.corrected = count.people, at, True, 0.0
        for gate in self.gates.values():
            gate.reset(at)

    def figures(self) -> list[Occupancy]:
        """People inside by the gates, and on the area by each sensor over it: the least of its last three counts."""
        found = [counted_people(least) for least in self.running.values()]
        if self.gates:
            passed = [gate.passed for gate in self.gates.values()]
            self.corrected += below_zero(self.start, passed, self.corrected)
            found.insert(0, occupancy(self.start, passed, corrected=self.corrected))
        return found

    def level(self, capacity: int = 0) -> ZoneLevel | None:
        """Its level now; None before its first reading. Sensors are not added up: the densest and the loudest count."""
        if self.at is None:
            return None
        means = [_mean(samples) for samples in self.samples.values() if len(samples) >= LEAST_READINGS]
        dense = max((one for one in means if "per_m2" in one), key=lambda one: one["per_m2"], default={})
        loud = [one["above_db"] for one in means if "above_db" in one]
        passed = [gate.passed for gate in self.gates.values()]
        self.corrected += below_zero(self.start, passed, self.corrected)
        if dense:
            self.last = (float(round(dense["count"])), self.at.isoformat())
        first = min((gate.began for gate in self.gates.values() if gate.began), default=self.at)
        return ZoneLevel(
            zone=self.name,
            exercise=self.exercise,
            at=self.at.isoformat(),
            count=float(round(dense["count"])) if dense else None,
            per_m2=round(dense["per_m2"], 2) if dense else None,
            level_of_service=service_of(dense["per_m2"], standing=dense["standing"] > 0) if dense else None,
            above_db=round(max(loud), 1) if loud else None,
            gates=tuple(_gate_level(sensor, gate, self.at) for sensor, gate in self.gates.items()),
            minutes=min(WINDOW, self.at - first) / timedelta(minutes=1),
            start=self.start,
            reset=self.reset.isoformat() if self.reset else "",
            by_hand=self.by_hand,
            corrected=self.corrected,
            capacity=capacity,
            last_count=self.last[0] if self.last else None,
            last_at=self.last[1] if self.last else "",
        )

    def ended(self, minute: datetime) -> Minute:
        """The means of the minute that is over."""
        levels, self.minute = self.minute, []
        inside = levels[-1].inside
        return Minute(
            at=minute.isoformat(),
            per_m2=_mean_of(one.per_m2 for one in levels),
            above_db=_mean_of(one.above_db for one in levels),
            inside=None if inside is None else float(round(inside.people)),
            filled=_fullest(levels),
        )


class LiveZones:
    """The zones of standing watches, as their states have them. `fresh` is called up to five times a second."""

    def __init__(self, kernel: Kernel, standings: Iterable[Standing]) -> None:
        self.zones: dict[str, Zone] = {}
        self.kernel, self.standings = kernel, tuple(standings)
        self.beyond: Mapping[str, str] = {}
        self.look_again()

    def look_again(self) -> None:
        """Which gates lie between two zones, as the plans say now."""
        self.beyond = zones_beyond(self.kernel, self.kernel.now())

    def zone(self, name: str, *, exercise: bool) -> Zone:
        """The zone of this name, real or a drill's."""
        return self.zones.setdefault(key_of(name, exercise=exercise), Zone(name=name, exercise=exercise))

    def fresh(self) -> list[Zone]:
        """Zones that took in a reading or a person's count since the last time. O(states that changed)."""
        found: dict[str, Zone] = {}
        for zone in (*self._read(), *self._counted()):
            found[key_of(zone.name, exercise=zone.exercise)] = zone
        return list(found.values())

    def take_up(self, seal: Seal) -> list[Zone]:
        """Go on from what was published before this process began: the last reset of each zone. The zones of which
        something is known.

        A gate's totals come from the checkpoints of its watch, which count each reading once whatever happened.
        """
        for _, text in self.kernel.stores.tickets.all(LEVEL):
            if (body := seal.opened(text)) is not None:
                self._published(level_of(body))
        found: dict[str, Zone] = {}
        for standing in self.standings:
            standing.fresh = dict.fromkeys(standing.states)
            for sensor, at, values in levels_now(standing):
                if "entered" in values:
                    exercise = standing.request.exercise
                    zone = self.zone(standing.request.sensors[sensor], exercise=exercise)
                    zone.take_up(sensor, at, values)
                    found[key_of(zone.name, exercise=exercise)] = zone
                    other = self.zones.get(key_of(self.beyond.get(sensor, ""), exercise=exercise))
                    if other is not None and sensor in other.gates:
                        other.take_up(sensor, at, _turned(values))
        return list(found.values())

    def _published(self, level: ZoneLevel) -> None:
        zone = self.zone(level.zone, exercise=level.exercise)
        zone.start, zone.by_hand, zone.corrected = level.start, level.by_hand, level.corrected
        zone.reset = datetime.fromisoformat(level.reset) if level.reset else None
        zone.last = None if level.last_count is None else (level.last_count, level.last_at)
        known = {sensor for standing in self.standings for sensor in standing.request.sensors}
        for gate in (one for one in level.gates if one.sensor in known):
            zone.gates[gate.sensor] = Gate(
                metres=gate.metres,
                error=gate.error,
                entered=gate.from_entered + gate.entered,
                left=gate.from_left + gate.left,
                from_entered=gate.from_entered,
                from_left=gate.from_left,
            )

    def _read(self) -> list[Zone]:
        found: list[Zone] = []
        for standing in self.standings:
            exercise = standing.request.exercise
            for sensor, at, values in levels_now(standing, MOST_STATES):
                zone = self.zone(standing.request.sensors[sensor], exercise=exercise)
                zone.take(sensor, at, values)
                found.append(zone)
                if "entered" in values and sensor in self.beyond:
                    found.append(self._taken_beyond(sensor, at, values, exercise=exercise))
        return found

    def _taken_beyond(self, sensor: str, at: datetime, values: Mapping[str, float], *, exercise: bool) -> Zone:
        """The same gate from its other side: whoever leaves one zone enters the other. Counting begins where the plan
        first says so."""
        zone = self.zone(self.beyond[sensor], exercise=exercise)
        turned = _turned(values)
        if sensor not in zone.gates:
            zone.take_up(sensor, at, turned)
        zone.take(sensor, at, turned)
        return zone

    def _counted(self) -> list[Zone]:
        counts, found = self.kernel.state.alarms.counts, []
        for zone in self.zones.values():
            count = counts.get(zone.name)
            if count is None or not zone.gates or (at := datetime.fromisoformat(count.at)) < self.kernel.now() - KEPT:
                continue
            if not zone.by_hand or zone.reset is None or zone.reset < at:
                zone.counted(count)
                found.append(zone)
        return found


def _turned(values: Mapping[str, float]) -> dict[str, float]:
    """A gate's totals as the zone on its other side counts them."""
    return {**values, "entered": values["left"], "left": values["entered"]}


def _gate_level(sensor: str, gate: Gate, now: datetime) -> GateLevel:
    at = gate.past[-1][0] if gate.past else now
    _, entered, left = gate.since(now - WINDOW)
    span, ins, outs = gate.since(now - timedelta(minutes=1))
    minutes = span / timedelta(minutes=1)
    return GateLevel(
        sensor=sensor,
        at=at.isoformat(),
        entered=gate.passed.entered,
        left=gate.passed.left,
        from_entered=gate.from_entered,
        from_left=gate.from_left,
        metres=gate.metres,
        error=gate.error,
        recent=(entered, left),
        per_minute=(round(ins / minutes, 1), round(outs / minutes, 1)) if minutes else None,
    )


def _mean(samples: Iterable[Sample]) -> dict[str, float]:
    """The means of half a minute."""
    known = [values for _, values in samples]
    return {name: fmean(one[name] for one in known if name in one) for name in known[-1]}


def _mean_of(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(fmean(known), 2) if known else None


def _fullest(levels: Iterable[ZoneLevel]) -> tuple[float, float, float, int] | None:
    """The most people of a minute, both ends of the interval, and the capacity; None where none is known."""
    known = [(one.people, one.capacity) for one in levels if one.people is not None and one.capacity]
    if not known:
        return None
    inside, capacity = max(known, key=lambda one: one[0].people / one[1])
    return round(inside.people), round(inside.low), round(inside.high), capacity
