"""Gaussian smoothing on a grid, from fine squares to whole cells, so that no incident's mass leaves the town."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import scipy
from numpy.typing import NDArray

from peelian.measure.grid import Grid
from peelian.technologies.mapping.history import History
from peelian.technologies.mapping.street_cells import StreetCells, street_kernels

Floats = NDArray[np.float64]

FINE_METRES = 50.0  # within 1 % of the sum over points, from a bandwidth of 100 m on
MOST_FINE = 4_000_000  # fine squares in one plane
REACH = 4.0  # a kernel ends at four bandwidths, 0.01 % of its mass


class Smoothing(Protocol):
    """Mass where incidents were, kept as a plane, and that mass spread over the cells."""

    def empty(self) -> Floats:
        """No mass anywhere."""
        ...

    def plane(self, part: History, weight: Floats) -> Floats:
        """The mass of these incidents, `weight` each."""
        ...

    def cells(self, plane: Floats) -> Floats:
        """The mass in each cell once it is spread; its sum is the plane's."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kernel:
    """A Gaussian's share in each row (and column) of cells, from each row (column) of fine squares.

    `north` is rows x fine rows, `east` cols x fine cols, both banded; `kept` (fine rows x fine cols) is the share of
    each fine square's kernel that falls inside the boundary, by which its mass is divided (edge correction).
    """

    grid: Grid
    cuts: int
    north: scipy.sparse.csr_array
    east: scipy.sparse.csr_array
    kept: Floats

    def empty(self) -> Floats:
        """No mass in any fine square."""
        return np.zeros_like(self.kept)

    def plane(self, part: History, weight: Floats) -> Floats:
        """Incidents (by weight) in fine squares."""
        return fine_plane(part, self.cuts, weight)

    def cells(self, plane: Floats) -> Floats:
        """The fine squares smoothed into the cells."""
        return smoothed(self, plane)


def smoothings(grid: Grid, bandwidths: Sequence[float], fine_metres: float = FINE_METRES) -> tuple[Smoothing, ...]:
    """One for each bandwidth (metres): Gaussian on squares, quartic of the distance along the streets on segments."""
    if isinstance(grid, StreetCells):
        return street_kernels(grid, tuple(bandwidths))
    cuts = fineness(grid, fine_metres)
    return tuple(gaussian(grid, metres, cuts) for metres in bandwidths)


def fineness(grid: Grid, fine_metres: float = FINE_METRES) -> int:
    """Into how many fine squares a cell's side is cut: about 50 m each, fewer where the plane would grow too large."""
    rows, cols = grid.shape
    wanted = max(1, min(8, round(grid.cell_metres / fine_metres)))
    return max(1, min(wanted, int((MOST_FINE / (rows * cols)) ** 0.5)))


def fine_plane(history: History, cuts: int, weight: Floats | None = None) -> Floats:
    """Incidents (by weight) spread linearly over the four fine squares around each, `cuts` to a cell's side.

    Linear binning keeps every incident's place exactly (Wand 1994, "Fast computation of multivariate kernel
    estimators"). O(rows of the history + fine squares).
    """
    grid = history.grid
    (rows, cols), size = grid.shape, grid.cell_metres / cuts
    south, west = (first * grid.cell_metres + by for first, by in _corner(grid))
    mass = history.weight if weight is None else weight
    shape = (rows * cuts, cols * cuts)
    rows_of, cols_of = (
        _between((history.north - south) / size, shape[0]),
        _between((history.east - west) / size, shape[1]),
    )
    where = [row * shape[1] + col for row, _ in rows_of for col, _ in cols_of]
    parts = [mass * up * across for _, up in rows_of for _, across in cols_of]
    plane = np.bincount(np.concatenate(where), weights=np.concatenate(parts), minlength=shape[0] * shape[1])
    return plane.reshape(shape).astype(np.float64, copy=False)


def gaussian(grid: Grid, bandwidth_metres: float, cuts: int) -> Kernel:
    """The kernel of one bandwidth on one grid whose cells are cut into cuts x cuts. O(rows + cols + fine squares)."""
    size = grid.cell_metres / cuts
    # Linear binning widens each point by a sixth of a square's area on average: that is part of the bandwidth.
    sigma = max(bandwidth_metres**2 - size**2 / 6, (size / 4) ** 2) ** 0.5 / grid.cell_metres
    north, east = (_banded(length, cuts, sigma) for length in grid.shape)
    inside = grid.raster(grid.share_inside)
    kept = np.ascontiguousarray((east.T @ (north.T @ inside).T).T)
    return Kernel(grid=grid, cuts=cuts, north=north, east=east, kept=np.maximum(kept, 1e-9))


def smoothed(kernel: Kernel, plane: Floats) -> Floats:
    """The plane of fine squares smoothed into the cells (one value per cell); its sum is the plane's sum.

    Exact but for the place within a fine square: within 1 % of the sum over points (Diggle 1985, edge correction of
    each source). O(fine squares x reach).
    """
    spread = kernel.east @ (kernel.north @ (plane / kernel.kept)).T
    return kernel.grid.cells(np.asarray(spread).T) * kernel.grid.share_inside


def _corner(grid: Grid) -> tuple[tuple[int, float], tuple[int, float]]:
    """The first row and column of a grid, and by how many metres it is moved north and east."""
    return (grid.first_row, grid.shift[1]), (grid.first_col, grid.shift[0])


def _between(at: Floats, most: int) -> tuple[tuple[NDArray[np.intp], Floats], tuple[NDArray[np.intp], Floats]]:
    """The two fine squares whose middles a place lies between, and how much of it each takes (the outermost, all)."""
    lower = np.floor(at - 0.5)
    part = at - 0.5 - lower
    below, above = (np.clip((lower + side).astype(np.intp), 0, most - 1) for side in (0, 1))
    return (below, 1 - part), (above, part)


def _banded(cells: int, cuts: int, sigma: float) -> scipy.sparse.csr_array:
    """cells x (cells·cuts): the mass a fine square's Gaussian (sigma in cells, cut at four) puts into each cell."""
    reach = int(np.ceil(REACH * sigma + 0.5))
    fine = np.arange(cells * cuts)
    middle = (fine + 0.5) / cuts
    cell = np.floor(middle)[:, None] + np.arange(-reach, reach + 1)[None, :]
    upper, lower = ((np.clip((cell + side - middle[:, None]) / sigma, -REACH, REACH)) for side in (1.0, 0.0))
    mass = (scipy.special.ndtr(upper) - scipy.special.ndtr(lower)) / (
        scipy.special.ndtr(REACH) - scipy.special.ndtr(-REACH)
    )
    kept = (cell >= 0) & (cell < cells) & (mass > 0)
    columns = np.broadcast_to(fine[:, None], cell.shape)[kept]
    return scipy.sparse.csr_array((mass[kept], (cell[kept].astype(np.intp), columns)), shape=(cells, cells * cuts))
