"""The sample size that a trial of a matcher needs."""

from __future__ import annotations

from peelian.kernel.model.capability import Capability, Emit, deferred
from peelian.kernel.model.tables import amount, level
from peelian.technologies.faces.declarations.auditing import audit
from peelian.technologies.faces.declarations.columns import NEEDED_COMPARISONS, NEEDED_SUBJECTS
from peelian.technologies.faces.params import PlanParams

PLAN = Emit(
    table="plan",
    title="comparisons and subjects needed for each claim",
    columns={
        "claim": level("Claim"),
        "rule": level("Rule"),
        "target": amount("Target rate", percent=True),
        "needed_comparisons": NEEDED_COMPARISONS,
        "needed_subjects": NEEDED_SUBJECTS,
    },
)


PLANNER = Capability(
    id="faces.plan",
    warrant="No warrant needed, because it calculates from numbers that the request states, and reads no data.",
    title="Matcher trial sample size",
    about="Computes how many comparisons and subjects a claim about a face matcher needs.",
    asks=audit(PlanParams),
    reads=(),
    emits=(PLAN,),
    arithmetic=deferred("peelian.technologies.faces.planning:ARITHMETIC"),
)
