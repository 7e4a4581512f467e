"""Incidents by street segment: which segments hold most, and whether incidents cluster along the streets."""

from __future__ import annotations

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
from peelian.kernel.model.tables import Emit, amount, count, place
from peelian.technologies.mapping.declarations.places import history_from, offences
from peelian.technologies.mapping.declarations.titles import about
from peelian.technologies.mapping.declarations.town_map import TOWN_MAP

SEGMENTS = Emit(
    table="street_segments",
    title="street segments",
    columns={
        "rank": count("Rank", "rank"),
        "place": place("Square of its middle"),
        "area": place("Area"),
        "count": count("Incidents"),
        "metres": amount("Length (m)", "m", 0),
        "density": amount("Incidents per km nearby"),
    },
)
SHARES = Emit(
    table="street_shares",
    title="shares of street segments",
    columns={
        "share": amount("Share of incidents", percent=True),
        "segments": count("Segments"),
        "length": amount("Share of the length", percent=True),
        "chance": amount("By chance", percent=True),
        "chance_low": amount("By chance, lower end", percent=True),
        "chance_high": amount("By chance, upper end", percent=True),
        "p": amount("p"),
    },
)
PAIRS = Emit(
    table="street_pairs",
    title="pairs along streets",
    columns={
        "metres": amount("Distance along the streets (m)"),
        "k": amount("Network K"),
        "chance": amount("By chance"),
        "chance_low": amount("By chance, lower end"),
        "chance_high": amount("By chance, upper end"),
    },
)


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
    emits=(SEGMENTS, SHARES, PAIRS, TOWN_MAP),
    needs=(Need(kind=AuthorizationKind.COUNCIL_APPROVAL), Need(kind=AuthorizationKind.IMPACT_ASSESSMENT)),
    arithmetic=deferred("peelian.technologies.mapping.streets:ARITHMETIC"),
)
