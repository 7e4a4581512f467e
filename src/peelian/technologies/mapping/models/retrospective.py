"""The analyst's kernel maps: a quartic kernel over the last two months, counted evenly or fading with age."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from peelian.technologies.mapping.history import Floats, History
from peelian.technologies.mapping.kernels.smoothing import Raster, quartic_map, time_weights
from peelian.technologies.mapping.models.base import Fitted
from peelian.technologies.mapping.models.recent_maps import fit_map
from peelian.technologies.mapping.models.shares import Shares


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrospective:
    """Incidents of the last `days` days under a quartic kernel; `memory` says how they fade (even: not at all).

    The map most crime-analysis tools draw (Chainey, Tompson & Uhlig 2008); with a fading memory it is the space-time
    kernel map.
    """

    days: float = 60.0
    bandwidths_metres: tuple[float, ...] = (250.0, 400.0, 600.0, 900.0, 1400.0)
    memory: str = "even"
    name: str = "retrospective"

    def fit(self, history: History, *, window_hours: float, start: Fitted | None = None) -> Shares:
        """O(incidents of the last days × cells within the bandwidth); the bandwidth comes from `start` where given."""
        return fit_map(self._drawn, {"bandwidth_metres": self.bandwidths_metres}, history, window_hours, start)

    def _drawn(self, history: History, setting: float, oldest: float) -> Floats:
        tail = history.between(history.until_hour - self.days * 24, history.until_hour - oldest)
        age = (history.until_hour - tail.hour) / 24
        weight = tail.weight * time_weights(age, self.days, self.memory)
        plane = quartic_map((tail.east, tail.north), weight, raster_of(history), setting)
        made: Floats = np.maximum(history.grid.cells(plane), 0.0) * history.grid.share_inside
        return made


def raster_of(history: History) -> Raster:
    """The grid's bounding box as a raster."""
    grid = history.grid
    west, south = (
        first * grid.cell_metres + shift
        for first, shift in zip((grid.first_col, grid.first_row), grid.shift, strict=True)
    )
    return Raster(west, south, grid.cell_metres, *grid.shape)
