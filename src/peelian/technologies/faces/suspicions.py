"""What only a whole score file shows: every row several times, failure codes among scores, and one score for all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, sentence
from peelian.kernel.model.formats import Dropped
from peelian.technologies.faces.shapes import ScoreColumns

CODES = (-1.0, -9.0, -99.0, -999.0, -9999.0)
REPEATED = "Row given more than once, as often as every other row"
SAMPLED = 64  # one of so many comparisons, chosen by what they hold, is looked at first
FEWEST = 20  # different comparisons that must all recur: fewer may by chance


def examined(columns: ScoreColumns, start: int) -> tuple[ScoreColumns, tuple[Dropped, ...]]:
    """The columns with each comparison once, and what was dropped. O(rows), plus a sort where rows recur.

    `start` is the number of the file's first row, from which rows are named.
    InputError: one negative score that stands for a failure, or scores that are all equal.
    """
    known = columns.score[~columns.failed]
    if len(known):
        _refuse_codes(columns, known, start)
        if len(known) >= FEWEST and columns.genuine.any() and not columns.genuine.all() and known.min() == known.max():
            accepted = "scores that tell comparisons apart"
            raise InputError("all scores are equal", column="score", accepted=accepted)
    return _once(columns, start)


def _refuse_codes(columns: ScoreColumns, known: NDArray[np.float64], start: int) -> None:
    """InputError where the only negative score is a number often used for failures."""
    least = float(known.min())
    if least not in CODES or bool(((known < 0) & (known != least)).any()) or not (known >= 0).any():
        return
    n = int((known == least).sum())
    says = sentence(
        "%(n)d %(n:score is|scores are) %(code)d and no other is below 0: a code for failures", n=n, code=int(least)
    )
    accepted = "no score and failure_to_enrol = 1 for a comparison that could not be made"
    row = int(np.flatnonzero(columns.score == least)[0]) + start
    raise InputError(says, row=row, column="score", accepted=accepted)


def _once(columns: ScoreColumns, start: int) -> tuple[ScoreColumns, tuple[Dropped, ...]]:
    """Comparisons with the same people, kind and score recur by chance; all of them equally often only by copying."""
    keys = _keys(columns)
    sample = keys[keys % np.uint64(SAMPLED) == 0] if len(keys) > SAMPLED * FEWEST * 20 else keys
    if _times(sample) < 2 or (times := _times(keys)) < 2:
        return columns, ()
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    new = np.append(True, ordered[1:] != ordered[:-1])
    first = np.flatnonzero(new)
    place = np.arange(len(keys)) - np.repeat(first, np.diff(np.append(first, len(keys))))
    counts = np.repeat(np.diff(np.append(first, len(keys))), np.diff(np.append(first, len(keys))))
    keep = np.zeros(len(keys), dtype=np.bool_)
    keep[order] = place < counts // times
    gone = np.flatnonzero(~keep)
    return columns.take(keep), (Dropped(why=REPEATED, n=len(gone), first_row=int(gone[0]) + start),)


def _times(keys: NDArray[np.uint64]) -> int:
    """How often every key recurs at least; 1 where some do not, or where there are too few to tell."""
    _, counts = np.unique(keys, return_counts=True)
    return int(np.gcd.reduce(counts)) if len(counts) >= FEWEST else 1


def _keys(columns: ScoreColumns) -> NDArray[np.uint64]:
    """One well-mixed number per comparison: of its people where known, its kind and its score."""
    made = np.ascontiguousarray(columns.score).view(np.uint64) ^ columns.genuine.astype(np.uint64)
    for part in (columns.probe, columns.ref):
        if part is not None:
            made = (made ^ part.view(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
            made ^= made >> np.uint64(29)
    made = made * np.uint64(0xBF58476D1CE4E5B9)
    return np.asarray(made ^ (made >> np.uint64(32)), dtype=np.uint64)
