"""Counts in place of rows."""

from __future__ import annotations

import counting
import pytest

from peelian.errors import InputError
from peelian.kernel.model.counts import Bins, no_counter


def test_a_half_cell_is_half_as_wide() -> None:
    assert Bins(cell_metres=250.0).metres == 125.0


def test_an_office_without_a_counter_says_so() -> None:
    given = counting.Given(listed=(), read=lambda one: pytest.fail("opened"))
    with pytest.raises(InputError, match="counts nothing in partitions"):
        no_counter(given, Bins(cell_metres=250.0))  # type: ignore[arg-type]
