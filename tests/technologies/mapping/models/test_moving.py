"""The moving average forgets, and chooses how fast by what would have been right."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.measure.grid import square_grid
from peelian.technologies.mapping.history import History, history
from peelian.technologies.mapping.models.base import Window
from peelian.technologies.mapping.models.moving import Moving

GRID = square_grid(cell_metres=250.0, rows=1, cols=8)
DAY = 24.0


def wandering(days_in_place: int, days: int = 800) -> History:
    """Ten incidents a day, all in one cell, which changes every so many days."""
    day = np.repeat(np.arange(days), 10)
    cell = (day // days_in_place * 3) % 8
    return history(
        GRID, (day * DAY + 1, cell * 250.0 + 9, np.full(len(day), 9.0)), until_hour=days * DAY, from_hour=0.0
    )


def test_a_wandering_town_wants_a_short_memory_and_a_steady_one_a_long() -> None:
    assert Moving().fit(wandering(90), window_hours=168.0).settings()["days"] == 28
    chance = np.random.default_rng(0)
    hours = np.sort(chance.uniform(0, 800 * DAY, 900))
    cell = chance.choice(8, 900, p=np.arange(1, 9) / 36)
    steady = history(GRID, (hours, cell * 250.0 + 9, np.full(900, 9.0)), until_hour=800 * DAY, from_hour=0.0)
    assert float(Moving().fit(steady, window_hours=168.0).settings()["days"]) >= 182


def test_what_is_older_than_its_memory_counts_for_nothing() -> None:
    past = wandering(90)
    made = Moving(days=(28,)).fit(past, window_hours=168.0)
    expected = made.forecast(Window(start_hour=past.until_hour, hours=168.0)).expected
    assert expected[int(past.cell[-1])] == pytest.approx(70, rel=0.02)
