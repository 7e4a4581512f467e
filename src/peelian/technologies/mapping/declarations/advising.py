"""Advice under limits: how cells are named so that no group of areas carries too much."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.errors import InputError
from peelian.kernel.model.capability import (
    Asks,
    AuthorizationKind,
    Capability,
    Need,
    Purpose,
    Read,
    Role,
    deferred,
)
from peelian.kernel.model.parameters import choice, number, parsed
from peelian.kernel.model.tables import Emit, amount, category, count, group, place
from peelian.technologies.mapping.declarations.backtest import covered
from peelian.technologies.mapping.declarations.models import DEFAULT, TITLES
from peelian.technologies.mapping.declarations.places import cell_side, days_long, history_from, next_day, offences
from peelian.technologies.mapping.declarations.titles import limited
from peelian.technologies.mapping.declarations.town_map import TOWN_MAP

FRONTIER = Emit(
    table="frontier",
    title="accuracy and equity",
    columns={
        "point": count("Option", "rank"),
        "kind": category("Type", {"no_limit": "No limit", "limited": "Limit", "count_map": "Long-run average"}),
        "limit": amount("Limit"),
        "budget": amount("Maximum per area"),
        "expected": amount("Expected"),
        "price": amount("Incidents lost"),
        "price_share": amount("Incidents lost, share", percent=True),
        "places": amount("Cells used"),
        "worst": amount("Largest ratio"),
    },
)
RATIOS = Emit(
    table="frontier_groups",
    title="accuracy and equity by group",
    columns={
        "point": count("Option", "rank"),
        "group": group("Group"),
        "ratio": amount("Ratio"),
        "ratio_low": amount("95% interval, lower end"),
        "ratio_high": amount("95% interval, upper end"),
    },
)
ADVISED = Emit(
    table="frontier_places",
    title="accuracy and equity by place",
    columns={
        "point": count("Option", "rank"),
        "place": place("Cell"),
        "area": place("Area"),
        "part": amount("Share of the window", percent=True),
        "expected": amount("Expected"),
        "long_run": amount("Long-run average"),
    },
)


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
        FRONTIER,
        RATIOS,
        ADVISED,
        TOWN_MAP,
    ),
    needs=(
        Need(kind=AuthorizationKind.COUNCIL_APPROVAL),
        Need(kind=AuthorizationKind.IMPACT_ASSESSMENT),
        Need(kind=AuthorizationKind.ACCURACY_REPORT, covers=covered, or_of="mapping.forecast"),
    ),
    arithmetic=deferred("peelian.technologies.mapping.advising:ARITHMETIC"),
)
