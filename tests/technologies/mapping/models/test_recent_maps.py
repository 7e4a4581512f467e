"""A map of few weeks is mixed with the even spread, and warm settings are taken over, not chosen again."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.measure.grid import square_grid
from peelian.technologies.mapping.history import History, history
from peelian.technologies.mapping.models.base import Window
from peelian.technologies.mapping.models.recent_maps import fit_map

GRID = square_grid(cell_metres=250.0, rows=3, cols=3)


def past(n: int = 200) -> History:
    chance = np.random.default_rng(0)
    hours = np.sort(chance.uniform(0, 200 * 24, n))
    return history(GRID, (hours, chance.uniform(0, 240, n), chance.uniform(0, 240, n)), until_hour=200.0 * 24)


def counted(part: History, setting: float, oldest: float) -> np.ndarray:
    return part.before(part.until_hour - oldest).counts() * setting


def test_shares_sum_to_one_and_stay_above_zero() -> None:
    made = fit_map(counted, {"factor": (1.0, 2.0)}, past(), 168.0, None)
    assert made.share.sum() == pytest.approx(1.0) and made.share.min() > 0
    assert (made.older <= made.share).all()
    assert made.forecast(Window(start_hour=0.0, hours=24.0)).expected.sum() == pytest.approx(made.per_hour * 24)


def test_a_map_that_was_right_is_trusted() -> None:
    assert fit_map(counted, {"factor": (1.0,)}, past(), 168.0, None).settings()["weight_even"] == 0.001


def test_settings_are_taken_over_from_a_start() -> None:
    cold = fit_map(counted, {"factor": (3.0,)}, past(), 168.0, None)
    calls: list[float] = []

    def watched(part: History, setting: float, oldest: float) -> np.ndarray:
        calls.append(setting)
        return counted(part, setting, oldest)

    warm = fit_map(watched, {"factor": (1.0, 2.0, 3.0)}, past(), 168.0, cold)
    assert calls == [3.0, 3.0] and warm.settings()["factor"] == 3.0


def test_an_empty_map_is_the_even_spread() -> None:
    made = fit_map(lambda part, setting, oldest: np.zeros(9), {"factor": (1.0,)}, past(), 168.0, None)
    assert np.allclose(made.share, 1 / 9)
