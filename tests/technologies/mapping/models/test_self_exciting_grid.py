"""The grid model keeps empty cells above zero, knows its parts, and goes on from an earlier fit."""

from __future__ import annotations

import numpy as np
import pytest
from simulation import Town, simulate

from peelian.errors import NotEnoughData
from peelian.measure.grid import square_grid
from peelian.technologies.mapping.history import History, history
from peelian.technologies.mapping.models.base import Window
from peelian.technologies.mapping.models.self_exciting_grid import SelfExcitingGrid


def past(until_days: float = 365.0) -> History:
    points, _ = simulate(Town(incidents=4000, side_metres=6000.0, days=365.0, sigma_metres=40.0, seed=1))
    grid = square_grid(cell_metres=250.0, rows=24, cols=24)
    return history(grid, (points.days * 24, points.east, points.north), until_hour=until_days * 24, from_hour=0.0)


def test_a_forecast_expects_something_everywhere_and_the_town_s_level_in_all() -> None:
    fitted = SelfExcitingGrid().fit(past(), window_hours=168.0)
    forecast = fitted.forecast(Window(start_hour=365.0 * 24, hours=168.0))
    assert forecast.expected.min() > 0
    assert forecast.expected.sum() == pytest.approx(fitted.per_hour * 168.0)
    assert 0.1 < float(fitted.settings()["theta"]) < 0.4


def test_recent_incidents_raise_a_cell_for_a_while() -> None:
    fitted = SelfExcitingGrid().fit(past(), window_hours=24.0)
    newest = int(fitted.history.cell[-1])
    soon, later = (fitted.forecast(Window(start_hour=day * 24.0, hours=24.0)).expected[newest] for day in (365, 400))
    assert soon > later


def test_one_more_day_is_warm() -> None:
    before = SelfExcitingGrid().fit(past(363.0), window_hours=168.0)
    warm = SelfExcitingGrid().fit(past(364.0), window_hours=168.0, start=before)
    cold = SelfExcitingGrid().fit(past(364.0), window_hours=168.0)
    assert int(warm.settings()["iterations"]) < int(cold.settings()["iterations"])
    assert warm.settings()["theta"] == pytest.approx(cold.settings()["theta"], rel=0.02)


def test_one_incident_is_not_enough() -> None:
    grid = square_grid(cell_metres=250.0, rows=1, cols=1)
    with pytest.raises(NotEnoughData, match="1 incidents"):
        SelfExcitingGrid().fit(history(grid, (np.ones(1),) * 3, until_hour=24.0, from_hour=0.0), window_hours=24.0)
