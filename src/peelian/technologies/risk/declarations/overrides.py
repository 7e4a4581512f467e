"""The audit of overrides: decisions that depart from the score."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.parameters import number
from peelian.measure.table import Kind
from peelian.technologies.risk.declarations.shared import GROUPED, SCALE, ScoreParams, amounts, an_audit

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

    cut: float | None = number(
        None, "Cut-off score for high risk (default: about as many people high as were decided high)", why=SCALE
    )


OVERRIDES = an_audit(
    "risk.overrides",
    "Override audit of a risk instrument",
    "Counts how often and in which direction decisions depart from the score, by group, never by decision-maker.",
    OverrideParams,
    arithmetic="overrides",
    emits={"overrides": OVERRIDE_COLUMNS, "bands": BAND_COLUMNS, "after": AFTER_COLUMNS},
    reads=("overrides", "scores and decisions", "overrides"),
)
