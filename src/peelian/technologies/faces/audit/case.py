"""Audit a matcher from its comparisons or from a retained histogram."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from peelian.errors import NotEnoughData
from peelian.kernel.model.capability import Arithmetic, Context, Dataset, Example, Findings, Shows
from peelian.measure.table import Kind, Table, Values, table
from peelian.technologies.faces.audit.audited import audited, audited_histogram
from peelian.technologies.faces.audit.declared import AuditParams, HistogramParams
from peelian.technologies.faces.audit.outputs import to_csv, to_json
from peelian.technologies.faces.audit.page import view
from peelian.technologies.faces.audit.sentences import MESSAGES, findings_of
from peelian.technologies.faces.audit.tables import NO_GROUP, VOCABULARY, by_covariate
from peelian.technologies.faces.declared import BOUNDS, HISTOGRAM
from peelian.technologies.faces.example import dataset, example_datasets, example_tables
from peelian.technologies.faces.measure.errors import FAR, FMR, FNMR, FRR, trial_counts
from peelian.technologies.faces.measure.histogram import from_tables, tallied, to_table
from peelian.technologies.faces.measure.retained import retained
from peelian.technologies.faces.measure.scores import Scores, built, digests_of, oriented
from peelian.technologies.faces.measure.searches import Searches, gathered_searches
from peelian.technologies.faces.measure.thresholds import GIVEN, SECOND_FILE, refuse_shared_subjects
from peelian.technologies.faces.measure.uncertainty import EXACT, NOT_DETERMINABLE
from peelian.technologies.faces.small_counts import SMALLEST, hidden_rates, keys, with_values


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


def public_audit(findings: Findings) -> Findings:
    """The findings without small counts: a rate on 1 to 10 errors is left out, and one more if totals reveal it.

    The histogram, the ladder (at its thresholds withheld groups are what is left of all) and notes that name a
    withheld rate are not published. O(rows of the tables).
    """
    tables = {t.name: t for t in findings.tables if t.name not in (HISTOGRAM, BOUNDS, "ladder")}
    hidden: frozenset[tuple[str, str, str, str]] = frozenset()
    if "rates" in tables:
        hidden = hidden_rates(tables["rates"])
        tables["rates"] = _rates(tables["rates"], hidden)
    if "trials" in tables:
        tables["trials"] = _trials(tables["trials"])
    if "thresholds" in tables:
        tables["thresholds"] = _thresholds(tables["thresholds"], hidden)
    if "curves" in tables:
        curves = tables["curves"]
        tables["curves"] = curves.take(np.asarray(curves["adequacy"] != NOT_DETERMINABLE, dtype=np.bool_))
    if "covariates" in tables:
        tables["covariates"] = public_covariates(tables["covariates"], SMALLEST)
    notes = tuple(n for n in findings.notes if not 0 < _number(n.values.get("errors", 0)) < SMALLEST)
    facts = {k: v for k, v in findings.facts.items() if k != "failed"}
    return Findings(tables=tuple(tables.values()), notes=notes, facts=facts)


def _rates(rates: Table, hidden: frozenset[tuple[str, str, str, str]]) -> Table:
    """The rates with gaps; what is compared or tried of a hidden rate goes with it, and so do the counts of errors."""
    alias = {FAR: FMR, FRR: FNMR}
    gone = np.array([key in hidden or (key[0], alias.get(key[1], key[1]), *key[2:]) in hidden for key in keys(rates)])
    shown = np.isin(rates["measure"], (FMR, FNMR, FAR, FRR)) & ~_few(rates["n"]) & ~_few(rates["subjects"])
    told = ("rate", "low", "high", "design_effect", "low_bound", "high_bound")
    blanked: dict[str, Values] = {name: np.where(gone, math.nan, rates[name]) for name in told}
    blanked["needed_subjects"] = np.where(gone, 0, rates["needed_subjects"])
    kept = with_values(rates, blanked).take(shown)
    return Table(name=kept.name, columns=tuple(c for c in kept.columns if c.name != "errors"))


def _trials(trials: Table) -> Table:
    few = _few(trials["failed"])
    blanked = with_values(trials, {"failure_rate": np.where(few, math.nan, trials["failure_rate"])})
    small = (
        _few(trials["subjects"]) | _few(trials["impostor"]) | _few(trials["genuine"]) | _few(trials["failure_rate_n"])
    )
    kept = blanked.take(~small)
    return Table(name=kept.name, columns=tuple(c for c in kept.columns if c.name != "failed"))


def _thresholds(thresholds: Table, hidden: frozenset[tuple[str, str, str, str]]) -> Table:
    policies, groups = thresholds["policy"].tolist(), thresholds["group"].tolist()
    made: dict[str, Values] = {}
    for measure in (FMR, FNMR):
        low = measure.lower()
        own = np.array([(p, measure, g, g) in hidden for p, g in zip(policies, groups, strict=True)], dtype=np.bool_)
        made[low] = np.where(own, math.nan, thresholds[low])
        named = zip(policies, thresholds[f"worst_{low}_group"].tolist(), strict=True)
        worst = np.array([(p, measure, g, g) in hidden for p, g in named], dtype=np.bool_)
        made[f"worst_{low}"] = np.where(worst, math.nan, thresholds[f"worst_{low}"])
        made[f"worst_{low}_group"] = np.where(worst, NO_GROUP, thresholds[f"worst_{low}_group"])
        made[f"worst_{low}_bound"] = np.where(worst, EXACT, thresholds[f"worst_{low}_bound"])
    gone = np.isnan(made["fmr"])
    for name in ("fmr_check_low", "fmr_check_high", "false_alerts_per_day", "searches_with_candidate"):
        made[name] = np.where(gone, math.nan, thresholds[name])
    return with_values(thresholds, made).take(~_few(thresholds["fmr_n"]) & ~_few(thresholds["fnmr_n"]))


def _few(counts: Values) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.asarray((counts > 0) & (counts < SMALLEST), dtype=np.bool_)


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def public_covariates(rows: Table, smallest: int) -> Table:
    """Bins of no small count: where one rests on few errors, that covariate's rates of that kind are all left out.

    The bins of a covariate add up to all comparisons: one left out alone would follow from the others.
    """
    keys = [(row["covariate"], row["measure"]) for row in rows.records()]
    few = {
        key
        for key, k, n in zip(keys, rows["errors"].tolist(), rows["n"].tolist(), strict=True)
        if 0 < k < smallest or 0 < n < smallest
    }
    kept = Table(name=rows.name, columns=tuple(c for c in rows.columns if c.name != "errors"))
    return kept.take(np.array([key not in few for key in keys], dtype=np.bool_))


def _audit_example() -> Example:
    params = AuditParams(by=("sex", "group"), thresholds=(2.4,), limit_fmr=0.02, gallery=100)
    return Example(params=params, datasets=example_datasets())


def histogram_datasets() -> dict[str, Dataset]:
    """The histogram and the bounds that an audit of the example would leave behind."""
    tables, people = example_tables()
    scores = oriented(built([tables], people, by=("sex", "group"), least=11), "auto")
    histogram = tallied(scores)
    made, bounds = to_table(histogram), retained(scores, trial_counts(scores), histogram, [2.4])
    groups = ",".join(sorted(set(made["group"].tolist())))
    return {
        "histogram": dataset("example-histogram", "peelian-histogram", made, {"groups": groups}),
        "bounds": dataset("example-bounds", "peelian-score-bounds", bounds, {"groups": groups}),
    }


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
