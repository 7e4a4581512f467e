"""Trends: is the last period's count unusual, by area and in the town, and where do counts drift to."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.capability import Asks, Capability, Purpose, Read, Role, deferred
from peelian.kernel.model.tables import Emit, amount, place
from peelian.technologies.mapping.declarations.places import days_long, history_from, offences
from peelian.technologies.mapping.declarations.titles import about
from peelian.technologies.mapping.declarations.town_map import TOWN_MAP

BY_AREA = Emit(
    table="trends",
    title="trends by area",
    columns={
        "area": place("Area"),
        "count": amount("Recorded"),
        "expected": amount("Expected"),
        "low": amount("95% interval, lower end"),
        "high": amount("95% interval, upper end"),
        "p": amount("p"),
        "p_adjusted": amount("Adjusted p"),
        "change": amount("Change a year (1: no change)"),
        "change_low": amount("Change a year, lower end"),
        "change_high": amount("Change a year, upper end"),
    },
)
COURSE = Emit(
    table="trend_course",
    title="trend over time",
    columns={
        "period": amount("Period (0: the last)"),
        "count": amount("Recorded"),
        "expected": amount("Expected"),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendParams:
    """Which incidents, in which periods."""

    category: str = offences()
    period_days: int = days_long(7, "Length of a period")
    train_from: str = history_from()


TRENDS = Capability(
    id="mapping.trends",
    warrant="No warrant needed, because it counts incidents reported to the town by place, and tells of nobody.",
    title="Trends",
    about="Says whether the last period's count is unusual, by area and in the town, and how counts drift.",
    asks=Asks(
        params=TrendParams,
        titled=about("%(category)s: trends, periods of %(period_days)d days"),
        purposes=frozenset({Purpose.PROOF, Purpose.AUDIT}),
        askers=frozenset({Role.ANALYST, Role.AUDITOR}),
        deciders=frozenset({Role.COMMANDER, Role.BOARD}),
    ),
    reads=(
        Read(role="incidents", title="incidents", shape="incidents", partitions=True),
        Read(role="areas", title="areas", shape="areas"),
    ),
    emits=(BY_AREA, COURSE, TOWN_MAP),
    arithmetic=deferred("peelian.technologies.mapping.trends:ARITHMETIC"),
)
