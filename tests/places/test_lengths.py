"""Lengths, areas and windows as people write them; what is no such thing is told with what is accepted."""

from __future__ import annotations

import pytest

from peelian.errors import InputError
from peelian.places.lengths import limits_of, metres_of, windows_of


@pytest.mark.parametrize(
    ("word", "metres"),
    [
        ("600 ft", 182.88),
        ("250ft", 76.2),
        ("250 m", 250),
        ("250", 250),
        (250, 250),
        ("0.1 mi", 160.9344),
        ("1 KM", 1000),
    ],
)
def test_lengths_are_metres(word, metres):
    assert metres_of(word) == pytest.approx(metres)


@pytest.mark.parametrize("word", ["600 feets", "600 mi2", "-5 m", "0 m", "ft", "", "nan", "1e9 m", "600 %", "٦٠٠ m"])
def test_what_is_no_length_is_told(word):
    with pytest.raises(InputError, match="600 ft"):
        metres_of(word)


@pytest.mark.parametrize(
    ("word", "km2"),
    [
        ("1 mi2", 2.589988),
        ("1 sq mi", 2.589988),
        ("1 mi²", 2.589988),
        ("100 ha", 1),
        ("640 acre", 2.589988),
        ("2 %", 4),
    ],
)
def test_areas_are_square_kilometres(word, km2):
    assert limits_of([word])[0].size(200.0) == pytest.approx(km2, rel=1e-5)


def test_a_range_gives_its_two_ends_once_and_in_order():
    low, high, more = limits_of(["0.25 mi2..0.75 mi2", "0.75 mi2", "1 %"])
    assert (low.label, low.least, high.label, high.least, more.label) == ("0.25 mi2", True, "0.75 mi2", False, "1 %")
    assert low.holds(1.0, 100) and not low.holds(2.5, 100) and not high.holds(0.5, 100)


@pytest.mark.parametrize("word", ["1.5 cells", "200 %", "3 mi2..1 km2", "1 mi2..2 %", "1 mi", "1 mi2..", "..1 mi2"])
def test_what_is_no_area_is_told(word):
    with pytest.raises(InputError):
        limits_of([word])


def test_months_end_with_the_calendar():
    first = {one.name: (one.first, one.last) for one in windows_of([], "2016-01-31")}
    assert first["1WK"] == ("2016-02-01", "2016-02-07") and first["1MO"] == ("2016-02-01", "2016-02-29")
    assert first["3MO"] == ("2016-02-01", "2016-04-30")
    assert windows_of(["1MO"], "2017-12-30")[0].last == "2018-01-30"
    assert windows_of(["1MO"], "2017-01-30")[0].last == "2017-02-27"


@pytest.mark.parametrize("word", ["4WK", "2017-02-01..2017-02-30", "2017-03-01", "2017-03-01..2019-03-01"])
def test_what_is_no_window_is_told(word):
    with pytest.raises(InputError):
        windows_of([word], "2017-01-31")
