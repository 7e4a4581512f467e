"""Counts per place and period: the cube every forecast is scored against, sparse because most places stay empty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from peelian.errors import InputError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cube:
    """Counts (sums of weights) per period and place: a compressed sparse matrix, periods x places."""

    counts: scipy.sparse.csr_array

    @property
    def periods(self) -> int:
        """How many periods."""
        return int(self.counts.shape[0])

    @property
    def places(self) -> int:
        """How many places."""
        return int(self.counts.shape[1])

    def period(self, number: int) -> Floats:
        """The counts of one period, float64[places]. O(places)."""
        dense = np.zeros(self.places)
        first, last = self.counts.indptr[number : number + 2]
        dense[self.counts.indices[first:last]] = self.counts.data[first:last]
        return dense

    def totals(self) -> Floats:
        """The counts of all places together, float64[periods]."""
        return np.asarray(self.counts.sum(axis=1), dtype=np.float64).ravel()


def count_cube(place: NDArray[Any], period: NDArray[Any], shape: tuple[int, int], weight: Floats | None = None) -> Cube:
    """The cube of `shape` (periods, places) from one row per incident. O(rows), whatever the number of empty cells.

    Rows with a place or period below 0 or beyond the shape are a fault of the caller: InputError.

    >>> cube = count_cube(np.array([0, 2, 2]), np.array([1, 0, 0]), (2, 3))
    >>> cube.period(0).tolist(), cube.totals().tolist()
    ([0.0, 0.0, 2.0], [2.0, 1.0])
    """
    periods, places = shape
    if any(len(part) and (part.min() < 0 or part.max() >= most) for part, most in ((place, places), (period, periods))):
        raise InputError("an incident lies outside the cube's places or periods")
    mass = np.ones(len(place)) if weight is None else weight
    counts = scipy.sparse.csr_array((mass, (period, place)), shape=(periods, places))
    counts.sum_duplicates()
    return Cube(counts=counts)
