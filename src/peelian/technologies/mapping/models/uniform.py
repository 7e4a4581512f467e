"""The model that knows nothing: every square kilometre of the town expects the same."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.technologies.mapping.history import History
from peelian.technologies.mapping.models.base import Fitted
from peelian.technologies.mapping.models.shares import Shares, enough, even


@dataclass(frozen=True, slots=True, kw_only=True)
class Uniform:
    """The long-run level spread evenly over the ground: what any model must beat to know anything about places."""

    name: str = "uniform"

    def fit(self, history: History, *, window_hours: float, start: Fitted | None = None) -> Shares:
        """O(cells + rows); there is nothing to tune."""
        enough(history)
        share = even(history)
        level = history.total / history.hours
        return Shares(history=history, share=share, older=share, per_hour=level, kept={"per_hour": level})
