"""Signs that a file is not what it seems: failure codes among scores, rows repeated, one label in several spellings."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from math import gcd

import numpy as np

from peelian.errors import InputError, sentence
from peelian.technologies.risk.counts import Floats, Mask, Wholes

CODES = frozenset(
    {-1.0, -2.0, -7.0, -8.0, -9.0, -77.0, -88.0, -98.0, -99.0, -777.0, -888.0, -998.0, -999.0, -9999.0}
    | {9.0, 77.0, 88.0, 97.0, 98.0, 99.0, 777.0, 888.0, 997.0, 998.0, 999.0, 9999.0, 99999.0}
)  # fmt: skip
"""Numbers by which records say that there is none."""
FEWEST_SCORES = 3  # other scores that a code must stand apart from
FEWEST_CELLS = 16
"""Cells of a table whose counts share a divisor: by chance all are even once in 2^16 tables of so many."""


@dataclass(slots=True)
class Extremes:
    """The lowest and the highest score so far, each with the first row it stands in."""

    low: tuple[float, int] = field(default=(np.inf, 0))
    high: tuple[float, int] = field(default=(-np.inf, 0))

    def meet(self, score: Floats, kept: Mask, rows: Wholes) -> None:
        """Look at the scores of one part. O(rows)."""
        at = np.flatnonzero(kept)
        if at.size:
            low, high = at[np.argmin(score[at])], at[np.argmax(score[at])]
            self.low = min(self.low, (float(score[low]), int(rows[low])))
            if score[high] > self.high[0]:
                self.high = (float(score[high]), int(rows[high]))


def refuse_codes(scores: Floats, extremes: Extremes, column: str) -> None:
    """InputError where the lowest or the highest of the different `scores` (ascending) is a failure code.

    It is one if it is a usual code and stands apart: below 0 where no other score is, further from the next score than
    any two others are from each other (-1 beside 1 to 10); or further above the others than they span (999, 99).
    """
    for (code, row), others, gap, span in (
        (extremes.low, scores[1:], *_apart(scores, 0)),
        (extremes.high, scores[:-1], *_apart(scores, -1)),
    ):
        if code not in CODES or len(others) < FEWEST_SCORES:
            continue
        below = code < 0 <= others[0] and gap > 1.5 * float(np.diff(others).max())
        if below or (code > 0 and gap > span):
            told = f"{code:g}"  # as it is to be typed
            says = sentence("the score %(code)s stands apart from all others and looks like a failure code", code=told)
            accepted = sentence(
                "option missing=%(code)s (leaves these rows out) or missing=none (keeps them)", code=told
            )
            raise InputError(says, row=row, column=column, accepted=accepted)


def _apart(scores: Floats, end: int) -> tuple[float, float]:
    """(how far the score at one end lies from the next, how far the others span)."""
    if len(scores) < 2:
        return 0.0, 0.0
    others = scores[1:] if end == 0 else scores[:-1]
    return float(abs(scores[end] - others[end])), float(others[-1] - others[0])


def repeated_rows(n: Floats, *, cohort: bool, persons: bool) -> int:
    """The number that divides every count of a tally with at least 16 cells: 1 where there is none.

    InputError for a cohort without pseudonyms: whoever appends a file to itself makes intervals too narrow.
    """
    counts = n[n > 0].astype(np.int64)
    times = reduce(gcd, counts.tolist(), 0) if len(counts) >= FEWEST_CELLS else 1
    if times > 1 and cohort and not persons:
        says = sentence("every row is there %(times)d times, or a multiple of it", times=times)
        raise InputError(says, accepted="each assessment once, or a column pid")
    return max(times, 1)


def same_label(words: Sequence[str], people: Floats) -> Wholes:
    """For each label the label that stands for it: of those that differ in capitals or blanks only, the commonest.

    >>> same_label(["Black", "White", "black ", "BLACK"], np.array([5.0, 9, 8, 1])).tolist()
    [2, 1, 2, 2]
    """
    first: dict[str, int] = {}
    for place in np.argsort(-people, kind="stable").tolist():
        first.setdefault(_plain(words[place]), place)
    return np.array([first[_plain(word)] for word in words], dtype=np.int64)


def _plain(word: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", word).casefold().split()) or "unknown"
