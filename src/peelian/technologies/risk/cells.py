"""Parse text columns into scores, outcomes, counts, days and labels; errors name the row."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from math import isnan

import numpy as np

from peelian.errors import InputError, sentence
from peelian.measure import coded as measure
from peelian.measure.table import Table
from peelian.technologies.risk.counts import Floats, Wholes

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
