"""Drift of an instrument over time."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from peelian.errors import InputError
from peelian.kernel.model.capability import Asks, Capability, Emit, Purpose, Read, Role, deferred
from peelian.measure.table import Kind

QUARTER_COLUMNS = {
    "quarter": Kind.TIME,
    "metric": Kind.LEVEL,
    "value": Kind.AMOUNT,
    "limit_low": Kind.AMOUNT,
    "limit_high": Kind.AMOUNT,
    "n": Kind.COUNT,
    "verdict": Kind.LEVEL,
    "suppressed": Kind.LEVEL,
}
DRIFT_COLUMNS = {
    "metric": Kind.LEVEL,
    "since": Kind.TIME,
    "before": Kind.AMOUNT,
    "after": Kind.AMOUNT,
    "lo": Kind.AMOUNT,
    "hi": Kind.AMOUNT,
    "p": Kind.AMOUNT,
    "detectable": Kind.AMOUNT,
    "quarters": Kind.COUNT,
    "verdict": Kind.LEVEL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftParams:
    """Cut-off and direction of the score."""

    cut: float | None = field(
        default=None,
        metadata={"help": "Cut-off score for high risk (default: about as many people as had the outcome)"},
    )
    low_is_high_risk: bool = field(default=False, metadata={"help": "A low score means high risk"})
    probability: bool = field(default=False, metadata={"help": "Scores are probabilities of the outcome"})


def check(params: DriftParams) -> None:
    """InputError where the cut-off is no number, or a probability is said to fall with risk."""
    if params.cut is not None and not math.isfinite(params.cut):
        raise InputError("cut-off not a finite number", column="cut", accepted="a score")
    if params.probability and params.low_is_high_risk:
        raise InputError(
            "A probability of the outcome increases with risk",
            column="probability",
            accepted="either probability or low_is_high_risk",
        )


DRIFT = Capability(
    id="risk.drift",
    title="Drift of a risk instrument",
    about="Checks by quarter whether a risk score still works as before: AUC, observed/expected, share scored high.",
    asks=Asks(
        params=DriftParams,
        check=check,
        purposes=frozenset({Purpose.AUDIT}),
        askers=frozenset({Role.ANALYST, Role.AUDITOR, Role.PRIVACY_OFFICER, Role.BOARD}),
        deciders=frozenset({Role.BOARD, Role.COUNCIL}),
    ),
    reads=(Read(role="quarters", title="scores by quarter", shape="quarters"),),
    emits=(Emit(table="drift", columns=DRIFT_COLUMNS), Emit(table="by_quarter", columns=QUARTER_COLUMNS)),
    arithmetic=deferred("peelian.technologies.risk.drift:ARITHMETIC"),
)
