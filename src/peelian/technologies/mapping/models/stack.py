"""Several models at once: a convex mixture whose weights come from what each had forecast before it was known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peelian.kernel.model.capability import Scalar
from peelian.measure.sums import inner, mixture
from peelian.technologies.mapping.history import History
from peelian.technologies.mapping.models.base import (
    Explanation,
    Fitted,
    Forecast,
    Model,
    Window,
    forecast_from,
)
from peelian.technologies.mapping.models.mixing import Ledger, weights_of
from peelian.technologies.mapping.models.shares import dispersion, enough, even, explained

Floats = NDArray[np.float64]

INNER_WINDOWS = 13
LEAST_INCIDENTS = 30


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedStack:
    """The members as fitted last, their weights, and the ledger of what they had said."""

    history: History
    names: tuple[str, ...]
    members: tuple[Fitted, ...]
    ledger: Ledger
    weights: Floats
    shape: float

    def forecast(self, window: Window) -> Forecast:
        """The weighted mean of the members' shares times the weighted mean of their levels. O(members x cells)."""
        return forecast_from(mixture(self.weights, _expected(self.members, window)), self.shape)

    def explain(self, cell: int, window: Window) -> Explanation:
        """The weighted mean of the members' explanations."""
        told = [member.explain(cell, window) for member in self.members]
        background = inner(self.weights, [part.background for part in told])
        recent = inner(self.weights, [part.recent for part in told])
        every = inner(self.weights, [part.all_reported for part in told])
        return explained(self.history, cell, (background + recent, background), 1.0, every)

    def settings(self) -> Mapping[str, Scalar]:
        """Each member's weight and its own settings, prefixed by its name."""
        kept: dict[str, Scalar] = {"windows_in_ledger": len(self.ledger), "shape": self.shape}
        for name, weight, member in zip(self.names, self.weights, self.members, strict=True):
            kept[f"weight_{name}"] = float(weight)
            kept |= {f"{name}_{key}": value for key, value in member.settings().items()}
        return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A convex stack on the log score over any models (Wolpert 1992; Yao and others 2018)."""

    models: tuple[Model, ...]
    name: str = "stack"

    def fit(self, history: History, *, window_hours: float, start: Fitted | None = None) -> FittedStack:
        """Cold: fit every member before each of the last 13 windows. Warm: one fit per member."""
        enough(history)
        warm = start if isinstance(start, FittedStack) and start.history.grid is history.grid else None
        if warm:
            members, ledger, stood = warm.members, warm.ledger, warm.history.until_hour
        else:
            windows = min(INNER_WINDOWS, int(history.hours / 2 // window_hours))
            stood = history.until_hour - windows * window_hours
            members = self._fitted(history.before(stood), window_hours, None)
            ledger = Ledger(components=len(self.models))
        while stood < history.until_hour:
            until = min(stood + window_hours, history.until_hour)
            ledger = _noted(ledger, members, history.between(stood, until))
            members = self._fitted(history.before(until), window_hours, members)
            stood = until
        tried = ledger.incidents >= LEAST_INCIDENTS
        weights = weights_of(ledger if tried else Ledger(components=len(self.models)), warm.weights if warm else None)
        window = Window(start_hour=history.until_hour, hours=window_hours)
        share = mixture(weights, _shares(members, window, even(history)))
        return FittedStack(
            history=history,
            names=tuple(model.name for model in self.models),
            members=members,
            ledger=ledger,
            weights=weights,
            shape=dispersion(history, share, window_hours),
        )

    def _fitted(self, history: History, window_hours: float, start: tuple[Fitted, ...] | None) -> tuple[Fitted, ...]:
        before = start or (None,) * len(self.models)
        return tuple(
            model.fit(history, window_hours=window_hours, start=old)
            for model, old in zip(self.models, before, strict=True)
        )


def _noted(ledger: Ledger, members: tuple[Fitted, ...], part: History) -> Ledger:
    """The ledger with what the members said about the incidents of `part`."""
    came = part.counts()
    places = np.flatnonzero(came)
    if not len(places):
        return ledger
    said = _shares(members, Window(start_hour=part.from_hour, hours=part.hours), even(part))
    return ledger.noted(said[:, places], came[places])


def _expected(members: tuple[Fitted, ...], window: Window) -> Floats:
    return np.stack([member.forecast(window).expected for member in members])


def _shares(members: tuple[Fitted, ...], window: Window, spread: Floats) -> Floats:
    """Each member's shares; those of the even spread where a member, after decades of silence, expects nothing."""
    expected = _expected(members, window)
    expected = np.where(expected.sum(axis=1, keepdims=True) > 0, expected, spread)
    return np.asarray(expected / expected.sum(axis=1, keepdims=True), dtype=np.float64)
