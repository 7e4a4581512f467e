"""The history a model may use: the incidents before an hour, each with its cell, its hour and its weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError
from peelian.measure.grid import Grid

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class History:
    """Incidents on a grid, sorted by hour; arrays of one length n. Every cell number is inside the grid (>= 0).

    Hours count from 1970-01-01 00:00 in the town's civil time. An incident whose time is known only as an interval
    stands there as several rows whose weights sum to 1 (aoristic weights, Ratcliffe 2002); an incident of a category
    that police themselves discover carries an inverse-probability weight. `from_hour` is when recording began,
    `until_hour` when it ends: no row lies outside [from_hour, until_hour). `all_reported` holds the reported incidents
    of all categories in those hours, where the dataset has others than this one.
    """

    grid: Grid
    cell: Ints
    hour: Floats
    east: Floats
    north: Floats
    weight: Floats
    from_hour: float
    until_hour: float
    all_reported: History | None = None

    def __len__(self) -> int:
        return len(self.cell)

    @property
    def hours(self) -> float:
        """How long the recording lasted."""
        return self.until_hour - self.from_hour

    @property
    def total(self) -> float:
        """The number of incidents (sum of weights)."""
        return float(self.weight.sum())

    def counts(self, from_hour: float | None = None) -> Floats:
        """Incidents per cell since `from_hour` (default: all); float64[cells]. O(rows + cells)."""
        first = 0 if from_hour is None else int(np.searchsorted(self.hour, from_hour))
        counts = np.bincount(self.cell[first:], weights=self.weight[first:], minlength=len(self.grid))
        return counts.astype(np.float64, copy=False)

    def mark(self, hour: float) -> tuple[float, ...]:
        """What tells whether another history is this one up to `hour`. O(rows).

        Rows, sum of hours, sum of cells; then those of all categories.
        """
        past = self.before(hour)
        own = (len(past), float(past.hour.sum()), int(past.cell.sum(dtype=np.int64)))
        return own if past.all_reported is None else (*own, *past.all_reported.mark(hour))

    def before(self, hour: float) -> History:
        """The history that ends at `hour`: a view of the same arrays, nothing is copied."""
        return self.between(self.from_hour, hour)

    def between(self, from_hour: float, until_hour: float) -> History:
        """The part in [from_hour, until_hour), as a view."""
        first, last = np.searchsorted(self.hour, (from_hour, until_hour)).tolist()
        return replace(
            self,
            cell=self.cell[first:last],
            hour=self.hour[first:last],
            east=self.east[first:last],
            north=self.north[first:last],
            weight=self.weight[first:last],
            from_hour=max(from_hour, self.from_hour),
            until_hour=until_hour,
            all_reported=None if self.all_reported is None else self.all_reported.between(from_hour, until_hour),
        )


def history(
    grid: Grid,
    points: tuple[Floats, Floats, Floats],
    *,
    until_hour: float,
    from_hour: float | None = None,
    weight: Sequence[float] | Floats | None = None,
) -> History:
    """A history from `points` (hour, east, north; arrays of one length, any order); rows outside the grid fall away.

    `from_hour` defaults to the first row's hour. O(n log n), O(n) when the hours are already sorted.

    >>> from peelian.measure.grid import square_grid
    >>> grid = square_grid(cell_metres=250.0, rows=1, cols=2)
    >>> h = history(grid, (np.array([5.0, 1.0, 2.0]), np.array([10.0, 300.0, -9.0]), np.zeros(3)), until_hour=24.0)
    >>> h.cell.tolist(), h.hour.tolist(), h.counts().tolist()
    ([1, 0], [1.0, 5.0], [1.0, 1.0])
    """
    hour, east, north = (np.asarray(part, dtype=np.float64) for part in points)
    mass = np.ones(len(hour)) if weight is None else np.asarray(weight, dtype=np.float64)
    if not len(hour) == len(east) == len(north) == len(mass):
        raise InputError("hours, places and weights differ in length")
    start = float(hour.min()) if from_hour is None and len(hour) else float(from_hour or 0.0)
    cell = grid.locate(east, north)
    kept = (cell >= 0) & (hour >= start) & (hour < until_hour)
    order = np.flatnonzero(kept)
    if bool(np.any(np.diff(hour[order]) < 0)):
        order = order[np.argsort(hour[order], kind="stable")]
    return History(
        grid=grid,
        cell=cell[order],
        hour=hour[order],
        east=east[order],
        north=north[order],
        weight=mass[order],
        from_hour=start,
        until_hour=float(until_hour),
    )
