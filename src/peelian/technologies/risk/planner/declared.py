"""The sample size that an audit needs."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.capability import Emit
from peelian.kernel.model.parameters import number
from peelian.kernel.model.tables import amount, level
from peelian.technologies.risk.shared import an_audit

PLAN = Emit(
    table="plan",
    title="people needed for each goal",
    columns={
        "purpose": level(
            "Goal",
            {
                "events": "100 with and 100 without the outcome",
                "fpr": "False positive rate within the half-width",
                "fnr": "False negative rate within the half-width",
                "area": "AUC within the half-width",
                "ratio": "Observed/expected within a fifth",
            },
        ),
        "people": amount("People per group", decimals=0),
        "people_all_groups": amount("People in total", decimals=0),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanParams:
    """Expected rates and the precision wanted."""

    base_rate: float = number(0.4, "Base rate in the group where the outcome is rarest", 0.001, 0.999)
    fpr: float = number(0.3, "Expected false positive rate", 0.001, 0.999)
    fnr: float = number(0.4, "Expected false negative rate", 0.001, 0.999)
    area: float = number(0.7, "Expected AUC", 0.001, 0.999)
    half_width: float = number(0.05, "Half-width of intervals", 0.001, 0.3)
    groups: int = number(4, "Number of groups to validate", 1, 1_000)
    level: float = number(0.95, "Confidence level of intervals, for example 0.95", 0.001, 0.999)


PLANNER = an_audit(
    "risk.plan",
    "Sample size for a validation",
    "Computes how many people of each group an audit needs for usable figures.",
    PlanParams,
    folder="planner",
    emits=(PLAN,),
)
