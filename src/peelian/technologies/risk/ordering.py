"""Read levels of a feature as numbers or bands ("3", "1-3", "4+", "Less than 25"), to put them in order."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from peelian.technologies.risk.counts import Wholes

NUMBER = r"(-?\d+(?:[.,]\d+)?)"
BAND = re.compile(rf"{NUMBER}\s*(?:-|\u2013|to|à)\s*{NUMBER}", re.IGNORECASE)
UNDER = re.compile(rf"(?:<=?|≤|less than|under|up to|at most|moins de)\s*{NUMBER}", re.IGNORECASE)
OVER = re.compile(
    rf"(?:>=?|≥|more than|over|greater than|at least|plus de)\s*{NUMBER}|{NUMBER}\s*(?:\+|or more|and over|et plus)",
    re.IGNORECASE,
)


def place(word: str) -> tuple[float, float] | None:
    """(low, high) of a number or band; None where it is neither.

    >>> place("1-3"), place("4+"), place("Less than 25"), place("women")
    ((1.0, 3.0), (4.0, inf), (-inf, 25.0), None)
    """
    if match := re.fullmatch(NUMBER, word):
        return _number(match[1]), _number(match[1])
    if match := BAND.fullmatch(word):
        return _number(match[1]), _number(match[2])
    if match := UNDER.fullmatch(word):
        return -np.inf, _number(match[1])
    if match := OVER.fullmatch(word):
        return _number(match[1] or match[2]), np.inf
    return None


def in_order(words: Sequence[str], codes: Wholes) -> tuple[list[str], Wholes, bool]:
    """Levels and codes in ascending order, and whether they have one: all are numbers or bands. O(rows + words).

    >>> in_order(["10", "2", "3+"], np.array([0, 1, 2]))[:2]
    (['2', '3+', '10'], array([2, 0, 1]))
    """
    places = [place(word.strip()) for word in words]
    known = [one for one in places if one is not None]
    if len(known) < len(words) or len(words) < 2:
        return list(words), codes, False
    order = sorted(range(len(words)), key=lambda i: known[i])
    rank = np.empty(len(words), dtype=np.int64)
    rank[order] = np.arange(len(words))
    return [words[i] for i in order], rank[codes], True


def _number(text: str) -> float:
    return float(text.replace(",", "."))
