"""The sample size that a trial of a matcher needs."""

from __future__ import annotations

from peelian.kernel.model.capability import Capability, Emit, deferred
from peelian.measure.table import Kind
from peelian.technologies.faces.declarations.auditing import audit
from peelian.technologies.faces.params import PlanParams

PLAN = {
    "claim": Kind.LEVEL, "rule": Kind.LEVEL, "target": Kind.AMOUNT, "needed_comparisons": Kind.COUNT,
    "needed_subjects": Kind.COUNT,
}  # fmt: skip


PLANNER = Capability(
    id="faces.plan",
    warrant="No warrant needed, because it calculates from numbers that the request states, and reads no data.",
    title="Matcher trial sample size",
    about="Computes how many comparisons and subjects a claim about a face matcher needs.",
    asks=audit(PlanParams),
    reads=(),
    emits=(Emit(table="plan", columns=PLAN),),
    arithmetic=deferred("peelian.technologies.faces.planning:ARITHMETIC"),
)
