"""Pictures of a study: they show what was asked for and say that they are for research."""

from __future__ import annotations

import pytest
from study import study

from peelian.errors import InputError
from peelian.places import Grid, Incidents, backtest, plot

INCIDENTS = Incidents.from_frame(study(), time="when")
GRID = Grid.enclosing(INCIDENTS, cell=500)
SCORES = backtest(["uniform"], INCIDENTS, grid=GRID)


def test_a_map_has_a_cell_for_each_row():
    figure = plot(GRID.frame(expected=GRID.cells.area_km2))
    assert len(figure.axes[0].collections[0].get_paths()) == len(GRID)
    assert "research use: no accuracy report" in [text.get_text() for text in figure.texts]


def test_models_are_named_with_their_share_of_the_area():
    labels = [label.get_text() for label in SCORES.plot("hit_rate").axes[0].get_yticklabels()]
    assert labels[:3] == ["long_run, 1 % of the area", "long_run, 5 % of the area", "long_run, 10 % of the area"]


def test_what_there_is_not_is_told():
    with pytest.raises(InputError, match="no such measure"):
        plot(SCORES, measure="accuracy")
    with pytest.raises(InputError, match="no such column"):
        plot(GRID.frame(), column="danger")
