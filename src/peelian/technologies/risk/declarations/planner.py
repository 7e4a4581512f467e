"""The sample size that an audit needs."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.parameters import number
from peelian.measure.table import Kind
from peelian.technologies.risk.declarations.shared import an_audit

PLAN_COLUMNS = {"purpose": Kind.LEVEL, "people": Kind.AMOUNT, "people_all_groups": Kind.AMOUNT}


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
    arithmetic="planner",
    emits={"plan": PLAN_COLUMNS},
)
