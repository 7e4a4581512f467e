"""Intervals become one incident again; forecasts in two parts add up, also after a quiet spell."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.measure.grid import square_grid
from peelian.technologies.mapping.history import history
from peelian.technologies.mapping.models.base import Window
from peelian.technologies.mapping.models.excitation import SENTENCES, Excited, whole_incidents

GRID = square_grid(cell_metres=250.0, rows=2, cols=2)
KEPT = {"theta": 0.3, "delay_days": 7.0}


def excited(background: list[float], more: list[float], **kept: float) -> Excited:
    past = history(GRID, (np.arange(48.0), np.full(48, 10.0), np.full(48, 10.0)), until_hour=48.0, from_hour=0.0)
    parts = (np.array(background), np.array(more))
    return Excited(history=past, parts=lambda days, lead: parts, per_hour=1.0, kept={**KEPT, **kept}, inner=None)


def test_parts_of_an_interval_become_one_incident_at_their_mean_time() -> None:
    hours = np.array([0.0, 2.0, 4.0, 5.0, 10.0, 20.0, 22.0])
    east = np.array([1.0, 1.0, 1.0, 9.0, 1.0, 9.0, 9.0])
    weight = np.array([0.25, 0.5, 0.25, 1.0, 1.0, 0.5, 0.5])
    made = whole_incidents(history(GRID, (hours, east, east), until_hour=24.0, from_hour=0.0, weight=weight))
    days, where, _, mass, cell = made
    assert (days * 24).tolist() == [2.0, 5.0, 10.0, 21.0]
    assert where.tolist() == [1.0, 9.0, 1.0, 9.0] and mass.tolist() == [1.0] * 4 and cell.tolist() == [0] * 4


def test_two_intervals_at_one_place_stay_two_incidents() -> None:
    hours = np.array([0.0, 1.0, 100.0, 101.0])
    made = whole_incidents(
        history(GRID, (hours, np.ones(4), np.ones(4)), until_hour=200.0, from_hour=0.0, weight=np.full(4, 0.5))
    )
    assert (made[0] * 24).tolist() == pytest.approx([0.5, 100.5])
    assert made[3].tolist() == [1.0, 1.0]


def test_certain_times_are_left_as_they_are() -> None:
    past = history(GRID, (np.array([1.0, 3.0]), np.ones(2), np.ones(2)), until_hour=9.0, from_hour=0.0)
    assert whole_incidents(past)[1] is past.east


@pytest.mark.parametrize("more", [[1.0, 0.0, 2.0, 0.0], [-1.0, -0.5, 0.0, 0.5], [0.0, 0.0, 0.0, 0.0]])
def test_a_forecast_is_its_two_parts_and_the_town_s_level(more: list[float]) -> None:
    fitted, window = excited([2.0, 1.0, 0.5, 0.0], more), Window(start_hour=48.0, hours=24.0)
    forecast = fitted.forecast(window)
    assert forecast.expected.sum() == pytest.approx(24.0)
    assert forecast.expected.min() > 0
    for cell in range(4):
        why = fitted.explain(cell, window)
        assert why.background + why.recent == pytest.approx(forecast.expected[cell])
        assert why.background >= 0 and why.recent >= 0
        assert {note.text for note in why.notes} <= SENTENCES


def test_no_expectation_anywhere_is_the_even_spread() -> None:
    forecast = excited([0.0] * 4, [0.0] * 4).forecast(Window(start_hour=48.0, hours=4.0))
    assert forecast.expected.tolist() == [1.0] * 4


def test_a_delay_of_seasons_is_called_a_fading_count_map() -> None:
    window = Window(start_hour=48.0, hours=24.0)
    short, long = excited([1.0] * 4, [0.0] * 4), excited([1.0] * 4, [0.0] * 4, delay_days=365.0)
    said = [
        {note.text for note in fitted.explain(0, window).notes if note.kind == "caveat"} for fitted in (short, long)
    ]
    assert len(said[0]) == 1 and len(said[1]) == 2
    assert any("decayed count map" in text for text in said[1])


def test_incidents_of_the_cell_and_around_are_counted() -> None:
    why = excited([1.0] * 4, [0.0] * 4).explain(3, Window(start_hour=48.0, hours=24.0))
    assert (why.recent_incidents, why.nearby_incidents) == (0, 48)
