"""The stress test: what patrols that follow an estimate do to the records it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from peelian.kernel.model.capability import Asks, Capability, Purpose, Read, Role, deferred
from peelian.kernel.model.parameters import choice, number, text
from peelian.kernel.model.tables import Emit, amount, category, count, place
from peelian.technologies.mapping.declarations.groups import GROUPS
from peelian.technologies.mapping.declarations.places import offences
from peelian.technologies.mapping.declarations.sending import SENDING, Sending
from peelian.technologies.mapping.declarations.titles import about
from peelian.technologies.mapping.declarations.town_map import TOWN_MAP

METHODS: Mapping[str, str] = {
    "naive": "Records, uncorrected",
    "corrected": "Discoveries weighted by inverse chance of a patrol",
    "surveyed": "Reports divided by the reporting rate",
}
WAYS = Emit(
    table="stress",
    title="feedback test",
    columns={
        "way": category("Method", METHODS),
        "misplaced": amount("Misplaced patrols", percent=True),
        "upper_areas": amount("Patrols in areas with more of the group", percent=True),
        "upper_areas_true": amount("True incidents in those areas", percent=True),
    },
)
COURSE = Emit(
    table="stress_course",
    title="feedback test over time",
    columns={
        "way": WAYS.columns["way"],
        "day": count("Days", "days"),
        "misplaced": WAYS.columns["misplaced"],
    },
)
BY_AREA = Emit(
    table="stress_areas",
    title="feedback test by area",
    columns={
        "way": WAYS.columns["way"],
        "area": place("Area"),
        "true_share": amount("True incidents", percent=True),
        "patrol_share": amount("Share of patrols", percent=True),
        "reported": amount("Reporting rate", percent=True),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StressParams:
    """Which records, how patrols follow them, and how reporting differs."""

    category: str = offences()
    group: str = text("", "Group whose areas report less (empty: the first declared)", names=GROUPS)
    patrols: int = number(3, "Patrols per day", 1, 100_000)
    days: int = number(728, "Length of the simulation", 28, 36_500, "days")
    sending: str = choice(str(Sending.PROPORTIONAL), "Patrol allocation", SENDING)
    discovered: float = number(0.3, "Share of unreported incidents that a patrol records", 0, 1)
    reported: float = number(0.6, "Reporting rate in the median area", 0.05, 1)
    reporting_gap: float = number(0.2, "Reporting gap: drop in the reporting rate where the group is largest", 0, 0.9)
    half_life_days: int = number(140, "Half-life of records", 1, 3_650, "days")
    explore: float = number(0.05, "Share of random patrols in the corrected method", 0.001, 1)
    runs: int = number(40, "Number of simulations", 5, 1_000)


STRESS = Capability(
    id="mapping.stress",
    warrant="No warrant needed, because it counts incidents reported to the town by place, and tells of nobody.",
    title="Feedback stress test",
    about="Simulates patrols that follow records and records that follow patrols, and compares corrections.",
    asks=Asks(
        params=StressParams,
        titled=about("%(category)s: feedback stress test, %(days)d days"),
        purposes=frozenset({Purpose.PROOF, Purpose.AUDIT}),
        askers=frozenset({Role.ANALYST, Role.AUDITOR}),
        deciders=frozenset({Role.BOARD}),
        choices=("adopt", "reject"),
    ),
    reads=(
        Read(role="incidents", title="incidents", shape="incidents", partitions=True),
        Read(role="areas", title="areas", shape="areas"),
    ),
    emits=(WAYS, COURSE, BY_AREA, TOWN_MAP),
    arithmetic=deferred("peelian.technologies.mapping.stressing:ARITHMETIC"),
)
