"""Turns running totals into what came between two readings: arrivals and departures of a gate, counts, kilowatt-hours.

A camera counts with one rule for each direction, each for itself and since its own start. A gate is judged by what
arrives and what gets through in the same seconds: so the newest totals are remembered, in memory only.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from peelian.kernel.model.sensors import Sensor
from peelian.kernel.model.watch import Reading
from peelian.technologies.sensors.running_totals import Gain, Limit, Total, gain, limit_of, must_not_be_steep

TOTALS = {"total_towards": "towards", "total_away": "away", "total": "count", "total_kwh": "kwh"}
WAYS = ("towards", "away")
PERIOD = timedelta(seconds=10)  # gains are told at most so often
LONGEST = timedelta(seconds=600)  # over a longer time they are a count, and no flow


@dataclass(slots=True)
class Passing:
    """One counter: since when gains are added up, where each of its totals stands, and the gains."""

    begun: datetime
    totals: dict[str, Total] = field(default_factory=dict)
    gained: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Turnstile:
    """Every counter by its sensor. O(counters) of memory."""

    gates: dict[str, Passing] = field(default_factory=dict)

    def turned(self, readings: tuple[Reading, ...], sensor: Sensor | None = None) -> tuple[Reading, ...]:
        """The same readings, with running totals replaced by increments. O(readings).

        A first total is where a counter stands, and no gain; `running_totals` says what one that fell has gained. What
        is not newer than the newest of its total is a repetition and tells nothing. InputError where one rises faster
        than its kind can: none of the message is taken, and counting goes on from where it stands now.
        """
        if not any(TOTALS.keys() & reading.values.keys() for reading in readings):
            return readings
        before = {id: deepcopy(self.gates[id]) for id in {r.sensor for r in readings} if id in self.gates}
        steep: list[Callable[[], None]] = []
        made = [
            self._one(reading, sensor, steep) if TOTALS.keys() & reading.values.keys() else reading
            for reading in readings
        ]
        if steep:
            self._go_on_from_here(before)
            steep[0]()
        return tuple(reading for reading in made if reading is not None)

    def _one(self, reading: Reading, sensor: Sensor | None, steep: list[Callable[[], None]]) -> Reading | None:
        gate = self.gates.setdefault(reading.sensor, Passing(begun=reading.time))
        limit = limit_of(reading.what, homes=sensor.homes if sensor else 1)
        for name in sorted(TOTALS.keys() & reading.values.keys()):
            kind = TOTALS[name]
            told = gain(gate.totals.get(kind), reading.time.timestamp(), reading.values[name], limit)
            gate.totals[kind] = told.total
            gate.gained[kind] = gate.gained.get(kind, 0.0) + told.gained
            if told.steep:
                steep.append(_refusal(told, name, limit))
        lasted = reading.time - gate.begun
        if lasted < PERIOD:
            return None
        values = _values(gate.gained)
        if lasted <= LONGEST:
            values["seconds"] = lasted.total_seconds()
        gate.begun, gate.gained = reading.time, {}
        return Reading(sensor=reading.sensor, time=reading.time, what=reading.what, values=values)

    def _go_on_from_here(self, before: dict[str, Passing]) -> None:
        """Give back what the message had gained, and keep where its totals stand."""
        for id, old in before.items():
            now = self.gates[id]
            self.gates[id] = Passing(begun=old.begun, totals=now.totals, gained=old.gained)


def _refusal(told: Gain, name: str, limit: Limit) -> Callable[[], None]:
    return lambda: must_not_be_steep(told, name, limit)


def _values(gained: dict[str, float]) -> dict[str, float]:
    """What is told: of a gate both ways and their sum, of any other counter its gain."""
    if not gained.keys() & set(WAYS):
        return dict(gained)
    ways = {way: gained.get(way, 0.0) for way in WAYS}
    return {**ways, "count": sum(ways.values())}
