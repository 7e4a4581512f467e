"""What fields hold becomes one reading, in our units; an empty field is none."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sensing import a_sensor

from peelian.errors import InputError
from peelian.technologies.sensors.decoding import SAYS
from peelian.technologies.sensors.measures import BY_KIND, HOLDS, check_held, reading_of

AT = "2026-03-01T10:00:00Z"
SENSOR = a_sensor()


def test_every_kind_s_one_value_is_one_it_may_send() -> None:
    assert all(HOLDS[held].what in SAYS[kind] for kind, held in BY_KIND.items())


@pytest.mark.parametrize(("held", "value", "kwh"), [("kwh", 2, 2.0), ("wh", "2000", 2.0), ("mwh", 0.002, 2.0)])
def test_units_are_turned_into_ours(held: str, value: Any, kwh: float) -> None:
    made = reading_of({"time": AT, held: value}, SENSOR)
    assert made is not None and made.values == {"kwh": kwh} and made.what == "energy"


def test_an_end_makes_seconds_and_two_directions_a_count() -> None:
    made = reading_of({"time": AT, "end": "2026-03-01T10:15:00Z", "towards": 3, "away": "4"}, SENSOR)
    assert made is not None and made.values == {"seconds": 900.0, "towards": 3.0, "away": 4.0, "count": 7.0}


def test_without_a_time_it_is_that_of_receipt_and_without_a_value_nothing() -> None:
    received = datetime(2026, 3, 1, 10, tzinfo=UTC)
    made = reading_of({"count": 3}, SENSOR, received)
    assert made is not None and made.time == received
    assert reading_of({"time": AT, "count": None}, SENSOR) is None
    with pytest.raises(InputError, match="without a time"):
        reading_of({"count": 3}, SENSOR)


@pytest.mark.parametrize(
    "values",
    [
        {"count": 2.5}, {"count": -1}, {"count": "ABC 123"}, {"count": True}, {"count": "1e9"}, {"laeq": 300},
        {"kwh": float("inf")}, {"count": 3, "end": "2026-03-01T09:00:00Z"}, {"count": 1e12},
    ],
)  # fmt: skip
def test_a_value_out_of_range_is_told_and_not_repeated(values: dict[str, Any]) -> None:
    with pytest.raises(InputError) as error:
        reading_of({"time": AT, **values}, SENSOR)
    assert error.value.column and "ABC" not in str(error.value)


@pytest.mark.parametrize(
    "columns",
    [
        {}, {"a": "time"}, {"a": "plate", "t": "time"}, {"a": "count", "b": "count", "t": "time"},
        {"a": "count", "b": "laeq", "t": "time"}, {"a": "count", "t": "time", "u": "time_dmy"}, {"a": "count"},
    ],
)  # fmt: skip
def test_a_declaration_that_makes_no_reading(columns: dict[str, str]) -> None:
    with pytest.raises(InputError):
        check_held(columns)
