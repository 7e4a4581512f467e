"""The ground that points enclose, as small squares: where nobody says how far a town reaches, it ends with its records.

A margin around the points would be empty, and an empty margin makes any map look better than an even spread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from peelian.errors import InputError, sentence

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

GAP_METRES = 2_000.0
SQUARE_METRES = 50.0
MOST_SQUARES = 16_000_000  # 200 x 200 km; more is a stray point


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Enclosure:
    """Squares inside (bool[rows, cols], rows from south to north), the row and column of the first, and their side."""

    inside: Mask
    first_row: int
    first_col: int
    square_metres: float = SQUARE_METRES

    @property
    def km2(self) -> float:
        """The area, square kilometres."""
        return float(np.count_nonzero(self.inside)) * (self.square_metres / 1000.0) ** 2

    def holds(self, east: Floats, north: Floats) -> Mask:
        """Which points (metres) lie inside. O(points)."""
        found = (np.floor(np.asarray(part) / self.square_metres) for part in (north, east))
        row, col = (part - first for part, first in zip(found, (self.first_row, self.first_col), strict=True))
        rows, cols = self.inside.shape
        near = (row >= 0) & (row < rows) & (col >= 0) & (col < cols)
        flat = np.where(near, row * cols + col, 0).astype(np.intp)
        return np.asarray(near & self.inside.ravel()[flat])

    def shares(self, cell_metres: float, shift: tuple[float, float]) -> tuple[Floats, int, int]:
        """The share of each cell that lies inside (float64[rows, cols]), and the row and column of the first cell.

        A cell and a square have in common what their sides have in common: two sparse products, O(squares).
        """
        north, first_row = self._sides(self.first_row, self.inside.shape[0], cell_metres, shift[1])
        east, first_col = self._sides(self.first_col, self.inside.shape[1], cell_metres, shift[0])
        shared = north @ (east @ self.inside.astype(np.float64).T).T
        return np.asarray(shared, dtype=np.float64) / cell_metres**2, first_row, first_col

    def _sides(self, first: int, count: int, cell: float, shift: float) -> tuple[scipy.sparse.csr_array, int]:
        """Metres that each cell's side (rows) shares with each square's side (columns), and the first cell's number."""
        size = self.square_metres
        low = (first + np.arange(count)) * size - shift
        start = np.floor(low / cell).astype(np.int64)
        first_cell, last = int(start[0]), int(np.floor((low[-1] + size) / cell))
        cells, squares, metres = [], [], []
        for step in range(int(np.ceil(size / cell)) + 1):
            at = start + step
            shared = np.minimum(low + size, (at + 1) * cell) - np.maximum(low, at * cell)
            some = shared > 0
            cells.append(at[some] - first_cell)
            squares.append(np.flatnonzero(some))
            metres.append(shared[some])
        where = (np.concatenate(cells), np.concatenate(squares))
        shape = (last - first_cell + 1, count)
        return scipy.sparse.csr_array((np.concatenate(metres), where), shape=shape), first_cell


def enclosure_of(east: Floats, north: Floats, gap_metres: float = GAP_METRES) -> Enclosure | None:
    """The ground that points enclose, gaps up to `gap_metres` filled; None where they enclose none.

    The points' squares are closed (widened, then narrowed as much; Serra 1982), and the squares at the edge left out:
    they hold the points that say where the edge runs. Taking any other point away changes nothing, so that points
    strewn evenly on some ground, however far it reaches, lie evenly inside: as those of a uniform sample inside its
    convex hull do, its corners left out. Take stray points out first. O(points + squares × gap).

    >>> east, north = (part.ravel() for part in np.meshgrid(np.arange(0.0, 1000, 25), np.arange(0.0, 1000, 25)))
    >>> found = enclosure_of(east, north)
    >>> int(found.inside.sum()), round(found.km2, 3), enclosure_of(np.zeros(9), np.zeros(9)) is None
    (324, 0.81, True)
    """
    steps = round(gap_metres / (2 * SQUARE_METRES))
    taken, first_row, first_col = squares_with(east, north, SQUARE_METRES, rim=steps + 2)
    inside = ~widened(~widened(taken, steps), steps + 1)
    rows, cols = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return None
    return Enclosure(
        inside=inside[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1],
        first_row=first_row + int(rows[0]),
        first_col=first_col + int(cols[0]),
    )


def squares_with(east: Floats, north: Floats, size: float, rim: int) -> tuple[Mask, int, int]:
    """Which squares hold a point, with an empty rim of `rim` squares; the row and the column of the first."""
    col, row = (np.floor(np.asarray(part) / size).astype(np.int64) for part in (east, north))
    if not len(row):
        raise InputError("there is no point to draw a boundary around", accepted="at least one incident with a place")
    first_row, first_col = int(row.min()) - rim, int(col.min()) - rim
    height, width = int(row.max()) - first_row + rim + 1, int(col.max()) - first_col + rim + 1
    if height * width > MOST_SQUARES:
        says = sentence("squares of %(size)g m around these points would be %(n)d cells", size=size, n=height * width)
        accepted = sentence("at most %(most)d: a boundary, or the stray point taken out", most=MOST_SQUARES)
        raise InputError(says, accepted=accepted)
    taken = np.zeros((height, width), dtype=bool)
    taken[row - first_row, col - first_col] = True
    return taken, first_row, first_col


def widened(taken: NDArray[Any], steps: int) -> Mask:
    """`taken` and every square up to `steps` away, also diagonally. O(squares)."""
    wide = scipy.ndimage.maximum_filter1d(taken.astype(np.uint8), 2 * steps + 1, axis=0, mode="nearest")
    return np.asarray(scipy.ndimage.maximum_filter1d(wide, 2 * steps + 1, axis=1, mode="nearest") > 0)
