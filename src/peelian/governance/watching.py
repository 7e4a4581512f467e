"""What the log says of watches: which stand, the floor of their alarms, faults of sensors, permitted events, shifts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from peelian.governance.alarms import Event, Floor, Move, State, apply
from peelian.governance.capability import Level
from peelian.governance.documents import AlarmStep, D, EventPermit, Handover, StandingPermit, StandingRequest
from peelian.governance.ports import Entry

Find = Callable[[str, type[D]], D]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A standing watch as the log knows it: the permit, its mark and what was asked."""

    mark: str
    permit: StandingPermit
    request: StandingRequest


@dataclass(slots=True)
class Watching:
    """Folded from the log, one entry at a time. O(1) per entry."""

    stands: dict[str, Stand] = field(default_factory=dict)  # case → the watch
    ended: set[str] = field(default_factory=set)
    floor: Floor = field(default_factory=Floor)
    latest: dict[str, str] = field(default_factory=dict)  # alarm → the mark of its latest step
    faults: dict[str, tuple[str, datetime]] = field(default_factory=dict)  # sensor → why, since when
    handovers: list[Handover] = field(default_factory=list)
    version: int = 0  # rises with everything an operator may see

    def fold(self, entry: Entry, find: Callable[[str, type[Any]], Any]) -> None:
        """Bring the tally in step with one entry; `find` reads the document with a mark."""
        kind = str(entry["kind"])
        self.version += kind.startswith(("ALARM_", "SENSOR_", "WATCH_", "EVENT_", "GATEWAY_", "HANDED_"))
        if kind == "WATCH_STANDING":
            self._stands(str(entry["mark"]), find)
        elif kind == "WATCH_ENDED":
            self.ended.add(str(entry["case"]))
        elif kind.startswith("ALARM_"):
            step: AlarmStep = find(str(entry["mark"]), AlarmStep)
            apply(self.floor, move_of(step))
            self.latest[step.alarm] = str(entry["mark"])
        elif kind == "SENSOR_FAULT":
            self.faults[str(entry["sensor"])] = (str(entry["why"]), datetime.fromisoformat(str(entry["t"])))
        elif kind == "SENSOR_WELL":
            self.faults.pop(str(entry["sensor"]), None)
        elif kind == "EVENT_PERMITTED":
            self.floor.calendar.append(_event_of(find(str(entry["mark"]), EventPermit)))
        elif kind == "HANDED_OVER":
            self.handovers.append(find(str(entry["mark"]), Handover))

    def _stands(self, mark: str, find: Callable[[str, type[Any]], Any]) -> None:
        permit: StandingPermit = find(mark, StandingPermit)
        request: StandingRequest = find(permit.before, StandingRequest)
        self.stands[permit.case] = Stand(mark=mark, permit=permit, request=request)


def move_of(step: AlarmStep) -> Move:
    """The move a signed step holds."""
    body = dict(step.move)
    body["state"], body["level"] = State(body["state"]), Level(body["level"])
    body["at"] = datetime.fromisoformat(body["at"])
    return Move(**body)


def body_of(move: Move) -> dict[str, Any]:
    """The move as plain JSON."""
    return {**asdict(move), "state": str(move.state), "level": str(move.level), "at": move.at.isoformat()}


def precision(steps: Mapping[str, int], n: int) -> float | None:
    """The share of closed alarms that found danger, of those whose truth is known; None where none is known.

    >>> precision({"danger confirmed": 3, "works": 1, "unknown": 6}, 10)
    0.75
    """
    known = n - steps.get("unknown", 0)
    return steps.get("danger confirmed", 0) / known if known else None


def monthly(floor: Floor, month: str) -> dict[str, dict[str, int]]:
    """Closed alarms of a month ("2026-07") by zone and disposition; drills and joined ones apart. O(alarms)."""
    tally: dict[str, dict[str, int]] = {}
    for alarm in floor.alarms.values():
        counts = alarm.state is State.CLOSED and alarm.kind == "real" and not alarm.incident
        if counts and f"{alarm.changed_at:%Y-%m}" == month:
            zone = tally.setdefault(alarm.zone, {})
            zone[alarm.disposition] = zone.get(alarm.disposition, 0) + 1
    return tally


def _event_of(permit: EventPermit) -> Event:
    return Event(
        zone=permit.zone,
        types=frozenset(permit.types),
        starts=datetime.fromisoformat(permit.starts),
        ends=datetime.fromisoformat(permit.ends),
        by=permit.by,
    )
