"""Shared by the two self-exciting models: whole incidents in days, a forecast in two parts, a caveat on theta."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peelian.kernel.model.capability import Note, Scalar
from peelian.technologies.mapping.history import History
from peelian.technologies.mapping.models.base import (
    POISSON,
    RECENT_HOURS,
    Explanation,
    Forecast,
    Window,
    forecast_from,
    neighbourhood_counts,
)
from peelian.technologies.mapping.models.shares import RECORDED

Floats = NDArray[np.float64]
Parts = Callable[[float, float], tuple[Floats, Floats]]
"""`parts(days, lead)`: expected counts per cell from the background and from excitation, up to one common factor."""

FLOOR = 1e-3  # the share of the even spread that keeps every cell above 0
EXCITED = (
    "%(expected).3f incidents are expected here: %(background).3f from the background rate and "
    "%(recent).3f from recent incidents nearby."
)
THETA = (
    "The model estimates %(theta).2f follow-up incidents per incident, on average after %(days).1f days. "
    "This is not causal: places with steadily more incidents than the background rate also look like "
    "follow-ups."
)
SLOW = (
    "The mean delay of %(days).0f days is longer than known near repeats. The model works like a decayed "
    "count map here."
)
CROWD = (
    "On average %(n).0f other incidents lie where and when a follow-up would occur. In such dense data, "
    "follow-ups are hard to separate. The estimate of %(theta).2f may be off by a fifth or more, or there "
    "may be no follow-ups."
)
SLOW_DAYS = 90.0
MANY_OTHERS = 1.0  # on average; simulated towns come back within a tenth below it, and within a fifth at five and more
SENTENCES = frozenset({EXCITED, THETA, SLOW, CROWD, RECORDED})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Excited:
    """A fitted self-exciting model: expected counts in two parts, scaled to the town's recent level.

    `inner` is the fit itself, from which a warm start goes on. Where `kept` holds "others_within_reach", it is how many
    incidents lie, on average, where and when one's follow-ups would, without being any.
    """

    history: History
    parts: Parts
    per_hour: float
    kept: Mapping[str, Scalar]
    inner: object
    shape: float = POISSON

    def forecast(self, window: Window) -> Forecast:
        """Background and excitation together, with their interval. O(cells)."""
        background, excited = self._scaled(window)
        return forecast_from(background + excited, self.shape)

    def explain(self, cell: int, window: Window) -> Explanation:
        """How much of the expected count is background and how much recent incidents nearby."""
        background, excited = (float(part[cell]) for part in self._scaled(window))
        here, nearby = neighbourhood_counts(self.history, cell, self.history.until_hour - RECENT_HOURS)
        said: dict[str, Scalar] = {
            "expected": background + excited,
            "background": background,
            "recent": excited,
        }
        delay = float(self.kept["delay_days"])
        theta: dict[str, Scalar] = {"theta": float(self.kept["theta"]), "days": delay}
        slow = (Note(text=SLOW, values={"days": delay}, kind="caveat"),) if delay > SLOW_DAYS else ()
        return Explanation(
            background=background,
            recent=excited,
            recent_incidents=here,
            nearby_incidents=nearby,
            notes=(
                Note(text=EXCITED, values=said, kind="explanation"),
                Note(text=RECORDED, values={"here": here, "nearby": nearby}, kind="explanation"),
                Note(text=THETA, values=theta, kind="caveat"),
                *slow,
                *crowd_notes(self.kept),
            ),
        )

    def settings(self) -> Mapping[str, Scalar]:
        """What was fixed and fitted."""
        return self.kept

    def _scaled(self, window: Window) -> tuple[Floats, Floats]:
        """Both parts, ≥ 0, so that the whole town's count is level times hours and every cell expects something."""
        lead = max(window.start_hour - self.history.until_hour, 0.0) / 24
        background, excited = self.parts(window.hours / 24, lead)
        low = np.minimum(background, background + excited)  # a quiet spell: less than the background is expected
        high = background + excited - low
        total = float(low.sum() + high.sum())
        grid = self.history.grid
        level = self.per_hour * window.hours
        scale = (1 - FLOOR) * level / total if total > 0 else 0.0
        even = grid.area_km2 / grid.total_km2 * (FLOOR * level if total > 0 else level)
        return low * scale + even, high * scale


def crowd_notes(settings: Mapping[str, Scalar]) -> tuple[Note, ...]:
    """A caveat where so many other incidents lie within the follow-ups' reach that theta says little."""
    others = float(settings.get("others_within_reach", 0.0))
    values: dict[str, Scalar] = {"n": others, "theta": settings.get("theta", 0.0)}
    return (Note(text=CROWD, values=values, kind="caveat"),) if others >= MANY_OTHERS else ()


def whole_incidents(history: History) -> tuple[Floats, Floats, Floats, Floats, NDArray[np.int32]]:
    """(days since recording began, east, north, weight, cell), one row per incident, in order of time.

    An incident whose hour is an interval stands in the history as several rows with parts of its weight (aoristic);
    they would excite one another. Here parts at the same place are put together until their weights sum to 1, at
    their mean time. O(n), and O(parts log parts).
    """
    days = (history.hour - history.from_hour) / 24
    part = np.flatnonzero(history.weight < 1 - 1e-9)
    if not len(part):
        return days, history.east, history.north, history.weight, history.cell
    order = part[np.lexsort((days[part], history.north[part], history.east[part]))]
    moved = np.diff(history.east[order]) != 0
    moved |= np.diff(history.north[order]) != 0
    first = np.concatenate([[True], moved])
    run = np.cumsum(first) - 1
    total = np.cumsum(history.weight[order])
    before = (total - history.weight[order])[first]
    within = np.ceil(total - before[run] - 1e-6).astype(np.int64)
    _, member = np.unique(run * (int(within.max()) + 1) + within, return_inverse=True)
    weight = np.bincount(member, weights=history.weight[order])
    mean = np.bincount(member, weights=history.weight[order] * days[order]) / weight
    head = np.full(len(weight), len(order))
    np.minimum.at(head, member, np.arange(len(order)))
    one = order[head]
    rest = np.setdiff1d(np.arange(len(history)), part, assume_unique=True)
    every = np.concatenate([days[rest], mean])
    again = np.argsort(every, kind="stable")
    rows = np.concatenate([rest, one])[again]
    mass = np.concatenate([history.weight[rest], weight])[again]
    return every[again], history.east[rows], history.north[rows], mass, history.cell[rows]
