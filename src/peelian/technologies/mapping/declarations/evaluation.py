"""Did it help: incidents at treated areas before and after an action, against places and times without it.

The plan is made first, from data that end before or just after the action begins: it says what such an evaluation can
tell at all. Once a board adopts it, it is the registration that the evaluation needs, with exactly these settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from peelian.errors import InputError
from peelian.kernel.model.capability import (
    Asks,
    AuthorizationKind,
    Capability,
    Findings,
    Grant,
    Need,
    Purpose,
    Read,
    Role,
    Scalar,
    deferred,
)
from peelian.kernel.model.parameters import REQUIRED, choice, day, number, text
from peelian.kernel.model.tables import Emit, amount, category, count, place
from peelian.technologies.mapping.declarations.places import offences
from peelian.technologies.mapping.declarations.titles import about
from peelian.technologies.mapping.declarations.town_map import TOWN_MAP

ACTIONS: Mapping[str, str] = {
    "lighting": "Lighting",
    "repair": "Repair",
    "cleaning": "Clean-up and greening",
    "gate": "Gates",
    "service": "Services and outreach",
    "presence": "Presence (police or wardens)",
}
FALLS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)  # effects whose chance to be found is told
MOST_TREATED = 40
SINCE = "First day of the action"
POWER = Emit(
    table="evaluation_power",
    title="power of the evaluation",
    columns={
        "fall": amount("Fall of incidents at the treated areas", percent=True),
        "power": amount("Chance to find it", percent=True),
    },
)
MEASURED: Mapping[str, str] = {
    "matched": "Against comparable places and times (the verdict)",
    "difference": "Difference in differences, all other areas",
    "synthetic": "Synthetic control",
    "around": "Areas nearby, against all other areas",
    "displacement": "Weighted displacement difference (incidents)",
}
MEASURES = Emit(
    table="evaluation",
    title="evaluation of an action",
    columns={
        "measure": category("Measure", MEASURED),
        "value": amount("Value"),
        "low": amount("95% interval, lower end"),
        "high": amount("95% interval, upper end"),
    },
)
COURSE = Emit(
    table="evaluation_course",
    title="evaluation over time",
    columns={
        "month": amount("Period of 28 days (0: the action begins)"),
        "treated": amount("Treated areas"),
        "synthetic": amount("Synthetic control"),
    },
)
PLACEBOS = Emit(
    table="evaluation_placebos",
    title="placebos of the evaluation",
    columns={"rank": count("Rank", "places"), "ratio": amount("Incidents after, over prediction")},
)
BY_AREA = Emit(
    table="evaluation_areas",
    title="evaluation by area",
    columns={
        "area": place("Area"),
        "part": category("Part", {"treated": "Treated", "nearby": "Nearby", "compared": "Compared with"}),
        "before": amount("Long before"),
        "after": amount("After"),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationParams:
    """What was done where and since when, and the windows that are compared. All of it is fixed by the plan."""

    treated: tuple[str, ...] = text(REQUIRED, "Treated areas by name", labels="area", several=(1, MOST_TREATED))
    since: str = day(REQUIRED, SINCE, (56, 366))
    action: str = choice("lighting", "Action", ACTIONS)
    category: str = offences()
    after_days: int = number(182, "Length of the period after", 28, 1_096, "days")
    before_days: int = number(364, "Length of the period long before", 28, 3_653, "days")
    chosen_days: int = number(91, "Length of the period just before, on which places were chosen", 7, 731, "days")
    nearby_metres: int = number(500, "Areas within this distance may receive what was displaced", 0, 10_000, "m")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanParams(EvaluationParams):
    """The same. The first day lies at most 273 days before the data end (a quarter of the longest period after), and at
    most 93 days after."""

    since: str = day(REQUIRED, SINCE, (-273, 93))


def each_once(params: EvaluationParams) -> None:
    """InputError where a treated area is named twice."""
    if len(set(params.treated)) < len(params.treated):
        raise InputError("area named twice", column="treated", accepted="each area once")


def registered(params: Any) -> dict[str, Scalar]:
    """What the registration and the evaluation must agree in; the areas by a digest of their names."""
    names = "\n".join(sorted(params.treated))
    fixed = {name: getattr(params, name) for name in FIXED}
    return {**fixed, "treated_digest": sha256(names.encode()).hexdigest(), "treated_areas": len(params.treated)}


FIXED = ("since", "action", "category", "after_days", "before_days", "chosen_days", "nearby_metres")


def plan_body(params: EvaluationParams, findings: Findings) -> dict[str, Scalar]:
    """The registration: the settings, and until when the data went that the plan was made from."""
    return {**registered(params), "planned_until": findings.facts["until_day"], "power_40": findings.facts["power_40"]}


READS = (
    Read(role="incidents", title="incidents", shape="incidents", partitions=True),
    Read(role="areas", title="areas", shape="areas"),
)
PLAN = Capability(
    id="mapping.plan",
    warrant="No warrant needed, because it counts incidents reported to the town by place, and tells of nobody.",
    title="Evaluation plan",
    about="Says how large a fall an evaluation of an action at places could find, before its outcome is known.",
    asks=Asks(
        params=PlanParams,
        titled=about("%(category)s: plan of an evaluation from %(since)s"),
        together=each_once,
        purposes=frozenset({Purpose.PROOF}),
        askers=frozenset({Role.ANALYST}),
        deciders=frozenset({Role.BOARD}),
        choices=("adopt", "reject"),
    ),
    reads=READS,
    emits=(POWER, TOWN_MAP),
    grants=Grant(
        kind=AuthorizationKind.ACCEPTANCE_CRITERIA,
        serves="mapping.evaluate",
        body=plan_body,
        titles={
            "treated_digest": "SHA-256 of the treated areas",
            "treated_areas": "Number of treated areas",
            "planned_until": "Data until",
            "power_40": "Chance to find a fall of 40%",
        },
        may=lambda findings: bool(findings.facts["enough"]),
        days=1_461,
    ),
    arithmetic=deferred("peelian.technologies.mapping.evaluation:PLAN_ARITHMETIC"),
)
EVALUATE = Capability(
    id="mapping.evaluate",
    warrant="No warrant needed, because it counts incidents reported to the town by place, and tells of nobody.",
    title="Evaluation of an action",
    about="Compares treated areas with areas and times that stood out as much and were not treated.",
    asks=Asks(
        params=EvaluationParams,
        titled=about("%(category)s: evaluation from %(since)s"),
        together=each_once,
        purposes=frozenset({Purpose.PROOF}),
        askers=frozenset({Role.ANALYST}),
        deciders=frozenset({Role.BOARD}),
        choices=("adopt", "reject"),
    ),
    reads=READS,
    emits=(MEASURES, POWER, COURSE, PLACEBOS, BY_AREA, TOWN_MAP),
    needs=(
        Need(
            kind=AuthorizationKind.ACCEPTANCE_CRITERIA,
            covers=registered,
            how="Have the plan of this evaluation (mapping.plan, same settings) adopted by the board first.",
        ),
    ),
    arithmetic=deferred("peelian.technologies.mapping.evaluation:ARITHMETIC"),
)
