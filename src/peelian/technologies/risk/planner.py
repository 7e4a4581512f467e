"""Declare the capability `risk.plan`: sample size of a validation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from peelian.errors import out_of_range
from peelian.kernel.model.capability import (
    Arithmetic,
    Asks,
    Capability,
    Context,
    Dataset,
    Emit,
    Example,
    Findings,
    Note,
    Purpose,
    Role,
    Shows,
)
from peelian.measure.table import Kind, table
from peelian.pictures.panels import Grid, Heading, Panels, Paragraph, Say
from peelian.technologies.risk.planning import (
    FEWEST_EVENTS,
    people_for_area,
    people_for_events,
    people_for_rate,
    people_for_ratio,
)
from peelian.technologies.risk.view_words import whole

PLAN_COLUMNS = {"purpose": Kind.LEVEL, "people": Kind.AMOUNT, "people_all_groups": Kind.AMOUNT}
TITLES = {
    "events": "100 with and 100 without the outcome",
    "fpr": "False positive rate within the half-width",
    "fnr": "False negative rate within the half-width",
    "area": "AUC within the half-width",
    "ratio": "Observed/expected within a fifth",
}
NEEDED = "Each group needs %(n)d people to reach every goal: %(all)d in %(groups)d groups."
RULE = (
    "An external validation needs at least 100 people with and 100 without the outcome (Collins, Ogundimu, "
    "Altman 2016)."
)
GUESS = "The plan depends on the rates entered. A group with a rarer outcome needs more people."


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanParams:
    """Expected rates and the precision wanted."""

    base_rate: float = field(default=0.4, metadata={"help": "Base rate in the group where the outcome is rarest"})
    fpr: float = field(default=0.3, metadata={"help": "Expected false positive rate"})
    fnr: float = field(default=0.4, metadata={"help": "Expected false negative rate"})
    area: float = field(default=0.7, metadata={"help": "Expected AUC"})
    half_width: float = field(default=0.05, metadata={"help": "Half-width of intervals"})
    groups: int = field(default=4, metadata={"help": "Number of groups to validate"})
    level: float = field(default=0.95, metadata={"help": "Confidence level of intervals, for example 0.95"})


def check(params: PlanParams) -> None:
    """InputError where a share is out of range, or there is no group."""
    for name in ("base_rate", "fpr", "fnr", "area", "level"):
        value = getattr(params, name)
        if not (math.isfinite(value) and 0.001 <= value <= 0.999):
            raise out_of_range(name, 0.001, 0.999)
    if not (math.isfinite(params.half_width) and 0.001 <= params.half_width <= 0.3):
        raise out_of_range("half_width", 0.001, 0.3)
    if not 1 <= params.groups <= 1_000:
        raise out_of_range("groups", 1, 1_000)


def run(params: PlanParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """People needed per group for each purpose; reads no data. O(1)."""
    p, width, level = params.base_rate, params.half_width, params.level
    needed = {
        "events": people_for_events(p, fewest=FEWEST_EVENTS),
        "fpr": people_for_rate(params.fpr, half_width=width, share=1 - p, level=level),
        "fnr": people_for_rate(params.fnr, half_width=width, share=p, level=level),
        "area": people_for_area(params.area, half_width=width, base_rate=p, level=level),
        "ratio": people_for_ratio(p, error=0.2, level=level),
    }
    people = np.array(list(needed.values()), dtype=np.float64)
    most = max(needed.values())
    made = table(
        "plan",
        {
            "purpose": (Kind.LEVEL, np.array(list(needed), dtype=object)),
            "people": (Kind.AMOUNT, people),
            "people_all_groups": (Kind.AMOUNT, people * params.groups),
        },
    )
    notes = (
        Note(text=NEEDED, values={"n": most, "all": most * params.groups, "groups": params.groups}),
        Note(text=RULE, kind="explanation"),
        Note(text=GUESS, kind="caveat"),
    )
    return Findings(tables=(made,), notes=notes, facts={"people": most})


def view(findings: Findings, say: Say) -> Panels:
    """The panels: notes and one table."""
    rows = tuple(
        (say(TITLES[purpose]), whole(say, people), whole(say, everybody))
        for purpose, people, everybody in findings.table("plan").rows()
    )
    tones = {"finding": "plain", "explanation": "plain", "caveat": "limit"}
    return [
        Heading(text=say("Sample size for a validation")),
        *(Paragraph(text=say(note.text, **note.values), tone=tones[note.kind]) for note in findings.notes),
        Grid(
            caption=say("People needed"),
            titles=(say("Goal"), say("People per group"), say("People in total")),
            rows=rows,
            numeric=frozenset({1, 2}),
        ),
    ]


ARITHMETIC = Arithmetic(
    run=run,
    example=lambda: Example(params=PlanParams(), datasets={}),
    messages=frozenset({NEEDED, RULE, GUESS}),
    vocabulary=frozenset(TITLES),
    public=lambda findings: findings,
    shows=Shows(
        view=view,
    ),
)

PLANNER = Capability(
    id="risk.plan",
    title="Sample size for a validation",
    about="Computes how many people of each group an audit needs for usable figures.",
    asks=Asks(
        params=PlanParams,
        check=check,
        purposes=frozenset({Purpose.AUDIT}),
        askers=frozenset({Role.ANALYST, Role.AUDITOR, Role.PRIVACY_OFFICER, Role.BOARD}),
        deciders=frozenset({Role.BOARD, Role.COUNCIL}),
    ),
    reads=(),
    emits=(Emit(table="plan", columns=PLAN_COLUMNS),),
    arithmetic=lambda: ARITHMETIC,
)
