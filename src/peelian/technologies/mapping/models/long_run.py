"""The long-run average, to which every other model is compared: each cell's count, shrunk towards the even spread."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.technologies.mapping.history import History
from peelian.technologies.mapping.models.base import RECENT_HOURS, Fitted
from peelian.technologies.mapping.models.shares import Shares, dispersion, enough, even, shrunk


@dataclass(frozen=True, slots=True, kw_only=True)
class LongRun:
    """All recorded incidents count alike; how far a cell's count is trusted comes from the counts (empirical Bayes)."""

    name: str = "long_run"

    def fit(self, history: History, *, window_hours: float, start: Fitted | None = None) -> Shares:
        """O(cells + rows); there is nothing to tune."""
        enough(history)
        counts, spread = history.counts(), even(history)
        share, added = shrunk(counts, spread)
        recent = history.counts(history.until_hour - RECENT_HOURS)
        level = history.total / history.hours
        shape = dispersion(history, share, window_hours)
        return Shares(
            history=history,
            share=share,
            older=share - recent / (counts.sum() + added),
            per_hour=level,
            shape=shape,
            kept={"imagined_incidents": added, "per_hour": level, "shape": shape},
        )
