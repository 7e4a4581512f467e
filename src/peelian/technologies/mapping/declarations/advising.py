"""Advice under limits: how cells are named so that no group of areas carries too much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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
from peelian.measure.table import Kind
from peelian.technologies.mapping.days import hour_of
from peelian.technologies.mapping.declarations.backtest import covered
from peelian.technologies.mapping.declarations.models import DEFAULT, TITLES
from peelian.technologies.mapping.declarations.places import CATEGORY, NEXT_DAY, TRAIN_FROM, check_place_params
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsParams:
    """A forecast by the tested model, the number of cells, and the exposure limits."""

    start_day: str = field(metadata=NEXT_DAY)
    category: str = field(default="all", metadata=CATEGORY)
    cell_metres: int = field(default=250, metadata={"help": "Cell size", "unit": "m"})
    window_days: int = field(default=7, metadata={"help": "Length of the window", "unit": "days"})
    model: str = field(
        default=DEFAULT, metadata={"help": "Model (as tested)", "choices": tuple(TITLES), "names": TITLES}
    )
    advised_cells: int = field(default=50, metadata={"help": "Number of selected cells"})
    limits: tuple[float, ...] = field(
        default=(3.0, 2.0, 1.5, 1.25, 1.1, 1.0),
        metadata={"help": "Exposure limits: maximum ratio between a group and everyone else, either way"},
    )
    budget: float = field(default=0.0, metadata={"help": "Maximum cell-windows per area in total (0: no maximum)"})
    spent: tuple[str, ...] = field(
        default=(), metadata={"help": "Cell-windows already used by area: area=number, e.g. Riverside=12"}
    )
    train_from: str = field(default="", metadata=TRAIN_FROM)


def check(params: LimitsParams) -> None:
    """InputError where a parameter is out of range."""
    check_place_params(params.category, params.cell_metres, params.window_days, (params.model,))
    hour_of(params.start_day, "start_day")
    if params.train_from:
        hour_of(params.train_from, "train_from")
    if not 1 <= params.advised_cells <= 1_000:
        raise InputError("out of range", column="advised_cells", accepted="1 to 1,000 cells")
    if not params.limits or len(params.limits) > 20 or not all(1 <= limit <= 1_000 for limit in params.limits):
        raise InputError("out of range", column="limits", accepted="1 to 20 numbers of 1 (equal) or more, e.g. 1.25")
    if not 0 <= params.budget <= 1_000_000:
        raise InputError("out of range", column="budget", accepted="0 (no maximum) or more cell-windows")
    for text in params.spent:
        spent_in(text)


def spent_in(text: str) -> tuple[str, float]:
    name, equals, number = text.rpartition("=")
    try:
        value = float(number)
    except ValueError:
        value = -1.0
    if not equals or not name or not 0 <= value < 1e9:
        raise InputError("not area=number", column="spent", accepted="e.g. Riverside=12")
    return name, value


LIMITS = Capability(
    id="mapping.limits",
    warrant="No warrant needed, because it counts incidents reported to the town by place, and tells of nobody.",
    title="Forecast with exposure limits",
    about="Shows how many expected incidents are lost for each limit on exposure by group.",
    asks=Asks(
        params=LimitsParams,
        titled=limited,
        check=check,
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
