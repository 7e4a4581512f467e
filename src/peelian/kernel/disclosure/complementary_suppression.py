"""Complementary suppression: no small count is published, and none can be derived from what is.

A technology decides what of its findings may be public. The kernel compares that with all it found: a count of people
or incidents from 1 to 10 that was left out must not follow from a total that stands beside it. Rows are left out,
the smallest first, until nothing follows (`measure.suppression`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from peelian.errors import Reason, Withheld, sentence
from peelian.kernel.disclosure.published_counts import Edition, TableLayout, count_columns, named_rows, shares
from peelian.kernel.model.capability import Findings
from peelian.measure.suppression import LOW, Sum, ranges, shown_cells, small, two_way
from peelian.measure.table import Kind, Table, Values

KEYS = frozenset({Kind.PLACE, Kind.TIME, Kind.CATEGORY, Kind.GROUP, Kind.LEVEL, Kind.AGE_BAND, Kind.GENDER})
MOST_LINKED = 400  # cells of a table with margins that are looked at together

Mask = NDArray[np.bool_]


def released(
    found: Findings, public: Findings, *, noisy: str = "", earlier: Sequence[Edition] = ()
) -> tuple[Findings, tuple[Reason, ...]]:
    """What may be published of `public`, which was made of `found`, and why it may not be published, if so. O(rows).

    `earlier`: what was published before of the same subject; whoever has it can subtract it from this. The table
    `noisy` holds noise: it is not compared with what was found, which would tell where the noise is 0.
    """
    exact = dataclasses.replace(found, tables=tuple(table for table in found.tables if table.name != noisy))
    public = dataclasses.replace(public, tables=tuple(map(without_small_shares, public.tables)))
    try:
        kept = without_what_follows(exact, public, earlier)
    except Withheld as held:
        return public, held.reasons
    return kept, faults_of_a_release(kept)


def without_what_follows(found: Findings, public: Findings, earlier: Sequence[Edition] = ()) -> Findings:
    """The public findings, less the rows that give away a small count that was left out, now or in an earlier release.

    Withheld where earlier releases already show so much that nothing left out now would protect it. O(rows), a little
    more where a table has margins: at most `MOST_LINKED` cells are solved together.
    """
    full = {table.name: table for table in found.tables}
    before = _Before(earlier, full, frozenset(_stated(public)))
    tables = tuple(_kept(full[t.name], t, before) if t.name in full else t for t in public.tables)
    now = {t.name: {column.name for column in count_columns(t)} for t in public.tables}
    for name, layout in before.layouts():  # a new total beside what was shown before, in other columns
        other = (set(layout.counts) & set(full[name].names) if name in full else set()) - now.get(name, set())
        if other and set(layout.names) <= set(full[name].names):
            columns = tuple(c for c in full[name].columns if c.name in other or c.name in layout.names)
            _kept(full[name], Table(name=name, columns=columns).take(np.zeros(0, np.int64)), before)
    return dataclasses.replace(public, tables=tables)


@dataclasses.dataclass(frozen=True)
class _Before:
    """What earlier releases show, and what is stated now; looked at only where small counts are left out."""

    earlier: Sequence[Edition]
    full: Mapping[str, Table]
    stated: frozenset[int]

    @cached_property
    def tables(self) -> Sequence[tuple[str, TableLayout, NDArray[np.int64]]]:
        """Those of one layout together: the table's name, and counts [releases, rows, counts]."""
        together: dict[tuple[str, int], list[tuple[TableLayout, NDArray[np.int64]]]] = {}
        for one in self.earlier:
            for name, (layout, values) in one.tables.items():
                together.setdefault((name, id(layout)), []).append((layout, values))
        return [(name, some[0][0], np.stack([v for _, v in some])) for (name, _), some in together.items()]

    @cached_property
    def totals(self) -> frozenset[int]:
        """Every number that might be a total: what is stated, now or earlier, and every count that was shown of other
        rows than those of now, for a coarser table's counts are totals of a finer one. O(rows x releases)."""
        found = {*self.stated, *(n for one in self.earlier for n in one.told.values())}
        known = dict[tuple[str, tuple[str, ...]], dict[tuple[str, ...], int]]()
        for name, layout, values in self.tables:
            if (name, layout.names) not in known:
                known[name, layout.names] = _rows(self.full[name], layout.names) if name in self.full else {}
            rows = known[name, layout.names]
            other = [i for i, key in enumerate(layout.rows) if key not in rows]
            exact = [i for i, count in enumerate(layout.counts) if " of " not in count]  # no share: no total either
            found.update(n for n in np.unique(values[:, other][:, :, exact]).tolist() if n >= LOW)
        return frozenset(found)

    def layouts(self) -> Iterator[tuple[str, TableLayout]]:
        """Each different one, with its table's name."""
        known = {id(layout): (name, layout) for one in self.earlier for name, (layout, _) in one.tables.items()}
        yield from {(name, layout.names, layout.counts): (name, layout) for name, layout in known.values()}.values()

    def seen(self, full: Table, name: str) -> Mask:
        """The rows of a column that earlier releases show as they are now. O(rows x releases)."""
        seen, known = np.zeros(len(full), np.bool_), dict[tuple[str, ...], dict[tuple[str, ...], int]]()
        for table, layout, values in self.tables:
            if table != full.name or name not in layout.counts:
                continue
            if layout.names not in known:
                known[layout.names] = _rows(full, layout.names)
            where = known[layout.names]
            at = np.array([where.get(key, -1) for key in layout.rows], dtype=np.int64)
            theirs = np.flatnonzero(at >= 0)
            now = np.asarray(full[name], np.int64)[at[theirs]]
            seen[at[theirs]] |= (values[:, theirs, layout.counts.index(name)] == now).any(axis=0)
        return seen


def _rows(table: Table, names: tuple[str, ...]) -> dict[tuple[str, ...], int]:
    """Where each row stands, by what it is called in these columns; none where the table lacks one."""
    if not set(names) <= set(table.names):
        return {}
    return {key: row for row, key in enumerate(named_rows(table, names))}


def without_small_shares(table: Table) -> Table:
    """The table less the rows with a rate that is of 1 to k - 1, or of all but so many. O(cells).

    >>> from peelian.measure.table import table
    >>> one = table("t", {"n": (Kind.COUNT, [40, 60, 50]), "late": (Kind.RATE, [0.2, 0.55, 0.9])})
    >>> without_small_shares(one)["n"].tolist()
    [60]
    """
    gone = np.zeros(len(table), np.bool_)
    for name, n in shares(table):
        gone |= small(n, LOW) | (small(np.asarray(table[name.rsplit(" ", 1)[-1]]) - n, LOW) & (n > 0))
    return table.take(~gone) if gone.any() else table


def faults_of_a_release(public: Findings) -> tuple[Reason, ...]:
    """What keeps findings from the public register: small counts that stand in them. O(cells)."""
    return tuple(
        Reason(
            rule="small_counts_stay_inside",
            says=sentence(
                "table %(name)s, column %(name2)s holds counts from 1 to %(what)s",
                name=table.name,
                name2=column.name,
                what=LOW - 1,
            ),
            remedy=sentence("Suppress counts under %(low)s, or merge cells.", low=LOW),
        )
        for table in public.tables
        for column in count_columns(table)
        if small(np.asarray(column.values), LOW).any()
    )


def _stated(public: Findings) -> Iterator[int]:
    """Every whole number that stands beside the tables and might be a total."""
    for values in (public.facts, *(note.values for note in public.notes)):
        yield from (v for v in values.values() if isinstance(v, int) and not isinstance(v, bool) and v >= LOW)


def _kept(full: Table, public: Table, before: _Before) -> Table:
    """The public table without the rows that must go."""
    keys = [c.name for c in public.columns if c.kind in KEYS and c.name in full]
    where = {key: row for row, key in enumerate(_keys(full, keys))}
    rows = [where.get(key, -1) for key in _keys(public, keys)]
    if not keys or len(where) != len(full) or -1 in rows or len(set(rows)) != len(rows):
        return public  # its rows are no longer those that were found: nothing can be compared
    keep = np.ones(len(public), np.bool_)
    for column in count_columns(public):
        if column.name in full:
            counts = np.asarray(full[column.name], np.int64)
            visible = np.zeros(len(full), np.bool_)
            visible[rows] = np.asarray(column.values) == counts[rows]
            if not small(counts[~visible], LOW).any():
                continue
            known = before.seen(full, column.name)
            stay = _may_stay(full, keys, counts, visible | known, (before.totals, known))
            if (known & ~stay).any():
                raise Withheld([_subtracted(public.name)])
            gone = visible & ~stay
            keep &= ~gone[rows]
    return public if keep.all() else public.take(keep)


def _keys(table: Table, names: list[str]) -> list[tuple[object, ...]]:
    columns: list[Values] = [table[name] for name in names]
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _subtracted(table: str) -> Reason:
    return Reason(
        rule="small_counts_stay_inside",
        says=sentence(
            "A small count of table %(table)s could be derived from earlier publications of the same data.",
            table=table,
        ),
        remedy="Publish for the same areas and groups as before, or leave these counts out.",
    )


def _may_stay(
    full: Table, keys: list[str], counts: NDArray[np.int64], visible: Mask, before: tuple[frozenset[int], Mask]
) -> Mask:
    """Which of the visible rows may stay so that nothing follows from the totals that are known; `before`: these totals
    and the rows that were published earlier."""
    totals, known = before
    if not small(counts[~visible], LOW).any():
        return visible
    if margins := _margins(full, keys, counts, totals):
        cells, sums, place = margins
        low, high = ranges(cells, sums, _open(cells, place, visible))
        few = small(cells, LOW)
        if (low[few] <= 0).all() and (high[few] >= LOW).all():
            return visible
        fixed = _fixed(cells, place)
        fixed[place] |= known
        return visible & shown_cells(cells, sums, threshold=LOW, public=fixed)[place]
    return _under_totals(full, keys, counts, visible, before)


def _under_totals(
    full: Table, keys: list[str], counts: NDArray[np.int64], visible: Mask, before: tuple[frozenset[int], Mask]
) -> Mask:
    """Which of the visible rows may stay under each known total: of all rows, and of the rows that agree in one key or
    in all but one, as those of one breakdown do. A row alone in its part, as "all", is a total of the others.
    O(rows x keys), again where hiding one row opens another part."""
    totals, known = before
    partings = [_parts(full, some) for some in _partings(keys)]
    stay, was = visible.copy(), None
    while was is None or (stay != was).any():
        was = stay.copy()
        for part in partings:
            sums, size = np.bincount(part, weights=counts).astype(np.int64), np.bincount(part)
            secret = ~stay & (small(counts, LOW) | visible)
            told = totals.union(counts[stay & (size[part] == 1)].tolist())
            for one in np.unique(part[secret & (size[part] > 1)]).tolist():
                if int(sums[one]) in told:
                    rows = np.flatnonzero(part == one)
                    stay[rows] = _one_way(counts[rows], stay[rows], known[rows])
    return stay


def _partings(keys: list[str]) -> set[tuple[str, ...]]:
    """By which keys rows are put together: by none, by each, and by all but each."""
    return {(), *((key,) for key in keys), *(tuple(k for k in keys if k != key) for key in keys)}


def _parts(full: Table, keys: tuple[str, ...]) -> NDArray[np.int64]:
    """Which part each row is in, rows that agree in these keys together."""
    numbers: dict[tuple[object, ...], int] = {}
    rows = _keys(full, list(keys)) if keys else [()] * len(full)
    return np.array([numbers.setdefault(row, len(numbers)) for row in rows], dtype=np.int64)


def _one_way(counts: NDArray[np.int64], visible: Mask, known: Mask) -> Mask:
    """Under one known total: at least two cells are hidden, and together they could make any of them large enough."""
    stay = visible.copy()
    for row in np.argsort(counts, kind="stable").tolist():
        hidden = ~stay
        if hidden.sum() >= 2 and counts[hidden].sum() >= LOW:
            return stay
        if stay[row] and counts[row] > 0 and not known[row]:
            stay[row] = False
    return np.zeros_like(stay) if (~stay).sum() < 2 or counts[~stay].sum() < LOW else stay


def _margins(
    full: Table, keys: list[str], counts: NDArray[np.int64], totals: frozenset[int]
) -> tuple[NDArray[np.int64], tuple[Sum, ...], NDArray[np.int64]] | None:
    """The cells with their margins, the sums, and where each row stands, for a whole two-way table some of whose
    margins are known; None where it is no such table."""
    if len(keys) != 2:
        return None
    (across, i), (down, j) = (np.unique(full[key].astype(str), return_inverse=True) for key in keys)
    a, b = len(across), len(down)
    if a * b != len(full) or a < 2 or b < 2 or (a + 1) * (b + 1) > MOST_LINKED:
        return None
    grid = np.zeros((a + 1, b + 1), np.int64)
    grid[i, j] = counts
    grid[-1, :-1], grid[:-1, -1] = grid[:-1, :-1].sum(axis=0), grid[:-1, :-1].sum(axis=1)
    grid[-1, -1] = counts.sum()
    known = {int(n) for n in (*grid[-1, :-1], *grid[:-1, -1], grid[-1, -1])} & totals
    if not known:
        return None
    return grid.ravel(), two_way(a, b), (i * (b + 1) + j).astype(np.int64)


def _open(cells: NDArray[np.int64], place: NDArray[np.int64], visible: Mask) -> Mask:
    """What an attacker may see at most: the visible rows and every margin."""
    mask = np.ones(len(cells), np.bool_)
    mask[place] = visible
    return mask


def _fixed(cells: NDArray[np.int64], place: NDArray[np.int64]) -> Mask:
    """The margins count as public: they may stand in a sentence."""
    mask = np.ones(len(cells), np.bool_)
    mask[place] = False
    return mask & ~small(cells, LOW)
