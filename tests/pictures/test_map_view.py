"""A map's nouns: their box, the picture that stands in for the map, and the trade-off as a table."""

from __future__ import annotations

import dataclasses

import pytest
from map_town import a_view

from peelian.errors import InputError
from peelian.pictures.map_view import Option, options_grid, still
from peelian.pictures.words import english


def test_the_picture_that_stands_in_shows_the_first_layer_with_selected_cells_and_the_statement() -> None:
    picture = still(a_view(selected=[2], selected_title="Selected cells"), english)
    assert "Not people." in picture.svg and "Selected cells" in picture.svg
    assert picture.twin is not None and sum(int(row[1]) for row in picture.twin.rows) == 4  # the fifth has no value


def test_the_trade_off_is_a_table_with_a_row_for_each_option() -> None:
    options = tuple(Option(title=t, cells=[0], rows=(), facts=(("Lost", t[-1]),)) for t in ("Limit 2", "Limit 1"))
    grid = options_grid(a_view(options=options), "Price", "Option")
    assert grid is not None and grid.titles == ("Option", "Lost") and grid.rows == (("Limit 2", "2"), ("Limit 1", "1"))
    assert options_grid(a_view(), "Price", "Option") is None


def test_cells_that_lie_oceans_apart_are_no_map() -> None:
    view = a_view()
    with pytest.raises(InputError, match="too far apart"):
        dataclasses.replace(view, row=view.row * 3_000_000)
