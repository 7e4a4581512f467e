"""Boosted trees on counts of recorded incidents here and around: more incidents never mean a lower expected count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from peelian.errors import InputError
from peelian.kernel.model.capability import Scalar
from peelian.measure.sums import inner, mixture
from peelian.technologies.mapping.history import Floats, History
from peelian.technologies.mapping.models.base import POISSON, Explanation, Fitted, Forecast, Window, forecast_from
from peelian.technologies.mapping.models.cell_features import as_if_alone, cell_features
from peelian.technologies.mapping.models.decayed import Decayed, FittedDecayed
from peelian.technologies.mapping.models.mixing import Ledger, believed, weights_of
from peelian.technologies.mapping.models.shares import dispersion, enough, even, explained

LEAST_INCIDENTS = 200
TAUGHT_WINDOWS, HELD_WINDOWS = 49, 10
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
    """The trees, the default model beside them, what both had said beforehand, and the weights that come from it."""

    history: History
    trees: Any  # a lightgbm Booster, or None where there was nothing to teach
    rounds: int
    base: FittedDecayed
    grown: Floats  # each cell's share by the trees
    alone: Floats  # the part of it that there would be had the other categories no incident
    ledger: Ledger  # of the default model and the trees
    weights: Floats
    shape: float = POISSON

    @property
    def share(self) -> Floats:
        """Each cell's share: default model and trees mixed by their weights. O(cells)."""
        return mixture(self.weights, self.said)

    @property
    def said(self) -> Floats:
        """The shares of the default model and of the trees, 2 x cells."""
        return np.stack([self.base.share, self.grown])

    def forecast(self, window: Window) -> Forecast:
        """Share times level times hours, with its interval. O(cells)."""
        return forecast_from(self.share * (self.base.per_hour * window.hours), self.shape)

    def explain(self, cell: int, window: Window) -> Explanation:
        """The default model's parts and the trees', by weight: of the trees the long-run average is the older part."""
        told, level = self.base.explain(cell, window), self.base.per_hour * window.hours
        grown, alone, long_run = (float(part[cell]) for part in (self.grown, self.alone, self.base.components[0]))
        background = inner(self.weights, [told.background, min(grown, long_run) * level])
        every = inner(self.weights, [told.all_reported, (grown - alone) * level])
        return explained(self.history, cell, (float(self.share[cell]), background / level), level, every)

    def settings(self) -> Mapping[str, Scalar]:
        """How many trees were kept, the weights and the level."""
        weights = dict(zip(("weight_decayed", "weight_boosted"), self.weights.tolist(), strict=True))
        return {**weights, "trees": self.rounds, "per_hour": self.base.per_hour, "shape": self.shape}


@dataclass(frozen=True, slots=True, kw_only=True)
class Boosted:
    """Poisson trees on 22 counts, rising in each, that start from the even spread (LightGBM; Ke et al. 2017).

    Where the dataset has other reported categories, also on the same counts of all of them together. The number of
    trees is the best one on the newest training windows. They are mixed with the default model, by what each had said
    of those windows and says of later ones beforehand.
    """

    seed: int = 1
    name: str = "boosted"

    def fit(self, history: History, *, window_hours: float, start: Fitted | None = None) -> FittedBoosted:
        """O(windows × (rows + cells) + trees × rows taught). From `start`, its trees are kept as they are."""
        enough(history, LEAST_INCIDENTS)
        warm = start if isinstance(start, FittedBoosted) else None
        trees, rounds, held = (warm.trees, warm.rounds, 0) if warm else self._taught(history, window_hours)
        if warm and warm.history.grid is history.grid:
            base, ledger = warm.base, _noted(warm, history.between(warm.history.until_hour, history.until_hour))
        else:
            base, ledger = None, warm.ledger if warm else Ledger(components=2)
        for back in range(held, 0, -1):
            origin = history.until_hour - back * window_hours
            before = _together(history.before(origin), (trees, rounds), (base, ledger), window_hours)
            base, ledger = before.base, _noted(before, history.between(origin, origin + window_hours))
        made = _together(history, (trees, rounds), (base, ledger), window_hours)
        return replace(made, shape=dispersion(history, made.share, window_hours))

    def _taught(self, history: History, window_hours: float) -> tuple[Any, int, int]:
        """Trees taught on past windows, each seen from before it; how many the newest ones like; how many those are."""
        lightgbm = _lightgbm()
        cells = len(history.grid)
        windows = max(2, min(TAUGHT_WINDOWS, MOST_ROWS // cells, int(history.hours / 2 // window_hours)))
        held = max(1, min(HELD_WINDOWS, windows // 4))
        parts = [_window(history, history.until_hour - k * window_hours, window_hours) for k in range(windows, 0, -1)]
        features, base, counts = (np.concatenate([part[k] for part in parts]) for k in range(3))
        cut = (windows - held) * cells
        if not counts[:cut].any():  # nothing happened in the windows taught from, say where dates are decades apart
            return None, 0, 0
        settings = {**TREES, "seed": self.seed, "monotone_constraints": [1] * features.shape[1]}
        taught = lightgbm.Dataset(features[:cut], counts[:cut], init_score=np.log(base[:cut]), free_raw_data=True)
        tested = taught.create_valid(features[cut:], counts[cut:], init_score=np.log(base[cut:]))
        stop = lightgbm.early_stopping(30, verbose=False)
        trees = lightgbm.train(settings, taught, MOST_TREES, valid_sets=[tested], callbacks=[stop])
        return trees, int(trees.best_iteration), held


def _together(
    history: History, grown: tuple[Any, int], before: tuple[FittedDecayed | None, Ledger], window_hours: float
) -> FittedBoosted:
    """The default model and the trees at the end of a history, by what the ledger holds of both."""
    (trees, rounds), (start, ledger) = grown, before
    base, spread = Decayed().fit(history, window_hours=window_hours, start=start), even(history)
    share = alone = base.share
    weights = np.array([1.0, 0.0])
    if trees is not None:
        features = cell_features(history)
        mass, less = (_lifted(trees, (known, spread), rounds) for known in (features, as_if_alone(features)))
        share, alone = ((1 - FLOOR) * part / mass.sum() + FLOOR * spread for part in (mass, less))
        weights = believed(weights_of(ledger), ledger)
    return FittedBoosted(
        history=history,
        trees=trees,
        rounds=rounds,
        base=base,
        grown=share,
        alone=alone,
        ledger=ledger,
        weights=weights,
    )


def _noted(fitted: FittedBoosted, part: History) -> Ledger:
    """The ledger with what was said of the incidents of `part` before they were known."""
    came = part.counts()
    places = np.flatnonzero(came)
    return fitted.ledger.noted(fitted.said[:, places], came[places]) if len(places) else fitted.ledger


def _window(history: History, origin: float, hours: float) -> tuple[Floats, Floats, Floats]:
    """As known at `origin`: features and the even spread; and the counts of the window that follows.

    The spread has the window's own total: what is taught is where, not how many.
    """
    past, spread = history.before(origin), even(history)
    counts = history.between(origin, origin + hours).counts()
    total = max(float(counts.sum()), 1e-9)
    return cell_features(past), spread * total, counts


def _lifted(trees: Any, known: tuple[Floats, Floats], rounds: int) -> Floats:
    """What the trees make of (features, even spread), up to a common factor."""
    features, spread = known
    raw = np.asarray(trees.predict(features, raw_score=True, num_iteration=rounds, num_threads=1), dtype=np.float64)
    return np.asarray(spread * np.exp(np.clip(raw, -20, 20)), dtype=np.float64)


def _lightgbm() -> Any:
    try:
        import lightgbm  # heavy: only when a fit asks for it
    except ImportError:
        raise InputError("boosted trees need LightGBM", accepted="pip install 'peelian[models]'") from None
    return lightgbm
