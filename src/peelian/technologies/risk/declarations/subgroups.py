"""The search for subgroups that a score promises too much or too little."""

from __future__ import annotations

from dataclasses import dataclass, field

from peelian.errors import out_of_range
from peelian.kernel.model.capability import Asks, Capability, Emit, Purpose, Read, Role, deferred
from peelian.measure.table import Kind

FEWEST_MEMBERS, DEEPEST = 100, 3
SUBGROUP_COLUMNS = {
    "axis_1": Kind.GROUP,
    "group_1": Kind.GROUP,
    "axis_2": Kind.GROUP,
    "group_2": Kind.GROUP,
    "axis_3": Kind.GROUP,
    "group_3": Kind.GROUP,
    "found": Kind.AMOUNT,
    "ratio": Kind.AMOUNT,
    "lo": Kind.AMOUNT,
    "hi": Kind.AMOUNT,
    "p": Kind.AMOUNT,
    "detectable": Kind.AMOUNT,
    "n": Kind.COUNT,
    "verdict": Kind.LEVEL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SubgroupParams:
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


SUBGROUPS = Capability(
    id="risk.subgroups",
    title="Subgroup search of a risk instrument",
    about="Searches for subgroups whose score promises too much or too little, and tests each on people set aside.",
    asks=Asks(
        params=SubgroupParams,
        check=check,
        purposes=frozenset({Purpose.AUDIT}),
        askers=frozenset({Role.ANALYST, Role.AUDITOR, Role.PRIVACY_OFFICER, Role.BOARD}),
        deciders=frozenset({Role.BOARD, Role.COUNCIL}),
    ),
    reads=(Read(role="tally", title="tally", shape="tally"),),
    emits=(Emit(table="subgroups", columns=SUBGROUP_COLUMNS),),
    arithmetic=deferred("peelian.technologies.risk.subgroups:ARITHMETIC"),
)
