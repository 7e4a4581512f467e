"""Counts in place of rows."""

from __future__ import annotations

import counting
import numpy as np
import pytest

from peelian.errors import InputError
from peelian.kernel.model.counts import MISSING, Bins, missing, no_counter


def test_a_half_cell_is_half_as_wide() -> None:
    assert Bins(cell_metres=250.0).metres == 125.0


@pytest.mark.parametrize("kind", [np.int8, np.int16, np.int32, np.int64])
def test_the_least_number_of_a_type_stands_for_none(kind: type) -> None:
    values = np.array([np.iinfo(kind).min, np.iinfo(kind).min + 1, 0], dtype=kind)
    assert missing(values).tolist() == [True, False, False]
    assert np.iinfo(np.int32).min == MISSING


def test_an_office_without_a_counter_says_so() -> None:
    given = counting.Given(listed=(), read=lambda one: pytest.fail("opened"))
    with pytest.raises(InputError, match="counts nothing in partitions"):
        no_counter(given, Bins(cell_metres=250.0))  # type: ignore[arg-type]
