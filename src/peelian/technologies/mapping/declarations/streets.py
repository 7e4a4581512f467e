"""Incidents by street segment: which segments hold most, and whether incidents cluster along the streets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
from peelian.kernel.model.parameters import number
from peelian.measure.table import Kind
from peelian.technologies.mapping.declarations.places import history_from, offences
from peelian.technologies.mapping.declarations.titles import about
from peelian.technologies.mapping.declarations.town_map import TOWN_MAP

SEGMENT_COLUMNS: Mapping[str, Kind] = {
    "rank": Kind.COUNT,
    "place": Kind.PLACE,
    "area": Kind.PLACE,
    "count": Kind.COUNT,
    "metres": Kind.AMOUNT,
    "density": Kind.AMOUNT,
}
SHARE_COLUMNS: Mapping[str, Kind] = {
    "share": Kind.AMOUNT,
    "segments": Kind.COUNT,
    "length": Kind.AMOUNT,
    "chance": Kind.AMOUNT,
    "chance_low": Kind.AMOUNT,
    "chance_high": Kind.AMOUNT,
    "p": Kind.AMOUNT,
}
K_COLUMNS: Mapping[str, Kind] = {
    "metres": Kind.AMOUNT,
    "k": Kind.AMOUNT,
    "chance": Kind.AMOUNT,
    "chance_low": Kind.AMOUNT,
    "chance_high": Kind.AMOUNT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StreetParams:
    """Which incidents, how far density and pairs reach along the streets, and how often chance is drawn."""

    category: str = offences()
    bandwidth_metres: int = number(300, "Bandwidth of the density", 100, 1_000, "m")
    reach_metres: int = number(500, "Largest distance of pairs along streets", 100, 1_000, "m")
    draws: int = number(99, "Number of random towns to compare with", 99, 999)
    train_from: str = history_from()


STREETS = Capability(
    id="mapping.streets",
    warrant="No warrant needed, because it counts incidents reported to the town by place, and tells of nobody.",
    title="Street segments",
    about="Counts incidents by street segment, and tests whether they cluster along the streets.",
    asks=Asks(
        params=StreetParams,
        titled=about("%(category)s: street segments"),
        purposes=frozenset({Purpose.PROOF, Purpose.AUDIT}),
        askers=frozenset({Role.ANALYST}),
        deciders=frozenset({Role.COMMANDER}),
    ),
    reads=(
        Read(role="incidents", title="incidents", shape="incidents"),
        Read(role="streets", title="streets", shape="streets"),
        Read(role="areas", title="areas", shape="areas", optional=True),
    ),
    emits=(
        Emit(table="street_segments", columns=SEGMENT_COLUMNS),
        Emit(table="street_shares", columns=SHARE_COLUMNS),
        Emit(table="street_pairs", columns=K_COLUMNS),
        TOWN_MAP,
    ),
    needs=(Need(kind=AuthorizationKind.COUNCIL_APPROVAL), Need(kind=AuthorizationKind.IMPACT_ASSESSMENT)),
    arithmetic=deferred("peelian.technologies.mapping.streets:ARITHMETIC"),
)
