"""Sample size of a validation: people needed in each group for each purpose."""

from __future__ import annotations

from collections.abc import Mapping

from peelian.kernel.model.capability import (
    Arithmetic,
    Context,
    Dataset,
    Example,
    Findings,
    Note,
    Shows,
    all_public,
)
from peelian.technologies.risk.measure.planning import (
    people_for_area,
    people_for_events,
    people_for_rate,
    people_for_ratio,
)
from peelian.technologies.risk.planner.declared import PLAN, PlanParams
from peelian.technologies.risk.planner.page import view
from peelian.technologies.risk.shared import FEWEST_EVENTS

NEEDED = "Each group needs %(n)d people to reach every goal: %(all)d in %(groups)d %(groups:group|groups)."
RULE = (
    "An external validation needs at least 100 people with and 100 without the outcome (Collins, Ogundimu, "
    "Altman 2016)."
)
GUESS = "The plan depends on the rates entered. A group with a rarer outcome needs more people."


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
    people, most = list(needed.values()), max(needed.values())
    everybody = [n * params.groups for n in people]
    made = PLAN.of({"purpose": list(needed), "people": people, "people_all_groups": everybody})
    notes = (
        Note(text=NEEDED, values={"n": most, "all": most * params.groups, "groups": params.groups}),
        Note(text=RULE, kind="explanation"),
        Note(text=GUESS, kind="caveat"),
    )
    return Findings(tables=(made,), notes=notes, facts={"people": most})


ARITHMETIC = Arithmetic(
    run=run,
    example=lambda: Example(params=PlanParams(), datasets={}),
    messages=frozenset({NEEDED, RULE, GUESS}),
    vocabulary=frozenset(PLAN.columns["purpose"].words),
    public=all_public,
    shows=Shows(view=view),
)
