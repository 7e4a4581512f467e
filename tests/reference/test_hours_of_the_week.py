"""Aoristic weights, rates by the clock and shares of shifts against loops over single hours, on Toronto's clocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from peelian.measure.grid import square_grid
from peelian.measure.table import Table
from peelian.technologies.mapping import example
from peelian.technologies.mapping.declarations.shifts import shifts_of
from peelian.technologies.mapping.formats.zones import clock_hours
from peelian.technologies.mapping.hour_profile import ShiftShares, times_of
from peelian.technologies.mapping.incidents import incidents_of
from peelian.technologies.mapping.models.base import Window

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001
HOUR = timedelta(hours=1)


def lasted(hour: int, zone: str) -> float:
    """How many seconds of world time a civil hour took, counted minute by minute from UTC."""
    return sum(civil_hour(minute, zone) == hour for minute in range((hour - 16) * 60, (hour + 16) * 60)) / 60


@cache
def civil_hour(minute: int, zone: str) -> int:
    """The hour on a zone's clocks at a minute of UTC, both counted from 1970."""
    at = (EPOCH + timedelta(minutes=minute)).replace(tzinfo=ZoneInfo("UTC"))
    return (at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) - EPOCH) // HOUR


@pytest.mark.parametrize("zone", ["America/Toronto", "Europe/London", "Australia/Lord_Howe", "Etc/UTC"])
@pytest.mark.parametrize("day", ["2024-03-10", "2024-03-31", "2024-04-07", "2024-10-06", "2024-10-27", "2024-11-03"])
def test_an_hour_lasts_as_long_as_the_world_says(zone: str, day: str) -> None:
    first = int(np.datetime64(day, "h").astype(np.int64))
    np.testing.assert_allclose(clock_hours(first, 24, zone), [lasted(first + k, zone) for k in range(24)])


def test_every_interval_stands_in_its_hours_with_its_share() -> None:
    made, chance = example.incidents(), np.random.default_rng(9)
    start = np.asarray(made.table["start_hour"])
    long = chance.integers(0, 23, len(start))
    values = {"end_hour": start + long.astype("timedelta64[h]")}
    columns = tuple(replace(c, values=values.get(c.name, c.values)) for c in made.table.columns)
    data = replace(made, table=Table(name="incidents", columns=columns))
    by_hand = dict[int, float]()
    for first, extra in zip(start.astype(np.int64).tolist(), long.tolist(), strict=True):
        for k in range(extra + 1):
            by_hand[first + k] = by_hand.get(first + k, 0.0) + 1 / (extra + 1)
    found = times_of(incidents_of(data, example.CATEGORY), data).by_hour
    hours, where = np.unique(found.hour.astype(np.int64), return_inverse=True)
    assert dict(zip(hours.tolist(), np.bincount(where, found.weight).round(9).tolist(), strict=True)) == {
        hour: round(mass, 9) for hour, mass in by_hand.items() if hour < found.until_hour
    }


@pytest.mark.parametrize("day", ["2024-03-09", "2024-11-02", "2024-06-03"])
def test_the_shares_of_shifts_are_sums_over_real_hours(day: str) -> None:
    """One week whose Sunday has 23, 25 or 24 hours, by any profile; shifts from 06:00, the last past midnight."""
    shifts = shifts_of(("early:06-14", "late:14-22", "night:22-06"))
    data = replace(example.incidents(), facts={**example.incidents().facts, "zone": "America/Toronto"})
    rate = np.random.default_rng(4).random(168)
    grid = square_grid(cell_metres=250.0, rows=1, cols=1)
    shares = ShiftShares(
        shifts=shifts, times=times_of(incidents_of(data, example.CATEGORY), data), rate=rate,
        odds=np.ones((3, len(grid))), metres=0.0, strength=0.0,
    )  # fmt: skip
    first = int(np.datetime64(f"{day}T06", "h").astype(np.int64))
    by_hand = np.zeros(3)
    for hour in range(first, first + 168):
        local = EPOCH + hour * HOUR
        shift = 0 if 6 <= local.hour < 14 else (1 if 14 <= local.hour < 22 else 2)
        by_hand[shift] += lasted(hour, "America/Toronto") * rate[local.weekday() * 24 + local.hour]
    made = shares.cells(Window(start_hour=float(first), hours=168.0))[:, 0]
    np.testing.assert_allclose(made, by_hand / by_hand.sum(), rtol=1e-12)
