"""What findings by place show on a map: what staff see of them, and that the public findings hold no such map."""

from __future__ import annotations

import dataclasses
from functools import cache

import numpy as np
import pytest

from peelian.kernel.model.capability import Capability, Context, Findings
from peelian.pictures.map_view import MapView
from peelian.pictures.words import english
from peelian.technologies.mapping import TECHNOLOGY
from peelian.technologies.mapping.map_views import forecast_map, limits_map

CAPABILITIES = {c.id.partition(".")[2]: c for c in TECHNOLOGY.capabilities}
DRAWN = {name: c for name, c in CAPABILITIES.items() if c.arithmetic().shows.map is not None}


@cache
def found(name: str) -> Findings:
    """What a capability finds in its example."""
    computes = CAPABILITIES[name].arithmetic()
    example = computes.example()
    context = Context(seed=1, progress=lambda says, share: None, authorizations=example.authorizations)
    return computes.run(example.params, example.datasets, context)


def drawn(name: str, findings: Findings | None = None) -> MapView | None:
    """Its map."""
    capability: Capability = CAPABILITIES[name]
    facts = {role: data.facts for role, data in capability.arithmetic().example().datasets.items()}
    draw = capability.arithmetic().shows.map
    assert draw is not None
    return draw(findings or found(name), facts, english)


def test_forecasts_tests_audits_and_counts_have_a_map() -> None:
    proofs = {"backtest", "score", "stress", "vendor", "counts", "trends", "plan", "evaluate"}
    assert proofs | {"forecast", "limits", "scan", "hotspots", "streets"} == set(DRAWN)


@pytest.mark.parametrize("name", DRAWN)
def test_staff_see_a_map_and_the_public_none_but_a_forecast_s_by_area(name: str) -> None:
    assert drawn(name) is not None
    public = drawn(name, CAPABILITIES[name].arithmetic().public(found(name)))
    assert (public is not None) == (name == "forecast")
    if public is not None:
        assert public.cell_metres >= 500 and len(public.selected) == 0 and public.listed is None
        assert [layer.id for layer in public.layers] == ["value"]


def test_a_forecast_s_map_says_of_each_cell_what_the_tables_say() -> None:
    view, table = drawn("forecast"), found("forecast").table("forecast")
    assert view is not None and view.listed is not None
    layers = {layer.id: layer.values for layer in view.layers}
    for name in ("expected", "low", "high", "long_run"):
        np.testing.assert_array_equal(layers[name], table[name])
    assert view.compared == ("expected", "long_run")
    assert [f"250:{view.row[k]}:{view.col[k]}" for k in view.selected] == [row[1] for row in view.listed.rows]


def test_past_counts_stand_under_the_first_day_of_their_period() -> None:
    view, told = drawn("forecast"), found("forecast").table("history")
    assert view is not None
    days = list(dict.fromkeys(map(str, told["from_day"])))
    assert list(view.history_days) == days == sorted(days)
    assert all(len(row) == len(days) for row in view.history)


def test_the_shifts_of_a_cell_make_up_its_whole_day() -> None:
    view = drawn("forecast")
    assert view is not None
    shifts = [layer.values for layer in view.layers if layer.id.startswith("shift_")]
    assert len(shifts) == 3
    np.testing.assert_allclose(sum(shifts), view.layers[0].values, rtol=1e-9)


def test_each_limit_selects_its_own_cells_and_says_what_it_costs() -> None:
    view, places = drawn("limits"), found("limits").table("frontier_places")
    assert view is not None
    for k, option in enumerate(view.options, start=1):
        named = {f"250:{view.row[c]}:{view.col[c]}" for c in option.cells}
        assert named == set(places["place"][places["point"] == k].tolist())
        assert len(option.rows) == len(option.cells)
    lost = [dict(option.facts)["Incidents lost"] for option in view.options]
    assert lost[0] == "0" and lost[2] != "0"
    assert view.options[0].title == "No limit" and view.options[-1].title == "Long-run average"


def test_a_limit_s_ground_keeps_the_figure_of_the_square_that_holds_each_cell() -> None:
    view, squares = drawn("limits"), found("limits").table("town_map")
    assert view is not None
    value = {str(p): float(v) for p, v in zip(squares["place"], squares["value"], strict=True)}
    inside = [f"500:{row // 2}:{col // 2}" for row, col in zip(view.row, view.col, strict=True)]
    np.testing.assert_array_equal(view.layers[0].values, [value[name] for name in inside])


def test_without_the_centre_that_places_are_counted_from_there_is_no_map() -> None:
    assert forecast_map(found("forecast"), {}, english) is None
    assert limits_map(found("limits"), {"areas": {"centre_lon": 1.0, "centre_lat": 2.0}}, english) is None


def test_a_vendor_s_map_knows_its_own_centre() -> None:
    without = dataclasses.replace(found("vendor"), facts={})
    assert drawn("vendor") is not None and drawn("vendor", without) is None
