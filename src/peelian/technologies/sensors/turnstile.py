"""Turns running totals of a gate's two directions into arrivals and departures per interval.

A camera counts with one rule for each direction, each for itself and since its own start. A gate is judged by what
arrives and what gets through in the same seconds: so the newest totals are remembered, in memory only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from peelian.kernel.model.watch import Reading

TOTALS = {"total_towards": "towards", "total_away": "away"}
PERIOD = timedelta(seconds=10)  # gains are told at most so often
LONGEST = timedelta(seconds=600)  # over a longer time they are a count, and no flow


@dataclass(slots=True)
class Passing:
    """One gate: since when gains are added up, the newest total and time of each direction, and the gains."""

    begun: datetime
    totals: dict[str, tuple[datetime, float]] = field(default_factory=dict)
    gained: dict[str, float] = field(default_factory=lambda: dict.fromkeys(TOTALS.values(), 0.0))


@dataclass(slots=True)
class Turnstile:
    """Every gate by its sensor. O(gates) of memory."""

    gates: dict[str, Passing] = field(default_factory=dict)

    def turned(self, readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
        """The same readings, with running totals replaced by increments. O(readings).

        A first total is where a counter stands, and no gain; one that is smaller than before began anew. What is not
        newer than the newest of its direction is a repetition and tells nothing.
        """
        if not any(TOTALS.keys() & reading.values.keys() for reading in readings):
            return readings
        made = (self._one(reading) if TOTALS.keys() & reading.values.keys() else reading for reading in readings)
        return tuple(reading for reading in made if reading is not None)

    def _one(self, reading: Reading) -> Reading | None:
        gate = self.gates.setdefault(reading.sensor, Passing(begun=reading.time))
        for name in TOTALS.keys() & reading.values.keys():
            direction, total = TOTALS[name], reading.values[name]
            if direction in gate.totals:
                at, before = gate.totals[direction]
                if reading.time <= at:
                    continue
                gate.gained[direction] += total - before if total >= before else total
            gate.totals[direction] = (reading.time, total)
        lasted = reading.time - gate.begun
        if lasted < PERIOD:
            return None
        values = {**gate.gained, "count": sum(gate.gained.values())}
        if lasted <= LONGEST:
            values["seconds"] = lasted.total_seconds()
        gate.begun, gate.gained = reading.time, dict.fromkeys(TOTALS.values(), 0.0)
        return Reading(sensor=reading.sensor, time=reading.time, what=reading.what, values=values)
