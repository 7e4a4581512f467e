"""The page of a field trial's score: its notes, table and pictures, and made-up tallies as an example."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from peelian.errors import NotEnoughData
from peelian.kernel.model.capability import Arithmetic, Context, Dataset, Example, Findings, Note, Scalar, Shows
from peelian.kernel.model.first_page import by_kind, first_page
from peelian.measure.table import Kind, Table, table
from peelian.pictures.columns import Columns
from peelian.pictures.panels import Column, Heading, Panels, Picture, Say, tabled
from peelian.technologies.faces.declarations.field import SCORES, FieldParams
from peelian.technologies.faces.example import dataset
from peelian.technologies.faces.field_trial import (
    COUNTED,
    MEASURES,
    MISSED,
    PER_ALERT,
    PER_FACE,
    Measured,
    scored,
)
from peelian.technologies.faces.formats_field import FORMATS
from peelian.technologies.faces.histogram import EVERYBODY
from peelian.technologies.faces.public import SMALLEST, blanked, hidden_rates, keys
from peelian.technologies.faces.shares import AGAINST_REST, HIGHER, LOWER, NOT_COMPARED, stop_number
from peelian.technologies.faces.uncertainty import NOT_DETERMINABLE
from peelian.technologies.faces.verdicts import FAILS, MEETS
from peelian.technologies.faces.view_charts import shares_picture
from peelian.technologies.faces.vocabulary import label, translated

FACES_SAY = (
    "%(errors)d of %(n)d faces seen raised a false alert: %(share).4f%% of faces, one in %(one_in)d (95%% interval "
    "%(low).4f%% to %(high).4f%%). Limit %(limit).4f%%: %(verdict)s."
)
NO_FALSE_ALERT = (
    "No false alert in %(n)d faces seen: the share is at most %(high).4f%% (95%% interval). Limit %(limit).4f%%: "
    "%(verdict)s."
)
ALERTS_SAY = (
    "%(errors)d of %(n)d alerts %(errors:was|were) false: %(share).2f%% of alerts (95%% interval %(low).2f%% to "
    "%(high).2f%%). Limit %(limit).2f%%: %(verdict)s."
)
MISSED_SAY = (
    "%(errors)d of %(n)d passages of listed crossers %(errors:was|were) missed: %(share).1f%% (95%% interval by person "
    "%(low).1f%% to %(high).1f%%). Limit %(limit).1f%%: %(verdict)s."
)
MISSED_UNSURE = (
    "%(errors)d of %(n)d passages of listed crossers %(errors:was|were) missed. How many people made them is not "
    "given: undetermined."
)
NO_FACES = (
    "Faces seen are not given: false alerts per face are undetermined. A share of alerts alone does not replace it."
)
NO_CROSSERS = "No passage of a listed crosser is given: missed people are undetermined."
DIFFERS = "%(measure)s, %(group)s: %(share).3f%%, %(verdict)s."
NO_DIFFERENCES = (
    "No difference between groups was found that chance could not explain (%(n)d %(n:comparison|comparisons))."
)
NO_GROUPS = "No share could be compared between groups."
STOPPED = "Stop rule: %(stop)d false %(stop:alert|alerts) in %(planned)d planned faces. It was reached."
NOT_STOPPED = (
    "Stop rule: %(stop)d false %(stop:alert|alerts) in %(planned)d planned faces. It was not reached in %(faces)d "
    "faces seen."
)
WENT_ON = "More faces were seen (%(faces)d) than the stop rule was made for (%(planned)d)."
NO_STOP = "No stop rule: the number of faces planned is not given."
STOP_UNKNOWN = "Stop rule: %(stop)d false %(stop:alert|alerts) in %(planned)d planned faces. Faces seen are not given."
EXACT = "95% intervals are exact (Clopper-Pearson)."
BY_PERSON = "Missed passages count by person: one person's passages are alike, so people are the independent trials."
HOLM = (
    "%(n)d %(n:verdict was|verdicts were) looked at. Chance alone would make one or more in at most 3%% of trials "
    "(Holm's correction)."
)
WOULD_NEED = (
    "“%(measure)s”, %(group)s: undetermined. About %(needed)d %(counted)s would be needed if the true share is half "
    "the limit."
)
SEEN = "%(faces)d faces were seen, most of passers-by."
CROSSED = "%(crossers)d consenting %(crossers:crosser was|crossers were) on the trial's list."
ALERTED = "%(true)d %(true:alert was|alerts were) right, %(false)d %(false:was|were) about somebody else."
CONSENTING = "This scores a trial of consenting people. It runs no recognition and keeps no list of people."
PASSERS = "Which group passers-by belong to is known only if the tallies say so. Nothing was inferred from images."
SAME_PERSON = "One passer-by falsely alerted twice counts twice."
EQUAL_PASSAGES = (
    "The tallies do not state the most passages by one crosser. Crossers are taken to have passed about equally often."
)
ELSEWHERE = "Results hold for this place, light, camera, list and threshold."

WHOM = frozenset({SEEN, CROSSED, ALERTED})
MESSAGES = frozenset(
    {
        FACES_SAY, NO_FALSE_ALERT, ALERTS_SAY, MISSED_SAY, MISSED_UNSURE, NO_FACES, NO_CROSSERS, DIFFERS,
        NO_DIFFERENCES, NO_GROUPS, STOPPED, NOT_STOPPED, WENT_ON, NO_STOP, STOP_UNKNOWN, EXACT, BY_PERSON, HOLM,
        WOULD_NEED, SEEN, CROSSED, ALERTED, CONSENTING, PASSERS, SAME_PERSON, EQUAL_PASSAGES, ELSEWHERE,
    }
)  # fmt: skip
VOCABULARY = frozenset({*MEASURES, *COUNTED.values(), *AGAINST_REST, MEETS, FAILS, NOT_DETERMINABLE, EVERYBODY})


def run(params: FieldParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Score the tallies of a field trial: see `field_trial.scored`. NotEnoughData: nothing was seen and no alert."""
    context.progress("Counting errors", 0.2)
    trial = datasets["trial"].table
    found = scored(params, trial)
    if not found:
        raise NotEnoughData("no face seen, no alert and no passage", accepted="tallies of a trial that took place")
    rows = {
        name: [getattr(one, name) for one in found] for name in ("measure", "group", "rate", "low", "high", "limit")
    }
    rows |= {
        "errors": [int(one.errors) for one in found],
        "n": [int(one.n) for one in found],
        "counted": [COUNTED[one.measure] for one in found],
        "people": [one.trials if one.measure == MISSED else math.nan for one in found],
        **{name: [getattr(one, name) for one in found] for name in ("verdict", "compared", "needed")},
    }
    overall = {one.measure: one for one in found if one.group == EVERYBODY}
    stop = stop_number(params.planned_faces, params.limit_face)
    notes = (
        *_answers(overall),
        *_groups(found),
        *_stop(params, overall, stop),
        *_how_sure(found),
        *_whom(trial, overall),
    )
    facts: dict[str, Scalar] = {"planned_faces": params.planned_faces}
    if params.planned_faces:
        facts["stop"] = stop
    return Findings(tables=(SCORES.of(rows),), notes=(*notes, *_unknown(trial)), facts=facts)


def _answers(overall: Mapping[str, Measured]) -> list[Note]:
    """Both denominators of false alerts, always, and missed passages."""
    faces, alerts, missed = (overall.get(measure) for measure in MEASURES)
    made = []
    if faces is None:
        made.append(Note(text=NO_FACES))
    elif faces.errors:
        made.append(Note(text=FACES_SAY, values={**_values(faces), "one_in": round(faces.n / faces.errors)}))
    else:
        values = _values(faces)
        made.append(Note(text=NO_FALSE_ALERT, values={k: values[k] for k in ("n", "high", "limit", "verdict")}))
    if alerts is not None:
        made.append(Note(text=ALERTS_SAY, values=_values(alerts)))
    if missed is None:
        return [*made, Note(text=NO_CROSSERS)]
    if math.isfinite(missed.low):
        return [*made, Note(text=MISSED_SAY, values=_values(missed))]
    return [*made, Note(text=MISSED_UNSURE, values={"errors": int(missed.errors), "n": int(missed.n)})]


def _values(one: Measured) -> dict[str, Scalar]:
    shares = {"share": one.rate, "low": one.low, "high": one.high, "limit": one.limit}
    values: dict[str, Scalar] = {"errors": int(one.errors), "n": int(one.n), "verdict": one.verdict}
    return values | {name: 100 * value for name, value in shares.items()}


def _groups(found: Sequence[Measured]) -> list[Note]:
    compared = [one for one in found if one.compared != NOT_COMPARED]
    if not compared:
        return [Note(text=NO_GROUPS)]
    made = [
        Note(
            text=DIFFERS,
            values={
                "measure": one.measure, "group": one.group, "share": 100 * one.rate, "verdict": one.compared,
                "errors": int(one.errors),
            },
        )
        for one in compared
        if one.compared in (HIGHER, LOWER)
    ]  # fmt: skip
    return made or [Note(text=NO_DIFFERENCES, values={"n": len(compared)})]


def _stop(params: FieldParams, overall: Mapping[str, Measured], stop: int) -> list[Note]:
    if not params.planned_faces:
        return [Note(text=NO_STOP, kind="caveat")]
    values: dict[str, Scalar] = {"stop": stop, "planned": params.planned_faces}
    alerts, faces = overall.get(PER_ALERT), overall.get(PER_FACE)
    if alerts is not None and alerts.errors >= stop:
        made = [Note(text=STOPPED, values=values)]
    elif faces is None:
        return [Note(text=STOP_UNKNOWN, values=values)]
    else:
        made = [Note(text=NOT_STOPPED, values={**values, "faces": int(faces.n)})]
    if faces is not None and faces.n > params.planned_faces:
        made.append(Note(text=WENT_ON, values={"faces": int(faces.n), "planned": params.planned_faces}))
    return made


def _how_sure(found: Sequence[Measured]) -> list[Note]:
    verdicts = sum(one.trials > 0 for one in found) + sum(one.compared != NOT_COMPARED for one in found)
    made = [Note(text=EXACT, kind="explanation"), Note(text=BY_PERSON, kind="explanation")]
    made.append(Note(text=HOLM, values={"n": verdicts}, kind="explanation"))
    for one in found:
        if one.verdict == NOT_DETERMINABLE and one.group == EVERYBODY and math.isfinite(one.needed):
            values: dict[str, Scalar] = {"measure": one.measure, "group": one.group, "needed": one.needed}
            made.append(Note(text=WOULD_NEED, values={**values, "counted": COUNTED[one.measure]}, kind="explanation"))
    return made


def _whom(trial: Table, overall: Mapping[str, Measured]) -> list[Note]:
    made = []
    if PER_FACE in overall:
        made.append(Note(text=SEEN, values={"faces": int(overall[PER_FACE].n)}))
    if PER_ALERT in overall:
        false = int(overall[PER_ALERT].errors)
        values: dict[str, Scalar] = {"true": int(overall[PER_ALERT].n) - false, "false": false, "errors": false}
        made.append(Note(text=ALERTED, values=values))
    everybody = trial["group"] == EVERYBODY
    crossers = trial["crossers"][everybody if everybody.any() else ~everybody].sum()
    return made + ([Note(text=CROSSED, values={"crossers": int(crossers)})] if crossers > 0 else [])


def _unknown(trial: Table) -> list[Note]:
    says = [PASSERS, SAME_PERSON, ELSEWHERE, CONSENTING]
    if np.nansum(trial["crossings"]) > 0 and np.isnan(trial["most_passages"]).all():
        says.insert(2, EQUAL_PASSAGES)
    return [Note(text=text, kind="caveat") for text in says]


def public_field(findings: Findings) -> Findings:
    """The findings without shares that rest on 1 to 10 errors, without the counts of errors, and without such notes."""
    rows = findings.table("field")
    gone = hidden_rates(rows)
    few = np.array([key in gone for key in keys(rows)], dtype=np.bool_)
    shown = blanked(rows, few, ("rate", "low", "high"), ("errors",)).take(rows["n"] >= SMALLEST)
    notes = tuple(n for n in findings.notes if not any(0 < _whole(n, k) < SMALLEST for k in ("errors", "crossers")))
    return Findings(tables=(shown,), notes=notes, facts=findings.facts)


def _whole(note: Note, name: str) -> float:
    value = note.values.get(name, 0)
    return float(value) if isinstance(value, (int, float)) else 0.0


def view(findings: Findings, say: Say) -> Panels:
    """The report's panels, in the reader's language."""
    rows = findings.table("field")
    group = SCORES.column(say, "group", lambda row: label(row["group"], say, VOCABULARY))
    return [
        *first_page(by_kind(findings.notes, WHOM), say, values=partial(translated, say=say, words=VOCABULARY)),
        Heading(text=say("Figures")),
        *_pictures(rows, group, say),
        tabled(
            rows.records(),
            (
                SCORES.column(say, "measure"),
                group,
                *SCORES.shown(say, "errors", "n", "counted", "people", "rate"),
                Columns(say=say, percent=lambda row: True).interval(say("95% interval")),
                *SCORES.shown(say, "limit", "verdict", "compared"),
            ),
            caption=say("False alerts and missed passages, by group"),
            source=rows,
            folded=True,
        ),
    ]


def _pictures(rows: Table, group: Column, say: Say) -> list[Picture]:
    captions = {
        PER_FACE: say("False alerts per face seen"), PER_ALERT: say("False alerts per alert"),
        MISSED: say("Missed passages of crossers"),
    }  # fmt: skip
    made = []
    for measure, caption in captions.items():
        shown = [r for r in rows.records() if r["measure"] == measure and math.isfinite(r["low"])]
        limit = {"reference": shown[0]["limit"], "reference_name": say("limit")} if shown else {}
        made.append(shares_picture(shown, group, caption, say, **limit))
    return [picture for picture in made if picture]


EXAMPLE = {
    "group": ("female", "male"), "faces_seen": ("61000", "58500"), "alerts": ("702", "655"),
    "true_alerts": ("671", "639"), "false_alerts": ("31", "16"), "missed": ("169", "101"), "crossers": ("84", "74"),
    "most_passages": ("10", "10"),
}  # fmt: skip
"""Made-up tallies: 158 crossers of ten passages each, missed more often among women."""


def example_trial() -> Dataset:
    """The made-up tallies as a dataset, read as a file would be."""
    text = table("text", {name: (Kind.PERSONAL, np.array(words, dtype=object)) for name, words in EXAMPLE.items()})
    admitted = FORMATS[0].convert(text, {})
    return dataset("example-field-trial", FORMATS[0].id, admitted.table, dict(admitted.facts))


ARITHMETIC = Arithmetic(
    run=run,
    example=lambda: Example(params=FieldParams(planned_faces=150_000), datasets={"trial": example_trial()}),
    messages=MESSAGES,
    vocabulary=VOCABULARY,
    public=public_field,
    counts={CROSSED: ("crossers",), ALERTED: ("true", "false")},
    shows=Shows(view=view),
)
