"""Tries a detector from outside on the sheet. What passes becomes, once a board adopts it, its accuracy report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from peelian.errors import InputError, sentence
from peelian.kernel.model.capability import (
    Arithmetic,
    AuthorizationKind,
    Context,
    Dataset,
    Example,
    Findings,
    Note,
    Scalar,
    Shows,
)
from peelian.measure.table import Kind, Table, table
from peelian.technologies.footage import generality
from peelian.technologies.footage.declarations.detector_trial import BARS, RECALL, DetectorTrialParams
from peelian.technologies.footage.detector_trial_view import trial_view
from peelian.technologies.footage.drawn_faces import AGES, SEXES, TONES
from peelian.technologies.footage.drawn_plates import LAYOUTS
from peelian.technologies.footage.example import example_detector
from peelian.technologies.footage.generality import Bars, Outcome, Tried, outcomes, shares_of, tried
from peelian.technologies.footage.generality_sheet import FACE, PLATE, SIZES, VERSION, pages
from peelian.technologies.footage.other_detectors import boxes_by, model_of, other_detector

LOOKING = "Trying the detector"
MET, MISSED = "met", "missed"
FOUND = (
    "Found %(found)d of %(n)d views of the class it is for: %(share).1f%% (95%% interval %(low).1f%% to %(high).1f%%)."
)
OTHERS = "Of the other class, it boxed %(found)d of %(n)d views."
FALSE = "%(false)d boxes in %(pictures)d pictures were on neither a face nor a plate."
GENERAL = "The detector met all %(n)d bars: it finds things of its class, whosever they are."
SELECTIVE = "Refused: the detector missed %(missed)d of %(n)d bars. It may recognise instead of detect."
MADE_SHEET = (
    "The faces and plates are drawn by this program. Results on recordings differ, mostly for the worse, and differ "
    "by camera."
)
NO_PROOF = (
    "A trial cannot prove that a model hides nothing. A model made to pass can still react to one person who is not on "
    "the sheet. Adopt only a model whose maker you trust."
)
EXPLAINED = (
    "Each of 120 faces and 60 plates is shown in three sizes. The sheet is drawn anew for each model, from its digest."
)
_CRITERIA = {"min_recall": "recall", "min_group_recall": "group_recall", "max_false_per_find": "false_a_find"}


def run(params: DetectorTrialParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Run the detector on all pictures of the sheet, at the threshold that it will be used with. O(pictures)."""
    bars = bars_of(context.authorizations[AuthorizationKind.ACCEPTANCE_CRITERIA])
    detector = other_detector(model_of(datasets["detector"]))
    seed = int(detector.digest[:12], 16)
    trial = tried(
        lambda picture: boxes_by(detector, picture, threshold=params.threshold),
        pages(seed),
        lambda share: context.progress(LOOKING, share),
    )
    judged = outcomes(trial, params.finds, bars)
    return Findings(
        tables=(_recall(trial), _bars(judged)),
        notes=_notes(trial, params.finds, judged),
        facts=_facts(trial, params, judged) | {"detector_sha256": detector.digest, "sheet": VERSION},
    )


def bars_of(criteria: Mapping[str, Scalar]) -> Bars:
    """The board's criteria as bars, never below what ships. InputError: none is given, or one that is not measured.

    >>> bars_of({"min_recall": 0.5, "max_false_per_find": 1}).recall
    0.9
    """
    if not criteria:
        raise InputError("no acceptance criterion given", accepted=", ".join(_CRITERIA))
    for name, value in criteria.items():
        if name not in _CRITERIA:
            raise InputError("acceptance criterion that this trial cannot measure", accepted=", ".join(_CRITERIA))
        if isinstance(value, str):
            raise InputError(sentence("criterion %(name)s is not a number", name=name), accepted="a number")
    ships = Bars()
    asked = {_CRITERIA[name]: float(value) for name, value in criteria.items()}
    return Bars(
        recall=max(ships.recall, asked.get("recall", 0.0)),
        group_recall=max(ships.group_recall, asked.get("group_recall", 0.0)),
        false_a_find=min(ships.false_a_find, asked.get("false_a_find", ships.false_a_find)),
    )


def _notes(trial: Tried, finds: str, judged: Sequence[Outcome]) -> tuple[Note, ...]:
    own, other = trial.seen[finds], trial.seen[PLATE if finds == FACE else FACE]
    low, high = own.interval
    values = {"found": int(own.found.sum()), "n": own.found.size, "share": 100 * own.share}
    missed = sum(not one.met for one in judged)
    verdict = Note(text=SELECTIVE, values={"missed": missed, "n": len(judged)}) if missed else None
    return (
        verdict or Note(text=GENERAL, values={"n": len(judged)}),
        Note(text=FOUND, values=values | {"low": 100 * low, "high": 100 * high}),
        Note(text=OTHERS, values={"found": int(other.found.sum()), "n": other.found.size}),
        Note(text=FALSE, values={"false": trial.false_boxes, "pictures": trial.pictures}),
        Note(text=EXPLAINED, kind="explanation"),
        Note(text=MADE_SHEET, kind="caveat"),
        Note(text=NO_PROOF, kind="caveat"),
    )


def _facts(trial: Tried, params: DetectorTrialParams, judged: Sequence[Outcome]) -> dict[str, Scalar]:
    own = trial.seen[params.finds]
    low, high = own.interval
    return {
        "finds": params.finds,
        "threshold": params.threshold,
        "recall": own.share,
        "recall_low": low,
        "recall_high": high,
        "views": int(own.found.size),
        "false_boxes": trial.false_boxes,
        "criteria_met": all(one.met for one in judged),
    }


def _recall(trial: Tried) -> Table:
    rows = [share for what, seen in trial.seen.items() for share in shares_of(seen, what)]
    return _table(
        "recall", RECALL, [[getattr(row, name) for row in rows] for name in RECALL], n="trials", found="trials"
    )


def _bars(judged: Sequence[Outcome]) -> Table:
    rows = [(one.bar, one.needed, one.reached, MET if one.met else MISSED) for one in judged]
    return _table("bars", BARS, list(zip(*rows, strict=True)))


def _table(name: str, kinds: Mapping[str, Kind], columns: Sequence[Sequence[Any]], **units: str) -> Table:
    types: Mapping[Kind, Any] = {Kind.COUNT: np.int64, Kind.RATE: np.float64, Kind.AMOUNT: np.float64}
    made = {
        column: (kind, np.array(values, dtype=types.get(kind, object)))
        for (column, kind), values in zip(kinds.items(), columns, strict=True)
    }
    return table(name, made, **units)


def everything(findings: Findings) -> Findings:
    """The whole trial is public: it is about drawings."""
    return findings


def _example() -> Example:
    return Example(
        params=DetectorTrialParams(),
        datasets={"detector": example_detector()},
        authorizations={AuthorizationKind.ACCEPTANCE_CRITERIA: {"min_recall": 0.9}},
    )


ARITHMETIC = Arithmetic(
    run=run,
    example=_example,
    messages=frozenset({FOUND, OTHERS, FALSE, GENERAL, SELECTIVE, MADE_SHEET, NO_PROOF, EXPLAINED}),
    vocabulary=frozenset(
        {FACE, PLATE, "all", "size", "sex", "age", "tone", "layout", MET, MISSED}
        | {*SIZES, *SEXES, *AGES, *TONES, *LAYOUTS, *generality.BARS}
    ),
    public=everything,
    shows=Shows(view=trial_view),
)
