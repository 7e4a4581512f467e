"""Score files of Bob: two, four and five columns without a header, and CSV with subjects and labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from peelian.errors import InputError
from peelian.kernel.model.capability import Note
from peelian.kernel.model.formats import Format
from peelian.measure.coded import Coded, coded
from peelian.measure.table import Table
from peelian.technologies.faces.declared import SCORES
from peelian.technologies.faces.formats.identity import IDENTIFYING, pseudonyms
from peelian.technologies.faces.formats.parts import Part, in_parts
from peelian.technologies.faces.formats.reading import finite_scores, numbers, row_of, texts, without_header
from peelian.technologies.faces.formats.shapes import ScoreColumns, group_labels, sex
from peelian.technologies.faces.measure.scores import JOIN

FAILED = (
    "%(n)d %(n:comparison|comparisons) without a score %(n:counts as a failure|count as failures) to enrol or acquire, "
    "as in Bob."
)
LABELS = ("sex", "gender", "age_band", "race", "ethnicity", "group")
ORDER = "Check the column order: the score must be last"


def _two(text: Table, options: Mapping[str, str]) -> Part:
    text, header = without_header(text)
    label = numbers(text, "1", accepted="-1 or 1, then the score", hint=ORDER)
    score = numbers(text, "2", accepted="a score", hint=ORDER)
    known = np.isin(label, (-1.0, 1.0))
    if not known.all():
        at = int(np.flatnonzero(~known)[0])
        swapped = bool(np.isin(score, (-1.0, 1.0)).all())
        raise InputError(
            "label and score columns swapped" if swapped else "not a label",
            row=row_of(text, at),
            column="1",
            accepted="-1 (different people) or 1 (same person), then the score",
        )
    columns = ScoreColumns(score=score, genuine=label == 1.0, failed=np.isnan(score))
    return replace(_checked(text, columns, "2"), dropped=header)


def _four(text: Table, options: Mapping[str, str]) -> Part:
    return _identified(text, claimed="1", real="2", score="4")


def _five(text: Table, options: Mapping[str, str]) -> Part:
    return _identified(text, claimed="1", real="3", score="5")


def _identified(text: Table, *, claimed: str, real: str, score: str) -> Part:
    text, header = without_header(text)
    values = numbers(text, score, accepted="a score in the last column", hint=ORDER)
    probe, ref = pseudonyms(text, real), pseudonyms(text, claimed)
    columns = ScoreColumns(score=values, genuine=probe == ref, failed=np.isnan(values), probe=probe, ref=ref)
    return replace(_checked(text, columns, score), dropped=header)


def _csv(text: Table, options: Mapping[str, str]) -> Part:
    score = numbers(text, "score", accepted="a number")
    probe, ref = pseudonyms(text, "probe_subject_id"), pseudonyms(text, "bio_ref_subject_id")
    labels = [name for name in LABELS if f"probe_{name}" in text and f"bio_ref_{name}" in text]
    groups = [_crossed(text, side, labels) for side in ("probe", "bio_ref")] if labels else [None, None]
    columns = ScoreColumns(
        score=score,
        genuine=probe == ref,
        failed=np.isnan(score),
        probe=probe,
        ref=ref,
        probe_group=groups[0],
        ref_group=groups[1],
    )
    return _checked(text, columns, "score")


def _crossed(text: Table, side: str, labels: list[str]) -> Coded:
    """One label per row from all the label columns of one side, crossed in the order of `LABELS`."""
    parts = []
    for name in labels:
        words = texts(text[f"{side}_{name}"])
        parts.append([sex(w) for w in words] if name in ("sex", "gender") else group_labels(words, f"{side}_{name}"))
    return coded(np.array([JOIN.join(row) for row in zip(*parts, strict=True)], dtype=object))


def _checked(text: Table, columns: ScoreColumns, score: str) -> Part:
    finite_scores(text, columns.score, columns.failed, score)
    return Part(columns=columns)


def _failures(columns: ScoreColumns) -> tuple[Note, ...]:
    n = int(columns.failed.sum())
    return (Note(text=FAILED, values={"n": n}, kind="caveat"),) if n else ()


FORMATS = (
    Format(
        id="bob-2-columns",
        title="Bob: label (-1 or 1) and score, no header",
        shape=SCORES,
        required=frozenset({"1", "2"}),
        columns=frozenset({"1", "2"}),
        stream=in_parts(_two, _failures),
        kinds=("columns",),
    ),
    Format(
        id="bob-4-columns",
        title="Bob: claimed identity, real identity, probe label, score, no header",
        shape=SCORES,
        required=frozenset({"1", "2", "3", "4"}),
        columns=frozenset({"1", "2", "4"}),
        stream=in_parts(_four, _failures),
        kinds=("columns",),
    ),
    Format(
        id="bob-5-columns",
        title="Bob: claimed identity, model, real identity, probe label, score, no header",
        shape=SCORES,
        required=frozenset({"1", "2", "3", "4", "5"}),
        columns=frozenset({"1", "3", "5"}),
        stream=in_parts(_five, _failures),
        kinds=("columns",),
    ),
    Format(
        id="bob-csv",
        title="Bob: CSV with probe_subject_id, bio_ref_subject_id and score",
        shape=SCORES,
        required=frozenset({"probe_subject_id", "bio_ref_subject_id", "score"}),
        columns=frozenset({"probe_subject_id", "bio_ref_subject_id", "score"})
        | {f"{side}_{name}" for side in ("probe", "bio_ref") for name in LABELS}
        | IDENTIFYING,
        stream=in_parts(_csv, _failures),
        numbers=frozenset({"score"}),
    ),
)
