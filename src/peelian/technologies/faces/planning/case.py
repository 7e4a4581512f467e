"""Sample size of a trial of a matcher: comparisons and subjects that a claim needs."""

from __future__ import annotations

from collections.abc import Mapping

from peelian.kernel.model.capability import Arithmetic, Context, Dataset, Example, Findings, Note, Shows, all_public
from peelian.technologies.faces.measure.price import one_in
from peelian.technologies.faces.measure.sample_size import subjects_for, trials_for, with_clustering
from peelian.technologies.faces.planning.declared import PLAN, PLANNED, RULES, PlanParams
from peelian.technologies.faces.planning.page import view

OVERALL = (
    "Showing a false match rate of 1 in %(target)d by the rule of 30 takes %(pairs)d impostor pairs: "
    "%(subjects)d subjects, each compared with every other."
)
WITHIN = "Showing it within each of %(groups)d groups takes %(subjects)d subjects per group, %(total)d in total."
EXPLAINED = (
    "With 30 errors, the true rate is within 30% of the observed rate (90% confidence). With no error in n "
    "comparisons, it is below 3/n (95% confidence)."
)
REPEATED = (
    "Subjects recur when each is compared with every other. An audit's design effect shows how many more "
    "comparisons this takes."
)

VOCABULARY = frozenset({*PLANNED, *RULES})
MESSAGES = frozenset({OVERALL, WITHIN, EXPLAINED, REPEATED})


def run(params: PlanParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Comparisons and subjects needed for each claim, by the rules of 3 and 30. Reads no data."""
    rows = []
    needed: dict[tuple[str, str], tuple[int, int]] = {}
    for rule, errors in zip(RULES, (3, 30), strict=True):
        pairs = with_clustering(trials_for(params.target_fmr, errors), params.design_effect)
        own = with_clustering(trials_for(params.target_fnmr, errors), params.design_effect)
        people = subjects_for(pairs)
        sizes = ((pairs, people), (pairs * params.groups, people * params.groups), (own * params.groups,) * 2)
        targets = (params.target_fmr, params.target_fmr, params.target_fnmr)
        for claim, target, size in zip(PLANNED, targets, sizes, strict=True):
            needed[(claim, rule)] = size
            rows.append(dict(zip(PLAN.columns, (claim, rule, target, *size), strict=True)))
    pairs, people = needed[(PLANNED[0], RULES[1])]
    notes = (
        Note(text=OVERALL, values={"target": one_in(params.target_fmr), "pairs": pairs, "subjects": people}),
        Note(text=WITHIN, values={"groups": params.groups, "subjects": people, "total": people * params.groups}),
        Note(text=EXPLAINED, kind="explanation"),
        Note(text=REPEATED, kind="caveat"),
    )
    return Findings(tables=(PLAN.of_rows(rows),), notes=notes, facts={"pairs": pairs, "people": people})


ARITHMETIC = Arithmetic(
    run=run,
    example=lambda: Example(params=PlanParams(), datasets={}),
    messages=MESSAGES,
    vocabulary=VOCABULARY,
    public=all_public,
    shows=Shows(view=view),
)
