"""The cube counts every incident once, whatever the number of empty cells."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.measure.cube import count_cube

ROWS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4), st.integers(1, 4)), max_size=40)


@given(ROWS)
def test_it_counts_as_a_loop_does(rows: list[tuple[int, int, int]]) -> None:
    place, period, weight = (np.array([row[k] for row in rows], dtype=np.int64) for k in range(3))
    cube = count_cube(place, period, (5, 7), weight.astype(float))
    for number in range(5):
        expected = [sum(w for p, t, w in rows if t == number and p == k) for k in range(7)]
        assert cube.period(number).tolist() == expected
    assert cube.totals().sum() == weight.sum()
    assert (cube.periods, cube.places) == (5, 7)


@pytest.mark.parametrize(("place", "period"), [(-1, 0), (0, -1), (7, 0), (0, 5)])
def test_an_incident_outside_is_a_fault(place: int, period: int) -> None:
    with pytest.raises(InputError, match="outside the cube"):
        count_cube(np.array([place]), np.array([period]), (5, 7))


def test_a_large_empty_cube_costs_nothing() -> None:
    cube = count_cube(np.array([3]), np.array([900_000]), (1_000_000, 1_000_000))
    assert cube.totals().sum() == 1
