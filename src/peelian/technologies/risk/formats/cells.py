"""Cells of a stranger's file: parsed into scores, outcomes, counts, days and labels, or refused with their row."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from math import gcd, isnan

import numpy as np

from peelian.errors import InputError, sentence
from peelian.measure import coded as measure
from peelian.measure.table import Table
from peelian.technologies.risk.measure.counts import Floats, Mask, Wholes

YES, NO = (
    frozenset({"1", "1.0", "yes", "true", "y", "t", "oui"}),
    frozenset({"0", "0.0", "no", "false", "n", "f", "non"}),
)
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "unknown", "inconnu", "."})
_COMMA = re.compile(r"[-+]?\d*,\d+\s?%?")
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2},\d{3}")
UNKNOWN = 2
"""The code of an outcome nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """A column as its different words and the code of each row's word."""

    words: tuple[str, ...]
    codes: Wholes


def coded(text: Table, column: str) -> Coded:
    """A text column by its different words, stripped; O(rows)."""
    found = text.column(column)
    if found.dtype.kind == "f":
        written = ["" if isnan(v) else repr(v).removesuffix(".0") for v in found.values.tolist()]
        made = measure.coded(np.array(written, dtype=object))
    else:
        made = found.coded()
    words = (word.decode("utf-8", "replace") if isinstance(word, bytes) else str(word) for word in made.words)
    return Coded(words=tuple(word.strip() for word in words), codes=made.codes.astype(np.int64))


def numbers(text: Table, column: str, *, accepted: str = "a number", least: float = -np.inf) -> Floats:
    """A column of finite numbers of at least `least`, nan where it is missing; InputError names the row. O(rows)."""
    return decimals(text, column, accepted=accepted, least=least)[0]


def decimals(text: Table, column: str, *, accepted: str = "a number", least: float = -np.inf) -> tuple[Floats, bool]:
    """`numbers`, and whether some are written with a decimal comma. Per cent are hundredths.

    InputError: commas that could be decimal or between thousands; per cent beside plain numbers above 1. O(rows).
    """
    values, commas = text[column], False
    if values.dtype.kind == "f":
        found: Floats = values.astype(np.float64)
        bad = np.isinf(found)
    else:
        column_words = coded(text, column)
        commas = _decimal_commas(text, column, column_words)
        parsed = np.array([_number(word) for word in column_words.words], dtype=np.float64)
        missing = np.array([word.lower() in MISSING for word in column_words.words], dtype=np.bool_)
        share = np.array([word.endswith("%") for word in column_words.words], dtype=np.bool_)
        if share.any():
            mixed = (~share & (np.abs(parsed) > 1))[column_words.codes]
            refuse_where(
                text, column, mixed, "number without % in a column of per cent", "per cent in every row, or in none"
            )
        found = parsed[column_words.codes]
        bad = (~np.isfinite(parsed) & ~missing)[column_words.codes]
    with np.errstate(invalid="ignore"):
        bad = bad | (found < least)
    refuse_where(text, column, bad, "not a finite number" if least == -np.inf else "number out of range", accepted)
    return found, commas


def _decimal_commas(text: Table, column: str, found: Coded) -> bool:
    """Whether numbers have a decimal comma; InputError where it may as well stand between thousands, as in 1,234."""
    written = [bool(_COMMA.fullmatch(word)) for word in found.words]
    if not any(written):
        return False
    if all(_THOUSANDS.fullmatch(word) for word, comma in zip(found.words, written, strict=True) if comma):
        bad = np.array(written, dtype=np.bool_)[found.codes]
        refuse_where(
            text, column, bad, "comma that may be decimal or between thousands", "numbers with a decimal point"
        )
    return True


def outcomes(text: Table, column: str) -> Wholes:
    """0, 1 or UNKNOWN per row; InputError where a value is none of them. O(rows)."""
    return _mapped(text, column, _outcome, "0 or 1 (yes or no), empty if unknown")


def flags(text: Table, column: str) -> Wholes:
    """0 or 1 per row; InputError where a value is missing or another. O(rows)."""
    return _mapped(text, column, lambda word: code if (code := _outcome(word)) != UNKNOWN else None, "0 or 1")


def days(text: Table, column: str) -> Floats:
    """Days since 1970 per row, nan where missing; a time of day is cut off. InputError where it is no day. O(rows)."""
    column_words = coded(text, column)
    parsed = [_day(word) for word in column_words.words]
    bad = np.array([day is None for day in parsed], dtype=np.bool_)[column_words.codes]
    refuse_where(text, column, bad, "not a date", "YYYY-MM-DD")
    return np.array([np.nan if day is None else day for day in parsed], dtype=np.float64)[column_words.codes]


def rows_of(text: Table) -> Wholes:
    """The row in the file of each row, header = 1."""
    return text["row"].astype(np.int64) if "row" in text else np.arange(2, len(text) + 2)


def _mapped(text: Table, column: str, read: Callable[[str], int | None], accepted: str) -> Wholes:
    column_words = coded(text, column)
    parsed = [read(word) for word in column_words.words]
    bad = np.array([code is None for code in parsed], dtype=np.bool_)[column_words.codes]
    refuse_where(text, column, bad, "neither 0 nor 1", accepted)
    return np.array([code or 0 for code in parsed], dtype=np.int64)[column_words.codes]


def refuse_where(text: Table, column: str, bad: np.ndarray, wrong: str, accepted: str) -> None:
    """InputError at the first row that is bad, saying how many there are."""
    at = np.flatnonzero(bad)
    if at.size:
        if at.size > 1:
            wrong = sentence("%(what)s (%(n)d such %(n:row|rows))", what=sentence(wrong), n=at.size)
        raise InputError(wrong, row=int(rows_of(text)[at[0]]), column=column, accepted=accepted)


def _outcome(word: str) -> int | None:
    plain = word.lower()
    if plain in MISSING:
        return UNKNOWN
    return 1 if plain in YES else 0 if plain in NO else None


def _day(word: str) -> float | None:
    if word.lower() in MISSING:
        return np.nan
    try:
        return float(date.fromisoformat(word[:10]).toordinal() - date(1970, 1, 1).toordinal())
    except ValueError:
        return None


def _number(word: str) -> float:
    """The number a word writes; nan where it writes none.

    >>> _number("0,35"), _number("35 %"), _number("1_000")
    (0.35, 0.35, nan)
    """
    plain = word.replace(",", ".") if _COMMA.fullmatch(word) else word
    try:
        return float(plain.removesuffix("%")) / (100 if plain.endswith("%") else 1) if "_" not in plain else np.nan
    except ValueError:
        return np.nan


def recoded(words: Sequence[str], known: dict[str, int]) -> Wholes:
    """The code in `known` of each word; new words are added at its end."""
    return np.array([known.setdefault(word, len(known)) for word in words], dtype=np.int64)


# Signs that a file is not what it seems: failure codes among scores, rows repeated, one label in several spellings.

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
