"""Reduction to counts: equal rows are one cell, order and parts do not matter, and what is left out is counted."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.measure.table import Column, Kind, Table
from peelian.technologies.risk.formats.cells import numbers
from peelian.technologies.risk.formats.counted import Key, Recipe, reduced
from peelian.technologies.risk.formats.tallying import grouped

RECIPE = Recipe(
    name="pair",
    keys={"score": Key(column="score", read=numbers, kind=Kind.AMOUNT, missing="Score missing")},
    groups=("sex",),
    n="n",
)


def text(**columns: list[str]) -> Table:
    made = [Column(name="row", kind=Kind.COUNT, values=np.arange(2, 2 + len(next(iter(columns.values())))))]
    made += [Column(name=k, kind=Kind.PERSONAL, values=np.array(v, dtype=object)) for k, v in columns.items()]
    return Table(name="text", columns=tuple(made))


def test_equal_rows_of_all_parts_are_one_cell() -> None:
    parts = [
        text(score=["1", "1", "2"], sex=["Male", "Male", "Female"], n=["2", "3", "1"]),
        text(score=["1", ""], sex=["Male", "Male"], n=["5", "1"]),
    ]
    taken = reduced(parts, RECIPE)
    cells = {(row["score"], row["sex"]): row["n"] for row in taken.table.records()}
    assert cells == {(1.0, "Male"): 10, (2.0, "Female"): 1} and taken.facts["people"] == 11
    assert [(d.why, d.n, d.first_row) for d in taken.dropped] == [("Score missing", 1, 3)]
    assert "Female" in str(taken.facts["groups"])


def test_unknown_values_are_equal_to_one_another() -> None:
    keys, people = grouped(np.array([[np.nan, 1.0], [np.nan, 1.0], [2.0, 1.0]]), np.ones((3, 1)))
    assert sorted(people[:, 0].tolist()) == [1, 2] and len(keys) == 2


def test_many_columns_of_many_values_are_still_told_apart() -> None:
    keys = np.random.default_rng(1).random((500, 9))
    assert len(grouped(np.concatenate([keys, keys]), np.ones((1_000, 1)))[0]) == 500


@pytest.mark.parametrize("n", ["1.5", "-1", "", "many"])
def test_a_number_of_people_that_is_none_names_its_row(n: str) -> None:
    with pytest.raises(InputError) as error:
        reduced([text(score=["1", "2"], sex=["Male", "Male"], n=["1", n])], RECIPE)
    assert error.value.row == 3 and error.value.column == "n"


def test_a_file_without_any_score_is_refused() -> None:
    with pytest.raises(InputError):
        reduced([text(score=["", ""], sex=["Male", "Male"], n=["1", "1"])], RECIPE)
