"""Hot spots: which cells and their neighbours stand out from chance, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
from peelian.kernel.model.parameters import number
from peelian.kernel.model.tables import Emit, amount, category, count, place
from peelian.technologies.mapping.declarations.places import cell_side, days_long, history_from, offences
from peelian.technologies.mapping.declarations.titles import about
from peelian.technologies.mapping.declarations.town_map import TOWN_MAP

SPOTS: Mapping[str, str] = {
    "new": "New",
    "emerging": "Emerging",
    "persistent": "Persistent",
    "occasional": "Occasional",
    "receding": "Receding",
    "hot": "Hot over all periods only",
}
HOT_SPOTS = Emit(
    table="hot_spots",
    title="hot spots",
    columns={
        "rank": count("Rank", "rank"),
        "place": place("Cell"),
        "area": place("Area"),
        "spot": category("Hot spot", SPOTS),
        "periods_hot": count("Periods hot", "periods"),
        "gi_star": amount("Gi*"),
        "moran": amount("Local Moran"),
        "p": amount("p"),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HotSpotParams:
    """Which incidents, on what grid, in which periods."""

    category: str = offences()
    cell_metres: int = cell_side()
    period_days: int = days_long(28, "Length of a period")
    periods: int = number(12, "Number of latest periods to compare", 4, 104)
    train_from: str = history_from()


HOTSPOTS = Capability(
    id="mapping.hotspots",
    warrant="No warrant needed, because it counts incidents reported to the town by place, and tells of nobody.",
    title="Hot spots",
    about="Finds cells that stand out with their neighbours, and says which are new, persistent or receding.",
    asks=Asks(
        params=HotSpotParams,
        titled=about("%(category)s: hot spots, %(metres)d m"),
        purposes=frozenset({Purpose.PROOF, Purpose.AUDIT}),
        askers=frozenset({Role.ANALYST}),
        deciders=frozenset({Role.COMMANDER}),
    ),
    reads=(
        Read(role="incidents", title="incidents", shape="incidents", partitions=True),
        Read(role="areas", title="areas", shape="areas", optional=True),
    ),
    emits=(HOT_SPOTS, TOWN_MAP),
    needs=(Need(kind=AuthorizationKind.COUNCIL_APPROVAL), Need(kind=AuthorizationKind.IMPACT_ASSESSMENT)),
    arithmetic=deferred("peelian.technologies.mapping.hotspots:ARITHMETIC"),
)
