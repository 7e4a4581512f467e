"""Numbers and sentences: three significant digits, the same ones in text and table, nothing quoted from a place."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import fill
from peelian.pictures.words import amount, between, english, mark


@pytest.mark.parametrize(
    ("value", "percent", "text"),
    [
        (0.0, False, "0"),
        (12.0, False, "12"),
        (0.1234, False, "0.123"),
        (123456.0, False, "123,456"),
        (1234567.89, False, "1,234,568"),
        (-0.5, False, "−0.500"),
        (0.0456, True, "4.56%"),
        (0.2, True, "20.0%"),
        (1.0, True, "100%"),
        (0.0, True, "0%"),
        (6.33e-12, False, "6.33×10⁻¹²"),
        (math.nan, True, "–"),
        (math.inf, False, "–"),
    ],
)
def test_an_amount_is_shown_with_three_significant_digits(value: float, percent: bool, text: str) -> None:
    assert amount(english, value, percent=percent) == text


def test_both_ends_of_an_interval_have_the_same_decimals() -> None:
    assert between(english, 0.43, 0.466, percent=True) == "43.0% to 46.6%"
    assert between(english, 2.0, 3.5) == "2.00 to 3.50"


def test_a_tick_shows_no_more_decimals_than_it_needs() -> None:
    assert [mark(english, v) for v in (0.01, 0.5, 1.0, 1000.0, 1e6)] == ["0.01", "0.5", "1", "1,000", "10⁶"]


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12))
def test_an_amount_says_the_value_to_three_digits(value: float) -> None:
    shown = amount(english, value)
    if "×" in shown:
        mantissa, _, power = shown.partition("×10")
        digits = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
        read = float(mantissa.replace("−", "-")) * 10.0 ** int(power.translate(digits))
    else:
        read = float(shown.replace(",", "").replace("−", "-"))
    assert read == pytest.approx(value, rel=0.006)


def test_text_without_values_is_left_as_it_stands() -> None:
    assert english("100% of %(n)d") == "100% of %(n)d"


def test_a_place_without_a_value_is_our_fault_and_loud() -> None:
    with pytest.raises(KeyError):
        english("%(n)d of %(m)d", n=1)


def test_a_language_brings_its_own_marks() -> None:
    values = {"n": 12345.5}
    assert fill("%(n).1f", values, point=",", group=" ") == "12 345,5"
