"""Boosted trees on counts of recorded incidents here and around: more incidents never mean a lower expected count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from peelian.errors import InputError
from peelian.kernel.model.capability import Scalar
from peelian.technologies.mapping.history import Floats, History
from peelian.technologies.mapping.models.base import POISSON, Explanation, Fitted, Forecast, Window, forecast_from
from peelian.technologies.mapping.models.cell_features import as_if_alone, cell_features
from peelian.technologies.mapping.models.shares import dispersion, enough, even, explained, recent_level, shrunk

LEAST_INCIDENTS = 200
TAUGHT_WINDOWS, HELD_WINDOWS = 39, 5
MOST_ROWS = 600_000
MOST_TREES = 400
FLOOR = 1e-3
TREES: Mapping[str, Scalar] = {
    "objective": "poisson",
    "learning_rate": 0.1,
    "max_bin": 63,
    "num_leaves": 15,
    "min_data_in_leaf": 400,
    "lambda_l2": 10.0,
    "feature_fraction": 0.7,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedBoosted:
    """The trees, each cell's share with and without them, and the level."""

    history: History
    trees: Any  # a lightgbm Booster, or None where none helped
    share: Floats
    long_run: Floats
    alone: Floats  # the share had the other categories had no incident, before it is spread over all cells anew
    per_hour: float
    shape: float = POISSON
    rounds: int = 0

    def forecast(self, window: Window) -> Forecast:
        """Share times level times hours, with its interval. O(cells)."""
        return forecast_from(self.share * (self.per_hour * window.hours), self.shape)

    def explain(self, cell: int, window: Window) -> Explanation:
        """The long-run average's part and what the trees add to it."""
        share, level = float(self.share[cell]), self.per_hour * window.hours
        every = (share - float(self.alone[cell])) * level if self.trees is not None else None
        return explained(self.history, cell, (share, float(self.long_run[cell])), level, every)

    def settings(self) -> Mapping[str, Scalar]:
        """How many trees were kept, and the level."""
        return {"trees": self.rounds, "per_hour": self.per_hour, "shape": self.shape}


@dataclass(frozen=True, slots=True, kw_only=True)
class Boosted:
    """Poisson trees on 22 counts, rising in each, that start from the even spread (LightGBM; Ke et al. 2017).

    Where the dataset has other reported categories, also on the same counts of all of them together.

    The number of trees is the best one on the newest training windows. Where the long-run average beats them there, or
    those windows hold no incident, the long-run average is used instead.
    """

    seed: int = 1
    name: str = "boosted"

    def fit(self, history: History, *, window_hours: float, start: Fitted | None = None) -> FittedBoosted:
        """O(windows × (rows + cells) + trees × rows taught). From `start`, its trees are kept as they are."""
        enough(history, LEAST_INCIDENTS)
        trees, rounds = (
            (start.trees, start.rounds) if isinstance(start, FittedBoosted) else self._taught(history, window_hours)
        )
        spread = even(history)
        long_run = shrunk(history.counts(), spread)[0]
        mass = alone = long_run
        if trees is not None:
            features = cell_features(history)
            mass, alone = (_lifted(trees, (known, spread), rounds) for known in (features, as_if_alone(features)))
        share = (1 - FLOOR) * mass / mass.sum() + FLOOR * spread
        return FittedBoosted(
            history=history,
            trees=trees,
            share=share,
            long_run=np.minimum(long_run, share),
            alone=(1 - FLOOR) * alone / mass.sum() + FLOOR * spread,
            per_hour=recent_level(history),
            shape=dispersion(history, share, window_hours),
            rounds=rounds,
        )

    def _taught(self, history: History, window_hours: float) -> tuple[Any, int]:
        """Trees taught on past windows, each seen from before it, and how many of them the newest windows like."""
        lightgbm = _lightgbm()
        cells = len(history.grid)
        windows = max(2, min(TAUGHT_WINDOWS, MOST_ROWS // cells, int(history.hours / 2 // window_hours)))
        held = max(1, min(HELD_WINDOWS, windows // 4))
        parts = [_window(history, history.until_hour - k * window_hours, window_hours) for k in range(windows, 0, -1)]
        features, base, long_run, counts = (np.concatenate([part[k] for part in parts]) for k in range(4))
        cut = (windows - held) * cells
        if not counts[:cut].any():  # nothing happened in the windows taught from, say where dates are decades apart
            return None, 0
        settings = {**TREES, "seed": self.seed, "monotone_constraints": [1] * features.shape[1]}
        taught = lightgbm.Dataset(features[:cut], counts[:cut], init_score=np.log(base[:cut]), free_raw_data=True)
        tested = taught.create_valid(features[cut:], counts[cut:], init_score=np.log(base[cut:]))
        stop = lightgbm.early_stopping(30, verbose=False)
        trees = lightgbm.train(settings, taught, MOST_TREES, valid_sets=[tested], callbacks=[stop])
        rounds = int(trees.best_iteration)
        lifted = _lifted(trees, (features[cut:], base[cut:]), rounds)
        if _log_score(lifted, counts[cut:], cells) <= _log_score(long_run[cut:], counts[cut:], cells):
            return None, 0
        return trees, rounds


def _window(history: History, origin: float, hours: float) -> tuple[Floats, Floats, Floats, Floats]:
    """As known at `origin`: features, even spread and long-run average; and the counts of the window that follows.

    Both maps have the window's own total: what is taught is where, not how many.
    """
    past, spread = history.before(origin), even(history)
    counts = history.between(origin, origin + hours).counts()
    total = max(float(counts.sum()), 1e-9)
    long_run = shrunk(past.counts(), spread)[0] if past.total > 0 else spread
    return cell_features(past), spread * total, long_run * total, counts


def _lifted(trees: Any, known: tuple[Floats, Floats], rounds: int) -> Floats:
    """What the trees make of (features, even spread), up to a common factor."""
    features, spread = known
    raw = np.asarray(trees.predict(features, raw_score=True, num_iteration=rounds, num_threads=1), dtype=np.float64)
    return np.asarray(spread * np.exp(np.clip(raw, -20, 20)), dtype=np.float64)


def _log_score(expected: Floats, counts: Floats, cells: int) -> float:
    """Σ count · ln share over windows: whose places were better, whatever the level."""
    shares = expected.reshape(-1, cells)
    shares = shares / shares.sum(axis=1, keepdims=True)
    return float(np.sum(counts.reshape(-1, cells) * np.log(shares)))


def _lightgbm() -> Any:
    try:
        import lightgbm  # heavy: only when a fit asks for it
    except ImportError:
        raise InputError("boosted trees need LightGBM", accepted="pip install 'peelian[models]'") from None
    return lightgbm
