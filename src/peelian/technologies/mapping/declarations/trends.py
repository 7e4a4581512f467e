"""Trends: is the last period's count unusual, by area and in the town, and where do counts drift to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from peelian.errors import out_of_range
from peelian.kernel.model.capability import Asks, Capability, Emit, Purpose, Read, Role, deferred
from peelian.measure.table import Kind
from peelian.technologies.mapping.days import hour_of
from peelian.technologies.mapping.declarations.places import CATEGORY, TRAIN_FROM, check_place_params
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

    category: str = field(default="all", metadata=CATEGORY)
    period_days: int = field(default=7, metadata={"help": "Length of a period", "unit": "days"})
    train_from: str = field(default="", metadata=TRAIN_FROM)


def check(params: TrendParams) -> None:
    """InputError where a parameter cannot be."""
    check_place_params(params.category, 250, 7, ())
    if not 1 <= params.period_days <= 92:
        raise out_of_range("period_days", 1, 92)
    if params.train_from:
        hour_of(params.train_from, "train_from")


TRENDS = Capability(
    id="mapping.trends",
    warrant="No warrant needed, because it counts incidents reported to the town by place, and tells of nobody.",
    title="Trends",
    about="Says whether the last period's count is unusual, by area and in the town, and how counts drift.",
    asks=Asks(
        params=TrendParams,
        titled=about("%(category)s: trends, periods of %(period_days)d days"),
        check=check,
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
