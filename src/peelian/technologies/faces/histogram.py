"""Retained score histogram: up to 65,536 bins per cell, exact at bin edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, NotEnoughData, sentence
from peelian.measure.table import Kind, Table, table
from peelian.technologies.faces.bins import Bins, bins_for
from peelian.technologies.faces.cells import Cells, coded
from peelian.technologies.faces.declarations.shapes import HISTOGRAM
from peelian.technologies.faces.reading import Floats
from peelian.technologies.faces.scores import ROWS, Scores
from peelian.technologies.faces.trials import Counts

EVERYBODY = "all"


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
