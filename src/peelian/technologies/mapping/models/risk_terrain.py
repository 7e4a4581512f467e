"""The risk terrain model: which nearby landmark types go with more incidents, and by what multiplier.

Nothing here follows incidents in time: the card says what about a place, and its map changes only when places do.
Caplan & Kennedy 2016 (risk terrain modelling): closeness and density at half-block steps, elastic net, stepwise BIC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from peelian.errors import InputError
from peelian.kernel.model.capability import Note, Scalar
from peelian.measure.grid import Grid
from peelian.technologies.mapping.history import Floats, History
from peelian.technologies.mapping.kernels.count_regression import CountFit, elastic_net, fit_counts, stepwise
from peelian.technologies.mapping.models.base import (
    POISSON,
    RECENT_HOURS,
    Explanation,
    Fitted,
    Forecast,
    Window,
    forecast_from,
    neighbourhood_counts,
)
from peelian.technologies.mapping.models.shares import RECORDED, dispersion, enough, even, recent_level

STEPS = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0)  # in blocks
FOLDS = 5
FOLD_CELLS = 4  # neighbouring cells know about one another: whole squares of them are left out together
LEAST_INCIDENTS = 50
DENSE_DEVIATIONS = 2.0
WITHIN, DENSE = "within", "dense"
CARD = "%(applying)d of %(all)d risk factors apply here. Together they multiply the base rate by %(times).2f."
NOT_CAUSES = "A risk factor is associated with more recorded incidents. It is not a proven cause."
SENTENCES = frozenset({CARD, NOT_CAUSES, RECORDED})

Places = Mapping[str, tuple[Floats, Floats]]
"""Kinds of places (bars, stops, vacant lots) and where they are: east and north in metres."""


class Factor(NamedTuple):
    """One line of the card: a kind of place, how (within or dense), at how many metres, and its multiplier."""

    kind: str
    how: str
    metres: float
    multiplier: float = 1.0


Terrain = tuple[list[Factor], Floats]
"""Factors, and where each applies: float64[cells, factors] of 0 and 1."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TerrainFit:
    """A fitted card: its factors with multipliers, which of them apply in each cell, and the town's level."""

    history: History
    card: tuple[Factor, ...]
    applies: NDArray[np.bool_]  # cells x factors of the card
    share: Floats
    per_hour: float
    fit: CountFit
    terrain: Terrain
    shape: float = POISSON

    def forecast(self, window: Window) -> Forecast:
        """Share times level times hours, with its interval. O(cells)."""
        return forecast_from(self.share * (self.per_hour * window.hours), self.shape)

    def explain(self, cell: int, window: Window) -> Explanation:
        """How many factors apply and what they multiply by; recent incidents change nothing."""
        expected = float(self.share[cell]) * self.per_hour * window.hours
        here, nearby = neighbourhood_counts(self.history, cell, self.history.until_hour - RECENT_HOURS)
        applying = self.applies[cell]
        times = float(np.prod([f.multiplier for f, yes in zip(self.card, applying.tolist(), strict=True) if yes]))
        said: dict[str, Scalar] = {"applying": int(applying.sum()), "all": len(self.card), "times": times}
        return Explanation(
            background=expected,
            recent=0.0,
            recent_incidents=here,
            nearby_incidents=nearby,
            notes=(
                Note(text=CARD, values=said, kind="explanation"),
                Note(text=RECORDED, values={"here": here, "nearby": nearby}, kind="explanation"),
                Note(text=NOT_CAUSES, kind="caveat"),
            ),
        )

    def settings(self) -> Mapping[str, Scalar]:
        """The card as multipliers by factor, and the level."""
        named = {f"{f.kind}_{f.how}_{f.metres:.0f}_metres": f.multiplier for f in self.card}
        return {**named, "bic": self.fit.bic, "per_hour": self.per_hour, "shape": self.shape}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RiskTerrain:
    """Binary factors per kind of place: within b, or dense at b, for b of half a block to three blocks."""

    places: Places
    block_metres: float = 130.0
    name: str = "risk_terrain"
    steps: tuple[float, ...] = field(default=STEPS)

    def fit(self, history: History, *, window_hours: float, start: Fitted | None = None) -> TerrainFit:
        """O(cells × factors × fits). From `start`, its card is taken over and only the multipliers are fitted."""
        enough(history, LEAST_INCIDENTS)
        metres = tuple(b * self.block_metres for b in self.steps)
        same = isinstance(start, TerrainFit) and start.history.grid is history.grid
        ground = start.terrain if same and isinstance(start, TerrainFit) else terrain(self.places, history.grid, metres)
        factors, columns = ground
        counts, offset = np.rint(history.counts()), np.log(even(history))
        if isinstance(start, TerrainFit):
            known = {f[:3]: k for k, f in enumerate(factors)}
            chosen = tuple(known[f[:3]] for f in start.card if f[:3] in known)
            fit = fit_counts(columns, counts, offset, chosen, negative_binomial=np.isfinite(start.fit.shape))
        else:
            fit = _chosen(columns, counts, offset, _folds(history.grid))
        mean = fit.mean(columns, offset)
        share = mean / mean.sum()
        card = tuple(
            factors[k]._replace(multiplier=float(np.exp(slope)))
            for k, slope in zip(fit.chosen, fit.slopes.tolist(), strict=True)
        )
        return TerrainFit(
            history=history,
            card=card,
            applies=columns[:, list(fit.chosen)] > 0,
            share=share,
            per_hour=recent_level(history),
            fit=fit,
            terrain=ground,
            shape=dispersion(history, share, window_hours),
        )


def terrain(places: Places, grid: Grid, metres: tuple[float, ...]) -> Terrain:
    """Every factor and whether it applies: float64[cells, factors] of 0 and 1. O(factors × cells log places).

    Within b: the cell's middle lies at most b from a place of the kind. Dense at b: more places within b of it, each
    counting less the farther it is, than the mean of all cells plus two standard deviations.
    """
    east, north = grid.centres()
    middle = np.column_stack([east, north])
    factors: list[Factor] = []
    columns: list[Floats] = []
    for kind, (x, y) in places.items():
        if not len(x) or not bool(np.isfinite(x).all() and np.isfinite(y).all()):
            raise InputError("landmark type without a usable location", accepted="metres on the map")
        tree = scipy.spatial.cKDTree(np.column_stack([x, y]))
        nearest = np.asarray(tree.query(middle)[0], dtype=np.float64)
        for reach in metres:
            dense = _density(tree, middle, reach)
            limit = float(dense.mean() + DENSE_DEVIATIONS * dense.std())
            factors += [Factor(kind, WITHIN, reach), Factor(kind, DENSE, reach)]
            columns += [(nearest <= reach).astype(np.float64), ((dense > limit) & (dense > 0)).astype(np.float64)]
    if not factors:
        raise InputError("risk_terrain needs landmark types", accepted="at least one type with locations")
    return factors, np.column_stack(columns)


def _density(tree: scipy.spatial.cKDTree, middle: Floats, reach: float) -> Floats:
    """A quartic kernel count of places within reach of every cell's middle."""
    pairs = tree.sparse_distance_matrix(scipy.spatial.cKDTree(middle), reach, output_type="coo_matrix")
    rest = np.clip(1 - (pairs.data / reach) ** 2, 0.0, None) ** 2
    return np.bincount(pairs.col, weights=rest, minlength=len(middle)).astype(np.float64)


def _folds(grid: Grid) -> NDArray[np.int64]:
    square = (grid.row // FOLD_CELLS).astype(np.int64) * 7 + (grid.col // FOLD_CELLS).astype(np.int64) * 3
    return np.asarray(square % FOLDS)


def _chosen(columns: Floats, counts: Floats, offset: Floats, folds: NDArray[np.int64]) -> CountFit:
    """Elastic net first, then stepwise by BIC under Poisson and under negative binomial; the lower BIC wins."""
    candidates = elastic_net(columns, counts, offset, folds)
    fits = [stepwise(columns, counts, offset, candidates, negative_binomial=spread) for spread in (False, True)]
    return min(fits, key=lambda fit: fit.bic)
