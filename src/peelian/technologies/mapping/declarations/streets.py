"""Incidents by street segment: which segments hold most, and whether incidents cluster along the streets."""

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

    category: str = field(default="all", metadata=CATEGORY)
    bandwidth_metres: int = field(default=300, metadata={"help": "Bandwidth of the density", "unit": "m"})
    reach_metres: int = field(default=500, metadata={"help": "Largest distance of pairs along streets", "unit": "m"})
    draws: int = field(default=99, metadata={"help": "Number of random towns to compare with"})
    train_from: str = field(default="", metadata=TRAIN_FROM)


def check(params: StreetParams) -> None:
    """InputError where a parameter cannot be."""
    check_place_params(params.category, 250, 7, ())
    for name, low, high in (("bandwidth_metres", 100, 1_000), ("reach_metres", 100, 1_000), ("draws", 99, 999)):
        if not low <= getattr(params, name) <= high:
            raise out_of_range(name, low, high)
    if params.train_from:
        hour_of(params.train_from, "train_from")


STREETS = Capability(
    id="mapping.streets",
    warrant="No warrant needed, because it counts incidents reported to the town by place, and tells of nobody.",
    title="Street segments",
    about="Counts incidents by street segment, and tests whether they cluster along the streets.",
    asks=Asks(
        params=StreetParams,
        titled=about("%(category)s: street segments"),
        check=check,
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
