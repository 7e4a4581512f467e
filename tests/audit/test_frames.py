"""Frames of every library are read alike, and hostile ones are refused by column and row, never by value."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from peelian.audit.frames import arrow_of, frame_of, keep, made_as
from peelian.errors import InputError
from peelian.measure.table import Kind, table

SECRET = "Jane Example"


class Exchange:
    """A frame that speaks the interchange protocol only."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame

    def __dataframe__(self, *args: Any, **more: Any) -> Any:
        return self.frame.__dataframe__(*args, **more)


class Stream:
    """A frame that speaks the Arrow C stream only."""

    def __init__(self, frame: Any) -> None:
        self.frame = frame

    def __arrow_c_stream__(self, schema: Any = None) -> Any:
        return self.frame.__arrow_c_stream__(schema)


PLAIN = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"], "c": [0.5, np.nan, 2.0]})
SAME = [PLAIN, pl.from_pandas(PLAIN), pa.table(PLAIN), Exchange(PLAIN), Stream(pl.from_pandas(PLAIN))]


def read_back(given: Any, wanted: set[str], path: Path) -> pa.Table:
    keep(frame_of(given, "frame"), wanted, path, called={})
    return pq.read_table(path)


@pytest.mark.parametrize("given", SAME, ids=lambda given: type(given).__module__ + type(given).__name__)
def test_the_same_rows_whoever_holds_them(given: Any, tmp_path: Path) -> None:
    found = read_back(given, {"a", "b", "c"}, tmp_path / "f.parquet")
    assert found.to_pydict() == {"a": [1, 2, 3], "b": ["x", "y", "z"], "c": [0.5, None, 2.0]}


def test_values_of_columns_nobody_asked_for_stay_in_the_frame(tmp_path: Path) -> None:
    named = PLAIN.assign(address=SECRET, odd=[{"a": SECRET}, 3, object()]).set_index(
        pd.Index([SECRET] * 3, name="name")
    )
    found = read_back(named, {"a"}, tmp_path / "f.parquet")
    assert found.column_names == ["a", "b", "c", "address", "odd"], "an index is never read; names of columns are kept"
    assert found["address"].to_pylist() == [None] * 3 and found["a"].to_pylist() == [1, 2, 3]
    assert SECRET.encode() not in (tmp_path / "f.parquet").read_bytes()


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pd.Series(["x", "y", "x"], dtype="category"), ["x", "y", "x"]),
        (pd.Series([1, None, 3], dtype="Int64"), [1, None, 3]),
        (pd.Series([True, False, True]), [1, 0, 1]),
        (pd.Series([1, 2.5, None], dtype=object), [1.0, 2.5, None]),
        (pd.to_datetime(pd.Series(["2024-01-01 23:30"] * 3)).dt.tz_localize("America/Toronto"), [date(2024, 1, 1)] * 3),
        (pd.to_datetime(pd.Series(["2024-01-01 23:30"] * 3)), [date(2024, 1, 1)] * 3),
        (pl.Series(["x", "y", "x"], dtype=pl.Categorical), ["x", "y", "x"]),
        (pl.Series(["x", "y", "x"], dtype=pl.Enum(["x", "y"])), ["x", "y", "x"]),
        (pl.Series([1.0, float("nan"), None]), [1.0, None, None]),
    ],
    ids=str,
)
def test_odd_columns_become_plain_ones(column: Any, expected: list[Any], tmp_path: Path) -> None:
    frame = pl.DataFrame({"v": column}) if isinstance(column, pl.Series) else pd.DataFrame({"v": column})
    assert read_back(frame, {"v"}, tmp_path / "f.parquet")["v"].to_pylist() == expected


@pytest.mark.parametrize(
    ("values", "row"),
    [
        ([1, 2, SECRET], 2),
        ([None, SECRET, 2], 2),
        ([True, 1, 0], 1),
        ([date(2024, 1, 1), SECRET, None], 1),
        ([object(), 1, 2], 0),
    ],
)
def test_mixed_values_are_refused_by_row_and_column_and_never_quoted(
    values: list[Any], row: int, tmp_path: Path
) -> None:
    frame = pd.DataFrame({"v": pd.Series(values, dtype=object)})
    with pytest.raises(InputError) as refused:
        read_back(frame, {"v"}, tmp_path / "f.parquet")
    assert (refused.value.file, refused.value.column, refused.value.row) == ("frame", "v", row)
    assert SECRET not in str(refused.value) and refused.value.__suppress_context__


def test_two_columns_with_one_name_are_refused() -> None:
    with pytest.raises(InputError, match="frame, column a: two columns with this name"):
        frame_of(pd.concat([PLAIN, PLAIN.a], axis=1), "frame")


@pytest.mark.parametrize("given", [None, 42, {"a": [1]}, [[1]], np.ones(3), pl.from_pandas(PLAIN).lazy()], ids=repr)
def test_what_is_no_frame_is_refused(given: Any) -> None:
    with pytest.raises(InputError, match="not a data frame"):
        frame_of(given, "scores")


def test_hidden_numbers_are_null_and_a_true_zero_is_not() -> None:
    made = table(
        "t",
        {
            "num": (Kind.COUNT, np.array([0, 0, 7])),
            "value": (Kind.AMOUNT, np.array([np.nan, 0.0, 0.5])),
            "suppressed": (Kind.LEVEL, np.array(["fewer than 10", "no", "no"], dtype=object)),
        },
    )
    found = arrow_of(made)
    assert found["num"].to_pylist() == [None, 0, 7] and found["value"].to_pylist() == [None, 0.0, 0.5]
    frame = made_as("pandas", found)
    assert frame["num"].dtype == "Int64" and frame["num"].isna().tolist() == [True, False, False]
    assert made_as("polars", found)["num"].to_list() == [None, 0, 7] and made_as("pyarrow", found) is found
