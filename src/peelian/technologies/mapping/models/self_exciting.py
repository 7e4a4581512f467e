"""The continuous self-exciting model: repeats near in space and time, over a background with a chosen bandwidth."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

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


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfExciting:
    """Exponential in time, Gaussian in space (Mohler et al. 2011). Warm, one more day takes three steps."""

    name: str = "self_exciting"
    title: str = "Self-exciting point process"

    def fit(self, history: History, *, window_hours: float, start: Fitted | None = None) -> Excited:
        """O(iterations × (incidents × stencil + bins))."""
        enough(history, LEAST_EVENTS)
        days, east, north, weight, _ = whole_incidents(history)
        points, extent = Points(days, east, north, weight), extent_of(history)
        fit = fit_continuous(points, extent, start=_known(start, points, extent))
        fine = intensity_parts(points, fit, extent.until_day)
        per_cell = tuple(_by_cell(plane, fit.lattice, history.grid) for plane in fine)
        background, recent = per_cell

        def parts(length: float, lead: float) -> tuple[Floats, Floats]:
            return expected_parts((background, recent), fit.parameters, length, lead)

        whole = np.maximum(sum(parts(window_hours / 24, 0.0)), 0.0)
        level, total = recent_level(history), float(whole.sum())
        shape = dispersion(history, whole / total if total > 0 else even(history), window_hours)
        theta, omega, sigma = fit.parameters
        wide = fit.scales.bandwidth_metres
        return Excited(
            history=history,
            parts=parts,
            per_hour=level,
            inner=(fit, float(days.sum())),
            shape=shape,
            kept={
                "theta": theta,
                "delay_days": 1 / omega,
                "sigma_metres": sigma,
                "bandwidth_metres": wide if np.isfinite(wide) else FLAT_METRES,
                "iterations": fit.iterations,
                "per_hour": level,
                "shape": shape,
            },
        )


def extent_of(history: History) -> Extent:
    """The grid's bounding box and the time of recording in days from its beginning."""
    grid, (rows, cols) = history.grid, history.grid.shape
    west = grid.first_col * grid.cell_metres + grid.shift[0]
    south = grid.first_row * grid.cell_metres + grid.shift[1]
    size = grid.cell_metres
    return Extent(west, south, west + cols * size, south + rows * size, 0.0, history.hours / 24)


def _known(start: Fitted | None, points: Points, extent: Extent) -> ContinuousFit | None:
    """The fit to go on from: its own labels where the history only grew, else its parameters alone."""
    if not (isinstance(start, Excited) and isinstance(start.inner, tuple)):
        return None
    fit, days = start.inner
    if not isinstance(fit, ContinuousFit) or fit.extent[:4] != extent[:4]:
        return None
    n = len(fit.share)
    grew = n <= len(points.days) and bool(np.isclose(float(points.days[:n].sum()), days, rtol=1e-12))
    return fit if grew else replace(fit, share=np.zeros(0, dtype=np.float32))


def _by_cell(plane: Floats, lattice: Lattice, grid: Grid) -> Floats:
    """A plane of bins summed into cells; bins wider than a third of a cell are cut first. O(bins)."""
    cuts = max(1, int(np.ceil(lattice.bin_metres * FINE_PER_CELL / grid.cell_metres)))
    size = lattice.bin_metres / cuts
    fine = np.repeat(np.repeat(plane, cuts, axis=0), cuts, axis=1) / cuts**2
    col = lattice.east + (np.arange(fine.shape[1]) + 0.5) * size
    row = lattice.north + (np.arange(fine.shape[0]) + 0.5) * size
    cell = grid.locate(*(part.ravel() for part in np.meshgrid(col, row)))
    inside = cell >= 0
    summed = np.bincount(cell[inside], weights=fine.ravel()[inside], minlength=len(grid))
    made: Floats = summed.astype(np.float64) * grid.share_inside
    return made
