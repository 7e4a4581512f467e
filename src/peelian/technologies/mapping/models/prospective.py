"""ProHotspot: near in space and time counts more, by the inverse of distance and of age."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from peelian.technologies.mapping.history import Floats, History
from peelian.technologies.mapping.kernels.smoothing import prohotspot_map
from peelian.technologies.mapping.models.base import Fitted
from peelian.technologies.mapping.models.recent_maps import fit_map
from peelian.technologies.mapping.models.shares import Shares

HOURS_PER_WEEK = 168.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospective:
    """Σ 1/((1 + d)(1 + w)): d whole cells away, w whole weeks ago, within `cells` and `weeks` (Bowers et al. 2004)."""

    weeks: int = 8
    cells: tuple[int, ...] = (1, 2, 4, 8)
    name: str = "prospective"

    def fit(self, history: History, *, window_hours: float, start: Fitted | None = None) -> Shares:
        """O(incidents of the last weeks + cells × reach); the reach comes from `start` where one is given."""
        offered = {"reach_cells": tuple(float(reach) for reach in self.cells)}
        return fit_map(self._drawn, offered, history, window_hours, start)

    def _drawn(self, history: History, setting: float, oldest: float) -> Floats:
        grid, until = history.grid, history.until_hour
        tail = history.between(until - (self.weeks + 1) * HOURS_PER_WEEK, until - oldest)
        row, col = (part[tail.cell].astype(np.intp) for part in (grid.row, grid.col))
        weeks = (until - tail.hour) / HOURS_PER_WEEK
        place = (row - grid.first_row, col - grid.first_col)
        plane = prohotspot_map(place, weeks, tail.weight, grid.shape, (int(setting), self.weeks))
        return grid.cells(plane) * grid.share_inside
