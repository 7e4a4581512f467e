"""Arrow columns become text columns: fixed-width bytes for dates, shared strings for words, floats for numbers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from peelian.intake.text_table import WIDEST, Wanted, joined_parts, packed, text_table

WANT = Wanted(places={"a": 0}, packed=frozenset({"day"}), numbers=frozenset({"x"}))


@settings(deadline=None)  # Arrow's first array imports pandas
@given(st.lists(st.none() | st.text(alphabet="ab0é ", max_size=12)), st.integers(0, 11))
def test_packed_text_is_the_text_and_nothing_where_it_is_missing(values: list[str | None], skip: int) -> None:
    array = pa.array(["left out"] * skip + values, type=pa.string()).slice(skip)
    assert packed(array).tolist() == [(value or "").encode() for value in values]


@settings(deadline=None)  # Arrow's first array imports pandas
@given(
    st.lists(st.none() | st.floats(allow_nan=False)), st.lists(st.none() | st.sampled_from("ab")), st.integers(0, 11)
)
def test_numbers_and_words_are_what_they_were_wherever_the_array_begins(
    numbers: list[float | None], words: list[str | None], skip: int
) -> None:
    x = pa.array([None, 7.0] * 6 + numbers, type=pa.float64()).slice(12 - skip).slice(skip)
    a = pa.array([None, "b"] * 6 + words, type=pa.string()).dictionary_encode().slice(12 - skip).slice(skip)
    assert np.array_equal(
        text_table({"x": x}, np.arange(len(x)), WANT)["x"],
        np.array([np.nan if v is None else v for v in numbers], dtype=float),
        equal_nan=True,
    )
    assert text_table({"a": a}, np.arange(len(a)), WANT)["a"].tolist() == [word or "" for word in words]


def test_a_first_file_is_read_without_pandas(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("day,x,word\n2024-01-01,1.5,b\n,,\n")
    code = (
        "import sys; from pathlib import Path; from peelian.intake.read import read_text\n"
        f"read_text(Path({str(file)!r}), ['day', 'x', 'word']); sys.exit('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


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
