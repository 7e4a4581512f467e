"""Audit a matcher from its comparisons or from a retained histogram."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from peelian.errors import NotEnoughData
from peelian.kernel.model.capability import (
    Arithmetic,
    Context,
    Dataset,
    Example,
    Findings,
    Shows,
)
from peelian.measure.table import Kind, Table, table
from peelian.technologies.faces.audit import audited, audited_histogram
from peelian.technologies.faces.covariates import by_covariate
from peelian.technologies.faces.declarations.shapes import HISTOGRAM
from peelian.technologies.faces.example import example_datasets, histogram_datasets
from peelian.technologies.faces.histogram import from_tables
from peelian.technologies.faces.notes import MESSAGES, findings_of
from peelian.technologies.faces.outputs import to_csv, to_json
from peelian.technologies.faces.params import AuditParams, HistogramParams
from peelian.technologies.faces.public import public_audit
from peelian.technologies.faces.scores import Scores, built, digests_of, oriented
from peelian.technologies.faces.searches import Searches, gathered_searches
from peelian.technologies.faces.thresholds import GIVEN, SECOND_FILE, refuse_shared_subjects
from peelian.technologies.faces.view import view
from peelian.technologies.faces.vocabulary import VOCABULARY


def run_audit(params: AuditParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Audit comparisons: see `audit.audited`. Reads score files, so no authorization is needed."""
    context.progress("Reading comparisons", 0.0)
    scores = oriented(_built(params, datasets), params.direction)
    calibration = None
    if "calibration" in datasets:
        calibration = _calibration(params, datasets, scores)
    context.progress("Counting errors", 0.4)
    searches = searches_of(datasets, "distance" if scores.distance else "similarity")
    made = audited(params, scores, calibration, searches, seed=context.seed)
    context.progress("Writing the report", 0.9)
    found = findings_of(made)
    tables = [datasets[role].table for role in ("scores", "more_scores") if role in datasets]
    if made.headline.threshold.set_on not in (GIVEN, SECOND_FILE):  # set on half of these comparisons
        return found
    rows = by_covariate(scores, tables, made.headline.threshold)
    return replace(found, tables=(*found.tables, rows)) if len(rows) else found


def run_histogram(params: HistogramParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Audit a retained histogram, and genuine comparisons that may come as scores (pyeer's histogram mode)."""
    context.progress("Counting errors", 0.0)
    tables = [datasets["histogram"].table]
    if "more_histogram" in datasets:
        tables.append(datasets["more_histogram"].table)
    if "scores" in datasets:
        tables.append(_as_histogram(datasets["scores"].table))
    bounds = datasets["bounds"].table if "bounds" in datasets else None
    return findings_of(audited_histogram(params, from_tables(tables, params.direction), bounds))


def searches_of(datasets: Mapping[str, Dataset], direction: str) -> Searches | None:
    """The searches among the datasets, None where no candidate list was given."""
    if "candidates" not in datasets:
        return None
    lists = datasets["candidates"]
    mates = datasets["mates"].table if "mates" in datasets else None
    gallery = int(lists.facts.get("gallery", 0))
    return gathered_searches(lists.table, mates, direction=direction, gallery=gallery)


def _built(params: AuditParams, datasets: Mapping[str, Dataset]) -> Scores:
    tables = [datasets[role].table for role in ("scores", "more_scores") if role in datasets]
    return built(tables, _people(datasets), by=params.by, least=params.min_subjects)


def _people(datasets: Mapping[str, Dataset]) -> Table | None:
    return datasets["subjects"].table if "subjects" in datasets else None


def _calibration(params: AuditParams, datasets: Mapping[str, Dataset], scores: Scores) -> Scores:
    """The second file, under the first one's groups and direction; no subject may stand in both."""
    tables = [datasets["calibration"].table]
    own = [datasets[role].table for role in ("scores", "more_scores") if role in datasets]
    refuse_shared_subjects(digests_of(tables), digests_of(own))
    second = built(tables, _people(datasets), by=params.by, least=params.min_subjects, groups=scores.cells.groups)
    return oriented(second, "distance" if scores.distance else "similarity")


def _as_histogram(scores: Table) -> Table:
    """Comparisons as a histogram of their different values; those that failed are left out."""
    made = np.isfinite(scores["score"])
    parts = []
    for genuine in (0, 1):
        values, n = np.unique(scores["score"][made & (scores["genuine"] == genuine)], return_counts=True)
        parts.append((np.full(len(values), genuine, dtype=np.int8), values, n))
    if not sum(len(p[1]) for p in parts):
        raise NotEnoughData("no successful comparison", accepted="scores")
    return table(
        HISTOGRAM,
        {
            "genuine": (Kind.COUNT, np.concatenate([p[0] for p in parts])),
            "score": (Kind.AMOUNT, np.concatenate([p[1] for p in parts])),
            "n": (Kind.COUNT, np.concatenate([p[2] for p in parts])),
        },
    )


def _audit_example() -> Example:
    params = AuditParams(by=("sex", "group"), thresholds=(2.4,), limit_fmr=0.02, gallery=100)
    return Example(params=params, datasets=example_datasets())


def _histogram_example() -> Example:
    params = HistogramParams(thresholds=(2.4,), limit_fmr=0.02, gallery=100)
    return Example(params=params, datasets=histogram_datasets())


AUDIT_ARITHMETIC = Arithmetic(
    run=run_audit,
    example=_audit_example,
    messages=MESSAGES,
    vocabulary=VOCABULARY,
    public=public_audit,
    shows=Shows(
        view=view,
        writings={"audit.json": to_json, "csv": to_csv},
    ),
)


HISTOGRAM_AUDIT_ARITHMETIC = Arithmetic(
    run=run_histogram,
    example=_histogram_example,
    messages=MESSAGES,
    vocabulary=VOCABULARY,
    public=public_audit,
    shows=Shows(
        view=view,
        writings={"audit.json": to_json, "csv": to_csv},
    ),
)
