"""The comparison of two instruments, or of two versions of one, on the same people."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.parameters import flag, number
from peelian.measure.table import Kind
from peelian.technologies.risk.declarations.shared import (
    GROUPED,
    SCALE,
    ScoreParams,
    amounts,
    an_audit,
    rises_with_risk,
)

COMPARISON_COLUMNS = {
    **GROUPED,
    "metric": Kind.LEVEL,
    **amounts("first", "second", "difference", "lo", "hi", "p", "detectable"),
    "n": Kind.COUNT,
    "people": Kind.COUNT,
    "verdict": Kind.LEVEL,
    "suppressed": Kind.LEVEL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareParams(ScoreParams):
    """Cut-offs and direction of both scores."""

    cut: float | None = number(
        None, "Cut-off of the first score (default: about as many people high as had the outcome)", why=SCALE
    )
    cut_2: float | None = number(
        None, "Cut-off of the second score (default: about as many people high as had the outcome)", why=SCALE
    )
    probability: bool = flag(False, "Scores are probabilities of the outcome")


COMPARE = an_audit(
    "risk.compare",
    "Comparison of two risk instruments",
    "Compares two risk scores, or two versions of one, on the same people, overall and by group.",
    CompareParams,
    rises_with_risk,
    arithmetic="compare",
    emits={"comparison": COMPARISON_COLUMNS},
    reads=("pair", "two scores of the same people", "pair"),
)
