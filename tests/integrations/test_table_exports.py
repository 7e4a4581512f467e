"""Exports: what is written reads back the same; a spreadsheet runs nothing of it."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from peelian.integrations.table_exports import csv_of, json_of
from peelian.measure.table import Kind, Table, table

DAYS = np.array(["2020-01-06", "NaT"], dtype="datetime64[D]")


def sample() -> Table:
    return table(
        "t",
        {
            "area": (Kind.PLACE, ['North, "old"', "été\nline"]),
            "rate": (Kind.RATE, np.array([0.125, np.nan])),
            "n": (Kind.COUNT, np.array([12, 0])),
            "day": (Kind.TIME, DAYS),
        },
        rate="per 1,000",
    )


def test_csv_reads_back_as_it_was() -> None:
    rows = list(csv.reader(io.StringIO(csv_of(sample()).decode(), newline="")))
    assert rows[0] == ["area", "rate", "n", "day"]
    assert rows[1] == ['North, "old"', "0.125", "12", "2020-01-06"]
    assert rows[2] == ["été\nline", "", "0", ""]


def test_json_carries_kinds_units_and_n() -> None:
    read = json.loads(json_of(sample()))
    assert read["columns"][1] == {"name": "rate", "kind": "rate", "unit": "per 1,000", "n": "n"}
    assert read["rows"] == [['North, "old"', 0.125, 12, "2020-01-06"], ["été\nline", None, 0, None]]


@given(st.sampled_from("=+-@\t\r"), st.text(max_size=20))
def test_no_text_cell_is_a_formula(start: str, rest: str) -> None:
    made = table("t", {"area": (Kind.PLACE, [start + rest])})
    cell = next(iter(list(csv.reader(io.StringIO(csv_of(made).decode(), newline="")))[1:]))[0]
    assert cell[0] == "'" and cell[1:].startswith(start)


def test_a_negative_number_stays_a_number() -> None:
    assert csv_of(table("t", {"x": (Kind.AMOUNT, np.array([-1.5]))})) == b"x\r\n-1.5\r\n"
