"""An entry of the sensor register: everything the public must know, or it is none."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from peelian.errors import InputError
from peelian.kernel.model.sensors import KINDS, PURPOSES, SPEAKING, Sensor, body_of, check_sensor, ended, sensor_of
from peelian.measure.canonical import canonical

TODAY = date(2026, 3, 1)
GOOD: dict[str, Any] = {
    "id": "square-1",
    "kind": "people_counter",
    "title": "Counter at the square",
    "owner": "Public works",
    "contact": "works@town.invalid",
    "purpose": "safety",
    "why": "So that a crush is seen before it happens.",
    "area": "Centre",
    "personal_data": False,
    "retention_days": 90,
    "ends": "2027-03-01",
    "lon": -79.4,
    "lat": 43.65,
    "format": "ngsi-ld",
}


def test_a_good_entry_is_one_and_survives_its_spelling() -> None:
    sensor = Sensor(**GOOD)
    check_sensor(sensor, TODAY)
    assert sensor.located and sensor_of(body_of(sensor)) == sensor
    assert canonical(body_of(sensor))  # no float in what is signed


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"id": "Square 1"}, "id"),
        ({"owner": " "}, "owner"),
        ({"contact": ""}, "contact"),
        ({"why": "x" * 400}, "why"),
        ({"area": ""}, "area"),
        ({"kind": "loiter_detector"}, "kind"),
        ({"purpose": "because"}, "purpose"),
        ({"retention_days": 0}, "retention_days"),
        ({"ends": "2026-02-28"}, "ends"),
        ({"ends": "2031-01-01"}, "ends"),
        ({"ends": "soon"}, "ends"),
        ({"lat": None}, "lon, lat"),
        ({"lat": 200.0}, "lon, lat"),
        ({"vendor": "x" * 400}, "vendor"),
        ({"kind": "energy_area"}, "homes"),
        ({"kind": "energy_meter"}, "personal_data"),
        ({"largest_share": 1.5}, "homes, largest_share"),
        ({"columns": {"=cmd": "count"}}, "columns"),
    ],
)
def test_what_is_missing_is_named(change: dict[str, Any], column: str) -> None:
    with pytest.raises(InputError) as error:
        check_sensor(Sensor(**(GOOD | change)), TODAY)
    assert error.value.column == column and error.value.accepted


@pytest.mark.parametrize("kind", sorted(set(KINDS) - SPEAKING))
def test_policing_sensors_are_registered_but_do_not_speak(kind: str) -> None:
    check_sensor(Sensor(**(GOOD | {"kind": kind, "format": ""})), TODAY)
    with pytest.raises(InputError, match="do not send to the gateway"):
        check_sensor(Sensor(**(GOOD | {"kind": kind})), TODAY)


def test_the_last_day_counts() -> None:
    sensor = Sensor(**GOOD)
    assert not ended(sensor, date(2027, 3, 1)) and ended(sensor, date(2027, 3, 2))


@pytest.mark.parametrize(
    ("body", "column"),
    [(GOOD | {"owner_phone": "1"}, "owner_phone"), ({"id": "x"}, "kind"), (GOOD | {"lon": "x"}, "lon")],
)
def test_a_body_of_something_else_is_refused(body: dict[str, Any], column: str) -> None:
    with pytest.raises(InputError) as error:
        sensor_of(body)
    assert error.value.column == column
    assert PURPOSES
