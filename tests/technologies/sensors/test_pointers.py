"""Declared pointers: each value is held, dropped or refused; an envelope is taken out value by value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError, PeelianError, Refused
from peelian.technologies.sensors.pointers import check_dropped, records, tree_of, without

TREE = tree_of((("/t", "time"), ("/d/*/n", "count")), ("/d/*/x", "/bat"))


def test_each_list_element_is_a_record_with_what_stands_around_it() -> None:
    message = {"t": 1, "bat": 3.6, "d": [{"n": 2, "x": "gone"}, {"n": 5}]}
    assert records(message, TREE, "JSON") == ({"time": 1, "count": 2}, {"time": 1, "count": 5})
    assert records({"t": 1}, TREE, "JSON") == ({"time": 1},) and records({}, TREE, "JSON") == ()


@pytest.mark.parametrize("message", [{"y": 1}, {"d": [{"y": 1}]}, {"d": [{"n": 1}], "*": 3}, {"": 0}, {"d": {"n": 1}}])
def test_a_field_that_is_not_declared(message: Any) -> None:
    with pytest.raises(Refused):
        records(message, TREE, "JSON")


@pytest.mark.parametrize("message", [{"t": [1]}, {"bat": {}}, {"d": 5}, {"d": [[1]]}, 7, {"d": [{"x": {"mac": 1}}]}])
def test_another_shape_than_declared(message: Any) -> None:
    with pytest.raises(InputError):
        records(message, TREE, "JSON")


@pytest.mark.parametrize(
    ("message", "left"),
    [
        ({"a": 1, "bat": 2}, {"a": 1}),
        ({"a": 1, "bat": {"mac": 2}}, {"a": 1, "bat": {"mac": 2}}),
        ({"r": [{"rssi": -9}, {"rssi": -8}]}, {}),
        ({"r": [{"rssi": -9, "mac": 1}]}, {"r": [{"mac": 1}]}),
        ({"ids": ["a", {"b": 1}]}, {"ids": [{"b": 1}]}),
    ],
)
def test_only_declared_values_are_taken_out(message: Any, left: Any) -> None:
    data = json.dumps(message).encode()
    assert json.loads(without(data, ("/bat", "/r/*/rssi", "/ids/*"), "JSON")) == left


@pytest.mark.parametrize(
    "drop", [("/a", "/a/b"), ("a",), ("/",), ("/a//b",), ("/" + "a" * 65,), ("/é",), ("/a/b",) * 201]
)
def test_pointers_that_cannot_be(drop: tuple[str, ...]) -> None:
    with pytest.raises(InputError):
        check_dropped(drop)


WILD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("tdnx*ab"), inner, max_size=4),
)


@given(message=WILD)
def test_whatever_comes_is_held_or_refused(message: Any) -> None:
    try:
        found = records(message, TREE, "JSON")
    except PeelianError:
        return
    assert all(set(one) <= {"time", "count"} for one in found)
