"""Numbers, times and texts come back from Arrow as they went in, and nothing loads pandas for it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from peelian.measure.arrow_memory import cast, in_memory, missing, to_array, to_texts, to_values


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8", "float64", "float32"])
def test_numbers_come_back_as_they_were(dtype: str) -> None:
    values = np.arange(12, dtype=dtype)[::2]
    chunked = pa.chunked_array([to_array(values), to_array(values[:1])])
    back = to_values(chunked)
    assert chunked.type == pa.from_numpy_dtype(np.dtype(dtype)) and back.dtype == values.dtype
    assert back.tolist() == [*values.tolist(), 0]
    back[0] = 1  # a copy of its own


@pytest.mark.parametrize("unit", ["s", "m", "h", "D", "M"])
def test_times_come_back_in_their_unit_before_1970_too(unit: str) -> None:
    values = np.array(["1969-12-01", "NaT", "2024-05-01"], dtype=f"datetime64[{unit}]")
    array = to_array(values)
    assert array.type == pa.timestamp("s") and array.null_count == 1
    for kept in (array, array.cast(pa.timestamp("ms"))):  # as it is sent, and as Parquet keeps it
        back = to_values(pa.chunked_array([kept]), unit)
        assert back.dtype == values.dtype and np.array_equal(back, values, equal_nan=True)


def test_other_columns_and_empty_ones_are_arrows_own_affair() -> None:
    assert to_values(pa.chunked_array([to_array(np.array([True, False]))])).tolist() == [True, False]
    assert to_values(pa.chunked_array([pa.array(["a", None])])).tolist() == ["a", None]
    assert np.isnan(to_values(pa.chunked_array([pa.array([1, None])]))[1])
    assert len(to_values(pa.chunked_array([], type=pa.timestamp("s")), "h")) == 0


def test_texts_are_what_arrow_makes_of_them() -> None:
    words = ["", "é", "a\0b", "…" * 9]
    assert to_texts(words).equals(pa.array(words, type=pa.string()))
    assert to_texts(words, large=True).equals(pa.array(words, type=pa.large_string()))
    assert to_texts([]).equals(pa.array([], type=pa.string()))


def test_a_slice_knows_where_its_values_are_missing() -> None:
    array = pa.array([1, None, 3, None, 5], type=pa.int32())
    gone = missing(array[1:])
    assert gone is not None and gone.tolist() == [True, False, True, False] and missing(array[:1]) is None
    assert in_memory(array[2:], np.int32)[[0, 2]].tolist() == [3, 5]
    assert cast(array, pa.int32()) is array and cast(array, pa.int64()).type == pa.int64()


def test_a_table_goes_both_ways_without_pandas() -> None:
    lines = """
import sys
import numpy as np
from peelian.measure.coded import Coded
from peelian.measure.table import Kind, Table, table
hours = np.array(["2024-05-31T12", "NaT"] * 50, dtype="datetime64[h]")
words = Coded(["theft", "arson"], np.tile(np.arange(2, dtype=np.int32), 50))
made = table("t", {"at": (Kind.TIME, hours), "n": (Kind.COUNT, np.arange(100)), "c": (Kind.CATEGORY, words)})
back = Table.from_arrow(made.to_arrow(packed=True))
assert back.digest() == made.digest()
print("pandas" in sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", lines], check=True, capture_output=True, text=True)
    assert ran.stdout == "False\n"
