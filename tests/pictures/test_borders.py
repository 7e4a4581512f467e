"""Borders run exactly where cells of two areas touch, in as few lines as they can."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from peelian.pictures.borders import borders, numbered


def lines(row: list[int], col: list[int], areas: list[str], size: float = 1.0) -> list[list[float]]:
    return borders(np.array(row), np.array(col), numbered(areas)[1], size).tolist()


def test_one_area_has_no_border_and_neither_has_the_edge_of_the_town() -> None:
    assert lines([0, 0, 1], [0, 1, 0], ["a", "a", "a"]) == []
    assert lines([0, 0], [0, 2], ["a", "b"]) == []  # they do not touch


def test_a_border_lies_where_the_cells_lie() -> None:
    assert lines([-3, -3], [7, 8], ["a", "b"], 250.0) == [[2000.0, -750.0, 2000.0, -500.0]]
    assert lines([5, 6], [0, 0], ["a", "b"], 10.0) == [[0.0, 60.0, 10.0, 60.0]]


def test_sides_that_continue_one_another_are_one_line() -> None:
    row, col = np.divmod(np.arange(100), 10)
    assert len(borders(row, col, (col >= 4).astype(np.int64), 1.0)) == 1


@given(st.lists(st.sampled_from("abc"), min_size=30, max_size=30))
def test_the_length_is_that_of_all_sides_between_different_areas(areas: list[str]) -> None:
    """Counted pair by pair, without the runs."""
    row, col = np.divmod(np.arange(30), 6)
    plane = np.array(areas).reshape(5, 6)
    sides = int((plane[:, 1:] != plane[:, :-1]).sum() + (plane[1:] != plane[:-1]).sum())
    made = borders(row, col, numbered(areas)[1], 1.0)
    assert float(np.abs(made[:, 2:] - made[:, :2]).sum()) == sides


def test_areas_are_numbered_in_the_order_of_the_alphabet() -> None:
    names, number = numbered(["b", "", "a", "b"])
    assert (names, number.tolist()) == (["", "a", "b"], [2, 0, 1, 2])
    assert numbered([])[0] == []
