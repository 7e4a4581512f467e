"""Audit a search log: shares by quarter, unit and offence class, compared without letting a small count out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.errors import NotEnoughData, Withheld
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
from peelian.measure.exact import fisher
from peelian.measure.multiplicity import holm
from peelian.measure.rates import wilson
from peelian.measure.suppression import LOW, Sum, shown_cells
from peelian.measure.table import Kind, Table, Values, table
from peelian.pictures.panels import Panels, Say
from peelian.technologies.faces.example import dataset
from peelian.technologies.faces.formats.search_log import FORMATS
from peelian.technologies.faces.measure.shares import AGAINST_REST, HIGHER, LOWER, NO_DIFFERENCE, NOT_COMPARED, SURE
from peelian.technologies.faces.search_log.declared import (
    ANALYST,
    ANSWERS,
    ARRESTED,
    ARRESTS,
    BY,
    CANDIDATES,
    COMPARED,
    EVIDENCE,
    KEPT,
    NO_EVIDENCE,
    NO_UNIT,
    NOT_STATED,
    OUTCOME,
    OVERALL,
    POSSIBLE,
    PURPOSE,
    QUESTIONS,
    SEARCHES,
    TOGETHER,
    WITH_EVIDENCE,
    SearchLogParams,
)
from peelian.technologies.faces.search_log.page import figures
from peelian.technologies.faces.shown import told_first

Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]

UNSTATED = (
    "No purpose is stated for %(share).1f%% of searches: %(k)d of %(n)d (95%% interval %(low).1f%% to %(high).1f%%)."
)
UNSTATED_FEW = "No purpose is stated for fewer than 11 of %(n)d searches."
EVERY_PURPOSE = "A purpose is stated for all %(n)d searches."
BARE = (
    "No other evidence is recorded for %(share).1f%% of arrests and charges after a search: %(k)d of %(n)d (95%% "
    "interval %(low).1f%% to %(high).1f%%)."
)
BARE_FEW = "No other evidence is recorded for fewer than 11 of %(n)d arrests and charges after a search."
ALL_EVIDENCE = "Other evidence is recorded for all %(n)d arrests and charges after a search."
FEW_ARRESTS = "Fewer than 11 searches, or none, led to an arrest or a charge. Their number is not shown."
USED = (
    "The analyst reported a possible match for %(share).1f%% of searches (95%% interval %(low).1f%% to %(high).1f%%)."
)
DIFFERS = "%(where)s: “%(answer)s” in %(share).1f%% of %(n)d, against %(rest).1f%% of the rest (%(verdict)s)."
MORE_DIFFERENCES = "%(n)d further %(n:difference is|differences are) in the tables."
NO_DIFFERENCES = "No share differs between quarters, units or offence classes by more than chance explains."
NOT_DIVIDED = "The log names one quarter, one unit and one offence class. Nothing could be compared."
INTERVALS = "Intervals hold the true share in 95% of logs of this size (Wilson)."
HOLM = (
    "%(n)d %(n:comparison with the rest was|comparisons with the rest were) made (Fisher's exact test). A difference "
    "is stated where chance would state any in at most 3%% of logs (Holm's correction)."
)
PEOPLE = (
    "%(n)d searches from %(first)s to %(last)s, by %(units)d %(units:unit|units). One person may be searched "
    "for more than once."
)
ARRESTS_MADE = "%(n)d searches led to an arrest or a charge."
REPEATED = "Several searches in one case count one by one. Differences then look surer than they are."
UNLOGGED = "The log shows what was logged. Searches outside it, or on another system, are not counted."
RIGHT_PERSON = "Nothing here says whether the right person was found. Recorded evidence was not examined."
HIDDEN = "Counts from 1 to 10 are not shown, nor counts from which they would follow."
WHOM = frozenset({PEOPLE, ARRESTS_MADE})
MESSAGES = frozenset(
    {
        UNSTATED, UNSTATED_FEW, EVERY_PURPOSE, BARE, BARE_FEW, ALL_EVIDENCE, FEW_ARRESTS, USED, DIFFERS,
        MORE_DIFFERENCES, NO_DIFFERENCES, NOT_DIVIDED, INTERVALS, HOLM, PEOPLE, ARRESTS_MADE, REPEATED,
        UNLOGGED, RIGHT_PERSON, HIDDEN,
    }
)  # fmt: skip
VOCABULARY = frozenset({*QUESTIONS, *(answer for _, answer in ANSWERS), *AGAINST_REST, TOGETHER, NO_UNIT})
MOST_SAID = 6

SAID = VOCABULARY | KEPT


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The counts of one division of the searches; the last row of `counts` is the total.

    `counts` is int64[values + 1, answers + 2] with the columns of `ANSWERS`, SEARCHES and ARRESTED. `open` tells the
    counts that may be shown, `verdicts` and `p_holm` compare each value with the rest: [values, answers].
    """

    by: str
    values: Values
    counts: Counts
    open: Mask
    verdicts: Values
    p_holm: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """An answer's share of the searches, or of arrests and charges, with Wilson's 95% interval."""

    question: str
    answer: str
    count: int
    n: int
    low: float
    high: float
    shown: bool


def audited_log(log: Table) -> tuple[list[Share], list[Tally]]:
    """The shares overall, and the tallies by quarter, unit and offence class. O(rows), and the suppression's programs.

    No count from 1 to 10 is shown, and none follows from what is. A question with such a count overall is not divided
    further. NotEnoughData: fewer searches than may be shown at all.
    """
    total = counts_by_value(log, np.zeros(len(log), dtype=np.int64), 1)[-1]
    if total[SEARCHES] < LOW:
        raise NotEnoughData("too few searches to show any count", accepted="a log of at least 11 searches")
    columns = list(range(len(total)))
    overall = shown_cells(total, _row_sums(columns, 0), threshold=LOW)
    tallies = [replace(tally, open=_open(tally.counts, overall)) for tally in tallied(log)]
    return [_share(i, total, overall) for i in range(len(ANSWERS))], tallies


def tallied(log: Table) -> list[Tally]:
    """The tallies by quarter, unit and offence class with their verdicts, everything closed. O(rows).

    One Holm correction covers every comparison of a value with the rest, of all divisions and questions.
    """
    made = []
    for name in BY:
        values, where = _divided(log[name])
        if len(values) > 1:
            made.append((name, values, counts_by_value(log, where, len(values))))
    p = holm(np.concatenate([_compared(counts).ravel() for *_, counts in made]) if made else [])
    tallies, at = [], 0
    for name, values, counts in made:
        size = len(values) * len(ANSWERS)
        own = p[at : at + size].reshape(len(values), len(ANSWERS))
        at += size
        closed = np.zeros(counts.shape, dtype=np.bool_)
        verdicts = verdicts_of(counts, own)
        tallies.append(Tally(by=name, values=values, counts=counts, open=closed, verdicts=verdicts, p_holm=own))
    return tallies


def counts_by_value(log: Table, where: Counts, values: int) -> Counts:
    """The counts of each value, total last: see `Tally`. `where` says which value each row of the log has. O(rows)."""
    made = np.zeros((values + 1, len(ANSWERS) + 2), dtype=np.int64)
    n = np.asarray(log["n"], dtype=np.int64)
    arrested = np.isin(log["outcome"].astype(str), ARRESTS)
    for i, (question, answer) in enumerate(ANSWERS):
        np.add.at(made[:, i], where, n * _answered(log, question, answer, arrested))
    np.add.at(made[:, SEARCHES], where, n)
    np.add.at(made[:, ARRESTED], where, n * arrested)
    made[-1] = made[:-1].sum(axis=0)
    return made


def verdicts_of(counts: Counts, p_holm: NDArray[np.float64]) -> Values:
    """Whether each value's share is higher or lower than the rest's, by corrected probabilities [values, answers]."""
    n = counts[:-1, _denominators()]
    total = counts[-1, _denominators()]
    with np.errstate(divide="ignore", invalid="ignore"):
        above = counts[:-1, : len(ANSWERS)] / n > counts[-1, : len(ANSWERS)] / total
    sure, known = p_holm <= SURE, np.isfinite(p_holm)
    words = np.where(sure & above, HIGHER, np.where(sure, LOWER, np.where(known, NO_DIFFERENCE, NOT_COMPARED)))
    return words.astype(object)


def _compared(counts: Counts) -> NDArray[np.float64]:
    """Fisher's probability for each value against the rest, of the shares that are compared; nan for the others."""
    p = np.full((len(counts) - 1, len(ANSWERS)), np.nan)
    of = _denominators()
    for i in (ANSWERS.index(pair) for pair in COMPARED):
        k, n = counts[:, i], counts[:, of[i]]
        for d in range(len(p)):
            rest = int(n[-1] - n[d])
            if min(int(n[d]), rest) >= LOW and 0 < k[-1] < n[-1]:
                p[d, i] = fisher(int(k[d]), int(n[d]), int(k[-1] - k[d]), rest)
    return p


def _answered(log: Table, question: str, answer: str, arrested: Mask) -> Mask:
    if question == PURPOSE:
        return np.asarray((log["purpose"] == NOT_STATED) == (answer == NOT_STATED), dtype=np.bool_)
    if question == EVIDENCE:
        return np.asarray(arrested & ((log["corroborated"] == 1) == (answer == WITH_EVIDENCE)), dtype=np.bool_)
    column = {CANDIDATES: "returned", ANALYST: "verdict", OUTCOME: "outcome"}[question]
    return np.asarray(log[column] == answer, dtype=np.bool_)


def _divided(values: Values) -> tuple[Values, Counts]:
    if values.dtype.kind == "M":
        found, where = np.unique(values, return_inverse=True)
    else:
        found, where = np.unique(values.astype(str), return_inverse=True)
        found = found.astype(object)
    return found, where.astype(np.int64)


def _denominators() -> Counts:
    return np.array([ARRESTED if question == EVIDENCE else SEARCHES for question, _ in ANSWERS], dtype=np.int64)


def _share(i: int, total: Counts, open_: Mask) -> Share:
    question, answer = ANSWERS[i]
    of = int(_denominators()[i])
    k, n = int(total[i]), int(total[of])
    low, high = (float(end) for end in wilson(k, n))
    return Share(
        question=question, answer=answer, count=k, n=n, low=low, high=high, shown=bool(open_[i] and open_[of] and n)
    )


def _row_sums(columns: Sequence[int], start: int) -> list[Sum]:
    """The sums within one row of counts, of the columns that are there; `start` is where the row begins."""
    place = {column: start + at for at, column in enumerate(columns)}
    groups = [(SEARCHES, [i for i, (q, _) in enumerate(ANSWERS) if q == question]) for question in QUESTIONS]
    groups[-1] = (ARRESTED, groups[-1][1])  # EVIDENCE is the last question
    groups.append((ARRESTED, [i for i, (q, a) in enumerate(ANSWERS) if q == OUTCOME and a in ARRESTS]))
    return [
        Sum(total=place[total], parts=tuple(place[part] for part in parts))
        for total, parts in groups
        if total in place and all(part in place for part in parts)
    ]


def _open(counts: Counts, overall: Mask) -> Mask:
    """Which counts of a division may be shown; whole questions are left out until nothing small follows."""
    whole = [q for q in QUESTIONS if all(overall[i] for i, (own, _) in enumerate(ANSWERS) if own == q)]
    if EVIDENCE in whole and not overall[ARRESTED]:
        whole.remove(EVIDENCE)
    found = _solved(counts, whole)
    kept: list[str] = []
    for question in whole if found is None else ():
        if (more := _solved(counts, [*kept, question])) is not None:
            found, kept = more, [*kept, question]
    return np.zeros(counts.shape, dtype=np.bool_) if found is None else found


def _solved(counts: Counts, questions: Sequence[str]) -> Mask | None:
    """The counts to show of these questions with every total known; None where a small count would follow."""
    columns = [i for i, (question, _) in enumerate(ANSWERS) if question in questions]
    columns += [SEARCHES, *([ARRESTED] if EVIDENCE in questions else [])]
    cells = counts[:, columns]
    rows, wide = cells.shape
    sums = [each for row in range(rows) for each in _row_sums(columns, row * wide)]
    place = np.arange(cells.size).reshape(rows, wide)
    sums += [Sum(total=int(line[-1]), parts=tuple(line[:-1].tolist())) for line in place.T]
    known = np.zeros(cells.size, dtype=np.bool_)
    known[place[-1]] = True
    try:
        visible = shown_cells(cells.ravel(), sums, threshold=LOW, public=known)
    except Withheld:
        return None
    made = np.zeros(counts.shape, dtype=np.bool_)
    made[:, columns] = visible.reshape(rows, wide)
    return made


def rate_of(count: int, n: int) -> float:
    """A share; nan of nothing."""
    return count / n if n else math.nan


def run(params: SearchLogParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Audit a search log's tallies: see `search_log.audited_log`."""
    context.progress("Counting", 0.2)
    log = datasets["log"].table
    overall, tallies = audited_log(log)
    first, last = (str(day.astype("datetime64[D]")) for day in (log["quarter"].min(), log["quarter"].max()))
    facts: dict[str, Scalar] = {"searches": int(log["n"].sum()), "first_quarter": first, "last_quarter": last}
    return Findings(
        tables=(_overall_table(overall), *(_table_of(name, tallies) for name in BY)),
        notes=(*_answers(overall), *_differences(tallies), *_how_sure(tallies), *_whom(log, overall), *_unknown()),
        facts=facts,
    )


def _overall_table(overall: Sequence[Share]) -> Table:
    rows = [s for s in overall if s.shown]
    return OVERALL.of(
        {
            **{name: [getattr(s, name) for s in rows] for name in ("question", "answer", "count", "n", "low", "high")},
            "rate": [rate_of(s.count, s.n) for s in rows],
            "p_holm": [math.nan] * len(rows),
            "verdict": [NOT_COMPARED] * len(rows),
        }
    )


def _table_of(name: str, tallies: Sequence[Tally]) -> Table:
    """The open counts by one division, a row for each value and answer."""
    rows = [row for tally in tallies if tally.by == name for row in _rows(tally)]
    values = np.array([row["value"] for row in rows], dtype="datetime64[M]" if name == "quarter" else object)
    return BY[name].of({name: values} | {column: [row[column] for row in rows] for column in OVERALL.columns})


def _rows(tally: Tally) -> list[dict[str, Any]]:
    made = []
    for d, value in enumerate(tally.values):
        for i, (question, answer) in enumerate(ANSWERS):
            of = ARRESTED if question == EVIDENCE else SEARCHES
            k, n = int(tally.counts[d, i]), int(tally.counts[d, of])
            if not (tally.open[d, i] and tally.open[d, of] and n):
                continue
            low, high = (float(end) for end in wilson(k, n))
            made.append(
                {
                    "value": value, "question": question, "answer": answer, "count": k, "n": n, "rate": k / n,
                    "low": low, "high": high, "p_holm": float(tally.p_holm[d, i]), "verdict": tally.verdicts[d, i],
                    "rest": rate_of(int(tally.counts[-1, i]) - k, int(tally.counts[-1, of]) - n),
                }
            )  # fmt: skip
    return made


def _answers(overall: Sequence[Share]) -> list[Note]:
    named = {(s.question, s.answer): s for s in overall}
    unstated, bare, used = (named[key] for key in ((PURPOSE, NOT_STATED), (EVIDENCE, NO_EVIDENCE), (ANALYST, POSSIBLE)))
    made = [_told(unstated, UNSTATED, UNSTATED_FEW, EVERY_PURPOSE)]
    made.append(_told(bare, BARE, BARE_FEW, ALL_EVIDENCE) if bare.n >= LOW else Note(text=FEW_ARRESTS))
    return made + ([Note(text=USED, values=_values(used))] if used.shown else [])


def _told(share: Share, many: str, few: str, none: str) -> Note:
    """A share in words: its figures, that it rests on 1 to 10, or that there is none."""
    if share.count == 0:
        return Note(text=none, values={"n": share.n})
    if share.count < LOW:
        return Note(text=few, values={"n": share.n})
    return Note(text=many, values={**_values(share), "k": share.count, "n": share.n})


def _values(share: Share) -> dict[str, Scalar]:
    return {"share": 100 * rate_of(share.count, share.n), "low": 100 * share.low, "high": 100 * share.high}


def _differences(tallies: Sequence[Tally]) -> list[Note]:
    """The surest differences in words, as many as fit a first page."""
    if not tallies:
        return [Note(text=NOT_DIVIDED)]
    rows = [(t.by, row) for t in tallies for row in _rows(t) if row["verdict"] in (HIGHER, LOWER)]
    rows.sort(key=lambda found: found[1]["p_holm"])
    made = []
    for by, row in rows[:MOST_SAID]:
        values: dict[str, Scalar] = {
            "answer": row["answer"], "share": 100 * row["rate"], "n": row["n"], "rest": 100 * row["rest"],
            "verdict": row["verdict"],
        }  # fmt: skip
        where = row["value"].astype("datetime64[D]") if by == "quarter" else row["value"]
        made.append(Note(text=DIFFERS, values={**values, "where": str(where)}))
    if len(rows) > MOST_SAID:
        made.append(Note(text=MORE_DIFFERENCES, values={"n": len(rows) - MOST_SAID}))
    return made or [Note(text=NO_DIFFERENCES)]


def _how_sure(tallies: Sequence[Tally]) -> list[Note]:
    made = [Note(text=INTERVALS, kind="explanation")]
    compared = sum(int(np.isfinite(t.p_holm).sum()) for t in tallies)
    return made + ([Note(text=HOLM, values={"n": compared}, kind="explanation")] if compared else [])


def _whom(log: Table, overall: Sequence[Share]) -> list[Note]:
    first, last = (str(day.astype("datetime64[D]")) for day in (log["quarter"].min(), log["quarter"].max()))
    units = len(set(log["unit"].tolist()))
    made = [Note(text=PEOPLE, values={"n": int(log["n"].sum()), "first": first, "last": last, "units": units})]
    arrests = next(s.n for s in overall if s.question == EVIDENCE)
    return made + ([Note(text=ARRESTS_MADE, values={"n": arrests})] if arrests >= LOW else [])


def _unknown() -> list[Note]:
    return [Note(text=says, kind="caveat") for says in (RIGHT_PERSON, UNLOGGED, REPEATED, HIDDEN)]


def view(findings: Findings, say: Say) -> Panels:
    """The report's panels, in the reader's language."""
    return [*told_first(findings, say, WHOM, SAID), *figures(findings, say)]


def example_log(searches: int = 2400, seed: int = 3) -> Dataset:
    """A made-up log of two years and four units: one unit states fewer purposes, another records less evidence."""
    rng = np.random.default_rng(seed)
    unit = rng.choice(["north", "south", "central", "west"], searches, p=(0.4, 0.3, 0.2, 0.1))
    arrested = rng.random(searches) < 0.16
    columns = {
        "quarter": rng.choice([f"{year}-Q{q}" for year in (2023, 2024) for q in (1, 2, 3, 4)], searches),
        "unit": unit,
        "purpose": np.where(rng.random(searches) < np.where(unit == "south", 0.22, 0.08), "", "suspect"),
        "offence_class": rng.choice(["robbery", "assault", "fraud", "shoplifting"], searches),
        "candidates_returned": rng.choice(["0", "1", "5", "20", "60"], searches, p=(0.2, 0.1, 0.3, 0.3, 0.1)),
        "analyst_verdict": rng.choice(["match", "no match", "inconclusive"], searches, p=(0.3, 0.6, 0.1)),
        "corroboration": np.where(rng.random(searches) < np.where(unit == "central", 0.5, 0.75), "yes", "no"),
        "outcome": np.where(arrested, rng.choice(["arrest", "charge"], searches), "none"),
    }
    text = table("text", {name: (Kind.PERSONAL, words.astype(object)) for name, words in columns.items()})
    admitted = FORMATS[0].convert(text, {})
    return dataset("example-search-log", FORMATS[0].id, admitted.table, dict(admitted.facts))


ARITHMETIC = Arithmetic(
    run=run,
    example=lambda: Example(params=SearchLogParams(), datasets={"log": example_log()}),
    messages=MESSAGES,
    vocabulary=VOCABULARY,
    public=all_public,
    shows=Shows(view=view),
)
