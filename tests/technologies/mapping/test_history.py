"""A history is sorted, on its grid, and cut without copying; what lies later is never in it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.measure.grid import square_grid
from peelian.technologies.mapping.history import history

GRID = square_grid(cell_metres=250.0, rows=4, cols=4)
CHANCE = np.random.default_rng(0)
HOURS, EAST, NORTH = CHANCE.uniform(0, 1000, 300), CHANCE.uniform(-200, 1200, 300), CHANCE.uniform(0, 1000, 300)
PAST = history(GRID, (HOURS, EAST, NORTH), until_hour=1000.0, from_hour=0.0)


def test_rows_are_sorted_and_inside() -> None:
    assert (np.diff(PAST.hour) >= 0).all() and (PAST.cell >= 0).all()
    assert len(PAST) == ((EAST >= 0) & (EAST < 1000)).sum()
    assert PAST.counts().sum() == PAST.total == len(PAST)


@given(st.floats(0, 1000), st.floats(0, 1000))
def test_a_cut_holds_exactly_its_hours(first: float, last: float) -> None:
    low, high = sorted((first, last))
    part = PAST.between(low, high)
    assert len(part) == ((PAST.hour >= low) & (PAST.hour < high)).sum()
    assert not len(part) or np.shares_memory(part.hour, PAST.hour)
    assert part.counts(low).sum() == len(part)


def test_an_hour_at_the_cut_belongs_to_what_follows() -> None:
    at = float(PAST.hour[10])
    assert at not in PAST.before(at).hour and at in PAST.between(at, at + 1).hour


def test_the_mark_tells_a_late_record_from_a_new_one() -> None:
    longer = history(GRID, (np.append(HOURS, 1500.0), np.append(EAST, 5), np.append(NORTH, 5)), until_hour=2000.0)
    late = history(GRID, (np.append(HOURS, 500.0), np.append(EAST, 5), np.append(NORTH, 5)), until_hour=2000.0)
    assert longer.mark(1000.0) == PAST.mark(1000.0) != late.mark(1000.0)


def test_weights_stand_for_incidents() -> None:
    half = history(GRID, (np.array([1.0, 2.0]), np.zeros(2), np.zeros(2)), until_hour=9.0, weight=[0.5, 0.5])
    assert half.total == 1.0 and half.counts()[0] == 1.0


def test_unequal_lengths_are_refused() -> None:
    with pytest.raises(InputError, match="differ in length"):
        history(GRID, (np.zeros(2), np.zeros(3), np.zeros(2)), until_hour=1.0)


def test_nothing_at_all_is_a_history_too() -> None:
    empty = history(GRID, (np.zeros(0), np.zeros(0), np.zeros(0)), until_hour=1.0)
    assert len(empty) == 0 and empty.total == 0 and empty.counts().tolist() == [0] * 16
