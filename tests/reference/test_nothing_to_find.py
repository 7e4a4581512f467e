"""On evenly scattered, independent incidents every model must be found to know nothing: PAI at 1 % has 1 within."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.measure.folds import rolling_origins
from peelian.measure.grid import square_grid
from peelian.technologies.mapping.incidents import Incidents
from peelian.technologies.mapping.metrics import AREA_SHARES
from peelian.technologies.mapping.models import MODELS
from peelian.technologies.mapping.protocol import Plan, back_test

WEEK, WEEKS = 168.0, 104
NAMES = ("long_run", "decayed", "retrospective", "kernel_time", "prospective", "self_exciting_grid", "self_exciting")


@pytest.mark.parametrize("seed", [1])
def test_no_model_finds_concentration_where_there_is_none(seed: int) -> None:
    chance = np.random.default_rng(seed)
    n, side = 6000, 8000.0
    hour = np.sort(chance.uniform(0, WEEKS * WEEK, n))
    found = Incidents(
        hour=hour,
        east=chance.uniform(0, side, n),
        north=chance.uniform(0, side, n),
        weight=np.ones(n),
        ready=hour,
        row=np.arange(n),
        n=n,
        from_hour=0.0,
        until_hour=WEEKS * WEEK,
    )
    grid = square_grid(cell_metres=250.0, rows=32, cols=32)
    folds = rolling_origins((0.0, WEEKS * WEEK), window_hours=WEEK, origins=26, embargo_hours=0.0)
    trial = back_test(found, (grid,), Plan(folds=folds, seed=3), {name: MODELS[name] for name in NAMES})
    assert not trial.concentrated
    for name in NAMES:
        rate = trial.score(name).hit_rate[0]
        low, high = (end / AREA_SHARES[0] for end in (rate.low, rate.high))
        assert low <= 1 <= high, f"{name}: {low:.2f} to {high:.2f}"
        assert abs(trial.score(name).bits.value) < 0.05
