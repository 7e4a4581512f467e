"""Score a field trial: false alerts per face and per alert, missed passages by person, each against its limit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from peelian.errors import NotEnoughData
from peelian.kernel.model.capability import Arithmetic, Context, Dataset, Example, Findings, Note, Scalar, Shows
from peelian.measure.exact import clopper_pearson, fisher
from peelian.measure.multiplicity import holm
from peelian.measure.table import Kind, Table, table
from peelian.pictures.panels import Panels, Say
from peelian.technologies.faces.example import dataset
from peelian.technologies.faces.field_trial.declared import (
    COUNTED,
    MEASURES,
    MISSED,
    PER_ALERT,
    PER_FACE,
    SCORES,
    FieldParams,
)
from peelian.technologies.faces.field_trial.page import figures
from peelian.technologies.faces.formats.field import COUNTS, FORMATS
from peelian.technologies.faces.measure.scores import EVERYBODY
from peelian.technologies.faces.measure.shares import (
    AGAINST_REST,
    HIGHER,
    LOWER,
    NO_DIFFERENCE,
    NOT_COMPARED,
    SURE,
    against,
    needed,
    stop_number,
)
from peelian.technologies.faces.measure.uncertainty import NOT_DETERMINABLE
from peelian.technologies.faces.measure.verdicts import FAILS, MEETS
from peelian.technologies.faces.shown import told_first
from peelian.technologies.faces.small_counts import SMALLEST, blanked, hidden_rates, keys

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

EXAMPLE = {
    "group": ("female", "male"), "faces_seen": ("61000", "58500"), "alerts": ("702", "655"),
    "true_alerts": ("671", "639"), "false_alerts": ("31", "16"), "missed": ("169", "101"), "crossers": ("84", "74"),
    "most_passages": ("10", "10"),
}  # fmt: skip
"""Made-up tallies: 158 crossers of ten passages each, missed more often among women."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One share of one group: `errors` of `n`. Its uncertainty is that of `k` errors in `trials` independent trials.

    They are the same for alerts and faces. For missed passages `trials` are people, because one person's passages
    are alike; nan where their number is not known.
    """

    measure: str
    group: str
    errors: float
    n: float
    trials: float
    limit: float
    low: float = math.nan
    high: float = math.nan
    verdict: str = NOT_DETERMINABLE
    compared: str = NOT_COMPARED
    needed: float = math.nan

    @property
    def k(self) -> float:
        """The errors among the independent trials; may be a fraction."""
        return self.trials * self.rate

    @property
    def rate(self) -> float:
        """The share; nan of nothing."""
        return self.errors / self.n if self.n > 0 else math.nan


def scored(params: FieldParams, trial: Table) -> list[Measured]:
    """Every share that the tallies tell, overall and by group. One Holm correction covers all verdicts. O(groups)."""
    rows = {row["group"]: row for row in trial.records()}
    groups = [name for name in rows if name != EVERYBODY]
    everybody = rows.get(EVERYBODY) or _together([rows[name] for name in groups])
    limits = {PER_FACE: params.limit_face, PER_ALERT: params.limit_alert, MISSED: params.limit_missed}
    found = [
        _measured(measure, name, row, limits[measure])
        for measure in MEASURES
        for name, row in ((EVERYBODY, everybody), *((name, rows[name]) for name in groups))
    ]
    found = [one for one in found if one.n > 0]
    p = [against(one.k, one.trials, one.limit) if one.trials > 0 else math.nan for one in found]
    p += [_against_rest(one, found) for one in found]
    corrected = holm(p)
    sure = SURE / max(1, int(np.isfinite(p).sum()))
    return [
        _concluded(one, float(corrected[i]), float(corrected[len(found) + i]), found, sure)
        for i, one in enumerate(found)
    ]


def _together(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The groups as one; nan where one of them does not say, the most passages of anybody."""
    made = {name: sum(row[name] for row in rows) for name in COUNTS}
    return {**made, "most_passages": max(row["most_passages"] for row in rows)}


def _measured(measure: str, group: str, row: Mapping[str, float], limit: float) -> Measured:
    if measure == MISSED:
        errors, n, trials = row["missed"], row["crossings"], _people(row)
    else:
        errors, n = row["false_alerts"], row["faces_seen"] if measure == PER_FACE else row["alerts"]
        trials = n
    one = Measured(measure=measure, group=group, errors=errors, n=n, trials=trials, limit=limit)
    if not (math.isfinite(errors) and one.n > 0 and one.trials > 0):
        return one if math.isfinite(errors) else replace(one, n=math.nan)
    low, high = (float(end) for end in clopper_pearson(one.k, trials))
    return replace(one, low=low, high=high)


def _people(row: Mapping[str, float]) -> float:
    """Crossers as independent trials; fewer where one made far more passages than others (Kish 1965, at its worst)."""
    most = row["most_passages"]
    return min(row["crossers"], row["crossings"] / most) if math.isfinite(most) else row["crossers"]


def _against_rest(one: Measured, found: Sequence[Measured]) -> float:
    """Fisher's probability that a group's share is that of the other groups together; nan where there is no rest."""
    rest = [m for m in found if m.measure == one.measure and m.group not in (EVERYBODY, one.group)]
    if one.group == EVERYBODY or not rest or not all(m.trials > 0 for m in (one, *rest)):
        return math.nan
    trials, k = int(sum(m.trials for m in rest)), round(sum(m.k for m in rest))
    return fisher(min(round(one.k), int(one.trials)), int(one.trials), min(k, trials), trials)


def _concluded(
    one: Measured, against_limit: float, against_rest: float, found: Sequence[Measured], sure: float
) -> Measured:
    verdict, compared = NOT_DETERMINABLE, NOT_COMPARED
    if against_limit <= SURE:
        verdict = MEETS if one.rate < one.limit else FAILS
    if math.isfinite(against_rest):
        rest = [m for m in found if m.measure == one.measure and m.group not in (EVERYBODY, one.group)]
        above = one.k * sum(m.trials for m in rest) > one.trials * sum(m.k for m in rest)
        compared = (HIGHER if above else LOWER) if against_rest <= SURE else NO_DIFFERENCE
    short = float(needed(one.limit, sure)) if verdict == NOT_DETERMINABLE else math.nan
    return replace(one, verdict=verdict, compared=compared, needed=short)


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
    return [*told_first(findings, say, WHOM, VOCABULARY), *figures(findings, say)]


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
