"""Assembled tables: rows of a release, and beside them rows that stand again as earlier releases show them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from peelian.kernel.disclosure.published_counts import Edition, Key, Told, agreed, named_rows, words_of
from peelian.kernel.model.capability import Emit, Findings, Note
from peelian.measure.suppression import LOW
from peelian.measure.table import Kind, Table

Mask = NDArray[np.bool_]
Unit = tuple[Key, Key]  # the columns that name a group, and its labels there


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows that stand again are from: each release is read once."""

    unpacked: Callable[[Edition], Findings]
    read: dict[tuple[int, str], tuple[Table, dict[Key, int]] | None]

    def row(self, edition: Edition, name: str, key: Key, names: Key) -> tuple[Table, int] | None:
        """The table of a release and where the row stands in it; None where it has none of this name."""
        at = (edition.index, name)
        if at not in self.read:
            table = next((t for t in self.unpacked(edition).tables if t.name == name), None)
            told = {k: i for i, k in enumerate(named_rows(table, names))} if table is not None else {}
            self.read[at] = (table, told) if table is not None else None
        found = self.read[at]
        return (found[0], found[1][key]) if found is not None and key in found[1] else None


def assembled(table: Table, chosen: Sequence[tuple[Table, int] | None]) -> Table:
    """The rows that were chosen, each from its table, in order; those that are None are left out. A row of a table with
    other columns is left out, too."""
    kept = [one for one in chosen if one is not None and one[0].names == table.names]
    if all(one[0] is table for one in kept):
        return table.take(np.array([row for _, row in kept], dtype=np.int64))
    sources = list({id(one): one for one, _ in kept}.values())
    starts = dict(zip(map(id, sources), np.cumsum([0, *map(len, sources)]).tolist(), strict=False))
    at = np.array([starts[id(one)] + row for one, row in kept], dtype=np.int64)
    columns = tuple(
        replace(c, values=np.concatenate([np.asarray(one[c.name]) for one in sources])[at]) for c in table.columns
    )
    return Table(name=table.name, columns=columns)


def rows_of(
    table: Table,
    emit: Emit,
    waits: Mask,
    nearest: tuple[Mapping[Key, Edition], Edition | None],
    source: Source,
) -> tuple[Table, int]:
    """The table with what waits as it was published, and how many rows do."""
    names = tuple(name for name in emit.keys if name in table)
    rows = named_rows(table, names) if names else tuple(() for _ in range(len(table)))
    chosen: list[tuple[Table, int] | None] = []
    for row, key in enumerate(rows):
        if not waits[row]:
            chosen.append((table, row))
        else:
            edition = nearest[0].get(key, nearest[1])
            chosen.append(source.row(edition, table.name, key, names) if edition is not None else None)
    return assembled(table, chosen), int(waits.sum())


def amounts_once(table: Table, emit: Emit, earlier: Sequence[Edition], source: Source) -> tuple[Table, int]:
    """Amounts of homes: one for a place and day. What was published stands again; nothing stands in the place of what
    was withdrawn; and of areas that were merged, or are, nothing else of that day is new."""
    names = tuple(name for name in emit.keys if name in table)
    days = [i for i, name in enumerate(names) if table.column(name).kind is not Kind.PLACE]
    known: dict[Key, Edition] = {}
    merged, days_known = set[Key](), set[Key]()
    for one in earlier:
        layout, values = one.tables.get(table.name, (None, None))
        for key, n in zip(layout.rows, values[:, -1].tolist(), strict=True) if layout and values is not None else ():
            day = tuple(key[i] for i in days)
            days_known.add(day)
            merged |= {day} if n > 1 else set()
            if key not in known or (one.stands and not known[key].stands):
                known[key] = one
    chosen: list[tuple[Table, int] | None] = []
    for row, (key, n) in enumerate(zip(named_rows(table, names), table[emit.once].tolist(), strict=True)):
        day, edition = tuple(key[i] for i in days), known.get(key)
        if edition is not None:
            chosen.append(source.row(edition, table.name, key, names) if edition.stands else None)
        else:
            chosen.append(None if day in merged or (n > 1 and day in days_known) else (table, row))
    waiting = sum(one is None or one[0] is not table for one in chosen)
    return assembled(table, chosen), waiting


def telling(table: Table, emit: Emit, units: set[Unit]) -> Mask:
    """The rows that tell of one of these groups. O(rows)."""
    names = tuple(name for name in emit.keys if name in table)
    found = np.zeros(len(table), np.bool_)
    by: dict[Key, set[Key]] = {}
    for of, labels in units:
        by.setdefault(of, set()).add(labels)
    if (table.name,) in by.get((), ()):
        found[:] = True
    rows = named_rows(table, names) if names and len(table) else ()
    whole = agreed(emit.whole) if emit.whole else None
    for of, named in by.items():
        for chosen in _columns_of(table, names, of):
            for row, key in enumerate(rows):
                told = tuple(key[i] for i in chosen)
                found[row] |= told in named and not (whole is not None and set(told) == {whole})
    return found


def _columns_of(table: Table, names: Key, of: Key) -> Iterator[tuple[int, ...]]:
    """Where a table names such a group: in the same columns, or with another column of groups in the last one's
    place."""
    if not of or not set(of[:-1]) <= set(names):
        return
    before = tuple(names.index(name) for name in of[:-1])
    for i, name in enumerate(names):
        if name == of[-1] or (len(of) > 1 and name not in of and table.column(name).kind is Kind.GROUP):
            yield (*before, i)


def sentences(
    notes: Sequence[Note], earlier: Sequence[Edition], told: Told, units: set[Unit], newest: Findings | None
) -> tuple[Note, ...]:
    """The sentences: those that name a group that waits, or a count that changed by 1 to k - 1, as they stood in the
    newest release that may stand again; left out where it has none of these words."""
    labels = {labels[-1] for of, labels in units if of}
    theirs = {words_of(note): note for note in newest.notes} if newest is not None else {}
    made = []
    for note in notes:
        of = words_of(note)
        numbers = {f"{of} {name}": told[f"{of} {name}"] for name in note.values if f"{of} {name}" in told}
        close = any(0 < abs(n - one.told.get(key, n)) < LOW for key, n in numbers.items() for one in earlier)
        if not close and not labels & {agreed(v) for v in note.values.values() if isinstance(v, str)}:
            made.append(note)
        elif of in theirs:
            made.append(theirs[of])
    return tuple(made)
