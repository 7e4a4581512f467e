"""Drift of an instrument over time."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.capability import Emit
from peelian.kernel.model.parameters import flag
from peelian.kernel.model.tables import amount, count, level, time
from peelian.technologies.risk.shared import (
    PEOPLE,
    SUPPRESSED,
    ScoreParams,
    an_audit,
    interval,
    rises_with_risk,
    tested,
)

METRICS = {
    "people": "People scored",
    "auc": "AUC",
    "observed_over_expected": "Observed/expected",
    "high_share": "Scored high",
}
QUARTERLY = Emit(
    table="by_quarter",
    title="figures by quarter",
    shares={"value": "n"},
    columns={
        "quarter": time("Quarter"),
        "metric": level("Measure", METRICS),
        "value": amount("Value"),
        "limit_low": amount("Lower limit"),
        "limit_high": amount("Upper limit"),
        **PEOPLE,
        "verdict": level("Verdict"),
        **SUPPRESSED,
    },
)
CHANGES = Emit(
    table="drift",
    title="largest lasting change of each figure",
    columns={
        "metric": level("Measure", METRICS),
        "since": time("Largest difference since"),
        "before": amount("Before"),
        "after": amount("After"),
        **interval(),
        **tested(),
        "quarters": count("Quarters", "bins"),
        "verdict": level("Verdict"),
    },
)


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
    folder="drift",
    emits=(CHANGES, QUARTERLY),
    reads=("quarters", "scores by quarter", "quarters"),
)
