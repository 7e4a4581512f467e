"""Coded texts say row by row what the plain texts say, however often a word is listed and whether it is used."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.measure.coded import STEP, Coded, coded, from_arrow, in_order, joined

WORDS = st.lists(st.sampled_from(["a", "b", "", "é", "long word"]), max_size=90)


@st.composite
def loose(draw: st.DrawFn) -> Coded:
    """Words that may be listed twice, in any order, or in no row."""
    words = draw(st.lists(st.sampled_from(["a", "b", "", "é", "c"]), min_size=1, max_size=8))
    codes = draw(st.lists(st.integers(0, len(words) - 1), max_size=40))
    return Coded(words, np.array(codes, dtype=np.int32))


@given(loose())
def test_put_in_order_each_word_stands_once_and_every_row_says_what_it_said(given: Coded) -> None:
    made = in_order(*given)
    assert made.values().tolist() == [given.words[code] for code in given.codes]
    assert made.words == list(dict.fromkeys(made.values().tolist()))
    assert made.first_rows().tolist() == [made.values().tolist().index(word) for word in made.words]


@given(WORDS)
def test_texts_are_coded_and_written_one_after_the_other(words: list[str]) -> None:
    made = coded(np.array(words, dtype=object))
    assert made.values().tolist() == words
    assert b"".join(made.texts()) == "".join(words).encode()


@given(st.lists(loose(), min_size=1, max_size=4))
def test_parts_are_joined_row_by_row(parts: list[Coded]) -> None:
    rows = [word for part in parts for word in part.values().tolist()]
    made = joined(parts)
    assert made.values().tolist() == rows and made.words == list(dict.fromkeys(rows))


def test_words_that_become_equal_are_one() -> None:
    made = coded(np.array(["b", " a", "a", "b "], dtype=object)).mapped(str.strip)
    assert made.words == ["b", "a"] and made.codes.tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize("row", [0, STEP, 3 * STEP + 5])
def test_the_first_row_of_a_rare_word_is_found_wherever_it_stands(row: int) -> None:
    codes = np.zeros(3 * STEP + 9, dtype=np.int32)
    codes[row:] = 1
    made = Coded(["often", "rare", "never"], codes)
    assert made.first_rows().tolist() == [0 if row else len(codes), row, len(codes)]
    assert b"".join(made.texts()) == b"often" * row + b"rare" * (len(codes) - row)


def test_a_slice_of_an_arrow_array_is_read_from_where_it_begins() -> None:
    made = from_arrow(pa.array(["a", "b", "c", "b"]).dictionary_encode().slice(1))
    assert made.values().tolist() == ["b", "c", "b"]
