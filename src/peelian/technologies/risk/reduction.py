"""Reduce a file's rows to counts: how many people have each combination of scores, flags, quarter and groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from peelian.errors import NotEnoughData
from peelian.kernel.model.capability import Note, Scalar
from peelian.kernel.model.formats import Admitted, Dropped
from peelian.measure.table import Column, Kind, Table
from peelian.technologies.risk.cells import coded, recoded, rows_of
from peelian.technologies.risk.counts import CROSSED, EVERYONE, Floats, Mask
from peelian.technologies.risk.identity import refuse_labels
from peelian.technologies.risk.persons import EVER, Persons
from peelian.technologies.risk.tallying import (
    EXACT_SCORES,
    MOST_AXIS_LABELS,
    PILE,
    ROUNDED,
    cut_to_four,
    drop,
    grouped,
    label_of,
    people_of,
)


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
    """What a table of counts is called and made of.

    `n` is "" where each row is one assessment, of the person whose pseudonym is in the column `person` ("": of another
    person each).
    """

    name: str
    keys: Mapping[str, Key]
    groups: tuple[str, ...] = ()
    n: str = ""
    person: str = ""


@dataclass(slots=True)
class _Pile:
    """Cells so far: keys [cells, columns], the last of them the person's number; rows and different people [cells, 2].

    Words by group column, and rows left out: how many, the first.
    """

    words: dict[str, dict[str, int]]
    keys: list[Floats] = field(default_factory=list)
    people: list[Floats] = field(default_factory=list)
    persons: Persons = field(default_factory=Persons)
    dropped: dict[str, tuple[int, int]] = field(default_factory=dict)
    rounded: bool = False


def reduced(parts: Iterable[Table], recipe: Recipe) -> Admitted:
    """The counts of a file that arrives in parts of text columns. Memory: the cells, one part, 8 bytes a person.

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
    pile.keys[0][:, -1] = pile.persons.folds(pile.keys[0][:, -1])
    _merge(recipe, pile)
    return _admitted(recipe, pile)


def _pour(text: Table, recipe: Recipe, pile: _Pile) -> None:
    """Count one part of the file."""
    n, rows = people_of(text, recipe.n), rows_of(text)
    kept: Mask = n > 0
    columns = []
    for key in recipe.keys.values():
        values = key.read(text, key.column) if key.column else np.full(len(text), np.nan)
        columns.append(values)
        if key.missing:
            drop(pile.dropped, key.missing, kept & np.isnan(values), rows)
            kept &= ~np.isnan(values)
    for name in recipe.groups:
        source = coded(text, name)
        columns.append(recoded(source.words, pile.words[name])[source.codes].astype(np.float64))
    person, first = np.zeros((2, len(n)))
    if recipe.person:
        earlier = (keys[:, -1] for keys in pile.keys)
        person, hashes = pile.persons.told(text[recipe.person], recipe.person, kept, rows, earlier)
        first[kept] = pile.persons.first(hashes, np.ones(len(hashes), dtype=np.bool_), EVER)
    keys, people = grouped(np.stack([*columns, person], axis=1)[kept], np.stack([n, first], axis=1)[kept])
    pile.keys.append(keys)
    pile.people.append(people)


def _merge(recipe: Recipe, pile: _Pile) -> None:
    """Bring equal cells together; O(cells log cells)."""
    if not pile.keys:
        return
    keys, people = np.concatenate(pile.keys), np.concatenate(pile.people)
    for place, key in enumerate(recipe.keys.values()):
        if key.kind is Kind.AMOUNT and len(np.unique(keys[:, place])) > EXACT_SCORES:
            keys[:, place] = cut_to_four(keys[:, place])
            pile.rounded = True
    keys, people = grouped(keys, people)
    pile.keys, pile.people = [keys], [people]


def _admitted(recipe: Recipe, pile: _Pile) -> Admitted:
    keys, (people, distinct) = pile.keys[0], np.rint(pile.people[0].T).astype(np.int64)
    columns = []
    for place, (name, key) in enumerate(recipe.keys.items()):
        columns += _column(name, key, keys[:, place])
    columns.append(Column(name="n", kind=Kind.COUNT, values=people, unit="people"))
    if pile.persons.repeated:
        columns.append(Column(name="fold", kind=Kind.COUNT, values=keys[:, -1].astype(np.int64)))
        columns.append(Column(name="distinct", kind=Kind.COUNT, values=distinct))
    known: dict[str, None] = dict.fromkeys((*recipe.groups, EVERYONE, CROSSED))
    for place, name in enumerate(recipe.groups, start=len(recipe.keys)):
        words = list(pile.words[name])
        refuse_labels(words, name, most=MOST_AXIS_LABELS)
        labels = [label_of(word) for word in words]
        values = np.array(labels, dtype=object)[keys[:, place].astype(np.int64)]
        columns.append(Column(name=name, kind=Kind.GROUP, values=values))
        known |= dict.fromkeys(sorted(labels))
    facts: dict[str, Scalar] = {"people": int(people.sum()), **pile.persons.facts}
    facts |= {"axes": ",".join(recipe.groups), "groups": ",".join(known)}
    rounded = (Note(text=ROUNDED, values={"most": EXACT_SCORES}, kind="caveat"),) if pile.rounded else ()
    dropped = tuple(Dropped(why=why, n=n, first_row=row) for why, (n, row) in pile.dropped.items())
    made = Table(name=recipe.name, columns=tuple(columns))
    return Admitted(table=made, facts=facts, dropped=dropped, notes=(*rounded, *pile.persons.notes))


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
