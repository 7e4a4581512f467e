"""Cells: texts as values, and complaints that name row and column and never the value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.measure.table import Column, Kind, Table
from peelian.technologies.risk.formats.cells import UNKNOWN, coded, days, flags, numbers, outcomes


def _text(values: list[str]) -> Table:
    made = np.array(values, dtype=object)
    row = Column(name="row", kind=Kind.COUNT, values=np.arange(2, len(values) + 2))
    return Table(name="text", columns=(row, Column(name="x", kind=Kind.PERSONAL, values=made)))


def test_numbers_know_missing_from_wrong() -> None:
    found = numbers(_text(["1", "", " 2.5 ", "NA", "-3"]), "x")
    assert found[[0, 2, 4]].tolist() == [1, 2.5, -3]
    assert np.isnan(found[[1, 3]]).all()


def test_numbers_may_come_as_floats() -> None:
    table = Table(name="t", columns=(Column(name="x", kind=Kind.PERSONAL, values=np.array([1.0, np.nan])),))
    assert numbers(table, "x")[0] == 1
    assert coded(table, "x").words == ("1", "")


def test_outcomes_and_days_are_read_in_their_usual_spellings() -> None:
    assert outcomes(_text(["0", "1", "yes", "No", "", "unknown", "1.0"]), "x").tolist() == [
        0,
        1,
        1,
        0,
        UNKNOWN,
        UNKNOWN,
        1,
    ]
    assert days(_text(["1970-01-02", "1970-01-03T10:00", ""]), "x")[:2].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("read", "bad"),
    [
        (numbers, "secret-word"),
        (numbers, "inf"),
        (outcomes, "2"),
        (outcomes, "maybe-so"),
        (days, "31/12/2014"),
        (flags, ""),
    ],
)
def test_a_wrong_value_is_named_by_row_and_column_and_not_quoted(read: Callable[..., Any], bad: str) -> None:
    with pytest.raises(InputError) as error:
        read(_text(["0", "1", bad, bad]) if read is not days else _text(["", "", bad, bad]), "x")
    assert error.value.row == 4
    assert error.value.column == "x"
    assert len(bad) < 4 or bad not in str(error.value)
    assert "2 such rows" in str(error.value)
