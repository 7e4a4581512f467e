"""The count table without each replicate group of persons: what the jackknife recomputes figures from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from peelian.measure.table import Table
from peelian.technologies.risk.calibration import pooled_rates, recalibrated
from peelian.technologies.risk.counts import Counts, Floats, Nodes, Wholes, counting, encoded, known
from peelian.technologies.risk.jackknife import variance
from peelian.technologies.risk.suppression import SMALLEST

MOST_CELLS = 4_000_000  # of one array over groups of persons, nodes and scores: 32 MB
FEWEST_BANDS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Replicates:
    """Effective numbers without each of F replicate groups of persons.

    `levels` [F, N, levels, 2] at the study's levels; `fine` [F, N, bands, 2] at every score, or at bands of scores
    where they are many; `scores` [bands] are the mean scores there. `groups` [N] counts the groups that have events
    and the groups that have others, whichever are fewer: what a figure of a node rests on.
    """

    levels: Floats
    fine: Floats
    scores: Floats
    groups: Wholes

    @property
    def count(self) -> int:
        """How many replicate groups there are."""
        return len(self.levels)

    @property
    def whole(self) -> Floats:
        """Effective numbers of everyone at the bands of `fine`: [N, bands, 2]."""
        return np.asarray(self.fine.sum(axis=0) / max(self.count - 1, 1), dtype=np.float64)


def replicates(tally: Table, counts: Counts, nodes: Nodes, edges: Sequence[int]) -> Replicates | None:
    """The replicates of a study; None where the tally has no `fold`. `edges` are the starts of its levels.

    O(rows + F x nodes x crossed groups x bands).
    """
    if "fold" not in tally:
        return None
    rows = known(tally)
    total = int(tally["fold"].max()) + 1
    starts = _bands(counts, edges, MOST_CELLS // (2 * total * len(nodes.group)))
    fine = over_nodes(without_each(rows, counts, starts, total), nodes)
    whole = nodes.of(np.add.reduceat(counts.effective, starts, axis=1))
    gone = (whole - fine).sum(axis=2) > 1e-9
    n = counts.people.sum(axis=(0, 2))
    values = counts.scores * counts.sign
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.add.reduceat(n * values, starts) / np.add.reduceat(n, starts)
    return Replicates(
        levels=np.add.reduceat(fine, np.searchsorted(starts, list(edges)), axis=2),
        fine=fine,
        scores=np.where(np.isfinite(mean), mean, values[starts]),
        groups=gone.sum(axis=0).min(axis=-1).astype(np.int64),
    )


def without_each(rows: Table, counts: Counts, starts: Sequence[int], total: int, *, weighted: bool = True) -> Floats:
    """Effective numbers [F, G, bands, 2] without each of `total` replicate groups; people, where not `weighted`.

    `starts` are places of scores. `rows` are those that `counts` were counted from, or some of them.
    O(rows + F x G x bands).
    """
    rows = counting(rows)
    score = np.searchsorted(counts.scores, counts.sign * rows["score"].astype(np.float64), side="right") - 1
    band = np.searchsorted(np.asarray(starts), score, side="right") - 1
    outcome = rows["outcome"].astype(np.int64)
    shape = (total, len(counts.codes), len(starts), 2)
    flat = np.ravel_multi_index((rows["fold"].astype(np.int64), _group(rows, counts), band, outcome), shape)
    weight = rows["n"].astype(np.float64)
    if weighted and "weight" in rows:
        sums, squares = rows["weight"].astype(np.float64), rows["weight_squares"].astype(np.float64)
        weight = sums * (sums.sum() / squares.sum())
    cells = np.bincount(flat, weights=weight, minlength=int(np.prod(shape))).reshape(shape)
    return np.asarray(np.maximum(cells.sum(axis=0) - cells, 0.0), dtype=np.float64)


def over_nodes(cells: Floats, nodes: Nodes) -> Floats:
    """Sums of per-crossed-group arrays [F, G, ...] for every node: [F, N, ...]."""
    # Not by @: small products on several threads wait for one another for longer than they take.
    flat = np.einsum("ng,fgm->fnm", nodes.matrix, cells.reshape(*cells.shape[:2], -1))
    return np.asarray(flat.reshape(len(cells), len(nodes.group), *cells.shape[2:]), dtype=np.float64)


def design_effect(effective: Floats, found: Replicates | None) -> Floats:
    """How much the variance of calibration grows by several assessments of one person: [N], 1 where nobody has several.

    The mean of the jackknife's over the model's variance for intercept and slope, which together make up the
    likelihood ratio of calibration (Rao and Scott 1984): divide it by this. At least 1. Expected shares stay as they
    are, so that the effect is that of persons alone. `effective` [N, levels, 2]. O(F x N x levels).
    """
    if found is None:
        return np.ones(len(effective))
    promise = pooled_rates(effective[0])
    whole, left = recalibrated(effective, promise), recalibrated(found.levels, promise)
    with np.errstate(divide="ignore", invalid="ignore"):
        effects = np.stack(
            [
                variance(whole.intercept, left.intercept, found.groups) / whole.intercept_error**2,
                variance(whole.slope, left.slope, found.groups) / whole.slope_error**2,
            ]
        )
    some = np.isfinite(effects)
    mean = np.where(some, effects, 0.0).sum(axis=0) / np.maximum(some.sum(axis=0), 1)
    return np.asarray(np.maximum(1.0, mean), dtype=np.float64)


def persons_of(tally: Table, counts: Counts, column: str = "persons") -> Floats:
    """Persons of each crossed group without and with the outcome, [G, 2], each counted where it has that outcome first.

    By the column `distinct`, where it has any outcome first: the sum of both is how many different persons there are.

    Sums over groups are thus never more than there are. O(rows).
    """
    rows = counting(known(tally))
    places = 2 * _group(rows, counts) + rows["outcome"].astype(np.int64)
    found = np.bincount(places, weights=rows[column], minlength=2 * len(counts.codes))
    return np.asarray(found.reshape(-1, 2), dtype=np.float64)


def by_persons(tally: Table, counts: Counts) -> Counts:
    """Counts for suppression: a crossed group of few persons counts as many people as it has replicate groups.

    Without this, one person with 40 assessments would pass for a group of 40. Elsewhere assessments are counted:
    sums stay sums, so that complementary suppression holds. O(rows + cells).
    """
    if "fold" not in tally:
        return counts
    rows = counting(known(tally))
    total = int(tally["fold"].max()) + 1
    pairs = np.flatnonzero(np.bincount(_group(rows, counts) * total + rows["fold"].astype(np.int64)))
    persons = np.bincount(pairs // total, minlength=len(counts.codes))
    people = counts.people.copy()
    for group in np.flatnonzero(persons < SMALLEST).tolist():
        people[group] = _scaled(counts.people[group], int(persons[group]))
    return replace(counts, people=people)


def _scaled(cells: Wholes, total: int) -> Wholes:
    """Whole numbers in proportion to `cells` that sum to `total`, by largest remainders; no more than `cells`."""
    n = int(cells.sum())
    if n <= total:
        return cells
    exact = cells * (total / n)
    whole = np.floor(exact).astype(np.int64)
    rest = np.argsort(-(exact - whole), axis=None, kind="stable")[: total - int(whole.sum())]
    whole.reshape(-1)[rest] += 1
    return np.asarray(whole, dtype=np.int64)


def _bands(counts: Counts, edges: Sequence[int], most: int) -> list[int]:
    """Starts of about `most` bands of equal share, or of every score; the study's levels always start one."""
    size = len(counts.scores)
    most = max(most, FEWEST_BANDS)
    if size <= most:
        return list(range(size))
    share = counts.people.sum(axis=(0, 2)).cumsum() / counts.n
    starts = np.searchsorted(share, np.arange(1, most) / most, side="right")
    return sorted({0, *edges, *(s for s in starts.tolist() if s < size)})


def _group(rows: Table, counts: Counts) -> Wholes:
    """The crossed group of each row, as an index of `counts.codes`."""
    if not counts.axes:
        return np.zeros(len(rows), dtype=np.int64)
    sizes = tuple(len(labels) for labels in counts.labels)
    codes = []
    for labels, name in zip(counts.labels, counts.axes, strict=True):
        words, code = encoded(rows.column(name))
        place = {label: i for i, label in enumerate(labels)}
        codes.append(np.array([place[word] for word in words], dtype=np.int64)[code])
    flat = np.ravel_multi_index(tuple(codes), sizes)
    return np.asarray(np.searchsorted(np.ravel_multi_index(tuple(counts.codes.T), sizes), flat), dtype=np.int64)
