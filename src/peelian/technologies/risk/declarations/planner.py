"""The sample size that an audit needs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from peelian.errors import out_of_range
from peelian.measure.table import Kind
from peelian.technologies.risk.declarations.shared import an_audit

PLAN_COLUMNS = {"purpose": Kind.LEVEL, "people": Kind.AMOUNT, "people_all_groups": Kind.AMOUNT}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanParams:
    """Expected rates and the precision wanted."""

    base_rate: float = field(default=0.4, metadata={"help": "Base rate in the group where the outcome is rarest"})
    fpr: float = field(default=0.3, metadata={"help": "Expected false positive rate"})
    fnr: float = field(default=0.4, metadata={"help": "Expected false negative rate"})
    area: float = field(default=0.7, metadata={"help": "Expected AUC"})
    half_width: float = field(default=0.05, metadata={"help": "Half-width of intervals"})
    groups: int = field(default=4, metadata={"help": "Number of groups to validate"})
    level: float = field(default=0.95, metadata={"help": "Confidence level of intervals, for example 0.95"})


def check(params: PlanParams) -> None:
    """InputError where a share is out of range, or there is no group."""
    for name in ("base_rate", "fpr", "fnr", "area", "level"):
        value = getattr(params, name)
        if not (math.isfinite(value) and 0.001 <= value <= 0.999):
            raise out_of_range(name, 0.001, 0.999)
    if not (math.isfinite(params.half_width) and 0.001 <= params.half_width <= 0.3):
        raise out_of_range("half_width", 0.001, 0.3)
    if not 1 <= params.groups <= 1_000:
        raise out_of_range("groups", 1, 1_000)


PLANNER = an_audit(
    "risk.plan",
    "Sample size for a validation",
    "Computes how many people of each group an audit needs for usable figures.",
    PlanParams,
    check,
    arithmetic="planner",
    emits={"plan": PLAN_COLUMNS},
)
