"""The search for subgroups that a score promises too much or too little."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.parameters import flag, number
from peelian.kernel.model.titles import Titled
from peelian.measure.table import Kind
from peelian.technologies.risk.declarations.shared import amounts, an_audit

FEWEST_MEMBERS, DEEPEST = 100, 3
SUBGROUP_COLUMNS = {
    **{f"{part}_{i}": Kind.GROUP for i in (1, 2, 3) for part in ("axis", "group")},
    **amounts("found", "ratio", "lo", "hi", "p", "detectable"),
    "n": Kind.COUNT,
    "people": Kind.COUNT,
    "verdict": Kind.LEVEL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SubgroupParams(Titled):
    """How deep to search, and how large a subgroup must be."""

    depth: int = number(DEEPEST, "Most columns combined to describe a subgroup", 1, DEEPEST)
    # The minimum may be raised, not lowered: smaller halves say nothing.
    fewest: int = number(
        FEWEST_MEMBERS, "Fewest people in each half of a subgroup", FEWEST_MEMBERS, 1_000_000, "people"
    )
    low_is_high_risk: bool = flag(False, "A low score means high risk")


SUBGROUPS = an_audit(
    "risk.subgroups",
    "Subgroup search of a risk instrument",
    "Searches for subgroups whose score promises too much or too little, and tests each on people set aside.",
    SubgroupParams,
    arithmetic="subgroups",
    emits={"subgroups": SUBGROUP_COLUMNS},
    reads=("tally", "tally", "tally"),
)
