"""Hot spots: which cells and their neighbours stand out from chance, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from peelian.errors import out_of_range
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
from peelian.technologies.mapping.declarations.places import CATEGORY, TRAIN_FROM, check_place_params
from peelian.technologies.mapping.declarations.titles import about
from peelian.technologies.mapping.declarations.town_map import TOWN_MAP

COLUMNS: Mapping[str, Kind] = {
    "rank": Kind.COUNT,
    "place": Kind.PLACE,
    "area": Kind.PLACE,
    "spot": Kind.CATEGORY,
    "periods_hot": Kind.COUNT,
    "gi_star": Kind.AMOUNT,
    "moran": Kind.AMOUNT,
    "p": Kind.AMOUNT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HotSpotParams:
    """Which incidents, on what grid, in which periods."""

    category: str = field(default="all", metadata=CATEGORY)
    cell_metres: int = field(default=250, metadata={"help": "Cell size", "unit": "m"})
    period_days: int = field(default=28, metadata={"help": "Length of a period", "unit": "days"})
    periods: int = field(default=12, metadata={"help": "Number of latest periods to compare"})
    train_from: str = field(default="", metadata=TRAIN_FROM)


def check(params: HotSpotParams) -> None:
    """InputError where a parameter cannot be."""
    check_place_params(params.category, params.cell_metres, params.period_days, ())
    if not 4 <= params.periods <= 104:
        raise out_of_range("periods", 4, 104)
    if params.train_from:
        hour_of(params.train_from, "train_from")


HOTSPOTS = Capability(
    id="mapping.hotspots",
    warrant="No warrant needed, because it counts incidents reported to the town by place, and tells of nobody.",
    title="Hot spots",
    about="Finds cells that stand out with their neighbours, and says which are new, persistent or receding.",
    asks=Asks(
        params=HotSpotParams,
        titled=about("%(category)s: hot spots, %(metres)d m"),
        check=check,
        purposes=frozenset({Purpose.PROOF, Purpose.AUDIT}),
        askers=frozenset({Role.ANALYST}),
        deciders=frozenset({Role.COMMANDER}),
    ),
    reads=(
        Read(role="incidents", title="incidents", shape="incidents", partitions=True),
        Read(role="areas", title="areas", shape="areas", optional=True),
    ),
    emits=(Emit(table="hot_spots", columns=COLUMNS), TOWN_MAP),
    needs=(Need(kind=AuthorizationKind.COUNCIL_APPROVAL), Need(kind=AuthorizationKind.IMPACT_ASSESSMENT)),
    arithmetic=deferred("peelian.technologies.mapping.hotspots:ARITHMETIC"),
)
