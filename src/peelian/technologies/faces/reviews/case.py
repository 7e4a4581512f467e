"""Human review of candidates: from tallies of truth, analyst verdict and outcome to shares with intervals."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from peelian.errors import NotEnoughData
from peelian.kernel.model.capability import Arithmetic, Context, Dataset, Example, Findings, Note, Scalar, Shows
from peelian.measure.rates import wilson
from peelian.measure.table import Kind, Table, table
from peelian.pictures.panels import Panels, Say
from peelian.technologies.faces.declared import REVIEWS
from peelian.technologies.faces.example import dataset
from peelian.technologies.faces.measure.uncertainty import INDICATIVE, MEASURED, NOT_DETERMINABLE, adequacy_of
from peelian.technologies.faces.reviews.declared import (
    ACTED,
    MATCH,
    NO_ACTION,
    NO_MATCH,
    OUTCOMES,
    REVIEW_SHARES,
    RIGHT,
    SHARES,
    TALLIES,
    TRUTHS,
    UNKNOWN_TRUTH,
    VERDICTS_OF_ANALYSTS,
    WRONG,
    ReviewParams,
)
from peelian.technologies.faces.reviews.page import figures
from peelian.technologies.faces.shown import told_first
from peelian.technologies.faces.small_counts import SMALLEST

TOTAL = (
    "%(n)d reviewed %(n:candidate|candidates): %(right)d the right person, %(wrong)d a wrong one, %(unknown)d not "
    "known."
)
ACCEPTED = (
    "Analysts called %(events)d of %(n)d wrong candidates a match (%(rate).1f%%; 95%% interval %(low).1f%% to "
    "%(high).1f%%; %(adequacy)s)."
)
FOLLOWED = "Of %(n)d wrong %(n:candidate|candidates) called a match, %(events)d led to action against a person."
TRUTH = (
    "The truth of a candidate must be known from evidence other than the match itself. Where it is not, review looks "
    "better than it is."
)
INDEPENDENT = "Intervals take reviews as independent (Wilson). Tallies do not say which analyst decided."

VOCABULARY = frozenset(
    {*TRUTHS, *VERDICTS_OF_ANALYSTS, *OUTCOMES, *REVIEW_SHARES, MEASURED, INDICATIVE, NOT_DETERMINABLE}
)
MESSAGES = frozenset({TOTAL, ACCEPTED, FOLLOWED, TRUTH, INDEPENDENT})


def run(params: ReviewParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Tallies and shares: wrong candidates accepted, right ones rejected, action after each. O(rows).

    NotEnoughData: no candidate was reviewed.
    """
    counts = _counts(datasets["reviews"].table)
    if not counts.sum():
        raise NotEnoughData("no reviewed candidate", accepted="a file with n above 0")
    rows = [
        (t, v, o, int(counts[i, j, k]))
        for i, t in enumerate(TRUTHS)
        for j, v in enumerate(VERDICTS_OF_ANALYSTS)
        for k, o in enumerate(OUTCOMES)
        if counts[i, j, k]
    ]
    tallies = TALLIES.of(dict(zip(TALLIES.columns, zip(*rows, strict=True), strict=True)))
    shares = _shares(counts)
    return Findings(tables=(tallies, shares), notes=_notes(counts, shares), facts={"reviewed": int(counts.sum())})


def public(findings: Findings) -> Findings:
    """Shares whose parts are all 11 or more or 0; tallies and sentences that state small counts are left out."""
    shares = findings.table("shares")
    rest = shares["n"] - shares["events"]
    small = [(shares["n"] > 0) & (shares["n"] < SMALLEST)]
    small += [(part > 0) & (part < SMALLEST) for part in (shares["events"], rest)]
    kept = Table(name=shares.name, columns=tuple(c for c in shares.columns if c.name != "events"))
    notes = tuple(
        n for n in findings.notes if not any(0 < v < SMALLEST for v in n.values.values() if isinstance(v, int))
    )
    return Findings(tables=(kept.take(~np.any(small, axis=0)),), notes=notes, facts={})


def _counts(reviews: Table) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Reviewed candidates by truth, verdict and outcome."""
    counts = np.zeros((len(TRUTHS), len(VERDICTS_OF_ANALYSTS), len(OUTCOMES)), dtype=np.int64)
    np.add.at(counts, tuple(reviews[name].astype(np.int64) for name in ("truth", "verdict", "outcome")), reviews["n"])
    return counts


def _shares(counts: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> Table:
    wrong, right = TRUTHS.index(WRONG), TRUTHS.index(RIGHT)
    match, no_match = VERDICTS_OF_ANALYSTS.index(MATCH), VERDICTS_OF_ANALYSTS.index(NO_MATCH)
    acted = [OUTCOMES.index(outcome) for outcome in ACTED]
    parts = (
        (counts[wrong, match].sum(), counts[wrong].sum()),
        (counts[right, no_match].sum(), counts[right].sum()),
        (counts[wrong, match, acted].sum(), counts[wrong, match].sum()),
        (counts[:, no_match, acted].sum(), counts[:, no_match].sum()),
    )
    rows = []
    for name, (events, n) in zip(REVIEW_SHARES, parts, strict=True):
        low, high = wilson(events, n) if n else (np.nan, np.nan)
        rate = events / n if n else np.nan
        row = (name, int(events), int(n), rate, low, high, adequacy_of(min(int(events), int(n - events))))
        rows.append(dict(zip(SHARES.columns, row, strict=True)))
    return SHARES.of_rows(rows)


def _notes(counts: np.ndarray[tuple[int, ...], np.dtype[np.int64]], shares: Table) -> tuple[Note, ...]:
    by_truth = {name: int(counts[i].sum()) for i, name in enumerate(TRUTHS)}
    total: dict[str, Scalar] = {
        "n": int(counts.sum()),
        "right": by_truth[RIGHT],
        "wrong": by_truth[WRONG],
        "unknown": by_truth[UNKNOWN_TRUTH],
    }
    made = [Note(text=TOTAL, values=total)]
    rows = {row["share"]: row for row in shares.records()}
    accepted, followed = rows[REVIEW_SHARES[0]], rows[REVIEW_SHARES[2]]
    if accepted["n"]:
        values = {name: 100 * accepted[name] for name in ("rate", "low", "high")}
        told = {name: accepted[name] for name in ("events", "n", "adequacy")}
        made.append(Note(text=ACCEPTED, values={**told, **values}))
    if followed["n"]:
        made.append(Note(text=FOLLOWED, values={"n": followed["n"], "events": followed["events"]}))
    return (*made, Note(text=TRUTH, kind="caveat"), Note(text=INDEPENDENT, kind="explanation"))


def view(findings: Findings, say: Say) -> Panels:
    """The report's panels, in the reader's language."""
    return [*told_first(findings, say, {TOTAL}, VOCABULARY), *figures(findings, say)]


def _example() -> Example:
    rows = (
        (RIGHT, MATCH, "arrest", 64), (RIGHT, MATCH, NO_ACTION, 21), (RIGHT, NO_MATCH, NO_ACTION, 15),
        (WRONG, MATCH, "stop", 12), (WRONG, MATCH, NO_ACTION, 16), (WRONG, NO_MATCH, NO_ACTION, 402),
        (UNKNOWN_TRUTH, MATCH, "inquiry", 35), (UNKNOWN_TRUTH, NO_MATCH, NO_ACTION, 118),
    )  # fmt: skip
    codes = [(TRUTHS.index(t), VERDICTS_OF_ANALYSTS.index(v), OUTCOMES.index(o), n) for t, v, o, n in rows]
    columns = {
        name: (Kind.COUNT, np.array([code[i] for code in codes], dtype=np.int64))
        for i, name in enumerate(TALLIES.columns)
    }
    made = table(REVIEWS, columns, truth="cells", verdict="cells", outcome="cells")
    return Example(params=ReviewParams(), datasets={"reviews": dataset("example-reviews", "peelian-reviews", made, {})})


ARITHMETIC = Arithmetic(
    run=run,
    example=_example,
    messages=MESSAGES,
    vocabulary=VOCABULARY,
    public=public,
    counts={TOTAL: ("unknown",)},
    shows=Shows(view=view),
)
