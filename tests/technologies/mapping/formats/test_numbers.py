"""Numbers in points and commas are read; text is told apart from nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.technologies.mapping.formats.numbers import numbers, whole_numbers


def read(*texts: str) -> tuple[list[float], list[bool]]:
    found, bad = numbers(np.array([*texts, ""], dtype=object)[:-1])
    return found.tolist(), bad.tolist()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_python_writes_is_read_back(value: float) -> None:
    assert read(repr(value), repr(value).replace(".", ",")) == ([value, value], [False, False])


@pytest.mark.parametrize("text", ["abc", "1.2.3", "1,234,567", "0x10", "1e9999", "--1", "inf", "1_000", "１２", "1 2"])
def test_what_is_no_number_is_bad(text: str) -> None:
    assert read(text)[1] == [True]


@pytest.mark.parametrize("text", ["", "  ", "NaN", "NULL", "n/a"])
def test_nothing_is_missing_and_not_bad(text: str) -> None:
    (value,), (bad,) = read(text)
    assert np.isnan(value) and not bad


def test_floats_pass_and_infinity_does_not() -> None:
    found, bad = numbers(np.array([1.5, np.nan, np.inf]))
    assert found[0] == 1.5 and np.isnan(found[1]) and bad.tolist() == [False, False, True]
    assert numbers(np.array([b"1.5"]))[0].tolist() == [1.5]


def test_whole_numbers_have_no_fraction() -> None:
    found, missing, bad = whole_numbers(np.array([3.0, 3.5, np.nan, 1e300]))
    assert (
        found[0] == 3 and missing.tolist() == [False, False, True, False] and bad.tolist() == [False, True, False, True]
    )
