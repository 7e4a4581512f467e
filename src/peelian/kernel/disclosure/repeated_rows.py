"""Repeated rows: which rows of a release are too like an earlier one to be new, and stand again as they were.

Whoever has two releases of one subject can subtract them. Where a count differs by 1 to k - 1, the difference is a few
people; so the row stands again as it was published, until k or more have changed. Counts that differ by 0, or by k or
more, are new. What is said of a group goes with its counts, and what is said of everybody with the total.
Pure: from tables to tables (`kernel/disclosure/editions` finds the earlier releases).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.kernel.disclosure.assembled_tables import (
    Source,
    Unit,
    amounts_once,
    assembled,
    rows_of,
    sentences,
    telling,
)
from peelian.kernel.disclosure.divided_files import MOST_PAIRED, is_a_group, is_divided, is_of_three
from peelian.kernel.disclosure.published_counts import (
    FACT,
    Edition,
    Ints,
    Key,
    TableLayout,
    Told,
    agreed,
    laid_out,
    named_rows,
)
from peelian.kernel.disclosure.renamed_rows import few, renamed, tiny
from peelian.kernel.model.capability import Emit, Findings
from peelian.measure.suppression import LOW
from peelian.measure.table import Kind, Table

MEASURES = frozenset({Kind.LEVEL, Kind.AMOUNT, Kind.COUNT, Kind.RATE})
"""Kinds of columns that name what is counted of a group, and not the group."""

FIGURES_FROM = 60
"""A row that counts fewer people is a range where others wait, of k - 1 to either side: decision 60."""
FALSE = 0.25
"""A row that changed by more than this share of its largest count, and by 2 k, would be false if it stood again."""
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """What may be published: the findings, how many of their rows wait, and whether nothing in them is new."""

    findings: Findings
    waiting: int = 0
    rows: int = 0
    whole: bool = False  # it repeats an earlier release whole:
    of: Edition | None = None  # this one
    stuck: bool = False  # it is too like an earlier release that it cannot repeat: nothing may be published
    part: bool = False  # or too like several together


def edited(
    public: Findings,
    full: Findings,
    earlier: Sequence[Edition],
    emits: Mapping[str, Emit],
    *,
    unpacked: Callable[[Edition], Findings],
    told: Told,
) -> Edited:
    """The public findings, where what changed by 1 to k - 1 stands again as it was published.

    `earlier`: releases of the same subject with a common day, oldest first; `full`: all that was found; `told`: the
    counts among the numbers of its facts and sentences. O(rows x earlier releases).
    """
    if not earlier:
        return Edited(findings=public, rows=sum(map(len, public.tables)))
    sizes, source = {t.name: len(t) for t in public.tables}, Source(unpacked, {})
    public = _staying(public, full, (emits, earlier), source)
    compared = {t.name: one for t in public.tables if (one := _compared(t, emits.get(t.name), earlier)) is not None}
    totals = [total for one in compared.values() if (total := _total(one, full, told)) is not None]
    if like := _like(tuple(compared.values()), earlier, {key: n for key, n in told.items() if _of_all(key, totals)}):
        return _repeated(public, like if like[-1].findings else earlier, unpacked)
    if any(_is_part(one) for one in _main(tuple(compared.values()))):
        return Edited(findings=public, stuck=True, part=True)
    near = {name: _near(one, sizes[name]) for name, one in compared.items()}
    tables = [(t, emits[t.name]) for t in public.tables if t.name in emits and not emits[t.name].once]
    found = _waiting(tables, compared, near, lambda one: _total(one, full, told))
    if found is None:
        return _repeated(public, earlier, unpacked)
    units, masks = found
    newest = next((one for one in reversed(earlier) if one.sure and one.stands), None)
    made, waiting = [], 0
    for table in public.tables:
        emit = emits.get(table.name)
        if emit is None:
            new, n = table, 0
        elif emit.once:
            new, n = amounts_once(table, emit, earlier, source)
        else:
            of = _nearest_of(compared.get(table.name), near.get(table.name))
            new, n = rows_of(table, emit, masks[table.name], (of, None if table.name in near else newest), source)
        made.append(new)
        waiting += n
    last = unpacked(newest) if newest is not None else None
    notes = sentences(public.notes, earlier, told, units, last)
    findings = replace(public, tables=tuple(made), notes=notes)
    return Edited(findings=findings, waiting=waiting, rows=sum(map(len, public.tables)))


@dataclass(frozen=True)
class _Group:
    """Earlier releases of one layout together, beside the rows of now."""

    editions: list[Edition]
    layout: TableLayout
    shown: Ints  # counts [editions, rows, counts]
    at: Ints  # where each of its rows stands now; -1 for nowhere
    now: Ints

    @cached_property
    def theirs(self) -> Ints:
        """The rows that are there now, too."""
        return np.flatnonzero(self.at >= 0)

    @cached_property
    def rows(self) -> Ints:
        """Where these stand now."""
        return np.asarray(self.at[self.theirs], dtype=np.int64)

    @cached_property
    def change(self) -> Ints:
        """By how much each of these changed since each release, [editions, rows, counts]."""
        now = self.now[self.rows].astype(self.shown.dtype)
        return now - (self.shown if len(self.theirs) == len(self.at) else self.shown[:, self.theirs])

    @cached_property
    def size(self) -> Ints:
        """The same, whichever way it changed."""
        return np.abs(self.change)


@dataclass(frozen=True)
class _Compared:
    """A table beside what earlier releases show of it."""

    table: Table
    emit: Emit
    layout: TableLayout
    values: Ints
    earlier: Sequence[Edition]

    @cached_property
    def groups(self) -> list[_Group]:
        """Earlier releases of one layout together, and their counts [editions, rows, counts]."""
        found: dict[int, list[Edition]] = {}
        for one in self.earlier:
            layout, _ = one.tables.get(self.table.name, (None, None))
            if layout is not None and (layout.names, layout.counts) == (self.layout.names, self.layout.counts):
                found.setdefault(id(layout), []).append(one)
        made, name = [], self.table.name
        for some in found.values():
            layout = some[0].tables[name][0]
            at = np.array([self.places.get(key, -1) for key in layout.rows], dtype=np.int64)
            shown = np.stack([one.tables[name][1] for one in some])
            if np.abs(self.values).max(initial=0) >= 1 << 30:  # else four bytes a count are enough, and faster
                shown = shown.astype(np.int64)
            made.append(_Group(some, layout, shown, at, self.values))
        return made

    @property
    def paired(self) -> tuple[Ints, Mask]:
        """The newest releases of the same days: counts [releases, rows, counts] beside the rows of now, and which of
        these each has."""
        every = [(g, i) for g in self.groups for i, one in enumerate(g.editions) if one.same_days]
        newest = sorted(every, key=lambda one: one[0].editions[one[1]].index)[-MOST_PAIRED:]
        shown = np.zeros((len(newest), *self.values.shape), np.int64)
        there = np.zeros(shown.shape[:2], np.bool_)
        for at, (group, i) in enumerate(newest):
            shown[at, group.rows], there[at, group.rows] = group.shown[i, group.theirs], True
        return shown, there

    @cached_property
    def is_whole(self) -> Mask:
        """The rows that count everybody."""
        of = [i for i, name in enumerate(self.layout.names) if self.table.column(name).kind is Kind.GROUP]
        label = agreed(self.emit.whole)
        rows = [bool(label and of) and all(key[i] == label for i in of) for key in self.layout.rows]
        return np.array(rows, dtype=np.bool_)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Of what kind each column is that names a row."""
        return tuple(self.table.column(name).kind for name in self.layout.names)

    @cached_property
    def places(self) -> dict[Key, int]:
        """Where each row stands, by what it is called."""
        return {key: row for row, key in enumerate(self.layout.rows)}


@dataclass(slots=True)
class _Near:
    """How far each row is from what was published of it, and which release shows the nearest that may stand again."""

    waits: Mask
    change: Ints  # [rows, counts], from the newest release that has the row
    known: Mask  # whether a release has it
    nearest: list[Edition | None]
    shown: Ints  # [rows, counts], as the nearest has it


@dataclass(frozen=True, slots=True)
class _Total:
    """What is told of everybody beside a table: each count's sum, and what names it among facts and sentences."""

    now: Ints
    names: Key


def _compared(table: Table, emit: Emit | None, earlier: Sequence[Edition]) -> _Compared | None:
    laid = laid_out(table, emit) if emit is not None and not emit.once else None
    if emit is None or laid is None:
        return None
    return _Compared(table, emit, laid[0], laid[1], earlier)


def _near(one: _Compared, own: int) -> _Near:
    """How far each row is from earlier releases. Those from `own` on left the table, and wait as they stood."""
    n = len(one.layout.rows)
    none, change = np.zeros(n, np.bool_), np.zeros_like(one.values)
    near = _Near(none.copy(), change.copy(), none.copy(), [None] * n, change.copy())
    newest, size = np.full(n, np.iinfo(np.int64).min), np.full(n, np.inf)
    for group in one.groups:
        rows, last = group.rows, group.editions[-1].index
        near.waits[rows] |= few(group.change).any(axis=0)
        near.known[rows] = True
        later = newest[rows] < last
        near.change[rows[later]] = group.change[-1][later]
        newest[rows[later]] = last
        _nearest(near, size, group)
        now, then = (one.values, group.at), (group.layout, group.shown)
        near.waits[renamed(one.layout, one.kinds, now, then, every=bool(one.emit.whole))] = True
    near.waits[own:] = True
    off = np.abs(one.values - near.shown).max(axis=1, initial=0)
    for row in np.flatnonzero((off >= 2 * LOW) & (off > FALSE * one.values.max(axis=1, initial=0))).tolist():
        near.nearest[row] = None  # left out where it waits
    return near


def _nearest(near: _Near, size: NDArray[Any], group: _Group) -> None:
    """Note, of each row, the release that shows it nearest of those that may stand again; the newest of several."""
    may = [i for i, one in enumerate(group.editions) if one.sure and one.stands][::-1]
    if not may:
        return
    off = group.size[::-1] if len(may) == len(group.editions) else group.size[may]
    far = np.ascontiguousarray(off.sum(axis=2, dtype=off.dtype).T)  # [rows, editions]
    best = far.argmin(axis=1)
    least = far[np.arange(len(best)), best].tolist()
    for at, (row, i, distance) in enumerate(zip(group.rows.tolist(), best.tolist(), least, strict=True)):
        edition, known = group.editions[may[i]], near.nearest[row]
        if distance < size[row] or (distance == size[row] and known is not None and known.index < edition.index):
            size[row], near.nearest[row] = distance, edition
            near.shown[row] = group.now[row] - group.change[may[i], at]


def _like(compared: Sequence[_Compared], earlier: Sequence[Edition], totals: Told) -> list[Edition]:
    """The releases from which the whole of this one differs by 1 to k - 1: in a total, or in all counts together. Other
    data with the very same counts may differ by a few, too, in what is not counted: its figures would tell."""
    main = _main(compared)
    found: dict[int, list[bool]] = {}
    differs: set[int] = set()
    like: set[int] = {one.index for one in earlier if _alike(one.told, totals)}
    for one in compared:
        for group in one.groups:
            change = group.change
            own = np.delete(one.values, group.rows, axis=0).sum(axis=0)  # rows that are in one of both only
            gone = np.delete(group.shown, group.theirs, axis=1).sum(axis=1)
            all_: Ints = group.size.sum(axis=1) + own + gone
            net: Ints = change.sum(axis=1) + own - gone
            everybody = np.asarray(few(change[:, one.is_whole[group.rows]]).any(axis=1), dtype=np.bool_)
            near = everybody if one.emit.whole else tiny(net).any(axis=1)
            small, some = np.asarray((all_ < LOW).all(axis=1)), np.asarray(all_.any(axis=1))
            for i, edition in enumerate(group.editions if any(one is each for each in main) else ()):
                found.setdefault(edition.index, []).append(bool(small[i]))
            like |= {group.editions[i].index for i in np.flatnonzero(near).tolist()}
            differs |= {group.editions[i].index for i in np.flatnonzero(some).tolist()}
    differs |= {edition.index for edition in earlier if not edition.same}
    like |= {index for index, small in found.items() if all(small)} & differs
    return [one for one in earlier if one.index in like]


def _main(every: Sequence[_Compared]) -> Sequence[_Compared]:
    """The tables that count everybody: those that tell of everybody, where there are some."""
    return [one for one in every if one.is_whole.any()] or every


def _is_part(one: _Compared) -> bool:
    """Whether this is of a part of an earlier release's file, or of the whole of it, and tells of a few by that."""
    groups = one.groups if set(one.kinds) == {Kind.GROUP} else ()  # of other tables, other measures may agree by chance
    alone = any(is_a_group(one.values, (group.shown, group.at), one.is_whole) for group in groups)
    compared = (one.values, *one.paired, one.is_whole)
    return alone or is_divided(*compared) or (not MEASURES & set(one.kinds) and is_of_three(*compared))


def _of_all(name: str, totals: Sequence[_Total]) -> bool:
    """Whether a number is told of everybody: in a fact, or as the total of a table."""
    return name.startswith(FACT) or any(name in total.names for total in totals)


def _alike(theirs: Told, mine: Told) -> bool:
    """Whether a number that is told of everybody changed by 1 to k - 1."""
    return any(0 < abs(n - theirs.get(name, n)) < LOW for name, n in mine.items())


def _unit(one: _Compared, row: int) -> Unit:
    """What a row is of, whatever it counts of it; of a table that names nothing else, the table itself."""
    of = [i for i, name in enumerate(one.layout.names) if one.table.column(name).kind not in MEASURES]
    key = one.layout.rows[row]
    return (tuple(one.layout.names[i] for i in of), tuple(key[i] for i in of)) if of else ((), (one.table.name,))


def _waiting(
    tables: Sequence[tuple[Table, Emit]],
    compared: Mapping[str, _Compared],
    near: Mapping[str, _Near],
    totals: Callable[[_Compared], _Total | None],
) -> tuple[set[Unit], dict[str, Mask]] | None:
    """The groups that wait, and the rows of each table that tell of them: all that is said of a group waits with it,
    and one more group where the totals would tell how those that wait changed. None where everything must."""
    units = {_unit(compared[name], row) for name, one in near.items() for row in np.flatnonzero(one.waits).tolist()}
    while True:
        units |= {(of[:1], labels[:1]) for of, labels in units if len(of) > 1 and len(set(labels)) == 1}  # with itself
        masks = {t.name: telling(t, emit, units) for t, emit in tables}
        more = set[Unit]()
        for name, one in compared.items():
            for row in _given_away(one, near[name], masks[name], totals(one)):
                if row < 0:
                    return None
                if near[name].shown[row].max() < FIGURES_FROM:  # k or more changed, so that no range would hold
                    near[name].nearest[row] = None
                more.add(_unit(one, row))
        if more <= units:
            return units, masks
        units |= more


def _given_away(one: _Compared, near: _Near, waits: Mask, total: _Total | None) -> Iterator[int]:
    """Rows that must wait, too (-1: all of them): else what is told of everybody, less what is told of the others, is
    by how much those that wait changed since some release."""
    there = ~waits | np.array([edition is not None for edition in near.nearest], dtype=np.bool_)
    now = np.where(waits[:, None], near.shown, one.values)
    for everybody, parts in _partitions(one):
        if everybody < 0 and total is None:
            continue
        own = np.zeros(len(there), np.bool_)
        own[parts] = True
        everyone = total.now if everybody < 0 and total is not None else now[everybody]
        again = bool((own & waits & there).any()) and bool(few(everyone - now[there & own].sum(axis=0)))
        if again or any(_tells(group, (now, there & own), everybody, total) for group in one.groups):
            moved = np.flatnonzero(own & ~waits & near.known & (np.abs(near.change).sum(axis=1) > 0))
            most = np.maximum(one.values[moved].max(axis=1), 1)
            wrong = np.abs(near.change[moved]).max(axis=1) / most + (near.shown[moved].max(axis=1) < FIGURES_FROM)
            yield int(moved[wrong.argmin()]) if len(moved) else -1  # what is least wrong where it stands again


def _tells(group: _Group, of: tuple[Ints, Mask], everybody: int, total: _Total | None) -> bool:
    """Whether the change of a total since one of these releases, less the changes of its parts that are told, is few.
    Rows that one of both shows alone may have been none, or may be none now."""
    (now, shows), at, shown = of, group.at, group.shown
    if everybody < 0 and total is not None:
        then = np.array([[one.told.get(name, -1) for name in total.names] for one in group.editions], dtype=np.int64)
        told = (then >= 0).all(axis=1)
        change, shown = (total.now - then)[told], shown[told]
    elif everybody in at:
        change = now[everybody] - shown[:, int(np.flatnonzero(at == everybody)[0])]
    else:
        return False
    both = np.flatnonzero((at >= 0) & shows[at])
    rest = change - (now[at[both]] - shown[:, both]).sum(axis=1)
    alone = shows.copy()
    alone[at[both]] = False
    gone = np.flatnonzero((at < 0) | ~shows[at]) if everybody < 0 else np.zeros(0, np.int64)
    fewer = rest - now[alone].sum(axis=0)
    return bool(np.any([few(rest), few(fewer), few(fewer + shown[:, gone].sum(axis=1))]))


def _partitions(one: _Compared) -> Iterator[tuple[int, Ints]]:
    """The row that counts everybody (-1 for none) with the rows that are its parts, for each measure and each kind of
    group."""
    names, kinds = one.layout.names, one.kinds
    measure = [i for i, kind in enumerate(kinds) if kind in MEASURES]
    groups = [i for i, kind in enumerate(kinds) if kind is Kind.GROUP]
    axis = groups[0] if one.emit.whole and len(groups) > 1 else -1
    rest = [i for i in range(len(names)) if i not in measure and i not in groups] if one.emit.whole else []
    parts: dict[tuple[Key, str], list[int]] = {}
    wholes: dict[Key, int] = {}
    for row, key in enumerate(one.layout.rows):
        context = tuple(key[i] for i in (*measure, *rest))
        if one.is_whole[row]:
            wholes[context] = row
        else:
            parts.setdefault((context, key[axis] if axis >= 0 else ""), []).append(row)
    for (context, _), rows in parts.items():
        yield wholes.get(context, -1), np.array(rows, dtype=np.int64)


def _repeated(public: Findings, like: Sequence[Edition], unpacked: Callable[[Edition], Findings]) -> Edited:
    """The newest release that this one is too like, whole; stuck where none of them may stand again."""
    may = [one for one in like if one.sure and one.stands]
    if not may:
        return Edited(findings=public, stuck=True)
    return repeated(unpacked(may[-1]), may[-1])


def repeated(again: Findings, of: Edition) -> Edited:
    """An earlier release, whole."""
    rows = sum(map(len, again.tables))
    return Edited(findings=again, waiting=rows, rows=rows, whole=True, of=of)


def _nearest_of(one: _Compared | None, near: _Near | None) -> dict[Key, Edition]:
    if one is None or near is None:
        return {}
    return {key: found for key, found in zip(one.layout.rows, near.nearest, strict=True) if found is not None}


def _total(one: _Compared, full: Findings, told: Told) -> _Total | None:
    """The total of each count, where facts or sentences tell of it; None where they do not tell of one."""
    table = next((t for t in full.tables if t.name == one.table.name), one.table)
    now = [int(np.asarray(table[name]).sum()) if name in table else -1 for name in one.layout.counts]
    names = [next((key for key, n in told.items() if n == total), "") for total in now]
    return _Total(now=np.array(now, dtype=np.int64), names=tuple(names)) if all(names) else None


def _staying(
    public: Findings, full: Findings, of: tuple[Mapping[str, Emit], Sequence[Edition]], source: Source
) -> Findings:
    """The findings, and at the end of each table the rows that left it since they were published though less than k
    changed, as they stood: who sees them gone could tell. They are there before anything is compared, so that no
    total less the others tells of them."""
    (emits, earlier), found = of, {table.name: table for table in full.tables}
    tables = tuple(
        _with_gone(t, found[t.name], (emits[t.name], earlier), source)
        if t.name in found and t.name in emits and not emits[t.name].once
        else t
        for t in public.tables
    )
    return replace(public, tables=tables)


def _with_gone(public: Table, found: Table, of: tuple[Emit, Sequence[Edition]], source: Source) -> Table:
    emit, earlier = of
    names = tuple(name for name in emit.keys if name in public)
    if not names or not set(names) <= set(found.names):
        return public
    there = set(named_rows(public, names)) if len(public) else set()
    gone = [row for row, key in enumerate(named_rows(found, names)) if key not in there]
    whole = _compared(found.take(np.array(gone, dtype=np.int64)), emit, earlier) if gone else None
    if whole is None:
        return public
    near, back = _near(whole, len(gone)), list[tuple[Table, int]]()
    for row in np.flatnonzero(near.waits).tolist():
        key, edition = whole.layout.rows[row], near.nearest[row]
        at = source.row(edition, public.name, key, names) if edition is not None else None
        back += [at] if at is not None and at[0].names == public.names else []
    own: list[tuple[Table, int] | None] = [(public, row) for row in range(len(public))]
    return assembled(public, [*own, *back]) if back else public
