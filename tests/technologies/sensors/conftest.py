"""Sensors of a made-up register, and one good message of each format."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sensing import FEED

from peelian.kernel.model.sensors import Sensor
from peelian.technologies.sensors.decoding import Arrival

RECEIVED = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ONVIF_TOPIC = "cam-7/onvif-ej/RuleEngine/CountAggregation/Counter/&1/gate"
MESSAGES: dict[str, tuple[str, bytes]] = {
    "ngsi-ld": (
        "sound_meter",
        b'{"id":"urn:n:1","type":"NoiseLevelObserved","dateObservedFrom":"2026-03-01T10:00:00Z",'
        b'"dateObservedTo":"2026-03-01T10:00:01Z","LAeq":55.5,"LAmax":{"type":"Property","value":61,"unitCode":"2N1"}}',
    ),
    "sensorthings-1.1": (
        "people_counter",
        b'{"phenomenonTime":"2026-03-01T09:45:00Z/2026-03-01T10:00:00Z","result":31,"Datastream":{"@iot.id":3}}',
    ),
    "onvif-counts": (
        "camera_counter",
        b'{"UtcTime":"2026-03-01T10:00:00Z","Source":{"VideoSource":"1","Rule":"gate"},"Data":{"Count":"42"}}',
    ),
    "dnms": (
        "sound_meter",
        b'{"esp8266id":"1","software_version":"N-1","sensordatavalues":['
        b'{"value_type":"DNMS_noise_LAeq","value":"45.3"},{"value_type":"DNMS_noise_LA_max","value":"51.0"}]}',
    ),
    "csv": ("people_counter", b"when,people\n2026-03-01T10:00:00Z,3\n2026-03-01T10:01:00Z,4\n"),
    "green-button": ("energy_area", FEED),
}


def sensor(kind: str, format: str, **more: Any) -> Sensor:
    """A registered sensor of a kind that speaks a format."""
    made: dict[str, Any] = {
        "id": "s-1",
        "kind": kind,
        "title": "A sensor",
        "owner": "Works",
        "contact": "works@town.invalid",
        "purpose": "noise",
        "why": "To know how loud it is.",
        "area": "Centre",
        "personal_data": kind == "energy_meter",
        "retention_days": 90,
        "ends": "2027-01-01",
        "format": format,
        "columns": {"when": "time", "people": "count"} if format == "csv" else {},
        "homes": 120 if kind == "energy_area" else 0,
    }
    return Sensor(**(made | more))


ARRIVAL = Arrival(topic=ONVIF_TOPIC, received=RECEIVED)


@pytest.fixture(params=sorted(MESSAGES))
def spoken(request: pytest.FixtureRequest) -> tuple[str, bytes, Sensor]:
    """Format, one good message, and its sensor."""
    kind, data = MESSAGES[request.param]
    return request.param, data, sensor(kind, request.param)


@pytest.fixture
def registered() -> Any:
    """Makes a registered sensor of a kind."""
    return lambda kind, **more: sensor(kind, "", **more)


@pytest.fixture
def feed() -> bytes:
    """A Green Button feed of an area: two hours of 81 and 79 kWh."""
    return FEED


@pytest.fixture
def listed() -> list[Any]:
    """A small register: a counter, a sound meter, a plate reader, and an area's energy; one of each state."""
    from peelian.technologies.sensors.open_data import Shown

    at = "2026-01-05T09:00:00+00:00"
    point: dict[str, Any] = {"lon": -79.4, "lat": 43.65, "mounted_on": "lamp post"}
    return [
        Shown(
            sensor=sensor("people_counter", "ngsi-ld", id="square-1", purpose="safety", **point),
            since=at,
            state="registered",
        ),
        Shown(sensor=sensor("sound_meter", "dnms", id="square-2"), since=at, state="registered", renewals=1),
        Shown(
            sensor=sensor("plate_reader", "", id="plates-1", purpose="enforcement", personal_data=True, vendor="Acme"),
            since=at,
            state="expired",
        ),
        Shown(sensor=sensor("energy_area", "green-button", id="area-1", purpose="energy"), since=at, state="ended"),
    ]
