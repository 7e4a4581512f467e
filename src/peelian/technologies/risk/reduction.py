"""Reduce a file's rows to counts: how many people have each combination of scores, flags, quarter and groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from peelian.errors import NotEnoughData
from peelian.kernel.model.capability import Note, Scalar
from peelian.kernel.model.formats import Admitted, Dropped
from peelian.measure.table import Column, Kind, Table
from peelian.technologies.risk.cells import coded, numbers, recoded, refuse_where, rows_of
from peelian.technologies.risk.counts import CROSSED, EVERYONE, Floats, Mask, Wholes
from peelian.technologies.risk.identity import refuse_labels
from peelian.technologies.risk.tallying import EXACT_SCORES, MOST_AXIS_LABELS, PILE, ROUNDED, cut_to_four


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One part of a cell's key: the file's column, how text becomes numbers (nan where missing), and its kind.

    `missing` says why a row without a value is left out; "" keeps it, and a column `…_known` of 0 and 1 says so.
    A column "" is one that the file lacks.
    """

    column: str
    read: Callable[[Table, str], Floats]
    kind: Kind
    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a table of counts is called and made of; `n` is "" where each row is one person."""

    name: str
    keys: Mapping[str, Key]
    groups: tuple[str, ...] = ()
    n: str = ""


@dataclass(slots=True)
class _Pile:
    """Cells so far: keys [cells, columns] and people, words by group column, and rows left out: how many, the first."""

    words: dict[str, dict[str, int]]
    keys: list[Floats] = field(default_factory=list)
    people: list[Floats] = field(default_factory=list)
    dropped: dict[str, tuple[int, int]] = field(default_factory=dict)
    rounded: bool = False


def reduced(parts: Iterable[Table], recipe: Recipe) -> Admitted:
    """The counts of a file that arrives in parts of text columns. Memory: the cells and one part.

    InputError names the row. Scores of more than 10,000 values are cut to four significant digits.
    """
    pile = _Pile(words={name: {} for name in recipe.groups})
    for part in parts:
        _pour(part, recipe, pile)
        if sum(map(len, pile.keys)) > PILE:
            _merge(recipe, pile)
    _merge(recipe, pile)
    if not pile.keys or not len(pile.keys[0]):
        raise NotEnoughData("no row has a score", accepted="at least one row with a score")
    return _admitted(recipe, pile)


def _pour(text: Table, recipe: Recipe, pile: _Pile) -> None:
    """Count one part of the file."""
    n = _people(text, recipe.n)
    kept: Mask = n > 0
    columns = []
    for key in recipe.keys.values():
        values = key.read(text, key.column) if key.column else np.full(len(text), np.nan)
        columns.append(values)
        if key.missing:
            _drop(pile, key.missing, kept & np.isnan(values), rows_of(text))
            kept &= ~np.isnan(values)
    for name in recipe.groups:
        source = coded(text, name)
        columns.append(recoded(source.words, pile.words[name])[source.codes].astype(np.float64))
    keys, people = grouped(np.stack(columns, axis=1)[kept], n[kept])
    pile.keys.append(keys)
    pile.people.append(people)


def _people(text: Table, column: str) -> Floats:
    """How many people each row stands for."""
    if not column:
        return np.ones(len(text))
    n = numbers(text, column, accepted="whole numbers of 0 or more", least=0)
    bad = np.isnan(n) | (n != np.floor(n))
    refuse_where(text, column, bad, "not a number of people", "whole numbers of 0 or more")
    return n


def _drop(pile: _Pile, why: str, mask: Mask, rows: Wholes) -> None:
    at = np.flatnonzero(mask)
    if at.size:
        before, first = pile.dropped.get(why, (0, int(rows[at[0]])))
        pile.dropped[why] = before + int(at.size), first


def _merge(recipe: Recipe, pile: _Pile) -> None:
    if not pile.keys:
        return
    keys, people = np.concatenate(pile.keys), np.concatenate(pile.people)
    for place, key in enumerate(recipe.keys.values()):
        if key.kind is Kind.AMOUNT and len(np.unique(keys[:, place])) > EXACT_SCORES:
            keys[:, place] = cut_to_four(keys[:, place])
            pile.rounded = True
    keys, people = grouped(keys, people)
    pile.keys, pile.people = [keys], [people]


def grouped(keys: Floats, people: Floats) -> tuple[Floats, Floats]:
    """Equal rows of `keys` [R, K] as one, their `people` [R] added; nan equals nan. O(K R log R).

    >>> [part.tolist() for part in grouped(np.array([[1.0, 0.0], [2.0, 0.0], [1.0, 0.0]]), np.array([1.0, 5.0, 2.0]))]
    [[[1.0, 0.0], [2.0, 0.0]], [3.0, 5.0]]
    """
    if not len(keys):
        return keys, people
    flat, size = np.zeros(len(keys), dtype=np.int64), 1
    for column in keys.T:
        codes = np.unique(column, return_inverse=True)[1]
        width = int(codes.max()) + 1
        if size > 2**62 // width:  # too many combinations for one number: renumber those that occur
            flat = np.unique(flat, return_inverse=True)[1]
            size = int(flat.max()) + 1
        flat, size = flat * width + codes, size * width
    _, first, where = np.unique(flat, return_index=True, return_inverse=True)
    return keys[first], np.bincount(where, weights=people).astype(np.float64)


def _admitted(recipe: Recipe, pile: _Pile) -> Admitted:
    keys, people = pile.keys[0], pile.people[0]
    columns = []
    for place, (name, key) in enumerate(recipe.keys.items()):
        columns += _column(name, key, keys[:, place])
    columns.append(Column(name="n", kind=Kind.COUNT, values=np.rint(people).astype(np.int64), unit="people"))
    known: dict[str, None] = dict.fromkeys((*recipe.groups, EVERYONE, CROSSED))
    for place, name in enumerate(recipe.groups, start=len(recipe.keys)):
        words = list(pile.words[name])
        refuse_labels(words, name, most=MOST_AXIS_LABELS)
        # Commas divide lists of words elsewhere, and × joins labels.
        labels = [word.replace(",", ";").replace("×", "x") or "unknown" for word in words]
        values = np.array(labels, dtype=object)[keys[:, place].astype(np.int64)]
        columns.append(Column(name=name, kind=Kind.GROUP, values=values))
        known |= dict.fromkeys(sorted(labels))
    facts: dict[str, Scalar] = {
        "people": int(people.sum()),
        "axes": ",".join(recipe.groups),
        "groups": ",".join(known),
    }
    notes = (Note(text=ROUNDED, values={"most": EXACT_SCORES}, kind="caveat"),) if pile.rounded else ()
    dropped = tuple(Dropped(why=why, n=n, first_row=row) for why, (n, row) in pile.dropped.items())
    return Admitted(table=Table(name=recipe.name, columns=tuple(columns)), facts=facts, dropped=dropped, notes=notes)


def _column(name: str, key: Key, values: Floats) -> list[Column]:
    known = ~np.isnan(values)
    if key.kind is Kind.AMOUNT:
        return [Column(name=name, kind=key.kind, values=values.copy())]
    whole = np.where(known, values, 0).astype(np.int64)
    if key.kind is Kind.TIME:  # months since 1970
        return [Column(name=name, kind=key.kind, values=whole.astype("datetime64[M]").astype("datetime64[D]"))]
    made = [Column(name=name, kind=key.kind, values=whole)]
    if not key.missing:
        made.append(Column(name=f"{name}_known", kind=Kind.COUNT, values=known.astype(np.int64)))
    return made
