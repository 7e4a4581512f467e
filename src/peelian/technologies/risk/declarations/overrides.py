"""The audit of overrides: decisions that depart from the score."""

from __future__ import annotations

from dataclasses import dataclass, field

from peelian.measure.table import Kind
from peelian.technologies.risk.declarations.shared import GROUPED, ScoreParams, amounts, an_audit, check_score

OVERRIDE_COLUMNS = {
    **GROUPED,
    "direction": Kind.LEVEL,
    "value": Kind.RATE,
    **amounts("lo", "hi", "ratio", "ratio_lo", "ratio_hi", "p", "detectable"),
    "n": Kind.COUNT,
    "people": Kind.COUNT,
    "verdict": Kind.LEVEL,
    "suppressed": Kind.LEVEL,
}
SHARE_COLUMNS = {"value": Kind.RATE, **amounts("lo", "hi"), "n": Kind.COUNT}
BAND_COLUMNS = {"at": Kind.AMOUNT, **SHARE_COLUMNS}
AFTER_COLUMNS = {"score": Kind.LEVEL, "decision": Kind.LEVEL, **SHARE_COLUMNS}


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideParams(ScoreParams):
    """Which scores advise the strict decision."""

    cut: float | None = field(
        default=None,
        metadata={"help": "Cut-off score for high risk (default: about as many people high as were decided high)"},
    )


OVERRIDES = an_audit(
    "risk.overrides",
    "Override audit of a risk instrument",
    "Counts how often and in which direction decisions depart from the score, by group, never by decision-maker.",
    OverrideParams,
    check_score,
    arithmetic="overrides",
    emits={"overrides": OVERRIDE_COLUMNS, "bands": BAND_COLUMNS, "after": AFTER_COLUMNS},
    reads=("overrides", "scores and decisions", "overrides"),
)
