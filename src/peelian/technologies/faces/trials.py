"""Count trials by cell and by subject: the denominators of rates and intervals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError
from peelian.technologies.faces.scores import ROWS, Scores

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """Trials of a set of comparisons.

    `made` and `failed` count comparisons by cell. Where subjects are known, `impostor_of[i, h]` counts the comparisons
    of subject i with people of group h (last column: no group) and `genuine_of[i]` those of i with itself, failures
    included. `pairs` holds the pairs of subjects compared more than once, None where each pair is compared once.
    """

    made: Counts
    failed: Counts
    impostor_of: Counts | None
    genuine_of: Counts | None
    pairs: Pairs | None

    def by_subject(self) -> tuple[Counts, Counts]:
        """Impostor and genuine trials by subject; InputError where subjects are not known."""
        if self.impostor_of is None or self.genuine_of is None:
            raise InputError("no subject pseudonyms in the comparisons", accepted="scores with both subject pseudonyms")
        return self.impostor_of, self.genuine_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Every compared pair of subjects (see `pair_keys`) and how many comparisons it has.

    `squares` is the sum of the squared counts by cell.
    """

    keys: Counts
    counts: Counts
    squares: Counts

    def of(self, keys: Counts) -> Counts:
        """How often each pair of `keys` is compared."""
        return self.counts[np.searchsorted(self.keys, keys)]


def counted(scores: Scores) -> Trials:
    """The trials of `scores`. O(rows), plus one sort of the impostor pairs where some are compared repeatedly."""
    cells = scores.cells.size
    failed = np.bincount(scores.cell[scores.failed], minlength=cells)
    everything = np.zeros(cells, dtype=np.int64)
    for start in range(0, len(scores), ROWS):
        everything += np.bincount(scores.cell[start : start + ROWS], minlength=cells)
    if scores.probe is None or scores.ref is None:
        return Trials(made=everything - failed, failed=failed, impostor_of=None, genuine_of=None, pairs=None)
    impostor_of, genuine_of = _by_subject(scores, scores.probe, scores.ref)
    return Trials(
        made=everything - failed,
        failed=failed,
        impostor_of=impostor_of,
        genuine_of=genuine_of,
        pairs=_repeated(scores, int((everything - failed)[: scores.cells.impostor_cells].sum())),
    )


def pair_keys(probe: NDArray[np.int32], ref: NDArray[np.int32]) -> Counts:
    """One number per two different subjects, whichever way round: higher x (higher - 1) / 2 + lower.

    >>> pair_keys(np.array([0, 2, 1], dtype=np.int32), np.array([1, 0, 2], dtype=np.int32)).tolist()
    [0, 1, 2]
    """
    higher = np.maximum(probe, ref).astype(np.int64)
    return higher * (higher - 1) // 2 + np.minimum(probe, ref)


def _by_subject(scores: Scores, probe: NDArray[np.int32], ref: NDArray[np.int32]) -> tuple[Counts, Counts]:
    subjects, wide = scores.subjects, len(scores.cells.groups) + 1
    group = np.where(scores.group_of < 0, wide - 1, scores.group_of).astype(np.int64)
    impostor_of = np.zeros(subjects * wide, dtype=np.int64)
    genuine_of = np.zeros(subjects, dtype=np.int64)
    for start in range(0, len(scores), ROWS):
        part = slice(start, start + ROWS)
        a, b, own = probe[part], ref[part], scores.genuine[part]
        other = ~own & ~scores.failed[part]
        genuine_of += np.bincount(a[own], minlength=subjects)
        a, b = a[other], b[other]
        impostor_of += np.bincount(a * np.int64(wide) + group[b], minlength=subjects * wide)
        impostor_of += np.bincount(b * np.int64(wide) + group[a], minlength=subjects * wide)
    return impostor_of.reshape(subjects, wide), genuine_of


def _repeated(scores: Scores, made: int) -> Pairs | None:
    """The compared impostor pairs with their counts, or None where every pair is compared once.

    Where a mark per possible pair takes no more room than the scores, marks tell first whether any pair recurs.
    """
    possible = scores.subjects * (scores.subjects - 1) // 2
    if made <= possible <= 8 * len(scores):
        seen = np.zeros(possible, dtype=np.bool_)
        for keys in _key_steps(scores):
            seen[keys] = True
        if int(seen.sum()) == made:
            return None
        del seen
    keys = np.empty(made, dtype=np.int64)
    at = 0
    for part in _key_steps(scores):
        keys[at : at + len(part)] = part
        at += len(part)
    keys.sort()
    new = np.empty(made, dtype=np.bool_)
    new[:1] = True
    np.not_equal(keys[1:], keys[:-1], out=new[1:])
    if new.all():
        return None
    first = np.flatnonzero(new)
    counts = np.diff(np.append(first, made))
    unique = keys[first]
    # The pair behind a key: the higher subject is the one whose triangle number is the last at or below it.
    starts = np.arange(scores.subjects, dtype=np.int64) * (np.arange(scores.subjects) - 1) // 2
    higher = np.searchsorted(starts, unique, side="right") - 1
    cell = scores.cells.pairs()[scores.group_of[higher], scores.group_of[unique - starts[higher]]]
    squares = np.bincount(cell, weights=counts.astype(np.float64) ** 2, minlength=scores.cells.size)
    return Pairs(keys=unique, counts=counts, squares=squares.astype(np.int64))


def _key_steps(scores: Scores) -> Iterator[Counts]:
    """The keys of the impostor comparisons made, a million rows at a time."""
    probe, ref = scores.named()
    for start in range(0, len(scores), ROWS):
        part = slice(start, start + ROWS)
        rows = ~scores.genuine[part] & ~scores.failed[part]
        yield pair_keys(probe[part][rows], ref[part][rows])
