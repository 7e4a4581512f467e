"""One spelling for one meaning: canonical JSON is read by any other reader, and floats have no canonical form."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.kernel.model.capability import Role
from peelian.measure.canonical import canonical, canonical_digest, spelled

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_spelled_is_read_back_by_any_reader_of_json(value: object) -> None:
    assert json.loads(canonical(value)) == value


@given(VALUES)
def test_the_standard_library_spells_it_alike(value: object) -> None:
    plain = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert canonical(value) == plain.encode()
    assert canonical_digest(value) == hashlib.sha256(plain.encode()).hexdigest()


def test_kinds_derived_from_text_and_numbers_are_spelled_as_what_they_are() -> None:
    class Word(str):
        __slots__ = ()

        def __str__(self) -> str:
            return "something else"

    class Level(int):
        pass

    assert canonical_digest({"a": Word("x"), "b": Level(3), "c": Role.BOARD, "d": [Word("y")]}) == canonical_digest(
        {"a": "x", "b": 3, "c": "board", "d": ["y"]}
    )
    for half in ("\ud800", {"\udfff": 1}):
        with pytest.raises(ValueError):
            canonical_digest(half)


@given(st.dictionaries(st.text(max_size=5), st.integers(), min_size=2))
def test_the_order_of_keys_does_not_matter(value: dict[str, int]) -> None:
    assert canonical(value) == canonical(dict(reversed(list(value.items()))))


@pytest.mark.parametrize("value", [0.1, [0.1], {"a": {"b": 1.0}}, {1: "a"}])
def test_floats_and_keys_that_are_no_text_are_refused(value: object) -> None:
    with pytest.raises(InputError):
        canonical(value)


def test_documents_spell_floats_dates_and_sets_and_refuse_the_rest() -> None:
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    assert spelled({"x": 0.1, "t": moment, "s": {"b", "a"}}) == {"x": "f0.1", "t": moment.isoformat(), "s": ["a", "b"]}
    assert canonical_digest({"x": 1}) != canonical_digest({"x": 1.0}) != canonical_digest({"x": "1"})
    with pytest.raises(InputError):
        spelled(object())
