"""What hours of the week and the season's level are worth on Toronto, and how often nothing is taken for something.

Three shifts, 52 weekly windows of 2019: bits per incident over alike hours, with the town's hours alone and with each
neighbourhood's. Weekly totals 2018 to 2021: mean Poisson deviance by the average of the last weeks and by the level.
A made-up city without a pattern of hours: the bits must not be above 0.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.special import xlogy

from figures import Figure, at_least, at_most, finish, flags, plain, show
from mapping_backtest import CATEGORIES, city, toronto
from peelian.kernel.model.capability import Dataset
from peelian.measure.folds import rolling_origins
from peelian.measure.grid import square_grid
from peelian.measure.table import Kind, table
from peelian.technologies.mapping.days import hour_of
from peelian.technologies.mapping.ground import Town, town_of
from peelian.technologies.mapping.incidents import Incidents, recorded
from peelian.technologies.mapping.level import level_factor
from peelian.technologies.mapping.models.base import Window
from peelian.technologies.mapping.models.shares import recent_level
from peelian.technologies.mapping.when import GAIN, scored_by_shift, when_of

SHIFTS = ("day:07-15", "evening:15-23", "night:23-07")
WEEK = 168.0


def gain(incidents: Incidents, data: Dataset, grid, first: float, origins: int, *, town_only: bool = False):  # type: ignore[no-untyped-def]
    """Bits per incident for the shift, with their interval."""
    when = when_of(SHIFTS, "all", incidents, data, scored=True)
    span = (incidents.from_hour, incidents.until_hour - 17)
    folds = rolling_origins(span, window_hours=WEEK, origins=origins, first_origin=first + 7)
    if town_only:
        assert when.times
        chosen = when.shares(when.times, recorded(incidents, grid).known_at(folds[0].origin))
        when._latest["first"] = (0, replace(chosen, metres=0.0, strength=0.0))
    _, notes = scored_by_shift(when, folds, (incidents, grid))
    return next(note.values for note in notes if note.text == GAIN)


def deviances(town: Town) -> np.ndarray:
    """Mean Poisson deviance of a week, by year (rows) and by average and level (columns)."""
    known, rows = recorded(town.incidents, town.grid), []
    for start in np.arange(hour_of("2018-01-03"), town.incidents.until_hour - WEEK, WEEK):
        past, came = known.known_at(start), known.history.between(start, start + WEEK).total
        recent = recent_level(past) * WEEK
        level = recent * level_factor(past, Window(start_hour=float(start), hours=WEEK))
        rows.append([2 * (xlogy(came, came / mean) - came + mean) for mean in (recent, level)])
    years = np.arange(len(rows)) // 52
    return np.array([np.mean(np.array(rows)[years == year], axis=0) for year in range(4)])


def nothing(seed: int) -> float:
    """The low end of the bits of a city whose hours are all alike."""
    found = replace(city(40_000, 0.7, seed), from_hour=0.0)
    hour = np.floor(found.hour).astype(np.int64).astype("datetime64[h]")
    columns = dict.fromkeys(("start_hour", "end_hour"), (Kind.TIME, hour))
    data = Dataset(id="c", format="c", digest="0" * 64, table=table("incidents", columns), facts={"zone": "Etc/UTC"})
    grid = square_grid(cell_metres=250.0, rows=100, cols=100)
    return float(gain(found, data, grid, 24.0 * (1_460 - 26 * 7 - 1), 26)["low"])


def main() -> None:
    args = flags(__doc__ or "").parse_args()
    figures: list[Figure] = []
    data = toronto()
    for category in CATEGORIES[: 1 if args.quick else None]:
        params = {"category": category, "cell_metres": 250, "window_days": 7, "offsets": 1, "train_from": ""}
        town = town_of(data, {}, params)
        first = hour_of("2019-01-02")
        own = gain(town.incidents, data["incidents"], town.grid, first, 52)
        towns = gain(town.incidents, data["incidents"], town.grid, first, 52, town_only=True)
        figures.append(show(plain(f"{category}: hours of the town", float(towns["bits"]), "bits per incident")))
        figures.append(show(at_least(f"{category}: hours by neighbourhood, low end", float(own["low"]), "bits", 0.0)))
        figures.append(show(plain(f"{category}: hours by neighbourhood", float(own["bits"]), "bits per incident")))
        by_year = deviances(town)
        for year, (average, level) in zip(range(2018, 2022), by_year, strict=True):
            figures.append(show(plain(f"{category} {year}: weekly deviance by the average", float(average), "")))
            figures.append(show(plain(f"{category} {year}: weekly deviance by the level", float(level), "")))
        worse = float((by_year[:, 1] / by_year[:, 0]).mean())
        figures.append(
            show(at_most(f"{category}: deviance of the level over the average's, mean of years", worse, "", 1))
        )
    seeds = range(3 if args.quick else 20)
    wrong = float(np.mean([nothing(seed) > 0 for seed in seeds]))
    figures.append(show(at_most(f"alike hours taken for a gain ({len(seeds)} cities)", wrong, "", 0.05)))
    finish(figures, args.json)


if __name__ == "__main__":
    main()
