"""The scan for clusters: where and when incidents were more than usual."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from peelian.errors import InputError, out_of_range
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
    "radius_metres": Kind.AMOUNT,
    "from_day": Kind.TIME,
    "to_day": Kind.TIME,
    "observed": Kind.AMOUNT,
    "expected": Kind.AMOUNT,
    "ratio": Kind.AMOUNT,
    "p": Kind.AMOUNT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanParams:
    """Which incidents, on what grid, in which periods, up to what size."""

    category: str = field(default="all", metadata=CATEGORY)
    cell_metres: int = field(default=250, metadata={"help": "Cell size", "unit": "m"})
    period_days: int = field(default=7, metadata={"help": "Length of a period", "unit": "days"})
    periods: int = field(default=8, metadata={"help": "Number of latest periods to search"})
    longest: int = field(default=4, metadata={"help": "Maximum cluster duration in periods"})
    radius_metres: int = field(default=1_000, metadata={"help": "Maximum cluster radius", "unit": "m"})
    still_going: bool = field(default=True, metadata={"help": "Only clusters that last into the latest period"})
    simulations: int = field(default=999, metadata={"help": "Number of simulations"})
    train_from: str = field(default="", metadata=TRAIN_FROM)


def check(params: ScanParams) -> None:
    """InputError where a parameter cannot be."""
    check_place_params(params.category, params.cell_metres, params.period_days, ())
    for name, low, high in (
        ("periods", 2, 104),
        ("longest", 1, params.periods),
        ("radius_metres", 0, 10_000),
        ("simulations", 19, 9_999),
    ):
        if not low <= getattr(params, name) <= high:
            raise out_of_range(name, low, high)
    if params.radius_metres > 40 * params.cell_metres:
        raise InputError("more than 40 cells", column="radius_metres", accepted="a smaller radius or larger cells")
    if params.train_from:
        hour_of(params.train_from, "train_from")


SCAN = Capability(
    id="mapping.scan",
    warrant="No warrant needed, because it counts incidents reported to the town by place, and tells of nobody.",
    title="Space-time scan",
    about="Searches all places and times for more incidents than expected and tests each cluster against chance.",
    asks=Asks(
        params=ScanParams,
        titled=about("%(category)s: space-time scan, %(metres)d m"),
        check=check,
        purposes=frozenset({Purpose.PROOF, Purpose.AUDIT}),
        askers=frozenset({Role.ANALYST}),
        deciders=frozenset({Role.COMMANDER}),
    ),
    reads=(
        Read(role="incidents", title="incidents", shape="incidents", partitions=True),
        Read(role="areas", title="areas", shape="areas", optional=True),
    ),
    emits=(Emit(table="clusters", columns=COLUMNS), TOWN_MAP),
    needs=(Need(kind=AuthorizationKind.COUNCIL_APPROVAL), Need(kind=AuthorizationKind.IMPACT_ASSESSMENT)),
    arithmetic=deferred("peelian.technologies.mapping.scanning:ARITHMETIC"),
)
