"""Live levels of zones, published by the gateway's process for the office's pages: sealed, deleted within a day.

A level is a mean over half a minute and at least two readings; a trend holds means of minutes. No reading is kept, and
nothing of a person. They lie beside the log as tickets: losing them loses no alarm.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from cryptography.fernet import InvalidToken, MultiFernet

from peelian.kernel.model.capacity import AFTER, BEFORE
from peelian.kernel.model.event_plan import OUTSIDE, EventPlan
from peelian.kernel.model.occupancy import (
    Occupancy,
    Passed,
    TimeToCapacity,
    counted_people,
    occupancy,
    time_to_capacity,
)
from peelian.kernel.state.kernel import Kernel
from peelian.oversight.drafts import cipher_of

LEVEL, TREND = "zone-level", "zone-trend"  # kinds of ticket
KEPT = timedelta(hours=24)
HOUR = timedelta(hours=1)
LOOKS_EVERY, TRENDS_EVERY = 0.5, 20.0  # seconds between two looks into the database, however many consoles ask


@dataclass(frozen=True, slots=True, kw_only=True)
class GateLevel:
    """One gate of a zone: what its counter counted since the last reset, in the last minutes, and in the last one."""

    sensor: str
    at: str  # ISO time of its latest reading
    entered: float
    left: float
    from_entered: float  # its watch's totals at that reset
    from_left: float
    metres: float  # clear width
    error: float  # standard deviation of its counter's share of counts too many or too few
    recent: tuple[float, float]  # into the zone and out of it, in the zone's `minutes`
    per_minute: tuple[float, float] | None  # the same, for each of the last minutes; None: not known yet

    @property
    def per_metre(self) -> float | None:
        """Persons of both ways per minute and metre of width."""
        return None if self.per_minute is None else sum(self.per_minute) / self.metres


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneLevel:
    """What is measured in a zone now; None where nothing measures it."""

    zone: str
    exercise: bool
    at: str  # ISO time of the latest reading
    count: float | None = None
    per_m2: float | None = None
    level_of_service: int | None = None  # Fruin's A to F as 1 to 6
    above_db: float | None = None
    gates: tuple[GateLevel, ...] = ()
    minutes: float = 0.0  # over which the gates' recent flow was counted
    start: int = 0  # people inside at the last reset
    reset: str = ""  # when that was
    by_hand: bool = False  # a person counted; else counting began
    corrected: float = 0.0  # added since, because the sum fell below zero
    capacity: int = 0  # by a plan, else of its adopted area; 0: neither is known
    last_count: float | None = None  # of the counted area, while its sensor could be trusted
    last_at: str = ""  # ISO time of that

    @property
    def people(self) -> Occupancy | None:
        """People inside by the gates, else on the counted area; None where neither is known now."""
        return self.inside or (None if self.count is None else counted_people(self.count))

    @property
    def inside(self) -> Occupancy | None:
        """People inside by the gates; None where the zone has no counted gate."""
        if not self.gates:
            return None
        passed = [Passed(entered=gate.entered, left=gate.left, error=gate.error) for gate in self.gates]
        return occupancy(self.start, passed, corrected=self.corrected)

    def full(self, capacity: float) -> TimeToCapacity | None:
        """When the zone holds `capacity` people; None where nothing is known of its flow yet."""
        inside = self.inside
        if inside is None or self.minutes < 1:
            return None
        flows = [Passed(entered=gate.recent[0], left=gate.recent[1], error=gate.error) for gate in self.gates]
        return time_to_capacity(inside, capacity, flows, self.minutes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """Means of one minute in a zone."""

    at: str  # ISO time of its beginning
    per_m2: float | None = None
    above_db: float | None = None
    inside: float | None = None
    filled: tuple[float, float, float, int] | None = None  # most people, both ends of the interval, the capacity


def plans_now(kernel: Kernel, now: datetime) -> list[EventPlan]:
    """The plans in force whose event is on, begins within twelve hours or ended within six."""
    versions = (filed.in_force for filed in kernel.state.plans.plans.values())
    plans = (version.plan for version in versions if version is not None)
    return sorted((p for p in plans if p.starts - BEFORE <= now <= p.ends + AFTER), key=lambda plan: plan.starts)


def zones_beyond(kernel: Kernel, now: datetime) -> dict[str, str]:
    """The zone on the other side of each gate that lies between two zones, by gate: whoever leaves one enters the
    other. A gate's counter has the gate's name. O(gates)."""
    gates = (gate for plan in plans_now(kernel, now) for gate in plan.gates)
    return {gate.name: gate.to for gate in gates if gate.to != OUTSIDE}


def service_of(per_m2: float, *, standing: bool) -> int:
    """Fruin's level of service of a density, A to F as 1 to 6, for people who stand or who move."""
    from peelian.technologies.crowd.density import level_of_service  # every office's upkeep imports this module

    return "ABCDEF".index(level_of_service(per_m2, standing=standing)) + 1


def key_of(zone: str, *, exercise: bool) -> str:
    """The name under which a zone is published: a drill's level is never a real one."""
    return f"{'exercise' if exercise else 'real'} {zone}"


class Seal:
    """Seals and opens what is published, with the office's working key, also once that was replaced."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._made: tuple[tuple[int, ...], MultiFernet] | None = None

    @property
    def _cipher(self) -> MultiFernet:
        generations = self._kernel.office.generations()
        if self._made is None or self._made[0] != generations:
            self._made = generations, cipher_of(self._kernel, "live levels of zones")
        return self._made[1]

    def sealed(self, body: Any) -> str:
        """As the database keeps it."""
        return self._cipher.encrypt(json.dumps(body, separators=(",", ":")).encode()).decode()

    def opened(self, text: str) -> Any:
        """What was sealed; None where it was altered, or sealed by another office."""
        try:
            return json.loads(self._cipher.decrypt(text))
        except InvalidToken:
            return None


def seal_of(kernel: Kernel) -> Seal:
    """The seal of an office's live levels."""
    return Seal(kernel)


def publish(kernel: Kernel, seal: Seal, levels: Iterable[ZoneLevel]) -> None:
    """Keep levels in the place of the ones before, in one write. O(levels)."""
    rows = {key_of(one.zone, exercise=one.exercise): seal.sealed(asdict(one)) for one in levels}
    kernel.stores.tickets.put_all(LEVEL, rows, kernel.now())


def publish_trend(kernel: Kernel, seal: Seal, hour: datetime, minutes: Mapping[str, list[Minute]]) -> None:
    """Keep the minutes of one hour, by zone's key, in the place of that hour's earlier ones. O(minutes)."""
    rows = {f"{key} {hour:%Y-%m-%dT%H}": seal.sealed([asdict(one) for one in some]) for key, some in minutes.items()}
    kernel.stores.tickets.put_all(TREND, rows, hour)


def forget_levels(kernel: Kernel) -> None:
    """Delete what is older than a day; of a trend whole hours, at the latest 24 hours after they began."""
    now = kernel.now()
    kernel.stores.tickets.forget(LEVEL, now - KEPT)
    kernel.stores.tickets.forget(TREND, now - KEPT + timedelta(minutes=1))


def level_of(body: Mapping[str, Any]) -> ZoneLevel:
    """A level from its opened body."""
    gates = tuple(_gate_of(gate) for gate in body["gates"])
    return ZoneLevel(**{**body, "gates": gates})


def _gate_of(body: Mapping[str, Any]) -> GateLevel:
    rates = body["per_minute"]
    pairs: dict[str, Any] = {"recent": tuple(body["recent"]), "per_minute": None if rates is None else tuple(rates)}
    return GateLevel(**{**body, **pairs})


def minutes_of(kernel: Kernel, seal: Seal) -> dict[str, list[Minute]]:
    """The trends that are kept, by zone's key, the oldest minute first. O(minutes kept)."""
    found: dict[str, list[Minute]] = {}
    for name, text in sorted(kernel.stores.tickets.all(TREND)):
        body = seal.opened(text)
        if body is not None:
            found.setdefault(name.rpartition(" ")[0], []).extend(Minute(**one) for one in body)
    return found


class ZoneBoard:
    """The levels and trends that are published, as one process of the office reads them, however many ask.

    `version` rises whenever a level changed.
    """

    def __init__(self, kernel: Kernel) -> None:
        self.version = 0
        self._kernel = kernel
        self._seal: Seal | None = None
        self._texts: dict[str, str] = {}
        self._levels: dict[str, ZoneLevel] = {}
        self._trends: dict[str, list[Minute]] = {}
        self._looked = self._trended = -1e9

    def levels(self) -> Mapping[str, ZoneLevel]:
        """The newest levels by zone's key. O(those that changed)."""
        if monotonic() - self._looked >= LOOKS_EVERY:
            self._looked = monotonic()
            texts = dict(self._kernel.stores.tickets.all(LEVEL))
            if texts != self._texts:
                self._read(texts)
        return self._levels

    def trends(self) -> Mapping[str, list[Minute]]:
        """The trends of the last day by zone's key, at most 20 seconds old; on the way the older ones are deleted."""
        if monotonic() - self._trended >= TRENDS_EVERY:
            self._trended = monotonic()
            forget_levels(self._kernel)
            since = (self._kernel.now() - KEPT).astimezone(UTC).isoformat()
            kept = minutes_of(self._kernel, self._opens()).items() if self._levels else ()
            self._trends = {key: [one for one in some if one.at >= since] for key, some in kept}
        return self._trends

    def _opens(self) -> Seal:
        self._seal = self._seal or seal_of(self._kernel)
        return self._seal

    def _read(self, texts: dict[str, str]) -> None:
        seal, levels = self._opens(), {}
        for key, text in texts.items():
            if self._texts.get(key) == text and key in self._levels:
                levels[key] = self._levels[key]
            elif (body := seal.opened(text)) is not None:
                levels[key] = level_of(body)
        self._texts, self._levels = texts, levels
        self.version += 1
