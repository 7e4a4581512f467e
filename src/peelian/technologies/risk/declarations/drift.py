"""Drift of an instrument over time."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.parameters import flag
from peelian.measure.table import Kind
from peelian.technologies.risk.declarations.shared import ScoreParams, amounts, an_audit, rises_with_risk

QUARTER_COLUMNS = {
    "quarter": Kind.TIME,
    "metric": Kind.LEVEL,
    **amounts("value", "limit_low", "limit_high"),
    "n": Kind.COUNT,
    "verdict": Kind.LEVEL,
    "suppressed": Kind.LEVEL,
}
DRIFT_COLUMNS = {
    "metric": Kind.LEVEL,
    "since": Kind.TIME,
    **amounts("before", "after", "lo", "hi", "p", "detectable"),
    "quarters": Kind.COUNT,
    "verdict": Kind.LEVEL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftParams(ScoreParams):
    """Cut-off and direction of the score."""

    probability: bool = flag(False, "Scores are probabilities of the outcome")


DRIFT = an_audit(
    "risk.drift",
    "Drift of a risk instrument",
    "Checks by quarter whether a risk score still works as before: AUC, observed/expected, share scored high.",
    DriftParams,
    rises_with_risk,
    arithmetic="drift",
    emits={"drift": DRIFT_COLUMNS, "by_quarter": QUARTER_COLUMNS},
    reads=("quarters", "scores by quarter", "quarters"),
)
