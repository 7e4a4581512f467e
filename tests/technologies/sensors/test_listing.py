"""What decoders share: names that may be told, sizes, numbers and times."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.technologies.sensors.listing import instant, name_of, never, not_listed, number, period, sized, whole


@pytest.mark.parametrize("field", ["plateNumber", "@type", "refDevice", "L10", "Data.Count"])
def test_plain_names_are_told(field: str) -> None:
    assert name_of(field) == field


@given(st.text(max_size=200))
def test_other_names_are_told_by_their_length(field: str) -> None:
    told = name_of(field)
    assert (told == field and field.isascii() and len(field) <= 35) or told == f"a name of {len(field)} characters"


@pytest.mark.parametrize("field", ["aa:bb:cc:dd:ee:ff", "ABC 123", "416-555-0100", "x" * 50, "a\nb", "", "a1234", "é"])
def test_names_that_carry_something_are_not_repeated(field: str) -> None:
    assert name_of(field).startswith("a name of")
    assert not field or field not in str(not_listed(field, "JSON"))


def test_refusals_carry_their_rules() -> None:
    assert not_listed("x", "y").reasons[0].rule == "only_listed_fields_come_in"
    assert never("x", "y").reasons[0].rule == "nothing_that_follows_comes_in"


def test_sizes_and_numbers_have_ends() -> None:
    assert sized(b"x", 1) == b"x" and number(1, "a", 0, 1) == 1.0 and whole(3.0, "n") == 3.0
    for wrong in (lambda: sized(b""), lambda: sized(b"xx", 1), lambda: number(float("nan"), "a", 0, 1)):
        with pytest.raises(InputError):
            wrong()
    for value in (float("inf"), -1.0, 1e9, 0.5):
        with pytest.raises(InputError):
            whole(value, "n")


def test_times_have_a_zone_and_an_order() -> None:
    assert period("2026-03-01T10:00:00Z", "t") == (datetime(2026, 3, 1, 10, tzinfo=UTC),) * 2
    assert instant("2026-03-01T10:00:00+05:30", "t") == datetime(2026, 3, 1, 4, 30, tzinfo=UTC)
    for text in ("", "now", "2026-03-01", "2026-03-01T10:00:00", "9999-01-01T00:00:00Z"):
        with pytest.raises(InputError):
            instant(text, "t")
    for text in ("2026-03-01T10:00:00Z/2026-03-01T09:59:59Z", "2026-03-01T10:00:00Z/2027-06-01T00:00:00Z"):
        with pytest.raises(InputError):
            period(text, "t")
