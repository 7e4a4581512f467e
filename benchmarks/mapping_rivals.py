"""The default and the boosted trees beside an untuned rival, and what other categories add.

The rival is LightGBM's Poisson regression, untuned and written here without the product's models: per cell and week the
counts of the last four weeks, counts fading with half-lives of 4, 13, 52 and 208 weeks, of the category and of all
reported categories, the same summed over the eight cells around, and the month. It is taught once, on up to 104 weeks
before the first origin. All are scored on the same cells, origins and incidents by `back_test`: bits per incident over
before the first origin. All are scored on the same cells, origins and incidents by `back_test`, in bits per incident
each.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import lightgbm
import numpy as np

from figures import Figure, at_least, finish, flags, plain, show
from mapping_backtest import CATEGORIES, WEEK, toronto
from peelian.intake.read import admitted
from peelian.kernel.model.capability import Dataset
from peelian.measure.folds import rolling_origins
from peelian.technologies.mapping.days import hour_of
from peelian.technologies.mapping.formats import FORMATS
from peelian.technologies.mapping.ground import town_of
from peelian.technologies.mapping.history import History
from peelian.technologies.mapping.models import MODELS
from peelian.technologies.mapping.models.base import Fitted, Model
from peelian.technologies.mapping.models.shares import Shares, even
from peelian.technologies.mapping.protocol import Plan, Trial, back_test

ELSEWHERE = Path(__file__).resolve().parents[2] / "shared/data"
ONE_CATEGORY: Mapping[str, tuple[str, dict[str, str], str, int]] = {
    "new_york_2017": ("nyc/nyc_vehicle_thefts_2014_2017.csv.gz", {}, "2017-01-02", 51),
    "chicago_2017": ("chicago/burglaries_2014_2017.csv.gz", {"crs": "EPSG:26971"}, "2017-01-02", 51),
    "memphis_2019": ("memphis/memphis_robberies_2019.csv.gz", {}, "", 26),
}
HALF_LIVES_WEEKS = (4.0, 13.0, 52.0, 208.0)
TAUGHT_WEEKS, LAGS = 104, 4
EVEN_SHARE = 0.01  # of the rival: without it, one incident where its trees expect nothing costs it all it gained
DIFFUSE = ("assault", "theft", "vehicle_theft")
SAFE = {"max_delta_step": 0.7}  # as XGBoost sets it for counts: with none, one busy cell takes all of a sparse forecast
BELOW_MAP, BELOW_RIVAL = -0.005, -0.003


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedRival(Shares):
    """Shares, and the trees they came from."""

    trees: lightgbm.Booster


@dataclass(frozen=True, kw_only=True)
class Rival:
    """LightGBM with objective "poisson"; nothing else is set but the length of a step, the seed and one thread."""

    seed: int = 1
    name: str = "rival"

    def fit(self, history: History, *, window_hours: float, start: Fitted | None = None) -> FittedRival:
        """Taught once; later windows only predict."""
        weeks = int(history.hours // window_hours)
        own = features(weekly(history, weeks, window_hours), history)
        every = history.all_reported
        known = [own] if every is None else [own, features(weekly(every, weeks, window_hours), history)]
        taught = start if isinstance(start, FittedRival) else None
        trees = taught.trees if taught else self._taught(history, known, window_hours, weeks)
        rows = np.column_stack([of(weeks) for of in known] + [month(history, history.until_hour)])
        rate = np.asarray(trees.predict(rows, num_threads=1))
        share = (1 - EVEN_SHARE) * rate / rate.sum() + EVEN_SHARE * even(history)
        return FittedRival(
            history=history, share=share, older=share, per_hour=history.total / history.hours, kept={}, trees=trees
        )

    def _taught(self, history: History, known: list, window_hours: float, weeks: int) -> lightgbm.Booster:
        first = max(weeks - TAUGHT_WEEKS, weeks // 3)
        counts = weekly(history, weeks, window_hours)
        rows, came = [], []
        for week in range(first, weeks):
            at = history.until_hour - (weeks - week) * window_hours
            rows.append(np.column_stack([of(week) for of in known] + [month(history, at)]).astype(np.float32))
            came.append(counts[week])
        data = lightgbm.Dataset(np.concatenate(rows), np.concatenate(came))
        settings = {
            "objective": "poisson",
            "seed": self.seed,
            "num_threads": 1,
            "verbosity": -1,
            "deterministic": True,
            **SAFE,
        }
        return lightgbm.train(settings, data)


def weekly(history: History, weeks: int, window_hours: float) -> np.ndarray:
    """Incidents per week and cell, the last week ending where the history does; float64[weeks, cells]."""
    cells = len(history.grid)
    week = weeks - np.ceil((history.until_hour - history.hour) / window_hours).astype(np.int64)
    kept = week >= 0
    flat = week[kept] * cells + history.cell[kept]
    return np.bincount(flat, weights=history.weight[kept], minlength=weeks * cells).reshape(weeks, cells)


def features(counts: np.ndarray, history: History):
    """What is known of each cell before a week, as a function of the week: lags, fading counts, both around."""
    fading = np.zeros((len(HALF_LIVES_WEEKS), len(counts) + 1, counts.shape[1]), dtype=np.float32)
    for k, half in enumerate(HALF_LIVES_WEEKS):
        for week in range(len(counts)):
            fading[k, week + 1] = (fading[k, week] + counts[week]) * 0.5 ** (1 / half)

    def of(week: int) -> np.ndarray:
        lags = [counts[week - lag] if week >= lag else np.zeros(counts.shape[1]) for lag in range(1, LAGS + 1)]
        columns = [*lags, *fading[:, week]]
        return np.column_stack(columns + [around(history, column) for column in columns])

    return of


def around(history: History, values: np.ndarray) -> np.ndarray:
    """The sum over the eight cells that touch."""
    rows, cols = history.grid.shape
    plane = np.pad(history.grid.raster(values), 1)
    total = sum(plane[up : up + rows, across : across + cols] for up in range(3) for across in range(3))
    return history.grid.cells(np.asarray(total)) - values


def month(history: History, hour: float) -> np.ndarray:
    """The month in which a window begins, the same for every cell."""
    begins = np.datetime64(round(hour), "h").astype("datetime64[M]").astype(int) % 12
    return np.full(len(history.grid), float(begins))


@dataclass(frozen=True, kw_only=True)
class Alone:
    """A model that is shown its own category only."""

    model: Model
    name: str = "alone"

    def fit(self, history: History, *, window_hours: float, start: Fitted | None = None) -> Fitted:
        """The model's fit on the category alone."""
        return self.model.fit(replace(history, all_reported=None), window_hours=window_hours, start=start)


def tried(
    data: Mapping[str, Dataset], asked: Mapping, when: tuple[str, int], models: Mapping[str, Model], seed: int
) -> Trial:
    """A back-test of weekly windows on one grid of 250 m."""
    params = {"cell_metres": 250, "window_days": 7, "offsets": 1, "train_from": "", **asked}
    town = town_of(data, {}, params, proof="areas" not in data)
    span, (first, origins) = (town.incidents.from_hour, town.incidents.until_hour), when
    from_hour = hour_of(first) if first else None
    folds = rolling_origins(span, window_hours=WEEK, origins=origins, first_origin=from_hour)
    return back_test(town.incidents, town.grids, Plan(folds=folds, seed=seed), models)


def compared(name: str, data: Mapping[str, Dataset], category: str, when: tuple[str, int], seed: int) -> list[Figure]:
    """The default, the trees and the rival on one category."""
    rivals = {"long_run": MODELS["long_run"], "decayed": MODELS["decayed"], "boosted": MODELS["boosted"]}
    trial = tried(data, {"category": category}, when, {**rivals, "rival": Rival(seed=seed)}, seed)
    bits = {model: trial.score(model).bits for model in ("decayed", "boosted", "rival")}
    made = [show(plain(f"{name}: incidents", trial.n, ""))]
    for model, found in bits.items():
        spread = f"{name}: {model} over the count map [{found.low:.3f}, {found.high:.3f}]"
        bounded = model == "decayed"
        made.append(
            show(at_least(spread, found.value, "bits", BELOW_MAP) if bounded else plain(spread, found.value, "bits"))
        )
    ahead = bits["boosted"].value - bits["rival"].value
    return [*made, show(at_least(f"{name}: boosted over the rival", ahead, "bits", BELOW_RIVAL))]


def gains(name: str, data: Mapping[str, Dataset], category: str, when: tuple[str, int], seed: int) -> list[Figure]:
    """What other categories add to the default and to the trees: the model against itself shown its category only."""
    made = []
    for model in ("decayed", "boosted"):
        pair = {"long_run": Alone(model=MODELS[model]), model: MODELS[model]}
        found = tried(data, {"category": category}, when, pair, seed).score(model).bits
        title = f"{name}: other categories' gain in {model} [{found.low:.3f}, {found.high:.3f}]"
        made.append(show(plain(title, found.value, "bits")))
    return made


def elsewhere(seed: int) -> list[Figure]:
    """The cities of one category each, where their files are there."""
    made = []
    for name, (file, options, first, origins) in ONE_CATEGORY.items():
        if not (ELSEWHERE / file).is_file():
            made.append(show(plain(f"{name}: needs ../shared/data/{file}, left out", 0, "")))
            continue
        format_name, read = admitted(ELSEWHERE / file, "auto", FORMATS, options)
        data = {"incidents": Dataset(id=name, format=format_name, digest="0" * 64, table=read.table, facts=read.facts)}
        words = str(read.facts["categories"]).split(",")
        made += compared(name, data, words[0], (first, origins), seed)
    return made


def main() -> None:
    """Print one JSON record per figure."""
    parser = flags(__doc__ or "")
    parser.add_argument("--seed", type=int, default=1, help="of the intervals and of the rival's trees")
    given = parser.parse_args()
    data, when = toronto(), ("2019-01-07", 13 if given.quick else 51)
    made: list[Figure] = []
    for category in CATEGORIES[2:3] if given.quick else CATEGORIES:
        started = time.process_time()
        made += compared(f"toronto_2019 {category}", data, category, when, given.seed)
        if category in DIFFUSE or given.quick:
            made += gains(f"toronto_2019 {category}", data, category, when, given.seed)
        made.append(show(plain(f"toronto_2019 {category}: CPU", time.process_time() - started, "s")))
    finish([*made, *elsewhere(given.seed)], given.json)


if __name__ == "__main__":
    main()
