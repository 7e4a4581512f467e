"""The back-test in a notebook: the office's protocol and numbers, as a tidy frame."""

from __future__ import annotations

import numpy as np
import pytest
from study import study

from peelian.errors import InputError, NotEnoughData
from peelian.measure.folds import rolling_origins
from peelian.places import Grid, Incidents, Model, Protocol, backtest
from peelian.technologies.mapping.models import chosen
from peelian.technologies.mapping.protocol import Plan, back_test

INCIDENTS = Incidents.from_frame(study(), time="when")
GRID = Grid.enclosing(INCIDENTS, cell=500)


def test_its_figures_are_those_of_the_office_s_protocol():
    found = backtest(["moving"], INCIDENTS, grid=GRID)
    known = INCIDENTS.prepared(GRID.projection)
    folds = rolling_origins((known.from_hour, known.until_hour), window_hours=168.0, origins=26)
    trial = back_test(known, GRID.offsets(1), Plan(folds=folds, seed=0), chosen(("long_run", "moving"), None))
    row = found.frame.query("model == 'moving' and measure == 'bits'").iloc[0]
    assert (row["value"], row["low"]) == pytest.approx(
        (trial.score("moving").bits.value, trial.score("moving").bits.low), nan_ok=True
    )
    assert found.n == trial.n
    assert found.origins == 26
    assert found.concentrated


def test_the_frame_is_tidy_and_the_long_run_average_is_always_in_it():
    frame = backtest([Model("uniform")], INCIDENTS, grid=GRID).frame
    assert set(frame["model"]) == {"long_run", "uniform"}
    assert set(frame["measure"]) == {"bits", "bits_with_level", "hit_rate", "possible", "pai"}
    hits = frame.query("measure == 'hit_rate' and model == 'long_run'").sort_values("area_share")["value"]
    assert (np.diff(hits) > 0).all()
    assert frame.attrs["use"] == "research use: no accuracy report"


def test_windows_begin_where_they_were_fixed_to():
    found = backtest([], INCIDENTS, Protocol(origins=26, first_origin="2023-01-02"), grid=GRID)
    assert (found.first_day, found.last_day) == ("2023-01-02", "2023-07-02")
    assert "research use" in repr(found)


def test_too_little_is_told():
    with pytest.raises(NotEnoughData):
        backtest(["moving"], Incidents.from_frame(study(90), time="when"), grid=GRID)


@pytest.mark.parametrize("model", ["oracle", "risk_terrain"])
def test_a_model_that_is_none_is_told(model):
    with pytest.raises(InputError):
        backtest([model], INCIDENTS, grid=GRID)
