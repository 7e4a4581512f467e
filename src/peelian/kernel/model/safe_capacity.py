"""Safe capacity of a zone and of an event, from area, entries and exits, by the method of the Green Guide.

Guide to Safety at Sports Grounds, 5th edition (2008), chapters 2 and 10: the final capacity is the lowest of what the
place holds, what comes in within an hour, what leaves in normal egress, and what gets out in an emergency. A competent
person assesses the factors and the emergency time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from peelian.errors import sentence
from peelian.kernel.model.event_plan import OUTSIDE, EventPlan, PlanGate, PlanZone

LEVEL_FLOW, STEPPED_FLOW = 82.0, 66.0  # persons per metre of width and minute (chapter 10)
TURNSTILE_PER_HOUR = 660  # the most that one turnstile may be counted for (chapter 7)
NORMAL_MINUTES = 8.0  # longest normal egress (chapter 10)
LIMITS = {
    "holding": "holding capacity",
    "entry": "entry capacity",
    "exit": "exit capacity",
    "emergency": "emergency exit capacity",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One of the capacities: a word of LIMITS, persons, and how it came about, as a sentence."""

    name: str
    persons: int
    how: str  # a sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeCapacity:
    """The capacities of a zone ("": of the whole event). The lowest is final; the first where two are equal."""

    of: str
    limits: tuple[Limit, ...]

    @property
    def final(self) -> Limit:
        """The lowest limit: how many may be admitted, and what binds."""
        return min(self.limits, key=lambda limit: limit.persons)


def safe_capacities(plan: EventPlan) -> tuple[SafeCapacity, ...]:
    """Of the whole event first, then of each zone. O(zones × gates)."""
    return (event_capacity(plan), *(zone_capacity(plan, zone) for zone in plan.zones))


def zone_capacity(plan: EventPlan, zone: PlanZone) -> SafeCapacity:
    """What a zone holds, and what leaves it through its gates.

    >>> from datetime import UTC, datetime
    >>> square = PlanZone(name="square", outline=(), area_m2=900, capacity=1000, physical=0.9, management=0.8)
    >>> gates = (PlanGate(name="a", zone="square", width_m=3), PlanGate(name="b", zone="square", width_m=2, steps=True))
    >>> day = datetime(2027, 6, 24, tzinfo=UTC)
    >>> plan = EventPlan(name="fete", title="", starts=day, ends=day, attendance=1, zones=(square,), gates=gates)
    >>> [(limit.name, limit.persons) for limit in zone_capacity(plan, square).limits]
    [('holding', 1440), ('exit', 3024), ('emergency', 1056)]
    """
    factor = min(zone.physical, zone.management)
    if zone.viewing == "seated":
        held = _limit(
            "holding", zone.seats * factor, "%(seats)d seats × %(factor).10g", seats=zone.seats, factor=factor
        )
    else:
        held = _limit(
            "holding",
            zone.area_m2 * zone.per_m2 * factor,
            "%(area).10g m² × %(per_m2).10g persons per m² × %(factor).10g",
            area=zone.area_m2,
            per_m2=zone.per_m2,
            factor=factor,
        )
    gates = [gate for gate in plan.gates if gate.leads_out_of(zone.name)]
    return SafeCapacity(of=zone.name, limits=(held, *_leaving(gates, plan.emergency_minutes)))


def event_capacity(plan: EventPlan) -> SafeCapacity:
    """What all zones hold together as the plan says, what comes in from outside in an hour, and what leaves."""
    held = sum(zone.capacity for zone in plan.zones)
    entries = [gate for gate in plan.gates if gate.lets_in]
    leaving = [gate for gate in plan.gates if gate.to == OUTSIDE and gate.leads_out_of(gate.zone)]
    return SafeCapacity(
        of="",
        limits=(
            _limit("holding", held, "planned capacities of %(n)d %(n:zone|zones)", n=len(plan.zones)),
            _limit("entry", sum(map(entry_rate, entries)), "%(n)d %(n:entry|entries), one hour", n=len(entries)),
            *_leaving(leaving, plan.emergency_minutes),
        ),
    )


def entry_rate(gate: PlanGate) -> float:
    """Persons an hour that a gate lets in: as assessed, no more than its width passes, at most 660 per turnstile."""
    rate = 60 * flow(gate)
    if gate.entry_per_hour:
        rate = min(rate, gate.entry_per_hour)
    return min(rate, gate.turnstiles * TURNSTILE_PER_HOUR) if gate.turnstiles else rate


def flow(gate: PlanGate) -> float:
    """Persons a minute through a gate's whole width."""
    return gate.width_m * (STEPPED_FLOW if gate.steps else LEVEL_FLOW)


def _leaving(gates: Iterable[PlanGate], minutes: float) -> tuple[Limit, Limit]:
    """Normal egress through all gates, and an emergency in which the best gate is blocked, where there are others."""
    flows = sorted(map(flow, gates))
    left = flows[:-1] if len(flows) > 1 else flows
    how = "%(n)d %(n:exit|exits), %(flow).10g persons per minute × %(minutes).10g minutes"
    blocked = how if len(left) == len(flows) else how + ", best exit blocked"
    return (
        _limit("exit", sum(flows) * NORMAL_MINUTES, how, n=len(flows), flow=sum(flows), minutes=NORMAL_MINUTES),
        _limit("emergency", sum(left) * minutes, blocked, n=len(left), flow=sum(left), minutes=minutes),
    )


def _limit(name: str, persons: float, how: str, **values: float) -> Limit:
    """Rounded down, but not for what binary fractions take from a whole number."""
    return Limit(name=name, persons=math.floor(persons + 1e-6), how=sentence(how, **values))
