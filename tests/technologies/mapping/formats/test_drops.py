"""Rows that are not kept are counted by reason; rows that cannot be read stop everything unless they may be dropped."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.technologies.mapping.formats.drops import BAD_TIME, NO_PLACE, drops_for

ROWS = np.array([2, 3, 4, 5])
FAULT = InputError("not a date", accepted="dates", column="day")


def mask(*gone: int) -> np.ndarray:
    return np.isin(ROWS, gone)


def test_counts_grow_and_the_first_row_stays_the_first() -> None:
    drops = drops_for("stop")
    assert drops.drop(NO_PLACE, mask(4, 5), ROWS).tolist() == [True, True, False, False]
    drops.drop(NO_PLACE, mask(2), ROWS + 4)
    assert [(d.why, d.n, d.first_row) for d in drops.listed()] == [(NO_PLACE, 3, 4)]
    assert drops.total() == 3


def test_an_unreadable_row_stops_with_row_and_column() -> None:
    with pytest.raises(InputError, match="row 4, column day: not a date"):
        drops_for("stop").unreadable(BAD_TIME, mask(4, 5), ROWS, FAULT)
    assert drops_for("stop").unreadable(BAD_TIME, mask(), ROWS, FAULT).all()


def test_or_it_is_counted_where_bad_rows_may_be_dropped() -> None:
    drops = drops_for("drop")
    drops.drop(NO_PLACE, mask(2), ROWS)
    assert drops.unreadable(BAD_TIME, mask(4, 5), ROWS, FAULT).sum() == 2
    assert [d.why for d in drops.listed()] == [BAD_TIME, NO_PLACE], "the most frequent reason comes first"


def test_what_a_later_part_dropped_is_added_and_the_first_row_stays_the_first() -> None:
    first, later = drops_for("drop"), drops_for("drop")
    first.drop(NO_PLACE, mask(4), ROWS)
    later.drop(NO_PLACE, mask(2, 3), ROWS)
    later.drop(BAD_TIME, mask(5), ROWS)
    first.add(later)
    assert [(d.why, d.n, d.first_row) for d in first.listed()] == [(NO_PLACE, 3, 4), (BAD_TIME, 1, 5)]
