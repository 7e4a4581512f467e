"""Repeated rows: which rows of a release are too like an earlier one to be new, and stand again as they were.

Whoever has two releases of one subject can subtract them. Where a count differs by 1 to k - 1, the difference is a few
people; so the row stands again as it was published, until k or more have changed. Counts that differ by 0, or by k or
more, are new. What is said of a group goes with its counts, and what is said of everybody with the total.
Pure: from tables to tables (`kernel/disclosure/editions` finds the earlier releases).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.kernel.disclosure.intake_and_release_checks import CELL
from peelian.kernel.model.capability import Emit, Findings, Note
from peelian.measure.suppression import LOW
from peelian.measure.table import Column, Kind, Table
from peelian.measure.vocabularies import plain

NOT_PEOPLE = frozenset({"cells", "origins", "places", "weeks", "days", "hours", "rank", "bins", "sensors", "residents"})
"""Units of counts that count no incident and no person, so that small ones may be released."""
MEASURES = frozenset({Kind.LEVEL, Kind.AMOUNT, Kind.COUNT, Kind.RATE})
"""Kinds of columns that name what is counted of a group, and not the group."""

FACT = "fact "
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
Key = tuple[str, ...]
Told = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a published table is laid out: what its rows are called, and which columns count."""

    names: Key  # the columns that name a row
    counts: Key
    rows: tuple[Key, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """An earlier release, as far as a later one is compared with it.

    `sure`: it asked the same of the same records, so that its rows may stand again; else what is too like it is left
    out. `stands`: no later case corrects it. `told`: whole numbers of facts and sentences, by what names them.
    """

    index: int  # of the entry in the log
    findings: str  # the digest of what was published
    tables: Mapping[str, tuple[Layout, Ints]]  # counts [rows, counts]
    told: Told
    sure: bool = True
    stands: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """What may be published: the findings, how many of their rows wait, and whether nothing in them is new."""

    findings: Findings
    waiting: int = 0
    rows: int = 0
    whole: bool = False  # it repeats an earlier release whole:
    of: Edition | None = None  # this one
    stuck: bool = False  # it is too like an earlier release that it cannot repeat: nothing may be published


def counted(table: Table) -> tuple[Column, ...]:
    """The columns that count people or incidents."""
    return tuple(c for c in table.columns if c.kind is Kind.COUNT and c.unit not in NOT_PEOPLE)


def laid_out(table: Table, emit: Emit) -> tuple[Layout, Ints] | None:
    """How a table is laid out, and its counts; None where it counts nobody, or its rows cannot be told apart."""
    names = tuple(name for name in emit.keys if name in table)
    columns = tuple(c for c in counted(table) if c.name not in names)
    columns += tuple(c for c in table.columns if c.name == emit.once)
    rows = named_rows(table, names)
    if not columns or not names or len(set(rows)) != len(rows):
        return None
    values = np.stack([np.asarray(c.values, dtype=np.int64) for c in columns], axis=1)
    return Layout(names, tuple(c.name for c in columns), rows), values


def named_rows(table: Table, names: Key) -> tuple[Key, ...]:
    """What each row is called: labels as two spellings of them agree, as far as these tell the rows apart. O(rows)."""
    spelled = [[_spelled(value) for value in table[name].tolist()] for name in names]
    agreed = list(zip(*([_agreed(word) for word in words] for words in spelled), strict=True))
    return tuple(agreed if len(set(agreed)) == len(agreed) else zip(*spelled, strict=True))


def _spelled(value: Any) -> str:
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _agreed(word: str) -> str:
    return word if CELL.fullmatch(word) else plain(word) or word


def told_of(findings: Findings, settings: Iterable[str] = ()) -> dict[str, int]:
    """The whole numbers in facts and sentences that may count people, by what names them; `settings` are no counts."""
    own = frozenset(settings)
    made = {f"{FACT}{name}": n for name, n in _large(findings.facts).items() if name not in own}
    for note in findings.notes:
        of = _named(note)
        made |= {f"{of} {name}": n for name, n in _large(note.values).items() if name not in own}
    return made


def _named(note: Note) -> str:
    """What a sentence says of what, whatever the numbers."""
    words = " ".join(f"{k}={v}" for k, v in sorted(note.values.items()) if isinstance(v, str))
    return f"note {note.text} {words}"


def _large(values: Mapping[str, Any]) -> dict[str, int]:
    found = {k: int(v) for k, v in values.items() if isinstance(v, int | np.integer) and not isinstance(v, bool)}
    return {name: n for name, n in found.items() if n >= LOW}


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
    compared = {t.name: one for t in public.tables if (one := _compared(t, emits.get(t.name), earlier)) is not None}
    if like := _like(compared.values(), earlier, told):
        return _repeated(public, like, unpacked)
    near = {name: _near(one) for name, one in compared.items()}
    tables = [(t, emits[t.name]) for t in public.tables if t.name in emits and not emits[t.name].once]
    units, masks = _waiting(tables, compared, near, lambda one: _total_change(one, full, earlier, told))
    source = _Source(unpacked, {})
    newest = next((one for one in reversed(earlier) if one.sure and one.stands), None)
    made, waiting = [], 0
    for table in public.tables:
        emit = emits.get(table.name)
        if emit is None:
            new, n = table, 0
        elif emit.once:
            new, n = _once(table, emit, earlier, source)
        else:
            of = _nearest_of(compared.get(table.name), near.get(table.name))
            new, n = _rows_of(table, emit, masks[table.name], (of, newest), source)
            new, back = _not_gone(new, table, full, (emit, earlier), source)
            n += back
        made.append(new)
        waiting += n
    last = unpacked(newest) if newest is not None else None
    notes = _notes(public.notes, earlier, told, units, last)
    findings = replace(public, tables=tuple(made), notes=notes)
    return Edited(findings=findings, waiting=waiting, rows=sum(map(len, public.tables)))


@dataclass(frozen=True)
class _Compared:
    """A table beside what earlier releases show of it."""

    table: Table
    emit: Emit
    layout: Layout
    values: Ints
    earlier: Sequence[Edition]

    @cached_property
    def groups(self) -> list[tuple[list[Edition], Layout, Ints]]:
        """Earlier releases of one layout together, and their counts [editions, rows, counts]."""
        found: dict[int, list[Edition]] = {}
        for one in self.earlier:
            layout, _ = one.tables.get(self.table.name, (None, None))
            if layout is not None and (layout.names, layout.counts) == (self.layout.names, self.layout.counts):
                found.setdefault(id(layout), []).append(one)
        name = self.table.name
        return [
            (some, some[0].tables[name][0], np.stack([one.tables[name][1] for one in some])) for some in found.values()
        ]

    @cached_property
    def is_whole(self) -> Mask:
        """The rows that count everybody."""
        of = [i for i, name in enumerate(self.layout.names) if self.table.column(name).kind is Kind.GROUP]
        label = _agreed(self.emit.whole)
        rows = [bool(label and of) and all(key[i] == label for i in of) for key in self.layout.rows]
        return np.array(rows, dtype=np.bool_)

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


def _compared(table: Table, emit: Emit | None, earlier: Sequence[Edition]) -> _Compared | None:
    laid = laid_out(table, emit) if emit is not None and not emit.once else None
    if emit is None or laid is None:
        return None
    return _Compared(table, emit, laid[0], laid[1], earlier)


def few(change: Ints) -> Mask:
    """Where counts changed by 1 to k - 1, or the difference of two of them did: [..., counts] → [...].

    >>> few(np.array([[0, 0], [1, 0], [20, 30], [20, 25], [0, 11]])).tolist()
    [False, True, False, True, False]
    """
    n = change.shape[-1]
    close = [_close(change[..., i]) for i in range(n)]
    close += [_close(change[..., i] - change[..., j]) for i in range(n) for j in range(i)]
    return np.asarray(np.any(close, axis=0), dtype=np.bool_)


def _close(change: Ints) -> Mask:
    return np.asarray((change != 0) & (np.abs(change) < LOW), dtype=np.bool_)


def _near(one: _Compared) -> _Near:
    n = len(one.layout.rows)
    near = _Near(np.zeros(n, np.bool_), np.zeros_like(one.values), np.zeros(n, np.bool_), [None] * n)
    newest, size = np.full(n, -1), np.full(n, np.inf)
    for editions, layout, shown in one.groups:
        at = np.array([one.places.get(key, -1) for key in layout.rows], dtype=np.int64)
        theirs = np.flatnonzero(at >= 0)
        rows = at[theirs]
        change = one.values[rows] - shown[:, theirs]
        near.waits[rows] |= few(change).any(axis=0)
        near.known[rows] = True
        later = rows[newest[rows] < editions[-1].index]
        near.change[later] = change[-1][newest[rows] < editions[-1].index]
        newest[later] = editions[-1].index
        _nearest(near, size, rows, np.abs(change).sum(axis=2), editions)
    return near


def _nearest(near: _Near, size: NDArray[Any], rows: Ints, far: Ints, editions: Sequence[Edition]) -> None:
    """Note, of each row, the release that shows it nearest of those that may stand again; the newest of several."""
    may = [i for i, one in enumerate(editions) if one.sure and one.stands][::-1]
    if not may:
        return
    best = far[may].argmin(axis=0)
    for row, i, distance in zip(rows.tolist(), best.tolist(), far[may].min(axis=0).tolist(), strict=True):
        edition, known = editions[may[i]], near.nearest[row]
        if distance < size[row] or (distance == size[row] and known is not None and known.index < edition.index):
            size[row], near.nearest[row] = distance, edition


def _like(compared: Iterable[_Compared], earlier: Sequence[Edition], told: Told) -> list[Edition]:
    """The releases from which the whole of this one differs by 1 to k - 1: in a total, or in all counts together."""
    found: dict[int, list[bool]] = {}
    differs: set[int] = set()
    like: set[int] = {one.index for one in earlier if _told_alike(one.told, told)}
    for one in compared:
        for editions, layout, shown in one.groups:
            at = np.array([one.places.get(key, -1) for key in layout.rows], dtype=np.int64)
            theirs = np.flatnonzero(at >= 0)
            change = one.values[at[theirs]] - shown[:, theirs]
            own = np.delete(one.values, at[theirs], axis=0).sum(axis=0)  # rows that are in one of both only
            gone = np.delete(shown, theirs, axis=1).sum(axis=1)
            all_: Ints = np.abs(change).sum(axis=1) + own + gone
            net: Ints = change.sum(axis=1) + own - gone
            everybody = np.asarray(few(change[:, one.is_whole[at[theirs]]]).any(axis=1), dtype=np.bool_)
            for i, edition in enumerate(editions):
                found.setdefault(edition.index, []).append(bool((all_[i] < LOW).all()))
                differs |= {edition.index} if all_[i].any() else set()
                near = bool(everybody[i]) or (not one.emit.whole and bool(_close(net[i]).any()))
                like |= {edition.index} if near else set()
    like |= {index for index, small in found.items() if all(small)} & differs
    return [one for one in earlier if one.index in like]


def _told_alike(theirs: Told, mine: Told) -> bool:
    """Whether a number that is told of everybody, in a fact, changed by 1 to k - 1."""
    return any(name.startswith(FACT) and 0 < abs(n - theirs.get(name, n)) < LOW for name, n in mine.items())


Unit = tuple[Key, Key]  # the columns that name a group, and its labels there


def _unit(one: _Compared, row: int) -> Unit:
    """What a row is of, whatever it counts of it; of a table that names nothing else, the table itself."""
    of = [i for i, name in enumerate(one.layout.names) if one.table.column(name).kind not in MEASURES]
    key = one.layout.rows[row]
    return (tuple(one.layout.names[i] for i in of), tuple(key[i] for i in of)) if of else ((), (one.table.name,))


def _waiting(
    tables: Sequence[tuple[Table, Emit]],
    compared: Mapping[str, _Compared],
    near: Mapping[str, _Near],
    totals: Callable[[_Compared], Ints | None],
) -> tuple[set[Unit], dict[str, Mask]]:
    """The groups that wait, and the rows of each table that tell of them: all that is said of a group waits with it,
    and one more group where the totals would tell how those that wait changed."""
    units = {_unit(compared[name], row) for name, one in near.items() for row in np.flatnonzero(one.waits).tolist()}
    while True:
        units |= {(of[:1], labels[:1]) for of, labels in units if len(of) > 1 and len(set(labels)) == 1}  # with itself
        masks = {t.name: _telling(t, emit, units) for t, emit in tables}
        more = set[Unit]()
        for name, one in compared.items():
            for row in _given_away(one, near[name], masks[name], totals(one)):
                more.add(_unit(one, row))
        if more <= units:
            return units, masks
        units |= more


def _telling(table: Table, emit: Emit, units: set[Unit]) -> Mask:
    """The rows that tell of one of these groups. O(rows)."""
    names = tuple(name for name in emit.keys if name in table)
    found = np.zeros(len(table), np.bool_)
    by: dict[Key, set[Key]] = {}
    for of, labels in units:
        by.setdefault(of, set()).add(labels)
    if (table.name,) in by.get((), ()):
        found[:] = True
    rows = named_rows(table, names) if names and len(table) else ()
    whole = _agreed(emit.whole) if emit.whole else None
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


def _given_away(one: _Compared, near: _Near, waits: Mask, total: Ints | None) -> Iterator[int]:
    """Rows that must wait, too: else what is told of everybody, less what is new, is the change of the others."""
    for everybody, parts in _partitions(one):
        change = near.change[everybody] if everybody >= 0 and near.known[everybody] else total
        new = parts[~waits[parts]]
        if change is None or (everybody < 0 and not len(parts)):
            continue
        known, first = new[near.known[new]], new[~near.known[new]]
        rest = change - near.change[known].sum(axis=0)
        others = rest - one.values[first].sum(axis=0)
        moved = known[np.abs(near.change[known]).sum(axis=1) > 0]
        if few(np.stack([rest, others])).any() and len(moved):
            yield int(moved[np.abs(near.change[moved]).sum(axis=1).argmin()])


def _partitions(one: _Compared) -> Iterator[tuple[int, Ints]]:
    """The row that counts everybody (-1 for none) with the rows that are its parts, for each measure and each kind of
    group."""
    names, kinds = one.layout.names, [one.table.column(name).kind for name in one.layout.names]
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


@dataclass(frozen=True, slots=True)
class _Source:
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


def _assembled(table: Table, chosen: Sequence[tuple[Table, int] | None]) -> Table:
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


def _rows_of(
    table: Table,
    emit: Emit,
    waits: Mask,
    nearest: tuple[Mapping[Key, Edition], Edition | None],
    source: _Source,
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
    return _assembled(table, chosen), int(waits.sum())


def _repeated(public: Findings, like: Sequence[Edition], unpacked: Callable[[Edition], Findings]) -> Edited:
    """The newest release that this one is too like, whole; stuck where none of them may stand again."""
    may = [one for one in like if one.sure and one.stands]
    if not may:
        return Edited(findings=public, stuck=True)
    again = unpacked(may[-1])
    rows = sum(map(len, again.tables))
    return Edited(findings=again, waiting=rows, rows=rows, whole=True, of=may[-1])


def _nearest_of(one: _Compared | None, near: _Near | None) -> dict[Key, Edition]:
    if one is None or near is None:
        return {}
    return {key: found for key, found in zip(one.layout.rows, near.nearest, strict=True) if found is not None}


def _total_change(one: _Compared, full: Findings, earlier: Sequence[Edition], told: Told) -> Ints | None:
    """How the total of each count changed, where facts or sentences tell of it, then and now; None where they do not
    tell of one."""
    table = next((t for t in full.tables if t.name == one.table.name), one.table)
    change = np.zeros(len(one.layout.counts), np.int64)
    for i, name in enumerate(one.layout.counts):
        now = int(np.asarray(table[name]).sum()) if name in table else -1
        named = [key for key, n in told.items() if n == now]
        then = next((e.told[key] for e in reversed(earlier) for key in named if key in e.told), None)
        if then is None:
            return None
        change[i] = now - then
    return change


def _not_gone(
    new: Table, public: Table, full: Findings, of: tuple[Emit, Sequence[Edition]], source: _Source
) -> tuple[Table, int]:
    """The table with the rows that left it since they were published though less than k changed: who sees them gone
    could tell. And how many these are."""
    (emit, earlier), found = of, next((t for t in full.tables if t.name == public.name), None)
    whole = _compared(found, emit, earlier) if found is not None else None
    if whole is None or found is None:
        return new, 0
    names = whole.layout.names
    there = set(named_rows(public, names)) if len(public) else set()
    near, back = _near(whole), list[tuple[Table, int]]()
    for row in np.flatnonzero(near.waits).tolist():
        key, edition = whole.layout.rows[row], near.nearest[row]
        at = source.row(edition, public.name, key, names) if key not in there and edition is not None else None
        back += [at] if at is not None and at[0].names == new.names else []
    own: list[tuple[Table, int] | None] = [(new, row) for row in range(len(new))]
    return (_assembled(new, [*own, *back]), len(back)) if back else (new, 0)


def _once(table: Table, emit: Emit, earlier: Sequence[Edition], source: _Source) -> tuple[Table, int]:
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
    return _assembled(table, chosen), waiting


def _notes(
    notes: Sequence[Note],
    earlier: Sequence[Edition],
    told: Told,
    units: set[Unit],
    newest: Findings | None,
) -> tuple[Note, ...]:
    """The sentences: those that name a group that waits, or a count that changed by 1 to k - 1, as they stood in the
    newest release that may stand again; left out where it has none of these words."""
    labels = {labels[-1] for of, labels in units if of}
    theirs = {_named(note): note for note in newest.notes} if newest is not None else {}
    made = []
    for note in notes:
        of = _named(note)
        numbers = {f"{of} {name}": told[f"{of} {name}"] for name in note.values if f"{of} {name}" in told}
        close = any(0 < abs(n - one.told.get(key, n)) < LOW for key, n in numbers.items() for one in earlier)
        if not close and not labels & {_agreed(v) for v in note.values.values() if isinstance(v, str)}:
            made.append(note)
        elif of in theirs:
            made.append(theirs[of])
    return tuple(made)
