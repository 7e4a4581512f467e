"""Kernel density: all recorded incidents, smoothed over the ground by a Gaussian whose width held-out weeks choose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from peelian.measure.sums import inner
from peelian.technologies.mapping.history import History
from peelian.technologies.mapping.models.base import RECENT_HOURS, Fitted
from peelian.technologies.mapping.models.shares import Shares, dispersion, enough, even, recent_level
from peelian.technologies.mapping.models.smoothing import fine_plane, fineness, gaussian, smoothed

INNER_WINDOWS = 26
FLOOR = 1e-3  # the share of the even spread that keeps every cell above 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Density:
    """A Gaussian around each incident, cut at four bandwidths, none of its mass outside the town (Diggle 1985)."""

    bandwidths_metres: tuple[float, ...] = (75.0, 100.0, 150.0, 200.0, 300.0, 450.0, 700.0, 1000.0)
    name: str = "density"
    title: str = "Kernel density"

    def fit(self, history: History, *, window_hours: float, start: Fitted | None = None) -> Shares:
        """O(rows + fine squares); the bandwidth comes from `start` where one is given."""
        enough(history)
        metres = float(start.settings()["bandwidth_metres"]) if start else self._chosen(history, window_hours)
        cuts = fineness(history.grid)
        kernel, total, spread = gaussian(history.grid, metres, cuts), history.total, even(history)
        share = (1 - FLOOR) * smoothed(kernel, fine_plane(history, cuts)) / total + FLOOR * spread
        tail = history.between(history.until_hour - RECENT_HOURS, history.until_hour)
        recent = (1 - FLOOR) * smoothed(kernel, fine_plane(tail, cuts)) / total
        shape, level = dispersion(history, share, window_hours), recent_level(history)
        return Shares(
            history=history,
            share=share,
            older=share - recent,
            per_hour=level,
            shape=shape,
            kept={"bandwidth_metres": metres, "per_hour": level, "shape": shape},
        )

    def _chosen(self, history: History, window_hours: float) -> float:
        """The bandwidth with the best log score on the last half year (at most a third of the history)."""
        held = min(INNER_WINDOWS * window_hours, history.hours / 3)
        past = history.before(history.until_hour - held)
        then = history.between(past.until_hour, history.until_hour)
        if past.total <= 0 or then.total <= 0:
            return self.bandwidths_metres[len(self.bandwidths_metres) // 2]
        cuts = fineness(history.grid)
        plane, spread, total = fine_plane(past, cuts), even(history), past.total
        scores = {}
        for metres in self.bandwidths_metres:
            share = (1 - FLOOR) * smoothed(gaussian(history.grid, metres, cuts), plane) / total + FLOOR * spread
            scores[metres] = inner(then.weight, np.log(share[then.cell]))
        return max(scores, key=lambda metres: scores[metres])
