"""The hours of the week are those of the clock on the wall; unknown times make no peak, and places may differ."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rows import csv_file

from peelian.errors import NotEnoughData
from peelian.intake.read import admitted
from peelian.kernel.model.capability import Dataset
from peelian.measure.grid import square_grid
from peelian.measure.table import Table
from peelian.technologies.mapping import example
from peelian.technologies.mapping.declarations.shifts import shifts_of
from peelian.technologies.mapping.formats import FORMATS
from peelian.technologies.mapping.hour_profile import (
    NO_MIDNIGHT,
    TIMED,
    Times,
    hour_of_week,
    shift_shares,
    times_of,
    week_profile,
)
from peelian.technologies.mapping.incidents import incidents_of, recorded
from peelian.technologies.mapping.models.base import Window

SHIFTS = shifts_of(("day:07-15", "evening:15-23", "night:23-07"))
GRID = square_grid(cell_metres=250.0, rows=18, cols=18)
START = np.datetime64(example.FROM_DAY, "h")


def town(hour: np.ndarray, last: np.ndarray | None = None) -> Dataset:
    """The example's incidents at other hours (since its first day); `last` ends an interval."""
    made = example.incidents()
    start = START + np.asarray(hour).astype("timedelta64[h]")
    end = start if last is None else START + np.asarray(last).astype("timedelta64[h]")
    values = {"start_hour": start, "end_hour": end}
    columns = tuple(replace(c, values=values.get(c.name, c.values)) for c in made.table.columns)
    return replace(made, table=Table(name="incidents", columns=columns))


def timed(data: Dataset) -> Times:
    return times_of(incidents_of(data, example.CATEGORY), data)


def whole(times: Times):  # type: ignore[no-untyped-def]
    return recorded(times.by_hour, GRID).history


CHANCE = np.random.default_rng(5)
DAYS = CHANCE.integers(0, 728, 3_000) * 24
AT_NIGHT = DAYS + CHANCE.choice([22, 23, 1, 2, 3], 3_000)


def test_the_profile_is_what_was_drawn() -> None:
    """Incidents at five hours of the night, alike on all days: the rate there is 24 / 5, elsewhere close to 0."""
    times = timed(town(AT_NIGHT))
    rate = week_profile(whole(times), times).reshape(7, 24)
    night = [22, 23, 1, 2, 3]
    np.testing.assert_allclose(rate[:, night], 24 / 5, rtol=0.15)
    assert np.delete(rate, night, axis=1).max() < 0.1 and rate.mean() == pytest.approx(1.0)


def test_a_date_without_a_time_is_left_out_and_said() -> None:
    exact = np.arange(3_000) % 2 == 0
    times = timed(town(np.where(exact, AT_NIGHT, DAYS), np.where(exact, AT_NIGHT, DAYS + 23)))
    assert times.by_hour.n == 1_500 and [note.text for note in times.notes] == [TIMED]
    assert times.notes[0].values == {"n": 1_500, "all": 3_000}


def test_midnight_that_stands_for_unknown_makes_no_peak() -> None:
    """Half of the incidents at 00:00: the hour is left out, and its share of a window with it."""
    unknown = np.arange(3_000) % 2 == 0
    times = timed(town(np.where(unknown, DAYS, DAYS + 7 + CHANCE.integers(0, 16, 3_000))))
    assert times.no_midnight and NO_MIDNIGHT in {note.text for note in times.notes}
    assert week_profile(whole(times), times).reshape(7, 24)[:, 0].max() < 0.2
    assert times.clock(Window(start_hour=24.0 * 17_000, hours=24.0)).sum() == 23


def test_a_real_midnight_stays() -> None:
    times = timed(town(DAYS + CHANCE.choice([22, 23, 0, 1, 2], 3_000)))
    assert not times.no_midnight and week_profile(whole(times), times).reshape(7, 24)[:, 0].min() > 3


@pytest.mark.parametrize("hour", [DAYS, np.zeros(3_000, dtype=int) + DAYS])
def test_a_file_with_midnights_only_has_no_shifts(hour: np.ndarray) -> None:
    with pytest.raises(NotEnoughData, match="0 incidents with a known hour, 200 needed"):
        timed(town(hour))


def test_an_interval_past_the_origin_is_not_known_before_it_ends() -> None:
    """An interval of ten hours counts in each of them, once the last has passed."""
    times = timed(town(DAYS + 20, DAYS + 29))
    known = recorded(times.by_hour, GRID)
    night = float(incidents_of(town(DAYS + 20), example.CATEGORY).from_hour) + 24 * 300
    before = known.known_at(night)  # midnight: those that began the evening before still run
    assert before.hour.max() < night - 4 and float(whole(times).weight.sum()) == pytest.approx(3_000, rel=0.01)


@pytest.mark.parametrize(
    ("day", "hours", "night"), [("2024-03-30", 24, 7), ("2024-10-26", 24, 9), ("2024-06-01", 24, 8)]
)
def test_a_night_on_which_the_clocks_change_is_an_hour_shorter_or_longer(day: str, hours: int, night: int) -> None:
    """Berlin, 2024: hours that are alike give a shift what it lasts. The night from 23:00 belongs to `day`."""
    times = timed(town(DAYS + CHANCE.integers(0, 24, 3_000)))
    shares = shift_shares(whole(times), times, SHIFTS, None)
    begins = float(np.datetime64(f"{day}T07", "h").astype(np.int64))
    made = shares.town(Window(start_hour=begins, hours=hours), np.ones(168))
    np.testing.assert_allclose(made, np.array([8, 8, night]) / (16 + night))


def test_where_neighbourhoods_keep_other_hours_the_shares_of_their_cells_follow() -> None:
    """West of the middle by day, east of it by night."""
    made = example.incidents()
    west = np.asarray(made.table["east_metres"]) < 2_250
    times = timed(town(DAYS + np.where(west, 10, 1)))
    shares = shift_shares(whole(times), times, SHIFTS, None)
    by_shift = shares.cells(Window(start_hour=float(np.datetime64("2020-01-06T07", "h").astype(np.int64)), hours=168.0))
    np.testing.assert_allclose(by_shift.sum(axis=0), 1.0)
    corner = int(GRID.locate(np.array([1_150.0]), np.array([1_150.0]))[0])
    other = int(GRID.locate(np.array([3_400.0]), np.array([2_600.0]))[0])
    assert shares.strength > 0 and by_shift[0, corner] > 0.8 and by_shift[2, other] > 0.8


def test_where_they_do_not_a_cell_has_about_the_towns_hours() -> None:
    times = timed(town(DAYS + CHANCE.integers(0, 24, 3_000)))
    by_shift = shift_shares(whole(times), times, SHIFTS, None)
    window = Window(start_hour=float(np.datetime64("2020-01-06T07", "h").astype(np.int64)), hours=168.0)
    assert np.abs(by_shift.cells(window) - by_shift.town(window, by_shift.rate)[:, None]).max() < 0.15


def test_the_week_begins_on_monday() -> None:
    monday = float(np.datetime64("2024-01-01T05", "h").astype(np.int64))
    assert hour_of_week(np.array([monday, monday - 6])).tolist() == [5, 167]


def test_a_file_of_intervals_counts_in_each_of_its_hours(tmp_path: Path) -> None:
    """Through intake: 22:00 to 02:00 is four hours of a quarter each; an interval of a day says nothing."""
    day = np.datetime64("2019-01-01") + np.sort(CHANCE.integers(0, 400, 400))
    places = CHANCE.uniform((-79.4, 43.7), (-79.3, 43.8), (400, 2)).round(4)
    rows = [f"{d} 22:00,{d + 1} 02:00,{lon},{lat}" for d, (lon, lat) in zip(day, places.tolist(), strict=True)]
    rows += [f"{d} 08:00,{d + 1} 08:00,{lon},{lat}" for d, (lon, lat) in zip(day[::4], places[1::4], strict=True)]
    _, taken = admitted(csv_file(tmp_path, "datetimefrom,datetimeto,lon,lat", *rows), "auto", FORMATS, {})
    data = Dataset(id="d", format="incidents", digest="0" * 64, table=taken.table, facts=taken.facts)
    times = times_of(incidents_of(data, "other_reported"), data)
    assert [note.values for note in times.notes if note.text == TIMED] == [{"n": 400, "all": 500}]
    by_hour = np.bincount(times.by_hour.hour.astype(int) % 24, weights=times.by_hour.weight, minlength=24)
    np.testing.assert_allclose(by_hour[[22, 23, 0, 1]], 100.0)
    assert by_hour.sum() == pytest.approx(400)
