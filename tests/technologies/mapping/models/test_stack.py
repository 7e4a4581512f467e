"""The stack leans on the member that was right, and its parts are its members' parts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from peelian.measure.grid import square_grid
from peelian.technologies.mapping.history import History, history
from peelian.technologies.mapping.models.base import Fitted, Window
from peelian.technologies.mapping.models.long_run import LongRun
from peelian.technologies.mapping.models.shares import Shares
from peelian.technologies.mapping.models.stack import Stack
from peelian.technologies.mapping.models.uniform import Uniform

GRID = square_grid(cell_metres=250.0, rows=10, cols=10)
WEEK = 168.0
CHANCE = np.random.default_rng(0)
HOURS = np.sort(CHANCE.uniform(0, 60 * WEEK, 3000))
EAST, NORTH = np.clip(CHANCE.normal(1250, 300, (2, 3000)), 1, 2499)
PAST = history(GRID, (HOURS, EAST, NORTH), until_hour=60 * WEEK, from_hour=0.0)
WINDOW = Window(start_hour=60 * WEEK, hours=WEEK)


def test_it_leans_on_the_member_that_was_right() -> None:
    kept = Stack(models=(Uniform(), LongRun())).fit(PAST, window_hours=WEEK).settings()
    assert float(kept["weight_long_run"]) > 0.9 and kept["windows_in_ledger"] == 13
    assert "long_run_imagined_incidents" in kept


def test_one_member_alone_is_that_member() -> None:
    alone = Stack(models=(LongRun(),)).fit(PAST, window_hours=WEEK).forecast(WINDOW).expected
    np.testing.assert_allclose(alone, LongRun().fit(PAST, window_hours=WEEK).forecast(WINDOW).expected)


class Silent(LongRun):
    """Expects nothing anywhere, as a model whose incidents have all faded away over decades."""

    def fit(self, history: History, *, window_hours: float, start: Fitted | None = None) -> Shares:
        return replace(super().fit(history, window_hours=window_hours, start=start), per_hour=0.0)


@pytest.mark.filterwarnings("error")
def test_a_member_that_expects_nothing_stands_for_an_even_spread() -> None:
    fitted = Stack(models=(Silent(), LongRun())).fit(PAST, window_hours=WEEK)
    assert np.isfinite(fitted.forecast(WINDOW).expected).all()
    assert fitted.weights[1] > 0.9


def test_warm_keeps_the_ledger_and_adds_a_window() -> None:
    model = Stack(models=(Uniform(), LongRun()))
    before = model.fit(PAST.before(PAST.until_hour - WEEK), window_hours=WEEK)
    after = model.fit(PAST, window_hours=WEEK, start=before)
    assert len(after.ledger) == len(before.ledger) + 1
    assert after.forecast(WINDOW).expected.sum() == pytest.approx(50, rel=0.1)
