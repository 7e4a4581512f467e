"""Outlines: where the cells truly lie, sharing corners, turning as the standard asks; rows that say what they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.model.capability import Context
from peelian.measure.projection import Projection
from peelian.measure.table import Table
from peelian.technologies.mapping.declarations.forecast import FORECAST
from peelian.technologies.mapping.export_shapes import TOLD, cell_rings, forecast_shapes
from peelian.technologies.mapping.forecast_view import STATEMENT

EXAMPLE = FORECAST.arithmetic().example()
FOUND = FORECAST.arithmetic().run(
    EXAMPLE.params,
    EXAMPLE.datasets,
    Context(seed=1, progress=lambda says, share: None, authorizations=EXAMPLE.authorizations),
)
FACTS = {role: dataset.facts for role, dataset in EXAMPLE.datasets.items()}
HERE = Projection(centre_lon=-79.38, centre_lat=43.7)


def plain(text: str, **values: object) -> str:
    return text % values if values else text


def test_every_cell_is_there_with_its_counts_and_its_rank() -> None:
    shapes = forecast_shapes(FOUND, FACTS, plain)
    made, advice = FOUND.table("forecast"), FOUND.table("advice")
    assert len(shapes.table) == len(shapes.rings) == len(made)
    for name in made.names:
        assert shapes.table[name].tolist() == made[name].tolist()
    ranks = shapes.table["named_rank"]
    named = sorted((rank, place) for rank, place in zip(ranks, made["place"], strict=True) if rank)
    assert [place for _, place in named] == advice["place"].tolist()


def test_each_selected_cell_names_its_busiest_shift() -> None:
    made, advice = forecast_shapes(FOUND, FACTS, plain).table, FOUND.table("advice")
    busiest = dict(zip(advice["place"].tolist(), advice["shift"].tolist(), strict=True))
    assert made["busiest_shift"].tolist() == [busiest.get(place, "") for place in made["place"].tolist()]
    alone = replace(FOUND, tables=tuple(_without_shift(t) if t.name == "advice" else t for t in FOUND.tables))
    assert "busiest_shift" not in forecast_shapes(alone, FACTS, plain).table


def _without_shift(advice: Table) -> Table:
    return replace(advice, columns=tuple(column for column in advice.columns if column.name != "shift"))


def test_the_provenance_says_model_settings_data_window_and_limits() -> None:
    told = forecast_shapes(FOUND, FACTS, plain).provenance
    assert all(told[name] == FOUND.facts[name] for name in TOLD)
    assert STATEMENT in str(told["statement"]) and "whole squares" in str(told["statement"])
    with pytest.raises(OutOfOrder, match="settings_digest"):
        facts = {name: value for name, value in FOUND.facts.items() if name != "settings_digest"}
        forecast_shapes(replace(FOUND, facts=facts), FACTS, plain)


def test_incidents_lie_in_the_cells_whose_counts_they_made() -> None:
    shapes = forecast_shapes(FOUND, FACTS, plain)
    expected = shapes.table["expected"]
    top = shapely.Polygon(shapes.rings[int(np.argmax(expected))])
    incidents = EXAMPLE.datasets["incidents"]
    where = Projection(centre_lon=10.0, centre_lat=50.0)
    lon, lat = where.to_degrees(incidents.table["east_metres"], incidents.table["north_metres"])
    inside = int(shapely.contains_xy(top, lon, lat).sum())
    assert inside > 5 * len(lon) / len(expected)


@settings(max_examples=25, deadline=None)
@given(st.integers(-400, 400), st.integers(-400, 400), st.sampled_from([50, 250, 5_000]))
def test_squares_have_the_size_they_say_and_turn_to_the_left(row: int, col: int, size: int) -> None:
    if size == 5_000:
        row, col = row // 20, col // 20
    ring = cell_rings(np.array([f"{size}:{row}:{col}"], dtype=object), HERE)[0]
    assert ring[0].tolist() == ring[4].tolist() and shapely.LinearRing(ring).is_ccw
    east, north = HERE.to_metres(ring[:, 0], ring[:, 1])
    assert shapely.Polygon(np.c_[east, north]).area == pytest.approx(size**2, rel=1e-4)
    assert (east[0], north[0]) == (pytest.approx(col * size, abs=0.01), pytest.approx(row * size, abs=0.01))


def test_neighbours_share_their_corners_exactly() -> None:
    here, east, north = cell_rings(np.array(["250:7:3", "250:7:4", "250:8:3"], dtype=object), HERE)
    assert here[1].tolist() == east[0].tolist() and here[2].tolist() == east[3].tolist()
    assert here[3].tolist() == north[0].tolist() and here[2].tolist() == north[1].tolist()


@pytest.mark.parametrize("place", ["", "District 4", "250:1", "250:1:2:3", "a:b:c", "250:1.5:2"])
def test_what_is_no_cell_is_refused_and_not_quoted(place: str) -> None:
    with pytest.raises(InputError, match="unreadable cell name") as error:
        cell_rings(np.array([place], dtype=object), HERE)
    assert "District" not in str(error.value)


def test_no_cell_at_all_is_no_outline() -> None:
    assert cell_rings(np.array([], dtype=object), HERE).shape == (0, 5, 2)


def test_every_row_says_which_shift_and_when_each_begins() -> None:
    told = forecast_shapes(FOUND, FACTS, plain).provenance
    assert {name: told[name] for name in ("shift", "shifts", "shift_day", "shift_evening", "shift_night")} == {
        "shift": "all",
        "shifts": 3,
        "shift_day": 7,
        "shift_evening": 15,
        "shift_night": 23,
    }
