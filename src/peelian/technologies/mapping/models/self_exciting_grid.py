"""The self-exciting grid model: in each cell a background and an excitation that fades, fitted by recursion."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.technologies.mapping.history import Floats, History
from peelian.technologies.mapping.kernels.grid_recursion import GridFit, by_cell, expected_counts, fit_grid
from peelian.technologies.mapping.models.base import Fitted
from peelian.technologies.mapping.models.excitation import Excited, whole_incidents
from peelian.technologies.mapping.models.shares import dispersion, enough, even, recent_level, shrunk


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfExcitingGrid:
    """The published core of commercial forecasts (Mohler et al. 2015), its background shrunk like the long-run
    average."""

    name: str = "self_exciting_grid"

    def fit(self, history: History, *, window_hours: float, start: Fitted | None = None) -> Excited:
        """O(incidents × iterations); warm from `start`, a handful of iterations."""
        enough(history, 2)
        days, _, _, weight, cell = whole_incidents(history)
        grid, span = history.grid, history.hours / 24
        known = start.inner if isinstance(start, Excited) and isinstance(start.inner, GridFit) else None
        known = known if known is not None and len(known.background) == len(grid) else None
        fit = fit_grid(by_cell(cell, days, weight, (len(grid), span)), span, start=known)
        spread = even(history)
        calm = fit.background * span
        share = shrunk(calm, spread)[0] if calm.sum() > 0 else spread

        def parts(length: float, lead: float) -> tuple[Floats, Floats]:
            background, excited = expected_counts(fit, length, lead)
            return share * background.sum(), excited

        whole, more = parts(window_hours / 24, 0.0)
        level, total = recent_level(history), float((whole + more).sum())
        shape = dispersion(history, (whole + more) / total if total > 0 else spread, window_hours)
        return Excited(
            history=history,
            parts=parts,
            per_hour=level,
            inner=fit,
            shape=shape,
            kept={
                "theta": fit.theta,
                "delay_days": 1 / fit.omega,
                "iterations": fit.iterations,
                "per_hour": level,
                "shape": shape,
            },
        )
