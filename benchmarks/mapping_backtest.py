"""How long back-tests of place forecasts take, and how good the default is: on Toronto and on a simulated city.

Times are of whole back-tests: fits, forecasts, every metric, the intervals. The city is made up and seeded; on the even
one there is nothing to find, and the figures must say so.
"""

from __future__ import annotations

import time
from importlib.resources import files
from pathlib import Path

import numpy as np
import shapely

from figures import Figure, at_least, at_most, finish, flags, plain, show
from peelian.intake.read import admitted
from peelian.kernel.model.capability import Dataset
from peelian.measure.folds import rolling_origins
from peelian.measure.grid import grid_within
from peelian.technologies.mapping.days import hour_of
from peelian.technologies.mapping.formats import FORMATS
from peelian.technologies.mapping.ground import town_of
from peelian.technologies.mapping.incidents import Incidents
from peelian.technologies.mapping.models import MODELS
from peelian.technologies.mapping.protocol import Plan, Trial, back_test

TORONTO = Path(str(files("peelian.technologies.mapping") / "examples" / "toronto"))
CATEGORIES = ("assault", "vehicle_theft", "break_and_enter", "robbery", "theft")
MAPS = ("uniform", "long_run", "moving", "density")
DEMO = ("uniform", "long_run", "density", "decayed")
SIDE_METRES, DAYS, WEEK = 25_000.0, 1_460, 168.0


def toronto() -> dict[str, Dataset]:
    """The shipped incidents and outlines, through the door in."""
    found = {}
    for role, file in (("incidents", "toronto_mci_2014_2021.parquet"), ("areas", "neighbourhoods_140.geojson")):
        name, made = admitted(TORONTO / file, "auto", FORMATS, {})
        found[role] = Dataset(id=role, format=name, digest="0" * 64, table=made.table, facts=made.facts)
    return found


def on_toronto(
    data: dict[str, Dataset], category: str, models: tuple[str, ...], first: str, offsets: int
) -> tuple[Trial, float]:
    """A back-test of 52 weekly origins on 250 m cells, and its seconds."""
    started = time.perf_counter()
    params = {"category": category, "cell_metres": 250, "window_days": 7, "offsets": offsets, "train_from": ""}
    town = town_of(data, {}, params)
    span = (town.incidents.from_hour, town.incidents.until_hour)
    folds = rolling_origins(span, window_hours=WEEK, origins=52, first_origin=hour_of(first))
    trial = back_test(town.incidents, town.grids, Plan(folds=folds, seed=1), {name: MODELS[name] for name in models})
    return trial, time.perf_counter() - started


def city(n: int, gathered: float, seed: int = 1) -> Incidents:
    """`n` incidents over four years in a square of 25 km, a share of them around 300 centres."""
    chance = np.random.default_rng(seed)
    centres, weights = chance.uniform(0, SIDE_METRES, (300, 2)), chance.dirichlet(np.full(300, 0.5))
    near = centres[chance.choice(300, n, p=weights)] + chance.normal(0, 400, (n, 2))
    anywhere = chance.uniform(0, SIDE_METRES, (n, 2))
    points = np.clip(np.where(chance.random((n, 1)) < gathered, near, anywhere), 0, SIDE_METRES - 1)
    hour = np.sort(chance.uniform(0, DAYS * 24, n))
    return Incidents(
        hour=hour,
        east=points[:, 0],
        north=points[:, 1],
        weight=np.ones(n),
        ready=hour,
        row=np.arange(n),
        n=n,
        from_hour=0.0,
        until_hour=DAYS * 24.0,
    )


def on_city(incidents: Incidents, models: tuple[str, ...], origins: int) -> tuple[Trial, float]:
    """A back-test of weekly origins on 250 m cells, and its seconds."""
    started = time.perf_counter()
    grid = grid_within(shapely.box(0, 0, SIDE_METRES, SIDE_METRES), 250.0)
    folds = rolling_origins((0.0, incidents.until_hour), window_hours=WEEK, origins=origins)
    trial = back_test(incidents, [grid], Plan(folds=folds, seed=1), {name: MODELS[name] for name in models})
    return trial, time.perf_counter() - started


def times(data: dict[str, Dataset], quick: bool) -> list[Figure]:
    """Seconds of the demonstration's back-test and of a million incidents."""
    made = []
    for offsets in (1,) if quick else (1, 4):
        _, seconds = on_toronto(data, "break_and_enter", DEMO, "2020-01-06", offsets)
        made.append(show(at_most(f"toronto_52_origins_4_models_{offsets}_grids", seconds, "s", 20)))
    sizes = (50_000, 200_000) if quick else (250_000, 1_000_000)
    seconds_by_size = [on_city(city(n, 0.6), MAPS, 104)[1] for n in sizes]
    slope = np.log(seconds_by_size[1] / seconds_by_size[0]) / np.log(sizes[1] / sizes[0])
    largest = f"city_104_origins_4_map_models_{sizes[1]}"
    made.append(show(at_most(largest, seconds_by_size[1], "s", 15)))
    made.append(show(at_most("city_growth_slope", float(slope), "log s per log incidents", 1.1)))
    return made


def quality(data: dict[str, Dataset], quick: bool) -> list[Figure]:
    """Bits per incident of the default against the count map, each of Toronto's categories in 2019."""
    made = []
    for category in CATEGORIES[2:3] if quick else CATEGORIES:
        trial, _ = on_toronto(data, category, ("uniform", "long_run", "density", "decayed"), "2019-01-07", 1)
        for name in ("density", "decayed"):
            bits = trial.score(name).bits
            figure = f"toronto_2019_{category}_{name}_bits"
            made.append(
                show(
                    at_least(figure, bits.value, "bits per incident", -0.005)
                    if name == "decayed"
                    else plain(figure, bits.value, "bits per incident")
                )
            )
            made.append(show(plain(f"{figure}_low", bits.low, "bits per incident")))
        if category == "break_and_enter":
            made.append(
                show(at_least(f"toronto_2019_{category}_gain", trial.score("decayed").bits.value, "bits", 0.05))
            )
            made.append(show(at_least(f"toronto_2019_{category}_gain_low", trial.score("decayed").bits.low, "bits", 0)))
    return made


def nothing_to_find() -> list[Figure]:
    """On even random incidents the share in the top 1 % of the area is 1 %, and the trial says so."""
    trial, _ = on_city(city(60_000, 0.0), ("uniform", "long_run", "decayed"), 52)
    top = trial.score("long_run").hit_rate[0]
    return [
        show(at_most("even_city_pai_1_low", 100 * top.low, "PAI", 1)),
        show(at_least("even_city_pai_1_high", 100 * top.high, "PAI", 1)),
        show(at_most("even_city_concentrated", float(trial.concentrated), "0 is no", 0)),
        show(at_least("even_city_decayed_bits", trial.score("decayed").bits.value, "bits per incident", -0.005)),
    ]


def main() -> None:
    """Print one JSON record per figure."""
    given = flags(__doc__ or "").parse_args()
    data = toronto()
    finish([*times(data, given.quick), *quality(data, given.quick), *nothing_to_find()], given.json)


if __name__ == "__main__":
    main()
