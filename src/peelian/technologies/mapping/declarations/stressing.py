"""The stress test: what patrols that follow an estimate do to the records it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from peelian.errors import InputError, out_of_range
from peelian.kernel.model.capability import Asks, Capability, Emit, Purpose, Read, Role, deferred
from peelian.measure.table import Kind
from peelian.technologies.mapping.declarations.groups import GROUPS
from peelian.technologies.mapping.declarations.places import CATEGORY, check_place_params
from peelian.technologies.mapping.declarations.sending import SENDING, Sending
from peelian.technologies.mapping.declarations.titles import about
from peelian.technologies.mapping.declarations.town_map import TOWN_MAP

RANGES: Mapping[str, tuple[float, float]] = {
    "patrols": (1, 100_000),
    "days": (28, 36_500),
    "discovered": (0, 1),
    "reported": (0.05, 1),
    "reporting_gap": (0, 0.9),
    "half_life_days": (1, 3_650),
    "explore": (0.001, 1),
    "runs": (5, 1_000),
}
WAYS: Mapping[str, Kind] = {
    "way": Kind.CATEGORY,
    "misplaced": Kind.AMOUNT,
    "upper_areas": Kind.AMOUNT,
    "upper_areas_true": Kind.AMOUNT,
}
COURSE: Mapping[str, Kind] = {"way": Kind.CATEGORY, "day": Kind.COUNT, "misplaced": Kind.AMOUNT}
BY_AREA: Mapping[str, Kind] = {
    "way": Kind.CATEGORY,
    "area": Kind.PLACE,
    "true_share": Kind.AMOUNT,
    "patrol_share": Kind.AMOUNT,
    "reported": Kind.AMOUNT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StressParams:
    """Which records, how patrols follow them, and how reporting differs."""

    category: str = field(default="all", metadata=CATEGORY)
    group: str = field(
        default="", metadata={"help": "Group whose areas report less (empty: the first declared)", "names": GROUPS}
    )
    patrols: int = field(default=3, metadata={"help": "Patrols per day"})
    days: int = field(default=728, metadata={"help": "Length of the simulation", "unit": "days"})
    sending: str = field(
        default=str(Sending.PROPORTIONAL),
        metadata={
            "help": "Patrol allocation",
            "choices": tuple(Sending),
            "names": SENDING,
        },
    )
    discovered: float = field(default=0.3, metadata={"help": "Share of unreported incidents that a patrol records"})
    reported: float = field(default=0.6, metadata={"help": "Reporting rate in the median area"})
    reporting_gap: float = field(
        default=0.2, metadata={"help": "Reporting gap: drop in the reporting rate where the group is largest"}
    )
    half_life_days: int = field(default=140, metadata={"help": "Half-life of records", "unit": "days"})
    explore: float = field(default=0.05, metadata={"help": "Share of random patrols in the corrected method"})
    runs: int = field(default=40, metadata={"help": "Number of simulations"})


def check(params: StressParams) -> None:
    """InputError where a parameter cannot be."""
    check_place_params(params.category, 250, 7, ())
    if params.sending not in tuple(Sending):
        raise InputError("not one of the choices", column="sending", accepted=", ".join(Sending))
    for name, (low, high) in RANGES.items():
        if not low <= getattr(params, name) <= high:
            raise out_of_range(name, low, high)


STRESS = Capability(
    id="mapping.stress",
    warrant="No warrant needed, because it counts incidents reported to the town by place, and tells of nobody.",
    title="Feedback stress test",
    about="Simulates patrols that follow records and records that follow patrols, and compares corrections.",
    asks=Asks(
        params=StressParams,
        titled=about("%(category)s: feedback stress test, %(days)d days"),
        check=check,
        purposes=frozenset({Purpose.PROOF, Purpose.AUDIT}),
        askers=frozenset({Role.ANALYST, Role.AUDITOR}),
        deciders=frozenset({Role.BOARD}),
        choices=("adopt", "reject"),
    ),
    reads=(
        Read(role="incidents", title="incidents", shape="incidents", partitions=True),
        Read(role="areas", title="areas", shape="areas"),
    ),
    emits=(
        Emit(table="stress", columns=WAYS),
        Emit(table="stress_course", columns=COURSE),
        Emit(table="stress_areas", columns=BY_AREA),
        TOWN_MAP,
    ),
    arithmetic=deferred("peelian.technologies.mapping.stressing:ARITHMETIC"),
)
