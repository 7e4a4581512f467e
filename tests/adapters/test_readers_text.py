"""Arrow columns become text columns: fixed-width bytes for dates, shared strings for words, floats for numbers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from peelian.adapters.readers_text import WIDEST, Wanted, joined_parts, packed, text_table

WANT = Wanted(places={"a": 0}, packed=frozenset({"day"}), numbers=frozenset({"x"}))


@given(st.lists(st.text(alphabet="ab0é ", max_size=12)), st.integers(0, 5))
def test_packed_text_is_the_text(values: list[str], skip: int) -> None:
    array = pa.array(["left out"] * skip + values, type=pa.string()).slice(skip)
    assert packed(array).tolist() == [value.encode() for value in values]


def test_text_too_long_for_a_date_is_cut_and_takes_no_memory() -> None:
    made = packed(pa.array(["x" * 100_000, "y"]))
    assert made.dtype.itemsize == WIDEST + 1


def test_words_are_shared_and_blanks_around_them_go() -> None:
    table = text_table({"a": pa.array([" theft ", "theft", None])}, np.arange(3), WANT)
    assert table["a"].tolist() == ["theft", "theft", ""]
    assert table["a"][1] is table["a"][0] or table["a"][1] == table["a"][0]


def test_dictionaries_chunks_and_other_types_become_text() -> None:
    chunks = pa.chunked_array([pa.array(["a"]).dictionary_encode(), pa.array(["b"]).dictionary_encode()])
    table = text_table({"a": chunks, "n": pa.array([1, 2])}, np.arange(2), WANT)
    assert table["a"].tolist() == ["a", "b"]
    assert table["n"].tolist() == ["1", "2"]


def test_parts_that_disagree_join_as_text() -> None:
    floats = text_table({"x": pa.array([1.5, None]), "day": pa.array(["1", "2"])}, np.arange(2), WANT)
    words = text_table({"x": pa.array(["abc"]), "day": pa.array(["3"])}, np.arange(1), WANT)
    assert joined_parts([floats, words])["x"].tolist() == ["1.5", "", "abc"]
    assert joined_parts([floats, floats])["day"].tolist() == [b"1", b"2", b"1", b"2"]
    assert joined_parts([floats]) is floats
