"""The search for subgroups that a score promises too much or too little."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.capability import Emit
from peelian.kernel.model.parameters import flag, number
from peelian.kernel.model.tables import amount, count, group, level
from peelian.kernel.model.titles import Titled
from peelian.technologies.risk.shared import PEOPLE, an_audit, interval, tested

FEWEST_MEMBERS, DEEPEST = 100, 3
TESTED = Emit(
    table="subgroups",
    title="tested subgroups",
    columns={
        "axis_1": group("First axis"),
        "group_1": group("First group"),
        "axis_2": group("Second axis"),
        "group_2": group("Second group"),
        "axis_3": group("Third axis"),
        "group_3": group("Third group"),
        "found": amount("Half that found it"),
        "ratio": amount("Half that tested it"),
        **interval(),
        **tested(),
        **PEOPLE,
        "people": count("Different people"),
        "verdict": level("Verdict"),
    },
)


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
    folder="subgroups",
    emits=(TESTED,),
    reads=("tally", "tally", "tally"),
)
