"""Renamed rows: groups that an earlier release shows under another label, as far as their counts tell.

A label that is spelled otherwise is one row (`published_counts.agreed`). A new label is not known to be an old one; so
a group that appears where another disappeared, with counts that differ by 1 to k - 1, is taken for the same people.
Places are not looked at: they have outlines, and layers of places are compared by these.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from peelian.kernel.disclosure.published_counts import LABELS, Ints, Key, TableLayout
from peelian.measure.suppression import LOW
from peelian.measure.table import Kind

Mask = NDArray[np.bool_]


def few(change: Ints) -> Mask:
    """Where counts changed by 1 to k - 1, or the difference of two of them did: [..., counts] → [...].

    >>> few(np.array([[0, 0], [1, 0], [20, 31], [20, 25], [0, 11]])).tolist()
    [False, True, False, True, False]
    """
    n = change.shape[-1]
    found = [tiny(change[..., i]) for i in range(n)]
    found += [tiny(change[..., i] - change[..., j]) for i in range(n) for j in range(i)]
    return np.asarray(np.any(found, axis=0), dtype=np.bool_)


def tiny(change: Ints) -> Mask:
    """Where a change is of 1 to k - 1."""
    return np.asarray((change != 0) & (np.abs(change) < LOW), dtype=np.bool_)


def renamed(
    layout: TableLayout,
    kinds: Sequence[Kind],
    now: tuple[Ints, Ints],
    then: tuple[TableLayout, Ints],
    *,
    every: bool = False,
) -> list[int]:
    """The rows of now that may be rows of earlier releases of one layout under another label.

    `now`: counts [rows, counts], and where each earlier row stands now, -1 for nowhere; `then`: the earlier layout, and
    its counts [releases, rows, counts]. Beside the same other keys, a row that is new is compared with each that is
    gone, and all that are new with all that are gone, which may have been merged. With `every`, a row that is new is
    compared with each earlier one: a file may have a column twice, under two names. O(new x gone x releases).
    """
    (values, at), (earlier, shown) = now, then
    labels = [i for i, kind in enumerate(kinds) if kind in LABELS]
    new, gone = np.setdiff1d(np.arange(len(values)), at), np.flatnonzero(at < 0)
    if every and labels and len(new) and len(at):
        twice = _near(layout, (values, new), then, (np.arange(len(at)), labels))
        return sorted({*twice, *renamed(layout, kinds, now, then)})
    if not labels or not len(new) or not len(gone):
        return []
    found = _near(layout, (values, new), then, (gone, labels))
    mine, theirs = _others(layout.rows, earlier.rows, (new, gone), labels[-1:])
    n = int(max(mine.max(), theirs.max())) + 1
    before, after = np.zeros((n, len(shown), values.shape[1]), np.int64), np.zeros((n, values.shape[1]), np.int64)
    np.add.at(after, mine, values[new])
    np.add.at(before, theirs, shown[:, gone].swapaxes(0, 1))
    both = np.isin(np.arange(n), mine) & np.isin(np.arange(n), theirs)
    together = few(after[:, None] - before).any(axis=1) & both
    found.update(new[together[mine]].tolist())
    return sorted(found)


def _near(
    layout: TableLayout, now: tuple[Ints, Ints], then: tuple[TableLayout, Ints], of: tuple[Ints, Sequence[int]]
) -> set[int]:
    """Which of the rows that are new differ by 1 to k - 1 in all counts from one of these earlier rows, whatever its
    labels are."""
    (values, new), (earlier, shown), (rows, labels) = now, then, of
    mine, theirs = _others(layout.rows, earlier.rows, (new, rows), labels)
    i, j = np.nonzero(mine[:, None] == theirs)
    change = values[new[i]] - shown[:, rows[j]]  # [releases, pairs, counts]
    near = (np.abs(change) < LOW).all(axis=-1) & change.any(axis=-1)
    return set(new[i[near.any(axis=0)]].tolist())


def _others(now: Sequence[Key], then: Sequence[Key], of: tuple[Ints, Ints], but: Sequence[int]) -> tuple[Ints, Ints]:
    """A number for each of these rows, now and then: the same where all their keys but these columns agree."""
    known: dict[Key, int] = {}
    kept = [i for i in range(len(now[0])) if i not in but]

    def numbered(rows: Sequence[Key], some: Ints) -> Ints:
        keys = [tuple(rows[row][i] for i in kept) for row in some.tolist()]
        return np.array([known.setdefault(key, len(known)) for key in keys], dtype=np.int64)

    return numbered(now, of[0]), numbered(then, of[1])
