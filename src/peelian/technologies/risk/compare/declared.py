"""The comparison of two instruments, or of two versions of one, on the same people."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.capability import Emit
from peelian.kernel.model.parameters import flag, number
from peelian.kernel.model.tables import amount, count, level
from peelian.technologies.risk.shared import (
    EVERYONE,
    GROUPED,
    PEOPLE,
    SCALE,
    SUPPRESSED,
    ScoreParams,
    an_audit,
    interval,
    rises_with_risk,
    tested,
)

METRICS = {
    "auc": "AUC",
    "high_share": "Scored high",
    "fpr": "FPR",
    "fnr": "FNR",
    "expected": "Expected share with the outcome",
    "observed_over_expected": "Observed/expected",
}
COMPARISON = Emit(
    table="comparison",
    title="comparison of two scores by group",
    whole=EVERYONE,
    shares={"first": "n", "second": "n"},
    columns={
        **GROUPED,
        "metric": level("Measure", METRICS),
        "first": amount("First score"),
        "second": amount("Second score"),
        "difference": amount("Difference"),
        **interval(),
        **tested(),
        **PEOPLE,
        "people": count("People in the group"),
        "verdict": level("Verdict"),
        **SUPPRESSED,
    },
)


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
    folder="compare",
    emits=(COMPARISON,),
    reads=("pair", "two scores of the same people", "pair"),
)
