"""The near-repeat test: whether incidents near in place are near in time."""

from __future__ import annotations

import math
from dataclasses import dataclass

from peelian.errors import InputError, sentence
from peelian.kernel.model.capability import Asks, Capability, Purpose, Read, Role, deferred
from peelian.kernel.model.parameters import flag, number
from peelian.kernel.model.tables import Emit, amount, count
from peelian.technologies.mapping.declarations.places import history_from, offences
from peelian.technologies.mapping.declarations.titles import about

SURE = 0.05
PAIRS = Emit(
    table="near_pairs",
    title="near pairs",
    columns={
        "from_metres": amount("Distance from (m)"),
        "to_metres": amount("Distance to (m)"),
        "from_days": amount("Delay from (days)"),
        "to_days": amount("Delay to (days)"),
        "pairs": count("Pairs", "pairs"),
        "expected": amount("Expected pairs"),
        "ratio": amount("Ratio"),
        "p": amount("p"),
        "p_holm": amount("Adjusted p"),
    },
    optional=frozenset({"pairs", "expected"}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnoxParams:
    """Which incidents, how far apart in bands of metres and days, and how often days are exchanged."""

    category: str = offences()
    band_metres: int = number(200, "Width of a distance band", 10, 5_000, "m")
    bands: int = number(3, "Number of distance bands (besides the same place)", 1, 12)
    band_days: int = number(7, "Length of a delay band", 1, 92, "days")
    delays: int = number(4, "Number of delay bands", 1, 12)
    permutations: int = number(999, "Number of random permutations", 19, 9_999)
    along_streets: bool = flag(False, "Measure distance along two axes (street grid)")
    train_from: str = history_from()


def enough_permutations(params: KnoxParams) -> None:
    """InputError where permutations are too few for so many bands and delays."""
    needed = math.ceil((params.bands + 1) * params.delays / SURE) - 1
    if params.permutations < needed:
        raise InputError(
            "too few permutations for this many combinations",
            accepted=sentence("at least %(n)d permutations, or fewer bands or delays", n=needed),
        )


KNOX = Capability(
    id="mapping.knox",
    warrant="No warrant needed, because it counts incidents reported to the town by place, and tells of nobody.",
    title="Near-repeat test",
    about="Tests whether incidents near in place are also near in time more often than by chance.",
    asks=Asks(
        params=KnoxParams,
        titled=about("%(category)s: near-repeat test, %(band_metres)d m"),
        together=enough_permutations,
        purposes=frozenset({Purpose.PROOF, Purpose.AUDIT}),
        askers=frozenset({Role.ANALYST, Role.AUDITOR}),
        deciders=frozenset({Role.BOARD}),
        choices=("adopt", "reject"),
    ),
    reads=(Read(role="incidents", title="incidents", shape="incidents"),),
    emits=(PAIRS,),
    arithmetic=deferred("peelian.technologies.mapping.nearness:ARITHMETIC"),
)
