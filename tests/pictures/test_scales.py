"""Scales: where values land, which ticks they carry, what they refuse."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.pictures.scales import Kind, Scale, fitted, nice_step, plain
from peelian.pictures.words import english


def scale(kind: Kind, low: float, high: float, **more: bool) -> Scale:
    return Scale(kind=kind, low=low, high=high, start=0, end=100, **more)


def test_a_linear_scale_is_linear_and_a_log_scale_multiplies() -> None:
    assert scale("linear", 0, 10).at([0, 2.5, 10]).tolist() == [0, 25, 100]
    assert scale("log", 0.01, 100).at([0.01, 1, 100]).tolist() == [0, 50, 100]


def test_a_probit_scale_is_symmetric_about_one_half() -> None:
    at = scale("probit", 0.01, 0.99).at([0.01, 0.2, 0.5, 0.8, 0.99])
    assert at == pytest.approx([0, 100 - at[3], 50, at[3], 100])


@pytest.mark.parametrize(("kind", "bad"), [("log", 0.0), ("log", -1.0), ("probit", 0.0), ("probit", 1.0)])
def test_what_a_scale_cannot_show_is_a_gap(kind: Kind, bad: float) -> None:
    assert np.isnan(scale(kind, 0.1, 0.9).at([bad, np.nan])).all()


def test_bounds_beyond_the_ends_lie_on_the_ends() -> None:
    assert scale("log", 0.1, 10).clipped([0.0, 100.0]).tolist() == [0, 100]


@given(
    st.floats(min_value=-1e9, max_value=1e9),
    st.floats(min_value=1e-6, max_value=1e9),
    st.sampled_from(["linear", "log"]),
)
def test_ticks_are_few_rising_and_within_the_scale(low: float, span: float, kind: Kind) -> None:
    values = np.array([abs(low) + 1e-3, abs(low) + 1e-3 + span])
    ends = fitted(kind, values, None, None)
    assert ends[0] <= values[0] * (1 + 1e-8) and ends[1] >= values[1] * (1 - 1e-8)  # a mark may miss by rounding
    ticks = [value for value, _ in scale(kind, *ends).ticks(english, 6)]
    assert 1 <= len(ticks) <= 9
    assert all(a < b for a, b in pairwise(ticks))


def test_ticks_of_a_percentage_scale_are_percentages() -> None:
    assert [text for _, text in scale("linear", 0, 1, percent=True).ticks(english)][:2] == ["0%", "20%"]
    assert [text for _, text in scale("linear", 0, 0.01, percent=True).ticks(english)][1] == "0.2%"


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2014-01-01", "2021-12-31", ("2014", "2016")),
        ("2020-01-01", "2020-06-30", ("2020-01", "2020-02")),
        ("2020-01-01", "2020-01-05", ("2020-01-01", "2020-01-02")),
        ("2020-01-01T06", "2020-01-01T20", ("06:00", "09:00")),
        ("2020-01-01T06:02", "2020-01-01T06:55", ("06:15", "06:30")),
    ],
)
def test_time_is_marked_at_round_moments(first: str, last: str, expected: tuple[str, str]) -> None:
    low, high = plain(np.array([first, last], dtype="datetime64[s]")).tolist()
    ticks = scale("time", low, high).ticks(english, 6)
    assert tuple(text for _, text in ticks[:2]) == expected


def test_constant_data_still_has_a_scale() -> None:
    assert fitted("linear", np.array([5.0, 5.0]), None, None)[0] < 5 < fitted("linear", np.array([5.0]), None, None)[1]
    assert fitted("log", np.array([1.0]), None, None)[0] < fitted("log", np.array([1.0]), None, None)[1]
    assert fitted("time", np.array([0.0]), None, None)[0] < 0


def test_bad_values_are_named_and_what_is_accepted_is_said() -> None:
    with pytest.raises(InputError, match="numbers or dates"):
        plain(["a", "b"])
    with pytest.raises(InputError, match="above 0"):
        fitted("log", np.array([0.0, -1.0]), None, None)
    with pytest.raises(InputError, match="lower lies"):
        fitted("linear", np.array([1.0]), 3.0, 2.0)
    with pytest.raises(InputError, match="beyond"):
        fitted("log", np.array([1.0]), 0.0, 2.0)
    with pytest.raises(InputError, match="one"):
        fitted("linear", np.array([1.0]), 2.0, 2.0)


def test_nice_steps_are_one_two_two_and_a_half_or_five() -> None:
    assert {nice_step(x) / 10 ** np.floor(np.log10(nice_step(x))) for x in np.geomspace(1e-4, 1e4, 200)} <= {
        1,
        2,
        2.5,
        5,
    }
