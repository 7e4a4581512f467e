"""An evening at speed: zones with a counter and a gate each, their watch, its live levels, and a plan in force."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from desk import Desk
from event_plans import SIDE, plan_body, square
from watched import Watched, stood

from peelian.kernel.alarms import event_plans
from peelian.kernel.model.watch import Reading
from peelian.operations.live_levels import LiveLevels
from peelian.technologies import crowd
from peelian.technologies.crowd.declarations.density_watch import DENSITY_WATCH, DensityParams

STEP = timedelta(seconds=15)
AREA = 1_000.0


@dataclasses.dataclass(slots=True)
class Evening:
    """The town, its watch, what it publishes, and how many people are where."""

    at: Watched
    levels: LiveLevels
    inside: dict[str, int]

    @property
    def town(self) -> Desk:
        return self.at.town

    @property
    def now(self) -> datetime:
        return self.town.clock.now

    def steps(self, n: int, into: Mapping[str, tuple[int, int]], *, gathered: bool = True) -> Iterator[None]:
        """Quarters of a minute, in each of which so many people come into a zone and leave it."""
        for _ in range(n):
            time = self.now.replace(microsecond=0) + STEP
            readings = []
            for zone in self.inside:
                entered, left = into.get(zone, (0, 0))
                self.inside[zone] += entered - left
                readings.append(_reading(f"counter-{zone}", time, "occupants", count=self.inside[zone]))
                passed = {"count": entered + left, "towards": entered, "away": left, "seconds": 15}
                readings.append(_reading(f"gate-{zone}", time, "people", **passed))
            self.at.feed(readings, at_once=len(readings))
            if gathered:
                self.levels.judge()
                self.levels.gather()
            yield

    def go(self, n: int, into: Mapping[str, tuple[int, int]]) -> None:
        """The same at once."""
        for _ in self.steps(n, into):
            pass

    def written(self) -> None:
        """Wait until what was gathered is written."""
        for _ in range(2):
            self.levels._writer.submit(lambda: None).result()
            self.levels.gather()
        self.levels._writer.submit(lambda: None).result()


def evening(
    *zones: str,
    planned: int = 40,
    capacity: int = 900,
    between: Mapping[str, str] = MappingProxyType({}),
    exercise: bool = False,
    thresholds: Mapping[str, Mapping[str, int]] = MappingProxyType({}),
    counters: bool = True,
) -> Evening:
    """Watched zones of 1,000 m²; those of the plan lie in rows of four, with a gate to the outside each, or to the
    zone that `between` names. Without `counters` their gates alone are counted."""
    sensors = {f"counter-{zone}": zone for zone in zones} if counters else {}
    sensors |= {f"gate-{zone}": zone for zone in zones}
    params = DensityParams(area_m2=AREA, gate_queue=False)
    at = stood((crowd.TECHNOLOGY,), DENSITY_WATCH, sensors=sensors, params=params, exercise=exercise)
    if planned:
        plan = _plan(at.town, zones[:planned], capacity) | {"thresholds": {z: dict(t) for z, t in thresholds.items()}}
        for gate in plan["gates"]:
            gate |= {"to": between[gate["name"]]} if gate["name"] in between else {}
        digest = event_plans.plan_event(at.town.kernel, at.town.people["commander"], plan)
        event_plans.confirm_plan(at.town.kernel, at.town.people["dispatcher"], digest)
    return Evening(at, LiveLevels(at.town.kernel, [at.standing]), dict.fromkeys(zones, 0))


def _plan(town: Desk, zones: tuple[str, ...], capacity: int) -> dict[str, Any]:
    now = town.kernel.now()
    drawn, gates = [], []
    for nth, zone in enumerate(zones):
        outline = square(nth % 4 * 1.1, -(nth // 4) * 1.1)
        drawn.append({"name": zone, "outline": outline, "area_m2": AREA, "capacity": capacity, "per_m2": 2})
        west, south = outline[0]
        position = [west + SIDE / 2, south]
        gates.append(
            {"name": f"gate-{zone}", "zone": zone, "width_m": 8, "entry_per_hour": 9_000, "position": position}
        )
        gates.append({"name": f"exit-{zone}", "zone": zone, "width_m": 8, "direction": "out"})
    body = plan_body(zones=drawn, gates=gates, attendance=capacity, thresholds={}, runbooks={}, messages={})
    return body | {"starts": (now - timedelta(hours=1)).isoformat(), "ends": (now + timedelta(hours=9)).isoformat()}


def _reading(sensor: str, time: datetime, what: str, **values: float) -> Reading:
    return Reading(sensor=sensor, time=time, what=what, values={name: float(v) for name, v in values.items()})
