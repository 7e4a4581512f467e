"""The moving average: only the last weeks or months count, shrunk like the long-run average."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from peelian.measure.sums import inner
from peelian.technologies.mapping.history import Floats, History
from peelian.technologies.mapping.models.base import RECENT_HOURS, Fitted
from peelian.technologies.mapping.models.shares import (
    Shares,
    dispersion,
    enough,
    even,
    recent_level,
    shrunk,
)

INNER_WINDOWS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
    """Counts of the last `days`; which of the offered lengths is chosen by the log score of inner windows."""

    days: tuple[int, ...] = (28, 56, 91, 182, 364)
    name: str = "moving"

    def fit(self, history: History, *, window_hours: float, start: Fitted | None = None) -> Shares:
        """O(rows of the longest length + cells); the length comes from `start` where one is given."""
        enough(history)
        spread = even(history)
        days = int(start.settings()["days"]) if start else self._chosen(history, spread, window_hours)
        counts = history.counts(history.until_hour - days * 24)
        share, added = shrunk(counts, spread)
        recent = history.counts(history.until_hour - min(RECENT_HOURS, days * 24))
        shape = dispersion(history, share, window_hours)
        level = recent_level(history)
        return Shares(
            history=history,
            share=share,
            older=share - recent / (counts.sum() + added),
            per_hour=level,
            shape=shape,
            kept={"days": days, "imagined_incidents": added, "per_hour": level, "shape": shape},
        )

    def _chosen(self, history: History, spread: Floats, window_hours: float) -> int:
        """The length with the best log score on the last eight windows, each forecast from what was before it."""
        scores = dict.fromkeys(self.days, 0.0)
        for back in range(INNER_WINDOWS, 0, -1):
            until = history.until_hour - back * window_hours
            past, then = history.before(until), history.between(until, until + window_hours)
            if past.hours <= 0:
                continue
            for days in self.days:
                share, _ = shrunk(past.counts(until - days * 24), spread)
                scores[days] += inner(then.weight, np.log(share[then.cell]))
        return max(scores, key=lambda days: scores[days])
