"""The continuous model forecasts the whole town's level, warms up in a few steps, and bears awkward grids."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from simulation import Town, simulate

from peelian.errors import NotEnoughData
from peelian.measure.grid import square_grid
from peelian.technologies.mapping.history import History, history
from peelian.technologies.mapping.models.base import Window
from peelian.technologies.mapping.models.excitation import CROWD, MANY_OTHERS
from peelian.technologies.mapping.models.self_exciting import SelfExciting

TOWN = Town(incidents=3000, side_metres=6000.0, days=365.0, seed=1)


def past(cell_metres: float = 250.0, until_days: float = 365.0) -> History:
    points, _ = simulate(TOWN)
    side = int(TOWN.side_metres / cell_metres)
    grid = square_grid(cell_metres=cell_metres, rows=side, cols=side)
    where = (points.days * 24, points.east, points.north)
    return history(grid, where, until_hour=until_days * 24, from_hour=0.0)


@pytest.mark.parametrize("cell_metres", [60.0, 250.0, 1000.0])
def test_cells_of_any_size_share_out_the_same_town(cell_metres: float) -> None:
    fitted = SelfExciting().fit(past(cell_metres), window_hours=168.0)
    forecast = fitted.forecast(Window(start_hour=365.0 * 24, hours=168.0))
    assert forecast.expected.min() > 0
    assert forecast.expected.sum() == pytest.approx(fitted.per_hour * 168.0)
    assert fitted.settings()["theta"] == pytest.approx(0.3, abs=0.08)


def test_it_sees_repeats_that_the_long_run_does_not() -> None:
    fitted = SelfExciting().fit(past(), window_hours=168.0)
    soon = fitted.forecast(Window(start_hour=365.0 * 24, hours=24.0)).expected
    later = fitted.forecast(Window(start_hour=395.0 * 24, hours=24.0)).expected
    newest = int(fitted.history.cell[-1])
    assert soon[newest] > later[newest]
    assert fitted.explain(newest, Window(start_hour=365.0 * 24, hours=24.0)).recent > 0


def test_one_more_day_is_warm_and_another_past_is_not_mistaken_for_it() -> None:
    before = SelfExciting().fit(past(until_days=363.0), window_hours=168.0)
    warm = SelfExciting().fit(past(until_days=364.0), window_hours=168.0, start=before)
    assert int(warm.settings()["iterations"]) <= 3
    other = past(until_days=364.0)
    moved = history(other.grid, (other.hour + 3, other.east, other.north), until_hour=364.0 * 24, from_hour=0.0)
    again = SelfExciting().fit(moved, window_hours=168.0, start=before)
    assert again.settings()["theta"] == pytest.approx(before.settings()["theta"], rel=0.1)


def test_where_others_crowd_out_the_follow_ups_theta_is_said_to_mean_little() -> None:
    here = Window(start_hour=365.0 * 24, hours=24.0)
    sparse = SelfExciting().fit(past(), window_hours=168.0)
    assert 0 < float(sparse.settings()["others_within_reach"]) < MANY_OTHERS
    assert CROWD not in {note.text for note in sparse.explain(0, here).notes}
    thick = replace(sparse, kept={**sparse.settings(), "others_within_reach": 5.5})
    (note,) = (note for note in thick.explain(0, here).notes if note.text == CROWD)
    assert note.kind == "caveat" and note.values["n"] == 5.5


def test_too_few_incidents_are_named() -> None:
    few = past(until_days=1.0)
    with pytest.raises(NotEnoughData, match="30 needed"):
        SelfExciting().fit(few, window_hours=168.0)


def test_dates_without_hours_are_borne() -> None:
    known = past()
    dates = history(
        known.grid, (np.floor(known.hour / 24) * 24, known.east, known.north), until_hour=365.0 * 24, from_hour=0.0
    )
    fitted = SelfExciting().fit(dates, window_hours=168.0)
    assert fitted.settings()["delay_days"] == pytest.approx(7.0, abs=3.0)
