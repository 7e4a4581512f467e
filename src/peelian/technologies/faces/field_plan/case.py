"""Plan a field trial: what so many faces, alerts and crossers can show, and when to stop."""

from __future__ import annotations

import math
from collections.abc import Mapping

from peelian.kernel.model.capability import (
    Arithmetic,
    Context,
    Dataset,
    Example,
    Findings,
    Note,
    Scalar,
    Shows,
    all_public,
)
from peelian.pictures.panels import Panels, Say
from peelian.technologies.faces.field_plan.declared import PLAN, FieldPlanParams
from peelian.technologies.faces.field_plan.page import figures
from peelian.technologies.faces.field_trial.declared import COUNTED, MEASURES, MISSED, PER_ALERT, PER_FACE
from peelian.technologies.faces.measure.shares import (
    POWER,
    SURE,
    most_errors,
    needed,
    needed_without_error,
    power,
    stop_number,
)
from peelian.technologies.faces.shown import told_first

OVERALL, EACH = "overall", "in each group"
YES, ALMOST, NO = "determinable", "determinable with few errors only", "not determinable"

STOP = "Stop the trial once %(stop)d false %(stop:alert|alerts) occurred in up to %(faces)d faces."
CAN = "The trial can show “%(claim)s” %(scope)s: power is %(power).0f%%."
CANNOT = "It cannot decide “%(claim)s” %(scope)s: %(needed)d %(counted)s are needed, %(planned)d planned."
FEW_ONLY = (
    "It shows “%(claim)s” %(scope)s only with at most %(most)d %(most:error|errors) in %(planned)d %(counted)s; "
    "%(needed)d are needed."
)
ENOUGH = "Needed numbers give 80% power to show a limit as kept if the true share is half of it."
FALSE_STOPS = (
    "The stop rule holds at every look. A system that just keeps its limit is stopped in at most 3% of trials."
)
TOGETHER = (
    "All %(n)d verdicts of the trial, against limits and between groups, are wrong by chance in at most 3%% of trials. "
    "Each one is planned at its share of that."
)
PERSONS = "Missed passages count by person. More passages by the same people do not replace people."
CROSS = "%(people)d consenting listed crossers in %(groups)d %(groups:group|groups) make %(passages)d passages."
SEEN = "%(faces)d faces are to be seen. Passers-by among them did not consent and must not be listed."
LISTED = (
    "Results hold for %(listed)d listed people. Twice as many raise about twice as many false alerts per face: at this "
    "limit, one comparison may be false in %(one_in)d."
)
CONSENTING = "This plans a trial of consenting people. It runs no recognition and keeps no list of people."
ELSEWHERE = "Results hold for this place, light, camera and threshold."

WHOM = frozenset({CROSS, SEEN})
MESSAGES = frozenset(
    {STOP, CAN, FEW_ONLY, CANNOT, ENOUGH, FALSE_STOPS, TOGETHER, PERSONS, CROSS, SEEN, LISTED, CONSENTING, ELSEWHERE}
)  # fmt: skip
VOCABULARY = frozenset({*MEASURES, *COUNTED.values(), OVERALL, EACH, YES, ALMOST, NO})


def run(params: FieldPlanParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """What each claim needs and what the planned trial can show. Reads no data. O(claims)."""
    limits = {PER_FACE: params.limit_face, PER_ALERT: params.limit_alert, MISSED: params.limit_missed}
    people = params.crossers * params.groups
    planned = {PER_FACE: params.planned_faces, PER_ALERT: params.alerts, MISSED: people}
    scopes = (OVERALL, EACH) if params.groups > 1 else (OVERALL,)
    verdicts = len(MEASURES) * (1 + (2 * params.groups if params.groups > 1 else 0))
    rows = [
        _claim(measure, scope, limits[measure], planned[measure] // (params.groups if scope == EACH else 1), verdicts)
        for measure in MEASURES
        for scope in scopes
    ]
    stop = stop_number(params.planned_faces, params.limit_face)
    notes = (
        Note(text=STOP, values={"stop": stop, "faces": params.planned_faces}),
        *(_told(row) for row in rows),
        Note(text=ENOUGH, kind="explanation"),
        Note(text=TOGETHER, values={"n": verdicts}, kind="explanation"),
        Note(text=FALSE_STOPS, kind="explanation"),
        Note(text=PERSONS, kind="explanation"),
        Note(text=CROSS, values={"people": people, "groups": params.groups, "passages": people * params.passages}),
        Note(text=SEEN, values={"faces": params.planned_faces}),
        Note(text=CONSENTING, kind="caveat"),
        Note(
            text=LISTED,
            values={"listed": params.listed, "one_in": math.ceil(params.listed / params.limit_face)},
            kind="caveat",
        ),
        Note(text=ELSEWHERE, kind="caveat"),
    )
    return Findings(tables=(PLAN.of_rows(rows),), notes=notes, facts={"stop": stop, "crossers": people})


def _claim(measure: str, scope: str, limit: float, n: int, verdicts: int) -> dict[str, Scalar]:
    sure = SURE / verdicts
    most, chance = most_errors(n, limit, sure), power(n, limit, sure)
    return {
        "claim": measure,
        "scope": scope,
        "limit": limit,
        "counted": COUNTED[measure],
        "planned": n,
        "needed_without_error": needed_without_error(limit, sure),
        "needed_at_half": needed(limit, sure),
        "most_errors": most if most >= 0 else math.nan,
        "power": chance,
        "answer": YES if chance >= POWER else ALMOST if most >= 0 else NO,
    }


def _told(row: Mapping[str, Scalar]) -> Note:
    values: dict[str, Scalar] = {"claim": row["claim"], "scope": row["scope"]}
    if row["answer"] == YES:
        return Note(text=CAN, values={**values, "power": 100 * float(row["power"])})
    sizes: dict[str, Scalar] = {
        "needed": row["needed_at_half"], "counted": row["counted"], "planned": row["planned"],
    }  # fmt: skip
    if row["answer"] == ALMOST:
        return Note(text=FEW_ONLY, values={**values, **sizes, "most": row["most_errors"]})
    return Note(text=CANNOT, values={**values, **sizes})


def view(findings: Findings, say: Say) -> Panels:
    """The report's panels, in the reader's language."""
    return [*told_first(findings, say, WHOM, VOCABULARY), *figures(findings, say)]


ARITHMETIC = Arithmetic(
    run=run,
    example=lambda: Example(params=FieldPlanParams(), datasets={}),
    messages=MESSAGES,
    vocabulary=VOCABULARY,
    public=all_public,
    shows=Shows(view=view),
)
