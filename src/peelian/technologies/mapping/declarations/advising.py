"""Advice under limits: how cells are named so that no group of areas carries too much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from peelian.errors import InputError
from peelian.kernel.model.capability import (
    Asks,
    AuthorizationKind,
    Capability,
    Emit,
    Need,
    Purpose,
    Read,
    Role,
    deferred,
)
from peelian.kernel.model.parameters import choice, number, parsed
from peelian.measure.table import Kind
from peelian.technologies.mapping.declarations.backtest import covered
from peelian.technologies.mapping.declarations.models import DEFAULT, TITLES
from peelian.technologies.mapping.declarations.places import cell_side, days_long, history_from, next_day, offences
from peelian.technologies.mapping.declarations.titles import limited
from peelian.technologies.mapping.declarations.town_map import TOWN_MAP

FRONTIER: Mapping[str, Kind] = {
    "point": Kind.COUNT,
    "kind": Kind.CATEGORY,
    "limit": Kind.AMOUNT,
    "budget": Kind.AMOUNT,
    "expected": Kind.AMOUNT,
    "price": Kind.AMOUNT,
    "price_share": Kind.AMOUNT,
    "places": Kind.AMOUNT,
    "worst": Kind.AMOUNT,
}
RATIOS: Mapping[str, Kind] = {
    "point": Kind.COUNT,
    "group": Kind.GROUP,
    "ratio": Kind.AMOUNT,
    "ratio_low": Kind.AMOUNT,
    "ratio_high": Kind.AMOUNT,
}
ADVISED: Mapping[str, Kind] = {
    "point": Kind.COUNT,
    "place": Kind.PLACE,
    "area": Kind.PLACE,
    "part": Kind.AMOUNT,
    "expected": Kind.AMOUNT,
    "long_run": Kind.AMOUNT,
}


def spent_in(text: str) -> tuple[str, float]:
    """The area and its number of cell-windows."""
    name, equals, number = text.rpartition("=")
    try:
        value = float(number)
    except ValueError:
        value = -1.0
    if not equals or not name or not 0 <= value < 1e9:
        raise InputError("not area=number", column="spent", accepted="e.g. Riverside=12")
    return name, value


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsParams:
    """A forecast by the tested model, the number of cells, and the exposure limits."""

    start_day: str = next_day()
    category: str = offences()
    cell_metres: int = cell_side()
    window_days: int = days_long(7, "Length of the window")
    model: str = choice(DEFAULT, "Model (as tested)", TITLES)
    advised_cells: int = number(50, "Number of selected cells", 1, 1_000)
    limits: tuple[float, ...] = number(
        (3.0, 2.0, 1.5, 1.25, 1.1, 1.0),
        "Exposure limits: maximum ratio between a group and everyone else, either way",
        1,
        1_000,
        several=(1, 20),
    )
    budget: float = number(0.0, "Maximum cell-windows per area in total (0: no maximum)", 0, 1_000_000)
    spent: tuple[str, ...] = parsed((), "Cell-windows already used by area: area=number, e.g. Riverside=12", spent_in)
    train_from: str = history_from()


LIMITS = Capability(
    id="mapping.limits",
    warrant="No warrant needed, because it counts incidents reported to the town by place, and tells of nobody.",
    title="Forecast with exposure limits",
    about="Shows how many expected incidents are lost for each limit on exposure by group.",
    asks=Asks(
        params=LimitsParams,
        titled=limited,
        purposes=frozenset({Purpose.ADVICE}),
        askers=frozenset({Role.ANALYST}),
        deciders=frozenset({Role.COMMANDER}),
    ),
    reads=(
        Read(role="incidents", title="incidents", shape="incidents", partitions=True),
        Read(role="areas", title="areas", shape="areas"),
        Read(role="landmarks", title="landmarks", shape="landmarks", optional=True),
    ),
    emits=(
        Emit(table="frontier", columns=FRONTIER),
        Emit(table="frontier_groups", columns=RATIOS),
        Emit(table="frontier_places", columns=ADVISED),
        TOWN_MAP,
    ),
    needs=(
        Need(kind=AuthorizationKind.COUNCIL_APPROVAL),
        Need(kind=AuthorizationKind.IMPACT_ASSESSMENT),
        Need(kind=AuthorizationKind.ACCURACY_REPORT, covers=covered, or_of="mapping.forecast"),
    ),
    arithmetic=deferred("peelian.technologies.mapping.advising:ARITHMETIC"),
)
