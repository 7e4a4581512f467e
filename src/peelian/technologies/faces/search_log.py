"""Audit a search log: shares by quarter, unit and offence class, compared without letting a small count out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from peelian.errors import NotEnoughData, Withheld
from peelian.measure.exact import fisher
from peelian.measure.multiplicity import holm
from peelian.measure.rates import wilson
from peelian.measure.suppression import LOW, Sum, shown
from peelian.measure.table import Table, Values
from peelian.technologies.faces.declarations.search_log import BY
from peelian.technologies.faces.search_words import (
    ARREST,
    ARRESTS,
    BANDS,
    CHARGE,
    NO_ACTION,
    NO_MATCH,
    NOT_RECORDED,
    NOT_STATED,
    OTHER_OUTCOME,
    POSSIBLE,
    UNCLEAR,
)
from peelian.technologies.faces.shares import HIGHER, LOWER, NO_DIFFERENCE, NOT_COMPARED, SURE

STATED = "purpose stated"
WITH_EVIDENCE, NO_EVIDENCE = "other evidence recorded", "no other evidence recorded"
PURPOSE, CANDIDATES, VERDICT, OUTCOME, EVIDENCE = (
    "stated purpose",
    "candidates returned",
    "analyst's verdict",
    "outcome",
    "other evidence at an arrest or charge",
)
QUESTIONS: Mapping[str, tuple[str, ...]] = {
    PURPOSE: (STATED, NOT_STATED),
    CANDIDATES: BANDS,
    VERDICT: (POSSIBLE, NO_MATCH, UNCLEAR, NOT_RECORDED),
    OUTCOME: (NO_ACTION, ARREST, CHARGE, OTHER_OUTCOME, NOT_RECORDED),
    EVIDENCE: (WITH_EVIDENCE, NO_EVIDENCE),
}
"""What is counted of each search, and the answers there are. EVIDENCE is of arrests and charges only."""
ANSWERS = tuple((question, answer) for question, answers in QUESTIONS.items() for answer in answers)
SEARCHES, ARRESTED = len(ANSWERS), len(ANSWERS) + 1  # columns of the counts, after those of the answers
COMPARED = ((PURPOSE, NOT_STATED), (CANDIDATES, BANDS[0]), (VERDICT, POSSIBLE), (EVIDENCE, NO_EVIDENCE))
"""The shares that are compared between quarters, units and offence classes."""

Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]


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
    total = counted(log, np.zeros(len(log), dtype=np.int64), 1)[-1]
    if total[SEARCHES] < LOW:
        raise NotEnoughData("too few searches to show any count", accepted="a log of at least 11 searches")
    columns = list(range(len(total)))
    overall = shown(total, _row_sums(columns, 0), threshold=LOW)
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
            made.append((name, values, counted(log, where, len(values))))
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


def counted(log: Table, where: Counts, values: int) -> Counts:
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
    column = {CANDIDATES: "returned", VERDICT: "verdict", OUTCOME: "outcome"}[question]
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
        visible = shown(cells.ravel(), sums, threshold=LOW, public=known)
    except Withheld:
        return None
    made = np.zeros(counts.shape, dtype=np.bool_)
    made[:, columns] = visible.reshape(rows, wide)
    return made


def rate_of(count: int, n: int) -> float:
    """A share; nan of nothing."""
    return count / n if n else math.nan
