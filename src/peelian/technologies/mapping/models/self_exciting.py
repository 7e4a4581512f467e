"""The continuous self-exciting model: repeats near in space and time, over a background with a chosen bandwidth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import scipy

from peelian.measure.grid import Grid
from peelian.technologies.mapping.history import Floats, History
from peelian.technologies.mapping.kernels.continuous import expected_parts, fit_continuous, intensity_parts
from peelian.technologies.mapping.kernels.lattice import Lattice
from peelian.technologies.mapping.kernels.process import LEAST_EVENTS, ContinuousFit, Extent, Points
from peelian.technologies.mapping.models.base import Fitted
from peelian.technologies.mapping.models.excitation import Excited, whole_incidents
from peelian.technologies.mapping.models.shares import dispersion, enough, even, recent_level

FINE_PER_CELL = 3.0  # a bin wider than a third of a cell is cut before it is given to cells
FLAT_METRES = 0.0  # what a flat background is noted as: a setting must be a number


class _Halves(NamedTuple):
    """Background and excitation per day on squares of half a cell, from half-row and half-column `row`, `col` on.

    All four grids of a back-test, moved by half a cell, are made of the same squares.
    """

    background: Floats
    recent: Floats
    row: int
    col: int


class _Inner(NamedTuple):
    """The fit, the sum of the days it was made on (two histories with one sum are taken for the same), its planes."""

    fit: ContinuousFit
    days: float
    halves: _Halves


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfExciting:
    """Exponential in time, Gaussian in space (Mohler et al. 2011). Warm, one more day takes three steps."""

    name: str = "self_exciting"

    def fit(self, history: History, *, window_hours: float, start: Fitted | None = None) -> Excited:
        """O(iterations × (incidents × stencil + bins))."""
        enough(history, LEAST_EVENTS)
        days, east, north, weight, _ = whole_incidents(history)
        points, extent = Points(days, east, north, weight), extent_of(history)
        inner = _fit(points, extent, history, start)
        fit, (background, recent) = inner.fit, _by_cell(inner.halves, history.grid)

        def parts(length: float, lead: float) -> tuple[Floats, Floats]:
            return expected_parts((background, recent), fit.parameters, length, lead)

        whole = np.maximum(sum(parts(window_hours / 24, 0.0)), 0.0)
        level, total = recent_level(history), float(whole.sum())
        shape = dispersion(history, whole / total if total > 0 else even(history), window_hours)
        theta, omega, sigma = fit.parameters
        wide, others = fit.scales.bandwidth_metres, others_within_reach(history, fit)
        return Excited(
            history=history,
            parts=parts,
            per_hour=level,
            inner=inner,
            shape=shape,
            kept={
                "theta": theta,
                "delay_days": 1 / omega,
                "sigma_metres": sigma,
                "bandwidth_metres": wide if np.isfinite(wide) else FLAT_METRES,
                "others_within_reach": others,
                "iterations": fit.iterations,
                "per_hour": level,
                "shape": shape,
            },
        )


def others_within_reach(history: History, fit: ContinuousFit) -> float:
    """Incidents of the average place and day times the kernel's effective reach, 4πσ² × 2/ω (its inverse mean square).

    The excitation of one incident stands out against its neighbours where this is well below 1.
    """
    _, omega, sigma = fit.parameters
    per_km2_day = history.total / max(history.grid.total_km2 * history.hours / 24, 1e-9)
    return float(per_km2_day * 4 * np.pi * (sigma / 1000) ** 2 * 2 / omega)


def extent_of(history: History) -> Extent:
    """The grid's bounding box and the time of recording in days from its beginning."""
    grid, (rows, cols) = history.grid, history.grid.shape
    west = grid.first_col * grid.cell_metres + grid.shift[0]
    south = grid.first_row * grid.cell_metres + grid.shift[1]
    size = grid.cell_metres
    return Extent(west, south, west + cols * size, south + rows * size, 0.0, history.hours / 24)


def _fit(points: Points, extent: Extent, history: History, start: Fitted | None) -> _Inner:
    """The fit, gone on from `start`: its own labels where the history only grew, else its parameters alone.

    Points know no grid: what was fitted to the very same incidents, on a grid moved by half a cell, is taken as it is.
    """
    cell = history.grid.cell_metres
    if not (isinstance(start, Excited) and isinstance(start.inner, _Inner)):
        return _intensity(fit_continuous(points, extent), points, cell)
    before, n = start.inner.fit, len(start.inner.fit.share)
    grew = n <= len(points.days) and bool(np.isclose(float(points.days[:n].sum()), start.inner.days, rtol=1e-12))
    if _covers(before.extent, points):
        extent = before.extent._replace(from_day=extent.from_day, until_day=extent.until_day)
        same_ground = start.history.grid.cell_metres == cell and extent == before.extent
        if grew and n == len(points.days) and same_ground:
            return start.inner._replace(fit=replace(before, iterations=0))
    known = before if grew else replace(before, share=np.zeros(0, dtype=np.float32))
    return _intensity(fit_continuous(points, extent, start=known), points, cell)


def _intensity(fit: ContinuousFit, points: Points, cell_metres: float) -> _Inner:
    planes = intensity_parts(points, fit, fit.extent.until_day)
    return _Inner(fit, float(points.days.sum()), _halves(planes, fit.lattice, cell_metres))


def _covers(extent: Extent, points: Points) -> bool:
    """Whether all points lie inside."""
    return all(
        low <= float(along.min()) and float(along.max()) <= high
        for low, along, high in (
            (extent.west, points.east, extent.east),
            (extent.south, points.north, extent.north),
        )
    )


def _halves(planes: tuple[Floats, Floats], lattice: Lattice, cell_metres: float) -> _Halves:
    """Planes of bins summed into half cells; bins wider than a sixth of a cell are cut first. O(bins).

    A bin belongs to the row and the column of half cells in which its middle lies: two sums, one along each side.
    """
    half = cell_metres / 2
    cuts = max(1, int(np.ceil(lattice.bin_metres * FINE_PER_CELL / cell_metres)))
    made, first = list(planes), []
    for axis, (corner, bins) in enumerate(((lattice.north, lattice.rows), (lattice.east, lattice.cols))):
        middles = corner + (np.arange(bins * cuts) + 0.5) * (lattice.bin_metres / cuts)
        square = np.floor(middles / half).astype(np.int64)
        first.append(int(square[0]))
        where = (square - square[0], np.arange(bins * cuts) // cuts)
        matrix = scipy.sparse.coo_array((np.full(bins * cuts, 1 / cuts), where)).tocsr()
        made = [np.asarray(matrix @ plane if axis == 0 else (matrix @ plane.T).T) for plane in made]
    return _Halves(made[0], made[1], first[0], first[1])


def _by_cell(halves: _Halves, grid: Grid) -> tuple[Floats, Floats]:
    """Both parts of each cell: its four squares of half a cell summed."""
    rows, cols = grid.shape
    moved = [round(2 * shift / grid.cell_metres) for shift in (grid.shift[1], grid.shift[0])]
    corner = (2 * grid.first_row + moved[0], 2 * grid.first_col + moved[1])
    planes = (_cut(plane, (halves.row, halves.col), corner, (2 * rows, 2 * cols)) for plane in halves[:2])
    summed = [grid.cells(plane.reshape(rows, 2, cols, 2).sum(axis=(1, 3))) * grid.share_inside for plane in planes]
    return summed[0], summed[1]


def _cut(plane: Floats, first: tuple[int, int], corner: tuple[int, int], shape: tuple[int, int]) -> Floats:
    """The part of `plane` (which begins at `first`) that begins at `corner`, in this shape; 0 beyond its edges."""
    whole = np.zeros(shape)
    low = [max(pair) for pair in zip(first, corner, strict=True)]
    high = [min(a + n, b + m) for a, n, b, m in zip(first, plane.shape, corner, shape, strict=True)]
    if all(up > down for down, up in zip(low, high, strict=True)):
        into = tuple(slice(down - b, up - b) for down, up, b in zip(low, high, corner, strict=True))
        whole[into] = plane[tuple(slice(down - a, up - a) for down, up, a in zip(low, high, first, strict=True))]
    return whole
