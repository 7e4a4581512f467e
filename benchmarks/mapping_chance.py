"""How often chance alone passes for concentration where no areas are given, and whether real concentration is missed.

128 seeded towns of four outlines, 2,000 and 20,000 incidents strewn evenly over two years; then real records, each
without areas: Toronto as shipped, others from the folder given by --data where there is one.
"""

from __future__ import annotations

import argparse
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from figures import Figure, at_least, at_most, finish, flags, plain, show
from peelian.intake.read import admitted
from peelian.kernel.model.capability import Dataset
from peelian.measure.enclosure import enclosure_of
from peelian.measure.folds import rolling_origins
from peelian.measure.grid import Grid, offset_grids, reach_boundary
from peelian.technologies.mapping.formats import FORMATS
from peelian.technologies.mapping.ground import town_of
from peelian.technologies.mapping.incidents import Incidents
from peelian.technologies.mapping.models import MODELS
from peelian.technologies.mapping.protocol import Plan, Trial, back_test

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
from simulation import SHAPES, strewn

WEEK, WEEKS, ORIGINS, SIDE, CELL = 168.0, 104, 52, 30_000.0, 750.0
NAMES = ("uniform", "long_run", "decayed")
EXAMPLES = Path(str(files("peelian.technologies.mapping") / "examples"))
SHIPPED = ("toronto/toronto_mci_2014_2021.parquet",)
GIVEN = {
    "memphis/memphis_robberies_2019.csv.gz": {},
    "chicago/burglaries_2014_2017.csv.gz": {"crs": "EPSG:26971"},
    "nyc/nyc_vehicle_thefts_2014_2017.csv.gz": {},
    "police_uk/city-of-london-street-2019.zip": {},
}


def even_town(shape: str, n: int, seed: int) -> Incidents:
    """`n` incidents anywhere on a ground of this shape."""
    days, east, north, weight = strewn(shape, n, seed=seed, side_metres=SIDE, days=WEEKS * 7.0)
    return Incidents(
        hour=days * 24,
        east=east,
        north=north,
        weight=weight,
        ready=days * 24,
        row=np.arange(n),
        n=n,
        from_hour=0.0,
        until_hour=WEEKS * WEEK,
    )


def tried(found: Incidents, grid: Grid, window_hours: float, origins: int, seed: int) -> Trial:
    """A back-test of the last windows on one grid."""
    folds = rolling_origins((found.from_hour, found.until_hour), window_hours=window_hours, origins=origins)
    return back_test(found, (grid,), Plan(folds=folds, seed=seed), {name: MODELS[name] for name in NAMES})


def by_chance(seeds: int) -> list[Figure]:
    """The share of even towns in which something is found, with the ground enclosed and with a rim of 500 m."""
    counted = {"enclosed": np.zeros(3), "with a rim of 500 m": np.zeros(3)}
    towns, worst = 0, 0.0
    for seed in range(seeds):
        for shape in SHAPES:
            for n in (2_000, 20_000):
                town = even_town(shape, n, seed)
                ground = enclosure_of(town.east, town.north)
                assert ground is not None, "an even town encloses its ground"
                rim = reach_boundary(town.east, town.north)
                towns += 1
                for name, boundary in zip(counted, (ground, rim), strict=True):
                    trial = tried(town, offset_grids(boundary, CELL, 1)[0], WEEK, ORIGINS, seed)
                    rate = trial.score("long_run").hit_rate[0]
                    beats = trial.score("decayed").bits.low > 0
                    worst = min(worst, trial.score("decayed").bits.value if name == "enclosed" else 0.0)
                    counted[name] += (trial.concentrated, not rate.low <= 0.01 <= rate.high, beats)
    figures = [
        show(plain("even towns", towns, "")),
        show(at_least("enclosed: the default against the count map, the worst of all", worst, "bits", -0.005)),
    ]
    for name, found in counted.items():
        concentrated, one_missed, beats = (found / towns).tolist()
        bound = at_most if name == "enclosed" else lambda title, value, unit, bar: plain(title, value, unit)
        figures += [
            show(bound(f"{name}: said to be concentrated", concentrated, "share", 0.05)),
            show(bound(f"{name}: 1 outside the interval of PAI at 1 %", one_missed, "share", 0.1)),
            show(bound(f"{name}: the default beats the count map", beats, "share", 0.05)),
        ]
    return figures


def real(data: Path | None) -> list[Figure]:
    """Whether real records, without areas, are still found to gather: bits of the count map over an even spread."""
    paths = {EXAMPLES / name: {} for name in SHIPPED}
    paths |= {data / name: options for name, options in GIVEN.items() if (data / name).exists()} if data else {}
    figures = []
    for path, options in paths.items():
        name, made = admitted(path, "auto", FORMATS, options)
        given = {"incidents": Dataset(id="i", format=name, digest="0" * 64, table=made.table, facts=made.facts)}
        days, origins = (31, 5) if made.facts.get("months_only") else (7, 26)
        params = {"category": "all", "cell_metres": 250, "window_days": days, "offsets": 1, "train_from": ""}
        town = town_of(given, {}, params, proof=True)
        trial = tried(town.incidents, town.grid, days * 24.0, origins, 1)
        figures += [
            show(at_least(f"{path.name}: concentrated", float(trial.concentrated), "", 1)),
            show(plain(f"{path.name}: count map over an even spread, low end", trial.over_even.low, "bits")),
        ]
    return figures


def main() -> None:
    """Both parts."""
    parser: argparse.ArgumentParser = flags(str(__doc__).splitlines()[0])
    parser.add_argument("--data", type=Path, help="a folder of further real records")
    given: Any = parser.parse_args()
    finish([*by_chance(2 if given.quick else 16), *real(given.data)], given.json)


if __name__ == "__main__":
    main()
