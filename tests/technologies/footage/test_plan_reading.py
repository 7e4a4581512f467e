"""Only a plan that is whole and right in every part is read; what is wrong is named by its part, never by its value."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import PLAN

from peelian.errors import InputError
from peelian.technologies.footage.measure import plan as plan_reading
from peelian.technologies.footage.measure.plan import as_bytes, plan_from, reviewed

WHOLE = as_bytes(PLAN)


def changed(path: tuple[Any, ...], value: Any) -> bytes:
    record = json.loads(WHOLE)
    at = record
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return json.dumps(record).encode()


def test_what_was_written_is_read_back() -> None:
    assert plan_from(WHOLE) == PLAN
    done = reviewed(PLAN, by="ab" * 10, at="2026-11-24T10:00:00Z")
    assert plan_from(as_bytes(done)) == done


WRONG: list[tuple[tuple[Any, ...], Any]] = [
    (("schema",), "peelian-redaction-plan/2"),
    (("item",), "AB" * 32),
    (("width",), 0),
    (("width",), 100.0),
    (("width",), True),
    (("height",), -1),
    (("pictures",), 10**9),
    (("milliseconds",), "400"),
    (("method",), "mosaic"),
    (("method",), []),
    (("reason",), "because I can"),
    (("reviewer",), "Sergeant A. Name"),
    (("reviewed_at",), "yesterday"),
    (("tracks",), {}),
    (("tracks", 0), []),
    (("tracks", 0, "id"), 0),
    (("tracks", 0, "what"), "suspect"),
    (("tracks", 0, "state"), "approved"),
    (("tracks", 0, "source"), None),
    (("tracks", 0, "score"), 1001),
    (("tracks", 0, "keys"), []),
    (("tracks", 0, "keys"), [[0, 0, 0, 1]]),
    (("tracks", 0, "keys"), [[0, 0, 0, 1, 1], [0, 0, 0, 1, 1]]),
    (("tracks", 0, "keys"), [[5, 0, 0, 1, 1], [4, 0, 0, 1, 1]]),
    (("tracks", 0, "keys"), [[0, 5, 0, 5, 1]]),
    (("tracks", 0, "keys"), [[0, 0, 0, 101, 1]]),
    (("tracks", 0, "keys"), [[0, -1, 0, 5, 1]]),
    (("tracks", 0, "keys"), [[10, 0, 0, 5, 5]]),
    (("tracks", 0, "keys"), [[0, 0.5, 0, 5, 5]]),
    (("tracks", 1, "id"), 1),
    (("sound", 0, "end"), 0),
    (("sound", 0, "how"), "bleep"),
    (("sound", 0, "end"), None),
    (("sound", 0), {"start": 0}),
    (("tracks", 0), {"id": 1, "what": "face"}),
    (("sound", 0, "note"), "said her name"),
    (("note",), "said her name"),
]


@pytest.mark.parametrize(("path", "value"), WRONG)
def test_a_wrong_part_is_named_and_its_value_is_not(path: tuple[Any, ...], value: Any) -> None:
    with pytest.raises(InputError) as told:
        plan_from(changed(path, value))
    for private in ("Name", "her name", "suspect", "because"):
        assert private not in str(told.value)


def test_a_plan_cut_short_anywhere_is_refused() -> None:
    for length in range(0, len(WHOLE), 7):
        with pytest.raises(InputError):
            plan_from(WHOLE[:length])


def test_a_name_that_stands_twice_is_refused() -> None:
    with pytest.raises(InputError, match="duplicate name"):
        plan_from(WHOLE.replace(b'{"detector"', b'{"width":100,"detector"', 1))


@pytest.mark.parametrize("data", [b"[" * 100_000, b"NaN", b'{"a":Infinity}', b"\xff\xfe", b"1" * 10_000, b"null"])
def test_hostile_json_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        plan_from(data)


def test_an_oversized_plan_is_refused_before_it_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_reading, "LARGEST_PLAN", 100)
    with pytest.raises(InputError, match="too large"):
        plan_from(WHOLE)


def test_too_many_keys_in_all_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_reading, "MOST_KEYS", 2)
    with pytest.raises(InputError, match="keys"):
        plan_from(WHOLE)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_plan_with_any_bytes_changed_is_read_or_refused(data: st.DataObject) -> None:
    """Nothing but an InputError comes out, whatever was changed."""
    raw = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(InputError):
        assert plan_from(bytes(raw)).schema == PLAN.schema


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(list(json.loads(WHOLE))), inner),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(JSON)
def test_any_json_is_refused(value: Any) -> None:
    with pytest.raises(InputError):
        plan_from(json.dumps(value).encode())
