"""A town in which a watch stands: its desk, its checkpoints in memory, and a clock that follows the readings."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from desk import Desk, desk
from labels import register_in_area
from toy_watch import HIGH, TOY_WATCH

from peelian.kernel.alarms import watch
from peelian.kernel.model.alarms import Move
from peelian.kernel.model.capability import AuthorizationKind
from peelian.kernel.model.documents import StandingPermit
from peelian.kernel.model.sensors import ID, Sensor
from peelian.kernel.model.technology import Technology
from peelian.kernel.model.watch import Reading, Watch
from peelian.kernel.state.watch_checkpoints import Standing


class MemoryCheckpoints:
    """Checkpoints as long as the test lives."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, str]] = {}

    def load(self, case: str) -> Mapping[str, str]:
        return dict(self.rows.get(case, {}))

    def save(self, case: str, changed: Mapping[str, str]) -> None:
        self.rows.setdefault(case, {}).update(changed)


@dataclasses.dataclass(slots=True)
class Watched:
    """The town, the permit and the watch at work."""

    town: Desk
    declared: Watch
    permit: StandingPermit
    kept: MemoryCheckpoints
    standing: Standing

    def feed(self, readings: Iterable[Reading], *, at_once: int = 1) -> list[Move]:
        """Feed them one by one (or so many at once), the clock never behind them."""
        moves: list[Move] = []
        given = list(readings)
        for start in range(0, len(given), at_once):
            some = given[start : start + at_once]
            self.town.clock.now = max(self.town.clock.now, *(reading.time for reading in some))
            moves += watch.feed(self.town.kernel, self.standing, some)
        return moves


def issue_all(town: Desk, declared: Watch, *, but: AuthorizationKind | None = None, days: int = 400) -> None:
    """Every authorization the watch needs, in force."""
    bodies = declared.reducer().example().authorizations
    for need in declared.needs:
        if need.kind is not but:
            town.authorization(need.kind, declared, bodies.get(need.kind), days)


def stood(
    known: tuple[Technology, ...] = (TOY_WATCH,),
    declared: Watch = HIGH,
    *,
    exercise: bool = False,
    proven: bool = True,
    town: Desk | None = None,
    **changes: Any,
) -> Watched:
    """A watch that stands with its own example; `proven`: its proving period is over. `town`: one that is there."""
    town = town or desk(known)
    example = declared.reducer().example()
    first = min(reading.time for reading in example.readings)
    town.begins(first - timedelta(days=29 if proven else 1))
    for sensor in changes.get("sensors", example.sensors) if proven else ():
        listed(town, sensor)
    issue_all(town, declared)
    asked: dict[str, Any] = {"purpose": sorted(declared.asks.purposes)[0], "params": example.params}
    asked |= {"sensors": example.sensors, "exercise": exercise} | changes
    permit = watch.stand(town.kernel, town.people[asker(town, declared)], declared.id, **asked)
    town.clock.now = first - timedelta(seconds=1)
    kept = MemoryCheckpoints()
    return Watched(town, declared, permit, kept, watch.begin(town.kernel, permit, kept))


def listed(town: Desk, id: str, days: int = 400, **more: Any) -> None:
    """Put a sensor into the register, where its id is one."""
    if not ID.fullmatch(id):
        return
    facts: dict[str, Any] = {"kind": "other", "title": id, "owner": "The town", "contact": "town@town.invalid"}
    facts |= {"purpose": "safety", "why": "to be watched", "area": "Centre", "personal_data": False}
    ends = (town.kernel.now() + timedelta(days=days)).date().isoformat()
    sensor = Sensor(**{"id": id, "retention_days": 90, "ends": ends, **facts, **more})
    register_in_area(town.kernel, town.people, sensor)


def asker(town: Desk, declared: Watch) -> str:
    return next(n for n, p in town.people.items() if p.person.roles & declared.asks.askers)


def decider(town: Desk, declared: Watch, besides: str) -> str:
    return next(n for n, p in town.people.items() if p.person.roles & declared.asks.deciders and n != besides)
