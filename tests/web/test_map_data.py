"""What a map page fetches: every value comes back to a tenth of a percent, and no corner is off by a metre."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from map_town import a_view

from peelian.measure.projection import Projection
from peelian.pictures.map_view import Layer, MapView
from peelian.pictures.words import english
from peelian.web.maps.planes import as_json, described, planes_of, scale_of


def decoded(view: MapView) -> list[np.ndarray]:
    """The planes as the script reads them, values by cell."""
    rows, cols = view.shape
    planes = np.frombuffer(planes_of(view), np.uint8).reshape(len(view.layers) + 1, 2, rows, cols).astype(int)
    made = []
    for layer, plane in zip(view.layers, planes, strict=False):
        kind, low, step = scale_of(layer.values)
        code = (plane[0] + 256 * plane[1])[view.row.max() - view.row, view.col - view.col.min()].astype(float)
        value = low * np.exp(step * (code - 2)) if kind == "ratio" else low + step * (code - 2)
        value[code == 0] = np.nan
        if kind == "ratio":
            value[code == 1] = 0.0
        made.append(value)
    return made


@given(st.lists(st.one_of(st.floats(0, 1e9), st.just(float("nan"))), min_size=5, max_size=5))
def test_values_come_back_to_a_tenth_of_a_percent(values: list[float]) -> None:
    view = a_view(layers=(Layer(id="x", title="X", values=np.array(values)),))
    back, most = decoded(view)[0], np.nanmax([*values, 0.0])
    near_nothing = np.nan_to_num(values) <= most * 1e-12
    np.testing.assert_array_equal(np.isnan(back), np.isnan(values))
    np.testing.assert_allclose(back[~near_nothing], np.array(values)[~near_nothing], rtol=1.1e-3)


def test_values_below_zero_come_back_too() -> None:
    values = np.array([-3.0, -0.5, 0.0, 2.0, np.nan])
    view = a_view(layers=(Layer(id="x", title="X", values=values),))
    np.testing.assert_allclose(decoded(view)[0], values, atol=1e-4)


def test_a_layer_without_any_value_is_sent_as_none() -> None:
    empty = Layer(id="none", title="None", values=np.full(5, np.nan), drawn=False)
    assert np.isnan(decoded(a_view(layers=(*a_view().layers, empty)))[2]).all()


def test_a_part_of_a_layer_goes_as_its_share_of_it() -> None:
    whole = a_view().layers[0]
    part = Layer(id="shift_day", title="Day", values=whole.values / 4, part_of="expected")
    kind, low, _ = described(a_view(layers=(whole, part)), english)["layers"][1]["scale"]
    assert (kind, low) == ("ratio", 0.25)


def test_selected_cells_and_areas_are_found_in_the_planes() -> None:
    view = a_view(selected=[4, 0], areas=["B", "A", "", "A", "B"])
    told = described(view, english)
    assert told["selected"]["cells"] == [1, 3]  # row 1 is north of row 0
    areas = np.frombuffer(planes_of(view), np.uint8)[-12:-6].reshape(2, 3)
    assert told["areas"] == ["", "A", "B"] and areas.tolist() == [[1, 2, 0], [2, 1, 0]]
    assert told["borders"], "areas that meet have a border"


def test_past_counts_go_with_the_days_they_begin_on() -> None:
    view = a_view(
        selected=[4, 0], history=[[1, 2], [0, 3]], history_title="Past", history_days=["2019-01-01", "2019-02-26"]
    )
    told = described(view, english)["selected"]["history"]
    assert told == {"title": "Past", "days": ["2019-01-01", "2019-02-26"], "counts": [[1, 2], [0, 3]]}


def test_a_map_without_areas_has_no_borders() -> None:
    told = described(a_view(), english)
    assert told["areas"] == [""] and told["borders"] == []


def test_a_place_between_the_corners_that_are_sent_is_less_than_a_metre_off() -> None:
    row, col = (part.ravel() for part in np.mgrid[0:400, 0:400])
    here = Projection(centre_lon=-79.4, centre_lat=43.7)
    layers = (Layer(id="x", title="X", values=np.ones(160_000)),)
    view = a_view(row=row - 200, col=col - 200, layers=layers, frame=here)
    mesh = described(view, english)["grid"]["mesh"]
    wide = len(mesh["cols"])
    lon, lat = (np.array(mesh[name]).reshape(-1, wide) for name in ("lon", "lat"))
    east = (mesh["cols"][0] + mesh["cols"][1]) / 2 * 250 - 50_000
    north = 50_000 - (mesh["rows"][0] + mesh["rows"][1]) / 2 * 250
    true = here.to_degrees(np.array([east]), np.array([north]))
    metres = np.array([(lon[:2, :2].mean() - true[0][0]) * 80_000, (lat[:2, :2].mean() - true[1][0]) * 111_000])
    assert np.hypot(*metres) < 1.0


def test_hostile_names_stay_text_in_the_json() -> None:
    names = ["</script><script>alert(1)</script>", "javascript:alert(1)", '"', "é", ""]
    told = json.loads(as_json(described(a_view(areas=names), english)))
    assert set(told["areas"]) == {*names}


def test_a_number_that_is_none_is_an_error_and_no_broken_json() -> None:
    with pytest.raises(ValueError, match="JSON"):
        as_json({"x": float("nan")})


def test_a_grid_of_one_cell_can_be_sent() -> None:
    one = a_view(row=np.array([7]), col=np.array([-3]), layers=(Layer(id="x", title="X", values=np.array([1.0])),))
    told = described(dataclasses.replace(one, areas=()), english)
    assert told["grid"]["rows"] == told["grid"]["cols"] == 1 and len(told["grid"]["mesh"]["lon"]) == 4
