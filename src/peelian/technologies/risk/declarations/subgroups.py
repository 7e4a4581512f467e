"""The search for subgroups that a score promises too much or too little."""

from __future__ import annotations

from dataclasses import dataclass, field

from peelian.errors import out_of_range
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

    depth: int = field(default=DEEPEST, metadata={"help": "Most columns combined to describe a subgroup: 1 to 3"})
    fewest: int = field(
        default=FEWEST_MEMBERS, metadata={"help": "Fewest people in each half of a subgroup", "unit": "people"}
    )
    low_is_high_risk: bool = field(default=False, metadata={"help": "A low score means high risk"})


def check(params: SubgroupParams) -> None:
    """InputError where the search would be too deep, or its subgroups too small."""
    if not 1 <= params.depth <= DEEPEST:
        raise out_of_range("depth", 1, DEEPEST)
    # The minimum may be raised, not lowered: smaller halves say nothing.
    if not FEWEST_MEMBERS <= params.fewest <= 1_000_000:
        raise out_of_range("fewest", FEWEST_MEMBERS, 1_000_000)


SUBGROUPS = an_audit(
    "risk.subgroups",
    "Subgroup search of a risk instrument",
    "Searches for subgroups whose score promises too much or too little, and tests each on people set aside.",
    SubgroupParams,
    check,
    arithmetic="subgroups",
    emits={"subgroups": SUBGROUP_COLUMNS},
    reads=("tally", "tally", "tally"),
)
