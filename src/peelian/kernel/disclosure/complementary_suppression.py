"""Complementary suppression: no small count is published, and none can be derived from what is.

A technology decides what of its findings may be public. The kernel compares that with all it found: a count of people
or incidents from 1 to 10 that was left out must not follow from a total that stands beside it. Rows are left out,
the smallest first, until nothing follows (`measure.suppression`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence, Set

import numpy as np
from numpy.typing import NDArray

from peelian.errors import Reason, Withheld, sentence
from peelian.kernel.model.capability import Findings
from peelian.kernel.model.documents import Decision, Evidence, Publication
from peelian.kernel.model.findings import unpack
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.signed_documents import all_archived, archived
from peelian.measure.suppression import LOW, Sum, ranges, shown, small, two_way
from peelian.measure.table import Column, Kind, Table, Values

NOT_PEOPLE = frozenset({"cells", "origins", "places", "weeks", "days", "hours", "rank", "bins", "sensors", "residents"})
"""Units of counts that count no incident and no person, so that small ones may be released."""
KEYS = frozenset({Kind.PLACE, Kind.TIME, Kind.CATEGORY, Kind.GROUP, Kind.LEVEL, Kind.AGE_BAND, Kind.GENDER})
MOST_LINKED = 400  # cells of a table with margins that are looked at together

Mask = NDArray[np.bool_]


def released(
    found: Findings, public: Findings, *, noisy: str = "", earlier: Sequence[Findings] = ()
) -> tuple[Findings, tuple[Reason, ...]]:
    """What may be published of `public`, which was made of `found`, and why it may not be published, if so. O(rows).

    `earlier`: what was published before of the same data; whoever has it can subtract it from this. The table `noisy`
    holds noise: it is not compared with what was found, which would tell where the noise is 0.
    """
    exact = dataclasses.replace(found, tables=tuple(table for table in found.tables if table.name != noisy))
    try:
        kept = without_what_follows(exact, public, earlier)
    except Withheld as held:
        return public, held.reasons
    return kept, faults_of_a_release(kept)


def without_what_follows(found: Findings, public: Findings, earlier: Sequence[Findings] = ()) -> Findings:
    """The public findings, less the rows that give away a small count that was left out, now or in an earlier release.

    Withheld where earlier releases already show so much that nothing left out now would protect it. O(rows), a little
    more where a table has margins: at most `MOST_LINKED` cells are solved together.
    """
    totals = frozenset(n for one in (public, *earlier) for n in _stated(one))
    totals |= {n for one in earlier for n in _shown_counts(one)}  # a coarser table's counts are totals of a finer one
    full = {table.name: table for table in found.tables}
    before = [table for one in earlier for table in one.tables]
    tables = tuple(
        _kept(full[t.name], t, totals, [b for b in before if b.name == t.name]) if t.name in full else t
        for t in public.tables
    )
    now = {t.name: {column.name for column in _counted(t)} for t in public.tables}
    for name in {b.name for b in before} & set(full):  # a new total beside what was shown before, in other columns
        rows = [b for b in before if b.name == name]
        for other in _with_other_counts(rows, now.get(name, set())):
            _kept(full[name], other.take(np.zeros(0, np.int64)), totals, rows)
    return dataclasses.replace(public, tables=tables)


def _with_other_counts(rows: Sequence[Table], now: Set[str]) -> Iterator[Table]:
    """Of earlier tables one for each set of columns, without the counts that are looked at now anyway."""
    for table in {table.names: table for table in rows}.values():
        yield dataclasses.replace(table, columns=tuple(c for c in table.columns if c.name not in now))


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
        for column in _counted(table)
        if small(np.asarray(column.values), LOW).any()
    )


def _counted(table: Table) -> tuple[Column, ...]:
    """The columns that count people or incidents."""
    return tuple(c for c in table.columns if c.kind is Kind.COUNT and c.unit not in NOT_PEOPLE)


def _stated(public: Findings) -> Iterator[int]:
    """Every whole number that stands beside the tables and might be a total."""
    for values in (public.facts, *(note.values for note in public.notes)):
        yield from (v for v in values.values() if isinstance(v, int) and not isinstance(v, bool) and v >= LOW)


def earlier_releases(kernel: Kernel, case: str, evidence: Evidence) -> tuple[Findings, ...]:
    """What was published before of any of the data that this evidence is of, by the same technology.

    O(publications of the same data), and the reading of each different one.
    """
    state, data = kernel.state, set(evidence.data.values())
    same = {one: history for digest in data for one, history in state.published(digest).items()}
    doubted = state.published("")  # what they read is destroyed
    technology = state.histories[case].capability.partition(".")[0]
    others = {one: history for one, history in {**doubted, **same}.items() if one != case}
    histories = sorted(others.values(), key=lambda history: history.entries[0][0])
    histories = [history for history in histories if history.capability.partition(".")[0] == technology]
    publications = all_archived(kernel, [d for one in histories for d in one.digests("PUBLISHED")], Publication)
    found: dict[str, Findings] = {}  # by their digest: the same once published twice tells nothing more
    for history in histories:
        for digest in history.digests("PUBLISHED"):
            publication = publications[digest]
            if publication.findings in found:
                continue
            if history.case in same or data & set(_evidence_of(kernel, publication).data.values()):
                found[publication.findings] = unpack(kernel.stores.archive.get(publication.findings))
    return tuple(found.values())


def _evidence_of(kernel: Kernel, publication: Publication) -> Evidence:
    return archived(kernel, archived(kernel, publication.before, Decision).before, Evidence)


def _shown_counts(public: Findings) -> Iterator[int]:
    for table in public.tables:
        for column in _counted(table):
            yield from (n for n in np.asarray(column.values).tolist() if n >= LOW)


def _seen_before(full: Table, keys: list[str], name: str, before: Sequence[Table]) -> Mask:
    """The rows of a column that earlier releases show."""
    seen = np.zeros(len(full), np.bool_)
    where = {key: row for row, key in enumerate(_keys(full, keys))}
    for table in before:
        if name not in table or any(key not in table for key in keys):
            continue
        for key, n in zip(_keys(table, keys), table[name].tolist(), strict=True):
            row = where.get(key, -1)
            seen[row] |= row >= 0 and int(full[name][row]) == n
    return seen


def _kept(full: Table, public: Table, totals: frozenset[int], before: Sequence[Table] = ()) -> Table:
    """The public table without the rows that must go."""
    keys = [c.name for c in public.columns if c.kind in KEYS and c.name in full]
    where = {key: row for row, key in enumerate(_keys(full, keys))}
    rows = [where.get(key, -1) for key in _keys(public, keys)]
    if not keys or len(where) != len(full) or -1 in rows or len(set(rows)) != len(rows):
        return public  # its rows are no longer those that were found: nothing can be compared
    keep = np.ones(len(public), np.bool_)
    for column in _counted(public):
        if column.name in full:
            counts = np.asarray(full[column.name], np.int64)
            visible = np.zeros(len(full), np.bool_)
            visible[rows] = np.asarray(column.values) == counts[rows]
            known = _seen_before(full, keys, column.name, before)
            stay = _may_stay(full, keys, counts, visible | known, (totals, known))
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
        return visible & shown(cells, sums, threshold=LOW, public=fixed)[place]
    return _one_way(counts, visible, known) if int(counts.sum()) in totals else visible


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
