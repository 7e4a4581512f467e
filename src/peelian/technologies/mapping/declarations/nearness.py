"""The near-repeat test: whether incidents near in place are near in time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from peelian.errors import InputError, out_of_range, sentence
from peelian.kernel.model.capability import Asks, Capability, Emit, Purpose, Read, Role, deferred
from peelian.measure.table import Kind
from peelian.technologies.mapping.days import hour_of
from peelian.technologies.mapping.declarations.places import CATEGORY, TRAIN_FROM, check_place_params
from peelian.technologies.mapping.declarations.titles import about

SURE = 0.05
COLUMNS: Mapping[str, Kind] = {
    "from_metres": Kind.AMOUNT,
    "to_metres": Kind.AMOUNT,
    "from_days": Kind.AMOUNT,
    "to_days": Kind.AMOUNT,
    "pairs": Kind.COUNT,
    "expected": Kind.AMOUNT,
    "ratio": Kind.AMOUNT,
    "p": Kind.AMOUNT,
    "p_holm": Kind.AMOUNT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class KnoxParams:
    """Which incidents, how far apart in bands of metres and days, and how often days are exchanged."""

    category: str = field(default="all", metadata=CATEGORY)
    band_metres: int = field(default=200, metadata={"help": "Width of a distance band", "unit": "m"})
    bands: int = field(default=3, metadata={"help": "Number of distance bands (besides the same place)"})
    band_days: int = field(default=7, metadata={"help": "Length of a delay band", "unit": "days"})
    delays: int = field(default=4, metadata={"help": "Number of delay bands"})
    permutations: int = field(default=999, metadata={"help": "Number of random permutations"})
    along_streets: bool = field(default=False, metadata={"help": "Measure distance along two axes (street grid)"})
    train_from: str = field(default="", metadata=TRAIN_FROM)


def check(params: KnoxParams) -> None:
    """InputError where a parameter cannot be."""
    check_place_params(params.category, 250, 7, ())
    for name, low, high in (
        ("band_metres", 10, 5_000),
        ("bands", 1, 12),
        ("band_days", 1, 92),
        ("delays", 1, 12),
        ("permutations", 19, 9_999),
    ):
        if not low <= getattr(params, name) <= high:
            raise out_of_range(name, low, high)
    needed = math.ceil((params.bands + 1) * params.delays / SURE) - 1
    if params.permutations < needed:
        raise InputError(
            "too few permutations for this many combinations",
            accepted=sentence("at least %(n)d permutations, or fewer bands or delays", n=needed),
        )
    if params.train_from:
        hour_of(params.train_from, "train_from")


KNOX = Capability(
    id="mapping.knox",
    warrant="No warrant needed, because it counts incidents reported to the town by place, and tells of nobody.",
    title="Near-repeat test",
    about="Tests whether incidents near in place are also near in time more often than by chance.",
    asks=Asks(
        params=KnoxParams,
        titled=about("%(category)s: near-repeat test, %(band_metres)d m"),
        check=check,
        purposes=frozenset({Purpose.PROOF, Purpose.AUDIT}),
        askers=frozenset({Role.ANALYST, Role.AUDITOR}),
        deciders=frozenset({Role.BOARD}),
        choices=("adopt", "reject"),
    ),
    reads=(Read(role="incidents", title="incidents", shape="incidents"),),
    emits=(Emit(table="near_pairs", columns=COLUMNS, optional=frozenset({"pairs", "expected"})),),
    arithmetic=deferred("peelian.technologies.mapping.nearness:ARITHMETIC"),
)
