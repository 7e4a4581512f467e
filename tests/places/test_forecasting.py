"""Models in a notebook: fitted to what was before, asked for a window, with the office's own numbers."""

from __future__ import annotations

import numpy as np
import pytest
from study import study

from peelian.errors import InputError, OutOfOrder
from peelian.places import MODEL_NAMES, Grid, Incidents, Model
from peelian.technologies.mapping.incidents import recorded
from peelian.technologies.mapping.models import MODELS
from peelian.technologies.mapping.models.base import Window

INCIDENTS = Incidents.from_frame(study(), time="when")
GRID = Grid.enclosing(INCIDENTS, cell=500)


def test_a_window_is_a_frame_of_cells_with_expected_counts_and_their_intervals():
    week = Model("decayed").fit(INCIDENTS, GRID, until="2023-12-04").predict("2023-12-04")
    assert len(week) == len(GRID)
    assert ((week["low"] <= week["expected"]) & (week["expected"] <= week["high"] + 1)).all()
    assert week["expected"].sum() == pytest.approx(4_000 / 104, rel=0.3)
    assert week.attrs["use"] == "research use: no accuracy report"


def test_its_numbers_are_those_of_the_office_s_model():
    known = recorded(INCIDENTS.prepared(GRID.projection), GRID.cells)
    fitted = MODELS["moving"].fit(known.known_at(known.history.until_hour), window_hours=168.0)
    start = (np.datetime64("2024-01-01", "h") - np.datetime64("1970-01-01", "h")).astype(float)
    expected = fitted.forecast(Window(start_hour=float(start), hours=168.0)).expected
    assert Model("moving").fit(INCIDENTS, GRID).predict("2024-01-01")["expected"].tolist() == expected.tolist()


def test_it_sees_nothing_after_until():
    cut = Incidents.from_frame(study().query("when < '2023-06-05'"), time="when")
    whole, part = (Model("moving").fit(some, GRID, until="2023-06-05") for some in (INCIDENTS, cut))
    assert whole.predict("2023-06-05")["expected"].to_numpy() == pytest.approx(
        part.predict("2023-06-05")["expected"].to_numpy()
    )


def test_settings_are_read_and_set_as_in_scikit_learn():
    model = Model("moving").fit(INCIDENTS, GRID)
    assert model.get_params() == {"name": "moving", "cell_metres": 250.0, "window_days": 7}
    assert model.settings_["use"] == "research use: no accuracy report"
    assert model.set_params(window_days=14) is model
    with pytest.raises(OutOfOrder, match="Fit the model first"):
        model.predict("2024-01-01")
    with pytest.raises(InputError, match="no such setting"):
        model.set_params(colour="red")


@pytest.mark.parametrize("wrong", [{"name": "oracle"}, {"name": "risk_terrain"}, {"window_days": 0}])
def test_what_cannot_be_is_told(wrong):
    with pytest.raises(InputError):
        Model(**wrong)


def test_a_window_in_the_past_of_what_was_fitted_is_refused():
    with pytest.raises(InputError, match="begins in what was fitted"):
        Model("long_run").fit(INCIDENTS, GRID).predict("2023-01-02")


def test_every_named_model_is_one_of_the_office_s():
    assert set(MODEL_NAMES) == set(MODELS)
