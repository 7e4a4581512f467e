"""Kernel density: all recorded incidents under a Gaussian whose bandwidth is chosen on held-out weeks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from peelian.kernel.model.capability import Scalar
from peelian.measure.sums import inner
from peelian.technologies.mapping.history import Floats, History
from peelian.technologies.mapping.models.base import (
    POISSON,
    RECENT_HOURS,
    Explanation,
    Fitted,
    Forecast,
    Window,
    forecast_from,
)
from peelian.technologies.mapping.models.shares import dispersion, enough, even, explained, recent_level
from peelian.technologies.mapping.models.smoothing import Kernel, fine_plane, fineness, gaussian, smoothed

INNER_WINDOWS = 26
FLOOR = 1e-3  # the share of the even spread that keeps every cell above 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedDensity:
    """A smoothed map; keeps its plane of fine squares, so that one more day costs a day."""

    history: History
    kernel: Kernel
    plane: Floats
    mark: tuple[float, ...]
    share: Floats
    bandwidth_metres: float
    per_hour: float
    shape: float = POISSON

    def forecast(self, window: Window) -> Forecast:
        """Share times level times hours, with its interval. O(cells)."""
        return forecast_from(self.share * (self.per_hour * window.hours), self.shape)

    def explain(self, cell: int, window: Window) -> Explanation:
        """The cell's expected count without and with the incidents of the last eight weeks. O(fine squares)."""
        history, total = self.history, float(self.plane.sum())
        tail = history.between(history.until_hour - RECENT_HOURS, history.until_hour)
        recent = (1 - FLOOR) * smoothed(self.kernel, fine_plane(tail, self.kernel.cuts))[cell] / total
        share = float(self.share[cell])
        return explained(history, cell, (share, max(share - float(recent), 0.0)), self.per_hour * window.hours)

    def settings(self) -> Mapping[str, Scalar]:
        """The bandwidth and the level."""
        return {"bandwidth_metres": self.bandwidth_metres, "per_hour": self.per_hour, "shape": self.shape}


@dataclass(frozen=True, slots=True, kw_only=True)
class Density:
    """A Gaussian around each incident, cut at four bandwidths, none of its mass outside the town (Diggle 1985)."""

    bandwidths_metres: tuple[float, ...] = (75.0, 100.0, 150.0, 200.0, 300.0, 450.0, 700.0, 1000.0)
    name: str = "density"

    def fit(self, history: History, *, window_hours: float, start: Fitted | None = None) -> FittedDensity:
        """Cold: choose the bandwidth, O(rows + bandwidths x fine squares). Warm: keep it, and add only what is new."""
        enough(history)
        warm = start if isinstance(start, FittedDensity) and start.history.grid is history.grid else None
        cuts = fineness(history.grid)
        metres = warm.bandwidth_metres if warm else self._chosen(history, window_hours)
        kernel = warm.kernel if warm else gaussian(history.grid, metres, cuts)
        if warm and _continues(warm, history):
            plane = warm.plane + fine_plane(history.between(warm.history.until_hour, history.until_hour), cuts)
        else:
            plane = fine_plane(history, cuts)
        share = _share(kernel, plane, even(history))
        return FittedDensity(
            history=history,
            kernel=kernel,
            plane=plane,
            mark=history.mark(history.until_hour),
            share=share,
            bandwidth_metres=metres,
            per_hour=recent_level(history),
            shape=dispersion(history, share, window_hours),
        )

    def _chosen(self, history: History, window_hours: float) -> float:
        """The bandwidth with the best log score on the last half year (at most a third of the history)."""
        held = min(INNER_WINDOWS * window_hours, history.hours / 3)
        past = history.before(history.until_hour - held)
        then = history.between(past.until_hour, history.until_hour)
        if past.total <= 0 or then.total <= 0:
            return self.bandwidths_metres[len(self.bandwidths_metres) // 2]
        cuts, spread = fineness(history.grid), even(history)
        plane = fine_plane(past, cuts)
        scores = {}
        for metres in self.bandwidths_metres:
            share = _share(gaussian(history.grid, metres, cuts), plane, spread)
            scores[metres] = inner(then.weight, np.log(share[then.cell]))
        return max(scores, key=lambda metres: scores[metres])


def _share(kernel: Kernel, plane: Floats, spread: Floats) -> Floats:
    return np.asarray((1 - FLOOR) * smoothed(kernel, plane) / float(plane.sum()) + FLOOR * spread)


def _continues(fitted: FittedDensity, history: History) -> bool:
    """Whether `history` is the fitted one and goes on from it: no late record was added to its past."""
    until = fitted.history.until_hour
    return until <= history.until_hour and fitted.mark == history.mark(until)
