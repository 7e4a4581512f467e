"""Histogram bins with exact edges: a score is at or above an edge if and only if its bin is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError
from peelian.technologies.faces.reading import Floats

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
