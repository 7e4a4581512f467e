"""Divided files: one file published whole and in parts, from which the few follow that are not in all of them.

Two releases that are compared with a third one by one differ from it by thousands. Their sum, or their difference, may
be the third but for a few people. And everybody in one file may be a group of another.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from peelian.kernel.disclosure.published_counts import Ints
from peelian.measure.suppression import LOW

MOST_PAIRED = 32  # newest releases of which every two are looked at together
MOST_OF_THREE = 16  # and every three
SIGNS = ((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1))
"""How three releases may make up a fourth: as its parts, or as the whole and two other parts."""

CHANCE = 0.05  # how often, at most, a release is taken for a part of three others by chance

Mask = NDArray[np.bool_]


def is_divided(now: Ints, shown: Ints, there: Mask, whole: Mask) -> bool:
    """Whether some of these counts are those of two releases together, or less one another, but for 1 to k - 1.

    `now`: counts [rows, counts]; `shown`: the same of releases [releases, rows, counts], and which rows are `there`
    [releases, rows]; `whole`: the rows that count everybody. Half of these agree but for a few, or half of all rows
    that the three have: single counts of other people may agree by chance. O(rows x releases²).

    >>> parts, there = np.array([[[90], [40]], [[60], [30]]]), np.ones((2, 2), dtype=bool)
    >>> whole = np.array([True, False])
    >>> [is_divided(np.array(n), parts, there, whole) for n in ([[149], [69]], [[150], [70]], [[180], [70]])]
    [True, False, False]
    """
    there = there & shown.any(axis=2) & now.any(axis=1)
    for i in range(1, len(shown)):
        one, others, all_ = shown[i], shown[:i], there[:i] & there[i]
        for change in (now - one - others, now + one - others, now - one + others):
            if (_half(change, all_) | _half(change[:, whole], all_[:, whole])).any():
                return True
    return False


def is_of_three(now: Ints, shown: Ints, there: Mask, whole: Mask) -> bool:
    """The same of three releases: the whole of them, or the third part of one of them. For tables with one row for each
    group: others agree in several rows at once. O(rows x releases³).

    >>> parts = np.array([[[50_000], [20_000]], [[60_000], [30_000]], [[70_000], [40_000]]])
    >>> there, whole = np.ones((3, 2), dtype=bool), np.zeros(2, dtype=bool)
    >>> [is_of_three(np.array(n), parts, there, whole) for n in ([[180_000], [89_999]], [[180_000], [90_000]])]
    [True, False]
    """
    there = there & shown.any(axis=2) & now.any(axis=1)
    for left, least, all_ in _of_three(now, shown, there):
        everybody = _half(left[:, whole], all_[:, whole]) & _told(left, least, all_ & whole)
        if (everybody | (_half(left, all_) & _told(left, least, all_ & ~whole))).any():
            return True
    return False


def _half(change: Ints, known: Mask) -> Mask:
    """Where half of the known rows or more agree but for a few, and one is not the same."""
    near = (np.abs(change) < LOW).all(axis=2) & known
    some = (near & change.any(axis=2)).any(axis=1)
    return np.asarray(some & (2 * near.sum(axis=1) >= known.sum(axis=1)), dtype=np.bool_)


def _of_three(now: Ints, shown: Ints, there: Mask) -> Iterator[tuple[Ints, Ints, Mask]]:
    """What every three of the newest releases leave of the counts, the least of the four, and the rows that all of them
    have."""
    newest = range(max(0, len(shown) - MOST_OF_THREE), len(shown))
    some = np.array(list(combinations(newest, 3)), dtype=np.int64).reshape(-1, 3)
    all_: Mask = np.asarray(there[some].all(axis=1), dtype=np.bool_)
    some, all_ = some[all_.any(axis=1)], all_[all_.any(axis=1)]
    for signs in SIGNS if len(some) else ():
        made = sum(sign * shown[some[:, i]] for i, sign in enumerate(signs))
        yield now - np.asarray(made, dtype=np.int64), np.minimum(shown[some].min(axis=1), now), all_


def _told(change: Ints, least: Ints, known: Mask) -> Mask:
    """Where other people would hardly agree so well: many threes are tried, and files that only grow agree by chance.
    Counts vary as those of independent people do, at least as much as the least of them."""
    first = 1 if change.shape[2] > 1 else 0  # the first of several is their sum
    spread = np.sqrt(4 * np.pi * np.maximum(least[..., first : first + 2], 1))
    wide = np.where(change[..., first : first + 2] == 0, 1, 2 * LOW - 1)
    near = (np.abs(change) < LOW).all(axis=2) & known
    chance = np.where(near, np.log(np.minimum(1.0, wide / spread)).sum(axis=2), 0.0).sum(axis=1)
    return np.asarray(chance <= np.log(CHANCE / len(SIGNS) / len(change)), dtype=np.bool_)


def is_a_group(now: Ints, then: tuple[Ints, Ints], whole: Mask) -> bool:
    """Whether everybody of now is a group of an earlier release but for 1 to k - 1, or the other way round.

    `then`: counts of releases [releases, rows, counts], and where each row stands now, -1 for nowhere. O(rows x
    releases).

    >>> now, whole = np.array([[149], [100]]), np.array([True, False])
    >>> [is_a_group(now, (np.array([[[400], [n]]]), np.array([0, -1])), whole) for n in (149, 150, 160)]
    [False, True, False]
    """
    shown, at = then
    everybody = shown[:, np.isin(at, np.flatnonzero(whole))]
    pairs = [now[row] - shown for row in np.flatnonzero(whole)]
    pairs += [now - everybody[:, [i]] for i in range(everybody.shape[1])]
    return any(bool(((np.abs(change) < LOW).all(axis=2) & change.any(axis=2)).any()) for change in pairs)
