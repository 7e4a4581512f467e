"""Published counts: what an earlier release shows, as far as a later one is compared with it.

Rows are known by what they are called, in one spelling, and numbers in facts and sentences by what names them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.kernel.disclosure.intake_and_release_checks import CELL
from peelian.kernel.model.capability import Emit, Findings, Note
from peelian.measure.suppression import LOW
from peelian.measure.table import Column, Kind, Table
from peelian.measure.vocabularies import plain

NOT_PEOPLE = frozenset(
    {"bins", "cells", "days", "hours", "origins", "places", "rank", "residents", "sensors", "trials", "weeks"}
)
"""Units of counts that count no incident and no person, so that small ones may be released."""
LABELS = frozenset({Kind.GROUP, Kind.CATEGORY, Kind.AGE_BAND, Kind.GENDER})
"""Kinds of columns with words that a file may call otherwise."""
FACT = "fact "
WHOLE = 1e-6  # a rate times its n is this near to the number of people it is of
Ints = NDArray[np.int64]
Key = tuple[str, ...]
Told = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class TableLayout:
    """How a published table is laid out: what its rows are called, and which columns count."""

    names: Key  # the columns that name a row
    counts: Key
    rows: tuple[Key, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """An earlier release, as far as a later one is compared with it.

    `sure`: it asked the same of the same records, so that its rows may stand again; else what is too like it is left
    out. `stands`: no later case corrects it. `told`: whole numbers of facts and sentences, by what names them.
    `same_days`: it is of the same period, as far as is known, so that it may be a part of the same file, or the whole.
    """

    index: int  # of the entry in the log
    findings: str  # the digest of what was published
    tables: Mapping[str, tuple[TableLayout, Ints]]  # counts [rows, counts]
    told: Told
    sure: bool = True
    stands: bool = True
    same: bool = False  # it is of the very same data, as far as is known
    same_days: bool = False


def count_columns(table: Table) -> tuple[Column, ...]:
    """The columns that count people or incidents."""
    return tuple(c for c in table.columns if c.kind is Kind.COUNT and c.unit not in NOT_PEOPLE)


def laid_out(table: Table, emit: Emit) -> tuple[TableLayout, Ints] | None:
    """How a table is laid out, and its counts; None where it counts nobody, or its rows cannot be told apart."""
    names = tuple(name for name in emit.keys if name in table)
    columns = tuple(c for c in count_columns(table) if c.name not in names)
    columns += tuple(c for c in table.columns if c.name == emit.once)
    rows = named_rows(table, names)
    if not columns or not names or len(set(rows)) != len(rows):
        return None
    counts = {c.name: np.asarray(c.values, dtype=np.int64) for c in columns}
    counts |= {} if emit.once else dict(shares(table, emit.shares))
    return TableLayout(names, tuple(counts), rows), np.stack(list(counts.values()), axis=1)


def shares(table: Table, declared: Mapping[str, str] = MappingProxyType({})) -> Iterator[tuple[str, Ints]]:
    """How many people or incidents each rate is of, by what names it: whoever has the rate and its n has that, too.
    `declared`: amounts that are such rates, and their n. None where a rate has no value, and where most of a column are
    no whole numbers: these are bounds or means.

    >>> from peelian.measure.table import table
    >>> one = table("t", {"n": (Kind.COUNT, [40, 60]), "late": (Kind.RATE, [0.2, 0.55])})
    >>> [(name, n.tolist()) for name, n in shares(one)]
    [('late of n', [8, 33])]
    """
    for column in table.columns:
        base = column.n if column.kind is Kind.RATE else declared.get(column.name, "")
        if base in table and table.column(base).unit not in NOT_PEOPLE:
            exact: NDArray[np.float64] = np.asarray(column.values, dtype=np.float64) * np.asarray(table[base])
            exact = np.nan_to_num(exact, posinf=0.0, neginf=0.0)
            n = np.rint(exact).astype(np.int64)
            whole = np.abs(exact - n) < WHOLE
            told = (2 * whole.sum() >= len(n)) & (whole | (column.kind is Kind.RATE))
            yield f"{column.name} of {base}", np.where(told, n, 0)


def named_rows(table: Table, names: Key) -> tuple[Key, ...]:
    """What each row is called: labels as two spellings of them agree, as far as these tell the rows apart. O(rows)."""
    spelled = [[_spelled(value) for value in table[name].tolist()] for name in names]
    rows = list(zip(*([agreed(word) for word in words] for words in spelled), strict=True))
    return tuple(rows if len(set(rows)) == len(rows) else zip(*spelled, strict=True))


def _spelled(value: Any) -> str:
    return f"{value:.12g}" if isinstance(value, float) else str(value)


@lru_cache(maxsize=1 << 16)
def agreed(word: str) -> str:
    """A label as two spellings of it agree; a cell of the grid as it is.

    >>> agreed("St. James-Town"), agreed("250:12:-7")
    ('st james town', '250:12:-7')
    """
    return word if CELL.fullmatch(word) else plain(word) or word


def told_of(findings: Findings, settings: Iterable[str] = ()) -> dict[str, int]:
    """The whole numbers in facts and sentences that may count people, by what names them; `settings` are no counts."""
    own = frozenset(settings)
    made = {f"{FACT}{name}": n for name, n in _large(findings.facts).items() if name not in own}
    for note in findings.notes:
        of = words_of(note)
        made |= {f"{of} {name}": n for name, n in _large(note.values).items() if name not in own}
    return made


def words_of(note: Note) -> str:
    """What a sentence says of what, whatever the numbers."""
    words = " ".join(f"{k}={v}" for k, v in sorted(note.values.items()) if isinstance(v, str))
    return f"note {note.text} {words}"


def _large(values: Mapping[str, Any]) -> dict[str, int]:
    whole = {k: v for k, v in values.items() if isinstance(v, int | np.integer | float) and not isinstance(v, bool)}
    found = {k: int(v) for k, v in whole.items() if not isinstance(v, float) or v.is_integer()}
    return {name: n for name, n in found.items() if n >= LOW}
