"""The scan for clusters: where and when incidents were more than usual."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.errors import InputError, out_of_range
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
from peelian.kernel.model.parameters import flag, number
from peelian.kernel.model.tables import Emit, amount, count, place, time
from peelian.technologies.mapping.declarations.places import cell_side, days_long, history_from, offences
from peelian.technologies.mapping.declarations.titles import about
from peelian.technologies.mapping.declarations.town_map import TOWN_MAP

CLUSTERS = Emit(
    table="clusters",
    title="clusters",
    columns={
        "rank": count("Rank", "rank"),
        "place": place("Cell"),
        "area": place("Area"),
        "radius_metres": amount("Radius (m)"),
        "from_day": time("First day"),
        "to_day": time("Last day"),
        "observed": amount("Recorded"),
        "expected": amount("Expected"),
        "ratio": amount("Ratio"),
        "p": amount("p"),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanParams:
    """Which incidents, on what grid, in which periods, up to what size."""

    category: str = offences()
    cell_metres: int = cell_side()
    period_days: int = days_long(7, "Length of a period")
    periods: int = number(8, "Number of latest periods to search", 2, 104)
    longest: int = number(4, "Maximum cluster duration in periods", 1, 104)
    radius_metres: int = number(1_000, "Maximum cluster radius", 0, 10_000, "m")
    still_going: bool = flag(True, "Only clusters that last into the latest period")
    simulations: int = number(999, "Number of simulations", 19, 9_999)
    train_from: str = history_from()


def fitting(params: ScanParams) -> None:
    """InputError where a cluster may last longer than is searched, or be too wide for its cells."""
    if params.longest > params.periods:
        raise out_of_range("longest", 1, params.periods)
    if params.radius_metres > 40 * params.cell_metres:
        raise InputError("more than 40 cells", column="radius_metres", accepted="a smaller radius or larger cells")


SCAN = Capability(
    id="mapping.scan",
    warrant="No warrant needed, because it counts incidents reported to the town by place, and tells of nobody.",
    title="Space-time scan",
    about="Searches all places and times for more incidents than expected and tests each cluster against chance.",
    asks=Asks(
        params=ScanParams,
        titled=about("%(category)s: space-time scan, %(metres)d m"),
        together=fitting,
        purposes=frozenset({Purpose.PROOF, Purpose.AUDIT}),
        askers=frozenset({Role.ANALYST}),
        deciders=frozenset({Role.COMMANDER}),
    ),
    reads=(
        Read(role="incidents", title="incidents", shape="incidents", partitions=True),
        Read(role="areas", title="areas", shape="areas", optional=True),
    ),
    emits=(CLUSTERS, TOWN_MAP),
    needs=(Need(kind=AuthorizationKind.COUNCIL_APPROVAL), Need(kind=AuthorizationKind.IMPACT_ASSESSMENT)),
    arithmetic=deferred("peelian.technologies.mapping.scanning:ARITHMETIC"),
)
