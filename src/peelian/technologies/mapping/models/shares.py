"""Forecasts from each cell's share of incidents and the town's level, shared by the simple models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from peelian.errors import NotEnoughData, sentence
from peelian.kernel.model.capability import Note, Scalar
from peelian.measure.sums import inner
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

Floats = NDArray[np.float64]

SHORT_HISTORY = "Not enough data: %(n)d incidents in the history, %(needed)d needed"
LEVEL_HALF_LIFE_HOURS = 56 * 24.0
MOST_DENSE = 8_000_000  # cells x windows of the widest working array
ENOUGH_ROWS = 50_000  # incidents are enough for one number

EXPECTED = (
    "%(expected).3f incidents are expected here: %(background).3f from earlier data and %(recent).3f from "
    "the last eight weeks."
)
RECORDED = (
    "In the last eight weeks, %(here)d incidents were recorded in this cell and %(nearby)d in the adjacent cells."
)
EVERY_PART = (
    "All reported categories together bring %(part).3f of this expected count. In the last eight weeks they had "
    "%(here)d incidents in this cell and %(nearby)d in the adjacent cells."
)
EVERY_USED = (
    "The forecast also uses incidents of the other reported categories in the data. Offences found by police are not "
    "among them."
)
SENTENCES = frozenset({EVERY_USED})  # what a forecast says; the others stand in a cell's explanation


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shares:
    """A fitted model: `share` per cell (sums to 1), `older` the part of it that needs no recent incident, and a level.

    `older` is at most `share` in each cell; `per_hour` is the expected number of incidents in the whole town.
    """

    history: History
    share: Floats
    older: Floats
    per_hour: float
    shape: float = POISSON
    kept: Mapping[str, Scalar]

    def forecast(self, window: Window) -> Forecast:
        """Share times level times hours, with its interval. O(cells)."""
        return forecast_from(self.share * (self.per_hour * window.hours), self.shape)

    def explain(self, cell: int, window: Window) -> Explanation:
        """The cell's expected count in two parts, and the incidents recorded in and around it."""
        return explained(self.history, cell, (self.share[cell], self.older[cell]), self.per_hour * window.hours)

    def settings(self) -> Mapping[str, Scalar]:
        """What was fixed and fitted."""
        return self.kept


def explained(
    history: History, cell: int, shares: tuple[float, float], level: float, every: float | None = None
) -> Explanation:
    """An explanation from a cell's (share, share without recent incidents) and the town's expected count.

    `every` is the part of the cell's expected count that maps of all reported categories bring, where a model has them.
    """
    here, nearby = neighbourhood_counts(history, cell, history.until_hour - RECENT_HOURS)
    expected, background = float(shares[0]) * level, float(min(shares)) * level
    recent = expected - background
    parts: dict[str, Scalar] = {"expected": expected, "background": background, "recent": recent}
    notes = [
        Note(text=EXPECTED, values=parts, kind="explanation"),
        Note(text=RECORDED, values={"here": here, "nearby": nearby}, kind="explanation"),
    ]
    if every is not None and history.all_reported is not None:
        here_all, nearby_all = neighbourhood_counts(history.all_reported, cell, history.until_hour - RECENT_HOURS)
        said: dict[str, Scalar] = {"part": every, "here": here_all, "nearby": nearby_all}
        notes += [Note(text=EVERY_PART, values=said, kind="explanation"), Note(text=EVERY_USED, kind="caveat")]
    return Explanation(
        background=background,
        recent=recent,
        recent_incidents=here,
        nearby_incidents=nearby,
        all_reported=every or 0.0,
        notes=tuple(notes),
    )


def even(history: History) -> Floats:
    """Each cell's share if incidents fell evenly on the ground: its share of the area."""
    return history.grid.area_km2 / history.grid.total_km2


def concentration(counts: Floats, even_shares: Floats) -> float:
    """How many imagined, evenly spread incidents the empirical-Bayes shrinkage adds to the counts: their sum.

    Shares of cells are taken as Dirichlet around the even spread; the sum of its parameters maximises the likelihood
    of the counts (Dirichlet-multinomial; Minka 2000, "Estimating a Dirichlet distribution"). Few where incidents
    cluster, very many where they do not. Counts are rounded for this one number. O(cells), then O(different counts).

    >>> even_shares = np.full(4, 0.25)
    >>> concentration(np.array([9.0, 0, 0, 0]), even_shares) < 4 < concentration(np.array([3.0, 2, 2, 2]), even_shares)
    True
    """
    seen, places, times = _tallied(np.rint(counts).astype(np.int64), even_shares)
    n = inner(seen, times)

    def cost(log_sum: float) -> float:
        total = float(np.exp(log_sum))
        prior = total * places
        return float(
            scipy.special.gammaln(total + n)
            - scipy.special.gammaln(total)
            - inner(times, scipy.special.gammaln(seen + prior) - scipy.special.gammaln(prior))
        )

    best = scipy.optimize.minimize_scalar(cost, bounds=(-3.0, 18.0), method="bounded", options={"xatol": 1e-7})
    return float(np.exp(best.x))


def _tallied(whole: NDArray[np.int64], even_shares: Floats) -> tuple[Floats, Floats, Floats]:
    """(count, even share, how many such cells): whole cells tallied by count, cells cut by the boundary one by one."""
    largest = float(even_shares.max())
    full = even_shares > largest * (1 - 1e-12)
    tally = np.bincount(whole[full])
    cut = ~full & (whole > 0)
    some = np.flatnonzero(tally[1:]) + 1
    seen = np.concatenate((some, whole[cut])).astype(np.float64)
    places = np.concatenate((np.full(len(some), largest), even_shares[cut]))
    times = np.concatenate((tally[some], np.ones(int(cut.sum()), dtype=np.int64)))
    return seen, places.astype(np.float64, copy=False), times.astype(np.float64)


def shrunk(counts: Floats, even_shares: Floats) -> tuple[Floats, float]:
    """Shares of the cells from counts by empirical Bayes, and the concentration they were shrunk with. O(cells)."""
    added = concentration(counts, even_shares)
    return (counts + added * even_shares) / (counts.sum() + added), added


def recent_level(history: History, half_life_hours: float = LEVEL_HALF_LIFE_HOURS) -> float:
    """Incidents per hour in the whole town, the last weeks counting most (half-life eight weeks). O(recent rows).

    The kernel is divided by its mass within the recording, so that a short history is not read as a quiet town.
    """
    tail = history.between(history.until_hour - 12 * half_life_hours, history.until_hour)
    rate = np.log(2) / half_life_hours
    mass = (1 - np.exp(-rate * tail.hours)) / rate if tail.hours > 0 else 1.0
    return float(np.sum(tail.weight * np.exp(-rate * (tail.until_hour - tail.hour))) / mass)


def dispersion(history: History, share: Floats, window_hours: float, windows: int = 26) -> float:
    """The shape of the negative binomial of the counts per cell and window, given the shares; infinite for Poisson.

    From pairs of incidents in the same cell and window over the last half year: E[pairs] = Σ λ²(1 + 1/shape), a
    moment estimate that needs no cell without incidents. O(recent rows + cells x windows).
    """
    cells = len(history.grid)
    most = int(history.hours // window_hours)
    frequent = int(ENOUGH_ROWS * most / max(len(history), 1))
    windows = max(min(windows, most, MOST_DENSE // cells, max(frequent, 4)), 1)
    tail = history.between(history.until_hour - windows * window_hours, history.until_hour)
    when = np.minimum(((tail.hour - tail.from_hour) // window_hours).astype(np.intp), windows - 1)
    squares = np.bincount(when * cells + tail.cell, weights=tail.weight, minlength=windows * cells)
    pairs = inner(squares, squares) - inner(tail.weight, tail.weight)
    levels = np.bincount(when, weights=tail.weight, minlength=windows)
    poisson = inner(levels, levels) * inner(share, share)
    excess = pairs / poisson - 1 if poisson > 0 else 0.0
    return 1 / excess if excess > 1e-3 else POISSON


def enough(history: History, least: int = 1) -> History:
    """The history itself; NotEnoughData where it holds fewer than `least` incidents."""
    if history.total < least or history.hours <= 0:
        raise NotEnoughData(
            sentence(SHORT_HISTORY, n=round(history.total), needed=least),
            accepted="a longer history or a wider category",
        )
    return history
