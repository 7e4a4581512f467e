"""The sample size that a trial of a matcher needs."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.capability import Capability, Emit, deferred
from peelian.kernel.model.parameters import number
from peelian.kernel.model.tables import amount, level
from peelian.technologies.faces.declared import NEEDED_COMPARISONS, NEEDED_SUBJECTS, audit

PLANNED = ("false matches overall", "false matches within each group", "false non-matches within each group")

RULES = ("rule of 3", "rule of 30")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanParams:
    """Parameters of the planner."""

    target_fmr: float = number(1e-4, "Target false match rate", 0, 1, ends="()")
    target_fnmr: float = number(0.02, "Target false non-match rate", 0, 1, ends="()")
    groups: int = number(4, "Number of groups the claim covers", 1, 200, "groups")
    design_effect: float = number(1.0, "Design effect of repeated subjects, from an earlier audit", 1)


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
    arithmetic=deferred("peelian.technologies.faces.planning.case:ARITHMETIC"),
)
