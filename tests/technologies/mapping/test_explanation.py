"""A place is named because of its count, equal ones in a fixed order, and knows the area it mostly lies in."""

from __future__ import annotations

import numpy as np

from peelian.measure.grid import grid_within, square_grid
from peelian.measure.projection import Projection
from peelian.technologies.mapping.areas import areas_of, boundary_of
from peelian.technologies.mapping.declarations.explanation import REASONS
from peelian.technologies.mapping.example import CENTRE, areas
from peelian.technologies.mapping.explanation import advice_table, named_cells, places_of
from peelian.technologies.mapping.history import history
from peelian.technologies.mapping.models.base import Window, forecast_from
from peelian.technologies.mapping.models.long_run import LongRun

GRID = square_grid(cell_metres=250.0, rows=3, cols=3)


def test_the_highest_come_first_and_ties_keep_the_grids_order() -> None:
    forecast = forecast_from(np.array([1.0, 3.0, 2.0, 3.0]))
    assert named_cells(forecast, 3).tolist() == [1, 3, 2]
    assert named_cells(forecast, 99).tolist() == [1, 3, 2, 0]


def test_one_row_per_place_in_the_declared_columns() -> None:
    hours = np.arange(0.0, 2000.0, 4.0)
    past = history(GRID, (hours, np.full(500, 300.0), np.full(500, 300.0)), until_hour=2000.0)
    fitted, window = LongRun().fit(past, window_hours=168.0), Window(start_hour=2000.0, hours=168.0)
    made = fitted.forecast(window)
    rows = advice_table(fitted, (made, made), named_cells(made, 2), window, places_of(GRID, None))
    assert (
        rows.names == (*(name for name in REASONS.columns if name != "shift"),)
        and rows["place"].tolist()[0] == "250:1:1"
    )
    assert rows["recent_n"].tolist() == [336, 0] and rows["nearby_n"].tolist() == [0, 336]
    assert rows["long_run"].tolist() == rows["expected"].tolist()


def test_places_lie_in_areas() -> None:
    town = areas_of(areas(), Projection(**CENTRE))
    places = places_of(grid_within(boundary_of(town), 250.0), town)
    assert set(places.areas) == set(town.names)
    assert places.areas[places.ids.tolist().index("250:2:2")] == "District 1"
    assert set(places_of(GRID, None).areas) == {""}
