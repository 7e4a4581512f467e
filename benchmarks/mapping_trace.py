"""How many files of people's positions are refused as incidents, and how many files of real incidents wrongly.

Simulated: one to ten people (home, work, errands) and taxis, a position each 1 to 60 minutes, noise of a phone, all
kept or thinned, by the hour or with dates only, snapped to points; files of 20 rows and more. Real: Toronto as shipped
and, where --data has them, Memphis, Chicago, New York and the City of London, whole and in random parts by category,
month, week, area and lot. Each with Wilson's 95 % interval.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from simulation import Town, simulate, strewn
from wandering import Device, positions

from figures import Figure, at_least, at_most, finish, flags, plain, show
from peelian.intake.read import admitted
from peelian.measure.rates import wilson
from peelian.technologies.mapping.formats import FORMATS
from peelian.technologies.mapping.traces import LEAST_ROWS, is_trace, signs_of

EXAMPLES = Path(str(files("peelian.technologies.mapping") / "examples"))
SHIPPED = ("toronto/toronto_mci_2014_2021.parquet", "police_uk/2019-06-city-of-london-street.csv")
GIVEN = {
    "memphis/memphis_robberies_2019.csv.gz": {},
    "chicago/burglaries_2014_2017.csv.gz": {"crs": "EPSG:26971"},
    "nyc/nyc_vehicle_thefts_2014_2017.csv.gz": {},
    "police_uk/city-of-london-street-2019.zip": {},
}
PEOPLE = ("worker", "worker", "night", "shifts", "home")
MOST_ROWS = 100_000  # simulated ones; more only take longer
Rows = tuple[Any, Any, Any]


def rate(name: str, found: list[bool], bar: float | None = None, *, refused: bool = True) -> list[Figure]:
    """The share, its interval and n; `bar` is the least share of refusals, or the most of false ones."""
    share, ends = float(np.mean(found)), wilson(int(sum(found)), len(found))
    made = plain(name, share, "share") if bar is None else (at_least if refused else at_most)(name, share, "share", bar)
    low, high = (float(end) for end in ends)
    return [
        show(made),
        show(plain(f"{name}: low", low, "share")),
        show(plain(f"{name}: high", high, "share")),
        show(plain(f"{name}: n", len(found), "files")),
    ]


def traced(chance: np.random.Generator, people: int, kind: str, gap: tuple[float, float], *, dated: bool) -> bool:
    """Whether one file of positions is refused; `gap` are the least and most minutes between kept ones of a person."""
    while True:
        minutes = float(chance.choice([1, 2, 5, 10, 15, 20, 30, 60]))
        kept = float(chance.choice([1, 1, 0.5, 0.25, 0.1, 0.05]))
        device = Device(
            kind=kind,
            days=int(chance.choice([7, 14, 30, 60])),
            minutes=minutes,
            kept=kept,
            people=people,
            jitter_metres=float(chance.uniform(3, 40)),
            snap_metres=float(chance.choice([10, 10, 50, 100])),
            seed=int(chance.integers(1 << 40)),
        )
        if not gap[0] < minutes / kept <= gap[1] or device.days * 1440 * kept * people / minutes > MOST_ROWS:
            continue
        hour, east, north = positions(device)
        if len(hour) >= LEAST_ROWS:
            return is_trace(signs_of(np.floor(hour / 24) * 24 if dated else np.floor(hour), east, north))


def simulated(rounds: int) -> list[Figure]:
    """Refusals of files of positions, by the number of people and by how far the positions are thinned."""
    chance, figures = np.random.default_rng(1), []
    for people in (1, 2, 3, 5, 10):
        for said, gap in (("one an hour or more", (0, 60)), ("one each 1 to 20 hours", (60, 1200))):
            found = [traced(chance, people, str(chance.choice(PEOPLE)), gap, dated=False) for _ in range(rounds)]
            bar = 0.99 if (people <= 2 and gap[1] == 60) or people == 1 else None
            figures += rate(f"positions of {people}, {said}", found, bar)
        found = [traced(chance, people, str(chance.choice(PEOPLE)), (0, 1200), dated=True) for _ in range(rounds // 2)]
        figures += rate(f"positions of {people}, dates only", found)
    for people, said, gap in (
        (1, "one in 30 minutes or more", (0, 30)),
        (1, "one in 30 to 120 minutes", (30, 120)),
        (1, "fewer", (120, 1200)),
        (3, "one in 30 minutes or more", (0, 30)),
    ):
        figures += rate(
            f"stops of {people} taxi, {said}", [traced(chance, people, "taxi", gap, dated=False) for _ in range(rounds)]
        )
    return figures


def parts(table: Any, chance: np.random.Generator, rounds: int) -> Iterator[Rows]:
    """A file of incidents whole, then random parts of it of 20 rows and more, a third of them with dates only."""
    start = table["start_hour"].astype("datetime64[h]")
    hour = start.astype(np.int64).astype(np.float64)
    east, north = (np.asarray(table[name], dtype=np.float64) for name in ("east_metres", "north_metres"))
    yield hour, east, north
    month, day = (start.astype(f"datetime64[{unit}]").astype(np.int64) for unit in "MD")
    category, area = (
        np.unique(np.asarray(table[name], dtype=str), return_inverse=True)[1] for name in ("category", "area")
    )
    for _ in range(rounds):
        kept = np.ones(len(hour), dtype=bool)
        like = int(chance.integers(len(hour)))  # parts that hold one row drawn at random
        if chance.random() < 0.75:
            kept &= category == category[like]
        length = chance.choice(["all", "month", "half", "week"], p=[0.2, 0.5, 0.2, 0.1])
        if length != "all":
            unit, span = (day, 7) if length == "week" else (month, 1 if length == "month" else 6)
            kept &= (unit >= unit[like]) & (unit < unit[like] + span)
        if chance.random() < 0.25:
            kept &= area == area[like]
        row = np.flatnonzero(kept)
        if len(row) > 40 and chance.random() < 0.2:
            row = chance.choice(row, int(chance.integers(20, min(len(row), 400))), replace=False)
        if len(row) >= LEAST_ROWS:
            dated = chance.random() < 0.33
            yield np.floor(hour[row] / 24) * 24 if dated else hour[row], east[row], north[row]


def real(data: Path | None, rounds: int) -> list[Figure]:
    """False refusals of real files and their parts."""
    paths = {EXAMPLES / name: {} for name in SHIPPED}
    paths |= {data / name: options for name, options in GIVEN.items() if (data / name).exists()} if data else {}
    chance, figures, every = np.random.default_rng(2), [], []
    for path, options in paths.items():
        table = admitted(path, "auto", FORMATS, options)[1].table
        found = [
            is_trace(signs_of(*rows)) for rows in parts(table, chance, rounds * (4 if "toronto" in path.name else 1))
        ]
        every += found
        figures += rate(f"real: {path.name}", found)
    return [*figures, *rate("real incidents refused", every, 0.01, refused=False)]


def made_up(rounds: int) -> list[Figure]:
    """False refusals of simulated incidents: even towns, near repeats, and festivals."""
    chance = np.random.default_rng(3)
    even, repeats, festivals = [], [], []
    for seed in range(rounds):
        n = int(chance.choice([50, 300, 2_000]))
        days, east, north, _ = strewn(
            str(chance.choice(["square", "disc", "corner", "strip"])), n, seed=seed, days=365.0
        )
        even.append(is_trace(signs_of(np.floor(days * 24), east, north)))
        town = Town(incidents=n, side_metres=8_000.0, days=365.0, theta=float(chance.choice([0.3, 0.5])), seed=seed)
        points, _ = simulate(town)
        repeats.append(is_trace(signs_of(np.floor(points.days * 24), points.east, points.north)))
        crowd = int(n * chance.uniform(0.05, 0.35))
        at = chance.normal(chance.uniform(2_000, 6_000, 2)[:, None], 120.0, (2, crowd))
        when = chance.uniform(0, 360) + chance.uniform(0, 3, crowd)
        rows = (np.floor(np.append(days, when) * 24), np.append(east, at[0]), np.append(north, at[1]))
        festivals.append(is_trace(signs_of(*rows)))
    named = {"evenly strewn": even, "near repeats (theta .3 and .5)": repeats, "a festival (5 to 35 %)": festivals}
    return [one for name, found in named.items() for one in rate(f"made up: {name}", found, 0.01, refused=False)]


def main() -> None:
    """All three parts."""
    parser: argparse.ArgumentParser = flags(str(__doc__).splitlines()[0])
    parser.add_argument("--data", type=Path, help="a folder of further real records")
    given: Any = parser.parse_args()
    rounds = 30 if given.quick else 300
    finish([*simulated(rounds), *real(given.data, rounds), *made_up(rounds)], given.json)


if __name__ == "__main__":
    main()
