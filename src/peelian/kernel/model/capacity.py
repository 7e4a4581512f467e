"""Bars of a zone: how many people inside are a notice, a warning, urgent, by event plans or by a capacity alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from peelian.kernel.model.event_plan import EventPlan
from peelian.kernel.model.watch import Level

BEFORE, AFTER = timedelta(hours=12), timedelta(hours=6)
"""A plan counts so long before its event and after it: people come early, and are there when it is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """From how many people inside on a zone's alarm has each level, and how many the zone may hold.

    A level of which nothing is stated begins at the next one that is; above all of them stands the capacity.
    """

    capacity: int
    notice: int
    warning: int
    urgent: int

    @property
    def least(self) -> int:
        """The lowest of the bars."""
        return min(self.notice, self.warning, self.urgent)


def bars_of(plans: Iterable[EventPlan], zone: str, now: datetime) -> Bars | None:
    """The bars of a zone by the plans that two people signed; None where none of them has the zone now.

    Of several the lowest bars count: those whose event is on before those that begin or ended. O(plans × zones).
    """
    near = [plan for plan in plans if plan.starts - BEFORE <= now <= plan.ends + AFTER and plan.zone(zone)]
    on = [plan for plan in near if plan.starts <= now < plan.ends]
    found = [_bars(plan, zone) for plan in on or near]
    if not found:
        return None
    return Bars(
        capacity=min(one.capacity for one in found),
        notice=min(one.notice for one in found),
        warning=min(one.warning for one in found),
        urgent=min(one.urgent for one in found),
    )


def bars_at(capacity: int) -> Bars:
    """The bars of a zone of which only its capacity is known."""
    return Bars(capacity=capacity, notice=capacity, warning=capacity, urgent=capacity)


def _bars(plan: EventPlan, name: str) -> Bars:
    zone = plan.zone(name)
    capacity = zone.capacity if zone else 0
    given = plan.thresholds.get(name, {})
    urgent = given.get(Level.URGENT, capacity)
    warning = given.get(Level.WARNING, urgent)
    return Bars(capacity=capacity, notice=given.get(Level.NOTICE, warning), warning=warning, urgent=urgent)
