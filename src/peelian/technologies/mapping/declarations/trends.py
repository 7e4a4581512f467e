"""Trends: is the last period's count unusual, by area and in the town, and where do counts drift to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from peelian.kernel.model.capability import Asks, Capability, Emit, Purpose, Read, Role, deferred
from peelian.measure.table import Kind
from peelian.technologies.mapping.declarations.places import days_long, history_from, offences
from peelian.technologies.mapping.declarations.titles import about
from peelian.technologies.mapping.declarations.town_map import TOWN_MAP

BY_AREA: Mapping[str, Kind] = {
    "area": Kind.PLACE,
    "count": Kind.AMOUNT,
    "expected": Kind.AMOUNT,
    "low": Kind.AMOUNT,
    "high": Kind.AMOUNT,
    "p": Kind.AMOUNT,
    "p_adjusted": Kind.AMOUNT,
    "change": Kind.AMOUNT,
    "change_low": Kind.AMOUNT,
    "change_high": Kind.AMOUNT,
}
COURSE: Mapping[str, Kind] = {"period": Kind.AMOUNT, "count": Kind.AMOUNT, "expected": Kind.AMOUNT}


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
    emits=(Emit(table="trends", columns=BY_AREA), Emit(table="trend_course", columns=COURSE), TOWN_MAP),
    arithmetic=deferred("peelian.technologies.mapping.trends:ARITHMETIC"),
)
