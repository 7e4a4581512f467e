"""The audit of overrides: decisions that depart from the score."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from peelian.errors import InputError
from peelian.kernel.model.capability import Asks, Capability, Emit, Purpose, Read, Role, deferred
from peelian.measure.table import Kind

OVERRIDE_COLUMNS = {
    "axis": Kind.GROUP,
    "group": Kind.GROUP,
    "direction": Kind.LEVEL,
    "value": Kind.RATE,
    "lo": Kind.AMOUNT,
    "hi": Kind.AMOUNT,
    "ratio": Kind.AMOUNT,
    "ratio_lo": Kind.AMOUNT,
    "ratio_hi": Kind.AMOUNT,
    "p": Kind.AMOUNT,
    "detectable": Kind.AMOUNT,
    "n": Kind.COUNT,
    "verdict": Kind.LEVEL,
    "suppressed": Kind.LEVEL,
}
BAND_COLUMNS = {
    "at": Kind.AMOUNT,
    "value": Kind.RATE,
    "lo": Kind.AMOUNT,
    "hi": Kind.AMOUNT,
    "n": Kind.COUNT,
}
AFTER_COLUMNS = {
    "score": Kind.LEVEL,
    "decision": Kind.LEVEL,
    "value": Kind.RATE,
    "lo": Kind.AMOUNT,
    "hi": Kind.AMOUNT,
    "n": Kind.COUNT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideParams:
    """Which scores advise the strict decision."""

    cut: float | None = field(
        default=None,
        metadata={"help": "Cut-off score for high risk (default: about as many people high as were decided high)"},
    )
    low_is_high_risk: bool = field(default=False, metadata={"help": "A low score means high risk"})


def check(params: OverrideParams) -> None:
    """InputError where the cut-off is no number."""
    if params.cut is not None and not math.isfinite(params.cut):
        raise InputError("cut-off not a finite number", column="cut", accepted="a score")


OVERRIDES = Capability(
    id="risk.overrides",
    title="Override audit of a risk instrument",
    about="Counts how often and in which direction decisions depart from the score, by group, never by decision-maker.",
    asks=Asks(
        params=OverrideParams,
        check=check,
        purposes=frozenset({Purpose.AUDIT}),
        askers=frozenset({Role.ANALYST, Role.AUDITOR, Role.PRIVACY_OFFICER, Role.BOARD}),
        deciders=frozenset({Role.BOARD, Role.COUNCIL}),
    ),
    reads=(Read(role="overrides", title="scores and decisions", shape="overrides"),),
    emits=(
        Emit(table="overrides", columns=OVERRIDE_COLUMNS),
        Emit(table="bands", columns=BAND_COLUMNS),
        Emit(table="after", columns=AFTER_COLUMNS),
    ),
    arithmetic=deferred("peelian.technologies.risk.overrides:ARITHMETIC"),
)
