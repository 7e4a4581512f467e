"""ProHotspot's weights by distance and age, on the grid's own cells."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.measure.grid import square_grid
from peelian.technologies.mapping.history import history
from peelian.technologies.mapping.models.prospective import Prospective

GRID = square_grid(cell_metres=250.0, rows=1, cols=6, first_col=-3)


def test_shares_follow_the_inverse_of_distance_and_age() -> None:
    hours = 1000.0 - np.array([10.0, 15.0 * 168])  # this week; and too long ago
    past = history(GRID, (hours[::-1], np.array([700.0, -700.0]), np.zeros(2)), until_hour=1000.0, from_hour=-9000.0)
    made = Prospective(cells=(8,)).fit(past, window_hours=168.0)
    even = float(made.settings()["weight_even"])
    exact = 1 / (1 + np.arange(6.0))
    assert made.share.tolist() == pytest.approx(((1 - even) * exact / exact.sum() + even / 6).tolist())


def test_what_is_older_than_eight_weeks_needs_no_recent_incident() -> None:
    chance = np.random.default_rng(0)
    hours = np.sort(chance.uniform(0, 3000, 300))
    past = history(GRID, (hours, chance.uniform(-740, 740, 300), np.zeros(300)), until_hour=3000.0, from_hour=0.0)
    made = Prospective().fit(past, window_hours=168.0)
    assert (made.older <= made.share + 1e-12).all() and made.older.sum() < 0.7
