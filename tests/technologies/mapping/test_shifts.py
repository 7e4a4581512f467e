"""Shifts fill the day exactly, or the request is refused with what is accepted."""

from __future__ import annotations

import pytest

from peelian.errors import InputError
from peelian.technologies.mapping.declarations.backtest import BacktestParams
from peelian.technologies.mapping.declarations.shifts import check_shifts, shift_facts, shifts_of

THREE = ("day:07-15", "evening:15-23", "night:23-07")


@pytest.mark.parametrize("texts", [THREE, ("night:0-8", "day:8-16", "late:16-24"), ("night:23-7", "day:7-23")])
def test_shifts_that_fill_the_day_are_taken(texts: tuple[str, ...]) -> None:
    made = shifts_of(texts)
    assert sum(shift.hours for shift in made) == 24 and len(made) == len(texts)
    assert shift_facts(texts)["shifts"] == len(texts)


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        (("day:07-15", "night:23-07"), "0 shifts cover the hour from 15:00"),
        (("day:07-16", "evening:15-23", "night:23-07"), "2 shifts cover the hour from 15:00"),
        (("day:07-15", "night:23-07", "evening:15-23"), "out of order"),
        (("day:07-15", "day:15-23", "night:23-07"), "same name"),
        (("day:07:30-15",), "not a shift"),
        (("day:7-7",), "not a shift"),
        (("day:25-7",), "not a shift"),
        (("smith:07-15", "evening:15-23", "night:23-07"), "not a shift"),
        (("",), "not a shift"),
    ],
)
def test_other_shifts_are_refused_without_repeating_them(texts: tuple[str, ...], says: str) -> None:
    with pytest.raises(InputError, match=says) as error:
        check_shifts(BacktestParams(shifts=texts))
    assert error.value.column == "shifts" and error.value.accepted and "smith" not in str(error.value)


@pytest.mark.parametrize(("texts", "shift"), [((), "night"), (THREE, "morning")])
def test_a_shift_must_be_one_of_them(texts: tuple[str, ...], shift: str) -> None:
    with pytest.raises(InputError, match="no shift of this name"):
        check_shifts(BacktestParams(shifts=texts, shift=shift))
