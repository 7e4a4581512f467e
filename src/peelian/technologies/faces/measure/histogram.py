"""Retained score histogram: up to 65,536 bins per cell, exact at bin edges; and its equal error rate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, NotEnoughData, sentence
from peelian.measure.table import Kind, Table, table
from peelian.technologies.faces.declared import HISTOGRAM
from peelian.technologies.faces.measure.errors import Counts
from peelian.technologies.faces.measure.scores import EVERYBODY, ROWS, Cells, Floats, Scores, coded
from peelian.technologies.faces.measure.uncertainty import FEW_ERRORS

BINS = 65_536
CROWDED = 20  # so many different scores per used bin, and the even bins are given up for unequal ones
SAMPLE = 200_000

Index = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """Ascending lower edges; scores below the first fall into bin 0, all others into the last edge at or below them.

    Even bins carry `low` and `scale`, which give the same bin by arithmetic, three times faster (`scale` 0: uneven).
    """

    edges: Floats
    low: float = 0.0
    scale: float = 0.0

    def __len__(self) -> int:
        return len(self.edges)

    def of(self, scores: Floats) -> Index:
        """The bin of each score (finite). O(scores), times log(bins) for uneven bins."""
        if self.scale:
            return _even_bin(scores, self.low, self.scale, len(self.edges))
        found = np.searchsorted(self.edges, scores, side="right") - 1
        return np.maximum(found, 0).astype(np.int32)

    def at_or_above(self, threshold: float) -> tuple[int, float]:
        """The first bin whose scores all lie at or above `threshold`, and the threshold that this bin stands for.

        The two thresholds are the same where `threshold` is an edge; else the bins' own is the next higher edge, and
        beyond the last edge it is infinite: nothing matches.
        """
        first = int(np.searchsorted(self.edges, threshold, side="left"))
        if first == 0:
            return 0, -math.inf if threshold <= self.edges[0] else float(self.edges[0])
        return first, float(self.edges[first]) if first < len(self.edges) else math.inf


def bins_for(scores: Floats, most: int = BINS) -> Bins:
    """Bins that resolve `scores` (finite, at least one): even ones, or uneven ones where few even bins hold them all.

    InputError where there is no score. O(scores); the choice looks at an evenly spread sample.
    """
    if not len(scores):
        raise InputError("no score to bin", accepted="at least one successful comparison")
    low, high = float(scores.min()), float(scores.max())
    if low == high:
        return Bins(edges=np.array([low]))
    sample = np.unique(scores[:: max(1, len(scores) // SAMPLE)])
    scale = most / (high - low)
    if math.isfinite(scale) and scale > 0 and math.isfinite((high - low) * scale):
        used = len(np.unique(_even_bin(sample, low, scale, most)))
        if len(sample) <= CROWDED * used:
            edges = _exact_edges(low, scale, most)
            # Where scores lie only a few floats apart some bins hold none: then the edges alone tell.
            return Bins(edges=edges, low=low, scale=scale) if len(edges) == most else Bins(edges=edges)
    chosen = sample[np.unique(np.linspace(0, len(sample) - 1, min(most, len(sample))).astype(np.int64))]
    return Bins(edges=np.union1d(chosen[: most - 1], [low]))


def _even_bin(scores: Floats, low: float, scale: float, most: int) -> Index:
    # Rounding keeps order: a higher score never gets a lower bin. Exactness then only needs the true edges.
    bins = (scores - low) * scale
    np.clip(bins, 0, most - 1, out=bins)
    return bins.astype(np.int32)


def _exact_edges(low: float, scale: float, most: int) -> Floats:
    """The least float that falls into each bin as `_even_bin` computes it, by bisection over the floats themselves.

    Near 0 many floats share one bin boundary after rounding, so that steps from a first guess would not get there.
    """
    wanted = np.arange(most)
    guess, width = low + wanted / scale, 1 / scale
    under, over = _ordered(np.maximum(guess - 2 * width, low)), _ordered(guess + 2 * width)
    while bool((under < over).any()):
        # Half the sum without overflow: both ends may be as far apart as the int64s themselves.
        middle = (under & over) + ((under ^ over) >> 1)
        reached = _even_bin(_floats(middle), low, scale, most) >= wanted
        over = np.where(reached, middle, over)
        under = np.where(reached, under, np.minimum(middle + 1, over))
    edges = _floats(over)
    edges[0] = low
    return np.unique(edges)


def _ordered(values: Floats) -> NDArray[np.int64]:
    """The floats' bits as integers that sort as the floats do."""
    bits = np.ascontiguousarray(values, dtype=np.float64).view(np.int64)
    return np.where(bits < 0, np.int64(-(2**63)) - bits, bits)


def _floats(ordered: NDArray[np.int64]) -> Floats:
    """The floats behind `_ordered`."""
    return np.where(ordered < 0, np.int64(-(2**63)) - ordered, ordered).view(np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """Comparisons counted by cell and bin: `counts[cell, bin]`. It holds nothing about single subjects.

    Distances are held negated, as in `Scores`.
    """

    bins: Bins
    counts: Counts
    cells: Cells
    distance: bool = False

    def made(self) -> Counts:
        """Comparisons by cell."""
        return np.asarray(self.counts.sum(axis=1), dtype=np.int64)

    def matches(self, threshold: float) -> tuple[Counts, float]:
        """Comparisons by cell that score at or above a threshold, and the threshold that was used.

        Exact where the threshold is an edge; else the next higher edge is used and returned. O(cells x bins).
        """
        first, used = self.bins.at_or_above(threshold)
        return np.asarray(self.counts[:, first:].sum(axis=1), dtype=np.int64), used

    def matches_from_each_edge(self, cells: Sequence[int]) -> Counts:
        """Comparisons in the cells together that score at or above each edge: what curves are drawn from. O(bins)."""
        row = self.counts[list(cells)].sum(axis=0)
        return np.cumsum(row[::-1])[::-1]


def tallied(scores: Scores, bins: Bins | None = None) -> Histogram:
    """The histogram of scores; comparisons that failed are not in it. O(rows), in steps of a million.

    >>> from peelian.technologies.faces.example import small_scores
    >>> made = tallied(small_scores())
    >>> int(made.made().sum()) == len(small_scores())
    True
    """
    if bins is None:
        made = scores.score if not scores.failed.any() else scores.score[~scores.failed]
        bins = bins_for(made)
    wide = len(bins)
    counts = np.zeros(scores.cells.size * wide, dtype=np.int64)
    for start in range(0, len(scores), ROWS):
        part = slice(start, start + ROWS)
        score, cell = scores.score[part], scores.cell[part]
        held = ~scores.failed[part]
        if not held.all():
            score, cell = score[held], cell[held]
        counts += np.bincount(cell * np.int64(wide) + bins.of(score), minlength=len(counts))
    return Histogram(
        bins=bins, counts=counts.reshape(scores.cells.size, wide), cells=scores.cells, distance=scores.distance
    )


def to_table(histogram: Histogram) -> Table:
    """The histogram as a table of its filled bins, in the scores' own direction.

    `score` is the edge from which a comparison of the bin matches: the lowest score of a bin of similarities, the
    highest of a bin of distances. Cells outside every group are left out where there are groups.
    """
    cells = histogram.cells
    named = [(g, h, c) for g, h, c in cells.named_pairs()] + [
        (g, g, cells.genuine(g)) for g in range(len(cells.groups))
    ]
    if not cells.groups:
        named = [(-1, -1, cells.pair(-1, -1)), (-1, -1, cells.genuine(-1))]
    label = (*cells.groups, EVERYBODY)
    parts = []
    for g, h, c in named:
        held = np.flatnonzero(histogram.counts[c])
        score = histogram.bins.edges[held]
        parts.append((c >= cells.impostor_cells, label[g], label[h], score, histogram.counts[c][held]))
    sizes = [len(p[3]) for p in parts]
    scores = np.concatenate([p[3] for p in parts])
    return table(
        HISTOGRAM,
        {
            "genuine": (Kind.COUNT, np.repeat(np.array([p[0] for p in parts], dtype=np.int8), sizes)),
            "group": (Kind.GROUP, np.repeat(np.array([p[1] for p in parts], dtype=object), sizes)),
            "other_group": (Kind.GROUP, np.repeat(np.array([p[2] for p in parts], dtype=object), sizes)),
            "score": (Kind.AMOUNT, -scores if histogram.distance else scores),
            "n": (Kind.COUNT, np.concatenate([p[4] for p in parts])),
        },
    )


def from_tables(tables: Sequence[Table], direction: str) -> Histogram:
    """The histogram that `to_table` or another tool wrote. NotEnoughData: only one class. O(rows of the table).

    InputError: the stated direction contradicts the counts.
    """
    genuine = _column(tables, "genuine").astype(np.bool_)
    score, n = _column(tables, "score").astype(np.float64), _column(tables, "n").astype(np.int64)
    sides = [_labels(tables, name) for name in ("group", "other_group")]
    groups = sorted((set(sides[0]) | set(sides[1])) - {EVERYBODY})
    cells = Cells(groups=tuple(groups))
    first, second = (coded(side, groups) for side in sides)
    cell = np.where(genuine, np.array([cells.genuine(int(g)) for g in first]), cells.pairs()[first, second])
    if not (n[genuine].any() and n[~genuine].any()):
        missing = "impostor" if n[genuine].any() else "genuine"
        says = sentence("no %(what)s comparison", what=sentence(missing))
        raise NotEnoughData(says, accepted="histograms of both kinds")
    distance = _runs_as_distance(score, n, genuine)
    if direction not in ("auto", "distance" if distance else "similarity"):
        raise InputError("scores run in the opposite direction", column="direction", accepted="auto")
    score = -score if distance else score
    edges, bin_ = np.unique(score, return_inverse=True)
    counts = np.zeros((cells.size, len(edges)), dtype=np.int64)
    np.add.at(counts, (cell, bin_), n)
    return Histogram(bins=Bins(edges=edges), counts=counts, cells=cells, distance=distance)


def _runs_as_distance(score: Floats, n: Counts, genuine: NDArray[np.bool_]) -> bool:
    order = np.argsort(score, kind="stable")
    own, other = np.where(genuine, n, 0)[order], np.where(genuine, 0, n)[order]
    below = np.cumsum(other) - other / 2
    return float((own * below).sum()) < 0.5 * float(own.sum()) * float(other.sum())


def _column(tables: Sequence[Table], name: str) -> NDArray[np.generic]:
    return np.concatenate([t[name] for t in tables])


def _labels(tables: Sequence[Table], name: str) -> list[str]:
    words: list[str] = []
    for t in tables:
        words += [str(w) for w in t[name].tolist()] if name in t else [EVERYBODY] * len(t)
    return words


def equal_error_rate(histogram: Histogram, group: str, failed: Counts | None) -> float:
    """The rate at which FMR and FNMR cross, within a group or over all, drawn straight between two edges of bins.

    Failures (by cell) count as false non-matches. nan without comparisons, and where ten errors or fewer of a kind
    lie at the crossing. O(bins).
    """
    impostor, genuine = cells_of(histogram, group)
    false, true = (histogram.matches_from_each_edge(part) for part in (impostor, genuine))
    lost = 0 if failed is None else int(failed[genuine].sum())
    n, m = (int(false[0]), int(true[0]) + lost) if len(false) else (0, 0)
    if not n or not m:
        return math.nan
    fmr, fnmr = np.append(false, 0) / n, (m - np.append(true, 0)) / m
    after = int(np.argmax(fnmr >= fmr))
    before = max(after - 1, 0)
    if min(int(np.append(false, 0)[before]), m - int(np.append(true, 0)[after])) <= FEW_ERRORS:
        return math.nan
    apart = (fmr - fnmr)[[before, after]]
    share = apart[0] / (apart[0] - apart[1]) if apart[0] != apart[1] else 0.0
    return float(fmr[before] + share * (fmr[after] - fmr[before]))


def cells_of(histogram: Histogram, group: str) -> tuple[list[int], list[int]]:
    """The impostor and the genuine cells of a group, or of all."""
    cells = histogram.cells
    if group == EVERYBODY:
        return list(range(cells.impostor_cells)), list(range(cells.impostor_cells, cells.size))
    g = cells.groups.index(group)
    return [cells.pair(g, g)], [cells.genuine(g)]
