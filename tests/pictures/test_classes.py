"""Classes of a map: every value in exactly one, equal ends merged, counts that add up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from peelian.errors import InputError
from peelian.pictures.classes import classes
from peelian.pictures.words import english


@given(arrays(np.float64, st.integers(1, 60), elements=st.floats(0, 1e6) | st.just(np.nan)))
def test_every_value_is_in_the_class_it_belongs_to(values: np.ndarray) -> None:
    if not np.isfinite(values).any():
        with pytest.raises(InputError):
            classes(values)
        return
    made = classes(values)
    assert sum(made.n) == np.isfinite(values).sum() and all(made.n)
    assert (made.member[np.isnan(values)] == -1).all()
    lows = np.array(made.lows)
    for value, member in zip(values, made.member, strict=True):
        if np.isfinite(value):
            assert lows[member] <= value
            assert member == len(lows) - 1 or value < lows[member + 1]


def test_each_class_has_a_name_and_its_own_colour() -> None:
    made = classes(np.arange(1000.0))
    assert len(set(made.colours)) == len(made.lows) == len(made.names(english)) == 6
    assert made.names(english)[-1].endswith("to 999")


def test_one_value_everywhere_is_one_class() -> None:
    made = classes(np.full(9, 2.0))
    assert made.n == (9,) and made.names(english) == ("2",)


def test_a_class_that_begins_at_next_to_nothing_is_named_by_its_end() -> None:
    made = classes(np.array([1e-9, 0.2, 0.52, 1.0]), (0.5,))
    assert made.names(english) == ("under 0.360", "0.360 to 1")
    assert classes(np.array([0.0, 0.2, 0.52, 1.0]), (0.5,)).names(english)[0] == "0 to under 0.360"


def test_what_was_rounded_to_one_digit_shows_no_other() -> None:
    made = classes(np.repeat([0.1, 0.2, 0.4, 3.0], [60, 30, 8, 3]), (0.6, 0.9, 0.98))
    assert made.names(english) == ("0.1 to under 0.2", "0.2 to under 0.4", "0.4 to under 3", "3")
    assert classes(np.array([0.1, 0.25])).names(english)[0] != "0.1 to under 0.25", "three digits otherwise"


def test_figures_of_one_digit_keep_it_where_classes_end_between_them_or_the_sum_is_inexact() -> None:
    made = classes(np.array([0.1 * 3, 0.03, 0.9, 0.4, 3.0, 0.0]))
    assert set(made.lows) <= {0.1 * 3, 0.03, 0.9, 0.4, 3.0, 0.0}
    assert all("00" not in name for name in made.names(english))
