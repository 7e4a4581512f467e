"""Features count what their names say, and never fall when an incident is added."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from peelian.measure.grid import square_grid
from peelian.technologies.mapping.history import History, history
from peelian.technologies.mapping.models.cell_features import FEATURES, as_if_alone, cell_features

GRID = square_grid(cell_metres=100.0, rows=6, cols=6)
DAY = 24.0


def past(ages_days: list[float], cell: int = 14) -> History:
    x, y = GRID.centres()
    hours = np.sort(800 * DAY - np.array(ages_days) * DAY)
    where = (hours, np.full(len(hours), x[cell]), np.full(len(hours), y[cell]))
    return history(GRID, where, until_hour=800 * DAY, from_hour=0.0)


def value(features: np.ndarray, name: str, cell: int) -> float:
    return float(features[cell, FEATURES.index(name)])


def test_each_feature_counts_its_own_days_and_cells() -> None:
    made = cell_features(past([3.0, 20.0, 100.0, 364.0, 500.0]))
    assert made.shape == (36, 22) == (len(GRID), len(FEATURES))
    assert [value(made, f"here_{d}_days", 14) for d in (7, 28, 182, 364)] == [1, 2, 3, 4]
    assert value(made, "here_ever", 14) == 5 and value(made, "season_last_year", 14) == 1
    assert value(made, "around_28_days", 14) == 0 and value(made, "around_28_days", 15) == 2
    assert value(made, "wide_28_days", 16) == 2 and value(made, "wide_28_days", 17) == 0
    assert value(made, "season_around_last_year", 21) == 1


def test_one_more_incident_lowers_nothing() -> None:
    chance = np.random.default_rng(0)
    ages = chance.uniform(0, 700, 50).tolist()
    assert (cell_features(past([*ages, 10.0])) >= cell_features(past(ages)) - 1e-12).all()


def test_an_empty_history_has_features_of_zero() -> None:
    assert not cell_features(past([3.0]).before(0.0)).any()


def test_where_other_categories_stand_beside_their_counts_follow_and_can_be_taken_away() -> None:
    own, every = past([3.0, 20.0]), past([3.0, 20.0, 50.0])
    made = cell_features(replace(own, all_reported=every))
    assert made.shape == (36, 44) and np.array_equal(made, np.column_stack([cell_features(own), cell_features(every)]))
    assert np.array_equal(as_if_alone(made), np.column_stack([cell_features(own)] * 2))
    assert as_if_alone(cell_features(own)).shape == (36, 22)
