"""The comparison of two instruments, or of two versions of one, on the same people."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from peelian.errors import InputError
from peelian.kernel.model.capability import Asks, Capability, Emit, Purpose, Read, Role, deferred
from peelian.measure.table import Kind

COMPARISON_COLUMNS = {
    "axis": Kind.GROUP,
    "group": Kind.GROUP,
    "metric": Kind.LEVEL,
    "first": Kind.AMOUNT,
    "second": Kind.AMOUNT,
    "difference": Kind.AMOUNT,
    "lo": Kind.AMOUNT,
    "hi": Kind.AMOUNT,
    "p": Kind.AMOUNT,
    "detectable": Kind.AMOUNT,
    "n": Kind.COUNT,
    "verdict": Kind.LEVEL,
    "suppressed": Kind.LEVEL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareParams:
    """Cut-offs and direction of both scores."""

    cut: float | None = field(
        default=None,
        metadata={"help": "Cut-off of the first score (default: about as many people high as had the outcome)"},
    )
    cut_2: float | None = field(
        default=None,
        metadata={"help": "Cut-off of the second score (default: about as many people high as had the outcome)"},
    )
    low_is_high_risk: bool = field(default=False, metadata={"help": "A low score means high risk"})
    probability: bool = field(default=False, metadata={"help": "Scores are probabilities of the outcome"})


def check(params: CompareParams) -> None:
    """InputError where a cut-off is no number, or a probability is said to fall with risk."""
    for name in ("cut", "cut_2"):
        value = getattr(params, name)
        if value is not None and not math.isfinite(value):
            raise InputError("cut-off not a finite number", column=name, accepted="a score")
    if params.probability and params.low_is_high_risk:
        raise InputError(
            "A probability of the outcome increases with risk",
            column="probability",
            accepted="either probability or low_is_high_risk",
        )


COMPARE = Capability(
    id="risk.compare",
    title="Comparison of two risk instruments",
    about="Compares two risk scores, or two versions of one, on the same people, overall and by group.",
    asks=Asks(
        params=CompareParams,
        check=check,
        purposes=frozenset({Purpose.AUDIT}),
        askers=frozenset({Role.ANALYST, Role.AUDITOR, Role.PRIVACY_OFFICER, Role.BOARD}),
        deciders=frozenset({Role.BOARD, Role.COUNCIL}),
    ),
    reads=(Read(role="pair", title="two scores of the same people", shape="pair"),),
    emits=(Emit(table="comparison", columns=COMPARISON_COLUMNS),),
    arithmetic=deferred("peelian.technologies.risk.compare:ARITHMETIC"),
)
