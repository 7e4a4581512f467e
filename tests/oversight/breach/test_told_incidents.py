"""A breach in a person's own words: its times are the town's, its company is named without contact details."""

from __future__ import annotations

import pytest

from peelian.errors import InputError
from peelian.oversight.breach.told_incidents import free_report

TOLD = {"kind": "misdirected", "words": "a letter to the wrong house"}


@pytest.mark.parametrize(
    ("zone", "typed", "utc"),
    [
        ("America/Toronto", "2026-03-01T09:00", "2026-03-01T14:00:00+00:00"),
        ("America/Toronto", "2026-07-01T09:00", "2026-07-01T13:00:00+00:00"),
        ("", "2026-07-01T09:00", "2026-07-01T09:00:00+00:00"),
        ("America/Toronto", "2026-07-01T09:00+00:00", "2026-07-01T09:00:00+00:00"),
        ("America/Toronto", "2026-11-01T01:30-05:00", "2026-11-01T06:30:00+00:00"),
        ("America/Toronto", "2026-11-01T01:30-04:00", "2026-11-01T05:30:00+00:00"),
    ],
)
@pytest.mark.parametrize("field", ["started", "ended", "known_since"])
def test_a_time_without_an_offset_is_of_the_towns_clock(field: str, zone: str, typed: str, utc: str) -> None:
    assert getattr(free_report({**TOLD, field: typed}, zone=zone), field) == utc


@pytest.mark.parametrize(
    ("typed", "says", "both"),
    [
        ("2026-03-08T02:30", "put forward and never showed", ("2026-03-08T02:30-05:00", "2026-03-08T02:30-04:00")),
        (
            "2026-11-01T01:30",
            "put back and showed this time twice",
            ("2026-11-01T01:30-04:00", "2026-11-01T01:30-05:00"),
        ),
        ("yesterday", "not a time", ()),
    ],
)
def test_an_hour_that_never_was_or_came_twice_is_told_with_what_to_type(
    typed: str, says: str, both: tuple[str, ...]
) -> None:
    with pytest.raises(InputError, match=says) as told:
        free_report({**TOLD, "started": typed}, zone="America/Toronto")
    assert all(time in str(told.value) for time in both)


@pytest.mark.parametrize("typed", ["2026-03-08T01:59", "2026-03-08T03:00", "2026-11-01T00:59", "2026-11-01T02:00"])
def test_the_hours_beside_a_change_of_the_clock_are_taken(typed: str) -> None:
    assert free_report({**TOLD, "started": typed}, zone="America/Toronto").started


def test_a_company_is_named_without_a_telephone_number_since_letters_name_it() -> None:
    assert free_report({**TOLD, "vendor": " Acme Records "}).vendor == "Acme Records"
    with pytest.raises(InputError, match="telephone number"):
        free_report({**TOLD, "vendor": "Acme, +1 416 555 0199"})
