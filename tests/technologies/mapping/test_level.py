"""The level follows season, growth and days of the week where years bear them out, and nothing where they do not."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.measure.grid import square_grid
from peelian.technologies.mapping.history import History, history
from peelian.technologies.mapping.level import level_factor
from peelian.technologies.mapping.models.base import Window
from peelian.technologies.mapping.models.shares import recent_level

GRID = square_grid(cell_metres=250.0, rows=1, cols=1)
WEEKS = 400


def town(weekly: np.ndarray, seed: int = 2) -> History:
    """Incidents spread over weeks of these means (up to Poisson noise)."""
    chance = np.random.default_rng(seed)
    week = np.repeat(np.arange(len(weekly)), chance.poisson(weekly))
    hour = (week + chance.random(len(week))) * 168
    at = np.full(len(hour), 100.0)
    return history(GRID, (hour, at, at), until_hour=len(weekly) * 168.0, from_hour=0.0)


def errors(weekly: np.ndarray) -> tuple[float, float]:
    """Mean absolute error, in shares, of the recent average and of the level in the last year, week by week."""
    made, found = town(weekly), []
    for week in range(WEEKS - 52, WEEKS):
        past, window = made.before(week * 168.0), Window(start_hour=week * 168.0, hours=168.0)
        recent = recent_level(past) * 168
        found.append(np.abs(np.array([recent, recent * level_factor(past, window)]) / weekly[week] - 1))
    plain, level = np.mean(found, axis=0)
    return float(plain), float(level)


T = np.arange(WEEKS) * 7 / 365.2425


def test_a_season_is_followed() -> None:
    plain, level = errors(200 * np.exp(0.3 * np.sin(2 * np.pi * T)))
    assert plain > 0.15 and level < 0.06


def test_growth_is_caught_up_with() -> None:
    plain, level = errors(100 * np.exp(0.25 * T))
    assert plain > 0.045 and level < 0.7 * plain


def test_where_there_is_neither_little_changes() -> None:
    plain, level = errors(np.full(WEEKS, 100.0))
    assert level < plain + 0.01


def test_two_years_show_no_season() -> None:
    made = town(200 * np.exp(0.3 * np.sin(2 * np.pi * T[:104])))
    assert level_factor(made, Window(start_hour=104 * 168.0, hours=168.0)) == pytest.approx(1.0)


def test_a_saturday_is_a_saturday() -> None:
    """All incidents on Saturdays: that day expects seven times the mean day, the day before nearly nothing."""
    chance = np.random.default_rng(1)
    hour = np.sort(chance.integers(0, 100, 2_000) * 168 + 48 + chance.random(2_000) * 24)  # hour 0 is a Thursday
    at = np.full(2_000, 100.0)
    made = history(GRID, (hour, at, at), until_hour=100 * 168.0, from_hour=0.0)
    saturday, friday = (level_factor(made, Window(start_hour=100 * 168.0 + h, hours=24.0)) for h in (48, 24))
    assert saturday == pytest.approx(7, rel=0.02) and friday < 0.05


def test_what_lies_far_ahead_stays_within_bounds() -> None:
    made = town(100 * np.exp(0.5 * T))
    assert 0.6 < level_factor(made, Window(start_hour=(WEEKS + 52) * 168.0, hours=168.0)) < 1.5
