"""The interface of every forecasting model: fit a history, forecast a window with an interval, explain a cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import scipy
from numpy.typing import NDArray

from peelian.errors import InputError
from peelian.kernel.model.capability import Note, Scalar
from peelian.technologies.mapping.history import History

Floats = NDArray[np.float64]

RECENT_HOURS = 56 * 24.0  # what "recent" means in every explanation: eight weeks
POISSON = float("inf")  # the shape of a negative binomial that is Poisson


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The time a forecast is for: hours since 1970 in civil time, and how many."""

    start_hour: float
    hours: float

    def each_hour(self) -> Floats:
        """Every hour of it, since 1970."""
        return np.arange(self.start_hour, self.start_hour + self.hours)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forecast:
    """Expected counts per cell (float64[cells], > 0) with the ends of their 95 % prediction intervals.

    `shape` is that of the negative binomial the interval was taken from: variance = expected + expected²/shape;
    infinite for Poisson.
    """

    expected: Floats
    low: Floats
    high: Floats
    shape: float = POISSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why one cell has its expected count: what would be expected anyway, and what recent incidents add.

    `background + recent` is the expected count. `recent_incidents` were recorded in the cell in the last eight weeks,
    `nearby_incidents` in the eight cells around it: general locations, never one incident. `all_reported` is the part
    of the expected count that incidents of all reported categories together bring. `notes` say it in words.
    """

    background: float
    recent: float
    recent_incidents: int
    nearby_incidents: int
    all_reported: float = 0.0
    notes: tuple[Note, ...] = ()


class Fitted(Protocol):
    """A model that has seen a history and forgets nothing of its settings."""

    def forecast(self, window: Window) -> Forecast:
        """Expected counts for a window that starts at or after the end of the history. O(cells)."""
        ...

    def explain(self, cell: int, window: Window) -> Explanation:
        """Why `cell` (its number in the grid) has its expected count."""
        ...

    def settings(self) -> Mapping[str, Scalar]:
        """What was fixed and what was fitted, as scalars: enough to repeat the forecast."""
        ...


class Model(Protocol):
    """A way to forecast; `name` is its word in parameters and tables."""

    @property
    def name(self) -> str: ...

    def fit(self, history: History, *, window_hours: float, start: Fitted | None = None) -> Fitted:
        """Fit. Tuned settings come from inner windows of the history, or are taken over from `start` (warm)."""
        ...


def forecast_from(expected: Floats, shape: float = POISSON) -> Forecast:
    """A forecast with its 95 % interval: the 2.5 % and 97.5 % quantiles of the count in each cell. O(cells).

    >>> f = forecast_from(np.array([0.01, 1.0, 10.0]))
    >>> f.low.tolist(), f.high.tolist()
    ([0.0, 0.0, 4.0], [0.0, 3.0, 17.0])
    """
    if not bool(np.all(np.isfinite(expected)) and np.all(expected >= 0)):
        raise InputError("expected count negative or not a number")
    return Forecast(
        expected=expected, low=quantile(expected, 0.025, shape), high=quantile(expected, 0.975, shape), shape=shape
    )


def quantile(expected: Floats, level: float, shape: float = POISSON) -> Floats:
    """The smallest count k with P(count <= k) >= level, per cell, for Poisson or negative binomial counts.

    The quantile is a staircase in the mean; its steps come from inverse gamma (beta) functions, so that the cost is
    O(cells log largest count) and no distribution is summed.

    >>> quantile(np.array([0.5, 5.0]), 0.975, shape=2.0).tolist()
    [3.0, 16.0]
    """
    most = float(expected.max(initial=0.0))
    spread = most if not np.isfinite(shape) else most + most**2 / shape
    steps = np.arange(int(most + 12 * np.sqrt(spread) + 20 * max(1.0, spread / max(most, 1.0))))
    if np.isfinite(shape):
        inside = scipy.special.betaincinv(shape, steps + 1.0, level)
        means: Floats = np.asarray(shape * (1 / np.maximum(inside, 1e-300) - 1), dtype=np.float64)
    else:
        means = np.asarray(scipy.special.gammainccinv(steps + 1.0, level), dtype=np.float64)
    return np.searchsorted(means, expected, side="left").astype(np.float64)


def neighbourhood_counts(history: History, cell: int, from_hour: float) -> tuple[int, int]:
    """Incidents since `from_hour` in `cell` and in the (up to) eight cells around it, rounded to whole numbers."""
    plane = history.grid.raster(history.counts(from_hour))
    row = int(history.grid.row[cell]) - history.grid.first_row
    col = int(history.grid.col[cell]) - history.grid.first_col
    here = float(plane[row, col])
    around = float(plane[max(row - 1, 0) : row + 2, max(col - 1, 0) : col + 2].sum()) - here
    return round(here), round(around)
