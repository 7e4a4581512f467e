"""Trees are kept where they beat the long-run average on held-out windows; more incidents never lower a forecast."""

from __future__ import annotations

import builtins
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from peelian.errors import InputError, NotEnoughData
from peelian.measure.grid import square_grid
from peelian.technologies.mapping.history import History, history
from peelian.technologies.mapping.models.base import Window
from peelian.technologies.mapping.models.boosted import Boosted, FittedBoosted
from peelian.technologies.mapping.models.shares import EVERY_PART, EVERY_USED

GRID = square_grid(cell_metres=250.0, rows=16, cols=16)
WEEK = 168.0
HOURS = 80 * WEEK


def moving_town(n: int = 4000, seed: int = 0) -> History:
    """A centre of incidents that wanders: the long run is the wrong place to look."""
    chance = np.random.default_rng(seed)
    hour = np.sort(chance.uniform(0, HOURS, n))
    middle = 600 + 2800 * hour / HOURS
    east, north = (np.clip(middle + chance.normal(0, 250, n), 0, 3999) for _ in range(2))
    return history(GRID, (hour, east, north), until_hour=HOURS, from_hour=0.0)


@pytest.fixture(scope="module")
def fitted() -> FittedBoosted:
    return Boosted().fit(moving_town(), window_hours=WEEK)


def test_trees_follow_what_moves(fitted: FittedBoosted) -> None:
    known = moving_town()
    at_end = int(GRID.locate(np.array([3400.0]), np.array([3400.0]))[0])
    assert fitted.rounds > 0
    assert fitted.share[at_end] > 2 * fitted.base.components[0].max()
    assert fitted.share.sum() == pytest.approx(1.0) and fitted.share.min() > 0
    forecast = fitted.forecast(Window(start_hour=HOURS, hours=WEEK))
    assert forecast.expected.sum() == pytest.approx(fitted.base.per_hour * WEEK)
    why = fitted.explain(at_end, Window(start_hour=HOURS, hours=WEEK))
    assert why.recent > 0 and why.background + why.recent == pytest.approx(forecast.expected[at_end])
    assert len(known) == 4000


def test_one_more_incident_never_lowers_a_cells_expectation(fitted: FittedBoosted) -> None:
    past = moving_town()
    cell = int(GRID.locate(np.array([2000.0]), np.array([2000.0]))[0])
    x, y = GRID.centres()
    more = history(
        GRID,
        (np.append(past.hour, HOURS - 1), np.append(past.east, x[cell]), np.append(past.north, y[cell])),
        until_hour=HOURS,
        from_hour=0.0,
    )
    after = Boosted().fit(more, window_hours=WEEK, start=fitted)
    assert after.share[cell] / after.share.min() >= fitted.share[cell] / fitted.share.min() - 1e-9


def test_from_a_start_the_trees_are_kept(fitted: FittedBoosted) -> None:
    assert Boosted().fit(moving_town(), window_hours=WEEK, start=fitted).trees is fitted.trees


def test_the_same_seed_grows_the_same_trees(fitted: FittedBoosted) -> None:
    assert np.array_equal(Boosted().fit(moving_town(), window_hours=WEEK).share, fitted.share)


def test_where_the_count_map_is_right_it_is_used() -> None:
    chance = np.random.default_rng(1)
    n = 1500
    past = history(
        GRID,
        (np.sort(chance.uniform(0, HOURS, n)), *chance.uniform(0, 4000, (2, n))),
        until_hour=HOURS,
        from_hour=0.0,
    )
    made = Boosted().fit(past, window_hours=WEEK)
    assert np.abs(np.log(made.share / made.base.components[0])).max() < 1.0


def test_where_the_windows_taught_from_are_empty_the_default_model_is_used() -> None:
    known = moving_town()
    years = 30 * 52 * WEEK
    split = replace(known, hour=np.where(known.hour < 79 * WEEK, known.hour, known.hour + years))
    split = replace(split, until_hour=HOURS + years)
    made = Boosted().fit(split, window_hours=WEEK)
    assert made.rounds == 0 and np.array_equal(made.share, made.base.share)


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *rest: Any, **more: Any) -> Any:
        if name == "lightgbm":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(InputError, match=r"peelian\[models\]"):
        Boosted().fit(moving_town(), window_hours=WEEK)


def test_too_few_incidents_are_named() -> None:
    with pytest.raises(NotEnoughData, match="200 needed"):
        Boosted().fit(replace(moving_town(), until_hour=HOURS).before(24.0), window_hours=WEEK)


def test_what_both_said_beforehand_moves_the_weights(fitted: FittedBoosted) -> None:
    past = moving_town()
    before = Boosted().fit(past.before(HOURS - WEEK), window_hours=WEEK)
    after = Boosted().fit(past, window_hours=WEEK, start=before)
    assert len(after.ledger) == len(before.ledger) + 1 and after.weights.sum() == pytest.approx(1.0)
    assert fitted.weights[1] > 0.5, "where a centre moves, trees of recent counts know more than maps that fade"


def test_a_rare_category_learns_from_the_others_and_the_reason_says_so() -> None:
    every = moving_town()
    kept = np.arange(len(every)) % 10 == 0
    points = (every.hour[kept], every.east[kept], every.north[kept])
    rare = history(GRID, points, until_hour=HOURS, from_hour=0.0)
    made = Boosted().fit(replace(rare, all_reported=every), window_hours=WEEK)
    assert made.trees.num_feature() == 44
    cell, window = int(np.argmax(made.share)), Window(start_hour=HOURS, hours=WEEK)
    told = made.explain(cell, window)
    assert told.background + told.recent == pytest.approx(made.forecast(window).expected[cell])
    assert 0 < told.all_reported <= told.background + told.recent
    assert {EVERY_PART, EVERY_USED} <= {note.text for note in told.notes}
