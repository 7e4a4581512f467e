"""Real payloads come in once they are declared; any field that is not declared refuses the whole message."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sensing import a_sensor
from sensor_payloads import PAYLOADS, TELLING, Payload, chirp, mutated, objects, uplink

from peelian.errors import InputError, PeelianError, Refused
from peelian.technologies.sensors.declared_json import decode_json
from peelian.technologies.sensors.decoding import Arrival, check_declared, decode

RECEIVED = datetime(2026, 3, 1, 15, 30, tzinfo=UTC)
BY_NAME = {one.name: one for one in PAYLOADS}
OBJECTS = [one for one in PAYLOADS if not isinstance(one.message, bytes)]


@pytest.fixture
def registered() -> Any:
    return lambda kind, **more: a_sensor(id="s-1", kind=kind, **more)


def meter(registered: Any, one: Payload) -> Any:
    return registered(one.kind, **{"columns": {}, **one.more, "format": one.format})


def take(registered: Any, one: Payload, data: bytes | None = None) -> Any:
    arrival = Arrival(topic=one.topic, received=RECEIVED)
    return decode(one.format, one.data if data is None else data, meter(registered, one), arrival)


@pytest.mark.parametrize("one", PAYLOADS, ids=lambda one: one.name)
def test_a_payload_of_public_documentation_comes_in(registered: Any, one: Payload) -> None:
    check_declared(meter(registered, one))
    readings = take(registered, one)
    assert readings and all(reading.sensor == "s-1" and reading.values for reading in readings) and one.source


def test_thirty_payloads_are_listed() -> None:
    assert len(BY_NAME) == len(PAYLOADS) == 30


def test_a_field_that_is_not_declared_refuses_every_message(registered: Any) -> None:
    draw = random.Random(28)
    for _ in range(20):
        for one in OBJECTS:
            with pytest.raises(PeelianError) as error:
                take(registered, one, mutated(one, draw))
            assert "SECRET" not in str(error.value) and "aa:bb" not in str(error.value)


def test_a_payload_without_its_declaration_is_refused_by_the_field_s_name(registered: Any) -> None:
    one = BY_NAME["crowd flow with a battery"]
    with pytest.raises(Refused) as refused:
        take(registered, one._replace(more={}))
    assert refused.value.reasons[0].field == "batteryLevel"
    with pytest.raises(Refused, match="temperature"):
        take(registered, BY_NAME["uplink with temperature and light"]._replace(more={"columns": {"level": "laeq"}}))


@pytest.mark.parametrize("name", TELLING)
@pytest.mark.parametrize("format", ["json", "ttn-v3", "chirpstack-v4", "thingsboard", "senml", "csv", "ngsi-ld"])
def test_a_personal_field_is_refused_when_it_is_declared(registered: Any, name: str, format: str) -> None:
    kept = {} if format == "ngsi-ld" else {"when": "time", "n": "count"}
    if format == "senml":
        kept = {"n": "count"}
    if format not in ("senml",):
        at = name if format == "csv" else f"/x/{name}"
        with pytest.raises(Refused, match=name):
            check_declared(registered("people_counter", format=format, columns=kept, drop=(at,)))
    if format != "ngsi-ld":
        named = name if format in ("csv", "senml") else f"/{name}/in"
        with pytest.raises(Refused, match=name):
            check_declared(registered("people_counter", format=format, columns={**kept, named: "towards"}))


@pytest.mark.parametrize(
    "drop",
    [("/a/b", "/a"), ("/a", "/a/b"), ("/n",), ("a/b" * 100,), ("/é",), ("//",), ("/a~1b",)],
)
def test_a_declaration_that_cannot_be_is_told(registered: Any, drop: tuple[str, ...]) -> None:
    with pytest.raises(InputError) as error:
        check_declared(registered("people_counter", format="json", columns={"/t": "time", "/n": "count"}, drop=drop))
    assert error.value.accepted


def test_nothing_opens_a_whole_object(registered: Any) -> None:
    counter = registered("people_counter", format="json", columns={"/n": "count"}, drop=("/radio",))
    for held in ({"mac": "x"}, [], {}):
        with pytest.raises(InputError, match="radio"):
            decode_json(json.dumps({"n": 3, "radio": held}).encode(), counter, RECEIVED)
    assert decode_json(b'{"n": 3, "radio": -90}', counter, RECEIVED)[0].values == {"count": 3.0}


def test_what_is_dropped_is_in_no_reading(registered: Any) -> None:
    one = BY_NAME["plain JSON with epoch seconds"]
    (reading,) = take(registered, one)
    assert reading.values == {"count": 7.0} and reading.time == datetime(2026, 3, 1, 10, tzinfo=UTC)


def test_units_and_directions_are_those_declared(registered: Any) -> None:
    assert take(registered, BY_NAME["plain JSON of watt-hours"])[0].values == {"kwh": 81.0}
    live = take(registered, BY_NAME["Axis, live sums"])[0]
    assert live.values == {"total_towards": 12.0, "total_away": 318.0} and live.time.hour == 9
    hour = take(registered, BY_NAME["Axis, an hour as JSON"])[0]
    assert hour.values == {"towards": 0.0, "away": 0.0, "count": 0.0, "seconds": 3600.0} and hour.time.hour == 4
    assert len(take(registered, BY_NAME["telemetry of several times"])) == 2


def test_an_empty_count_is_no_count(registered: Any) -> None:
    one = BY_NAME["Eco-counter, an hour"]
    message = [*json.loads(one.data), {"date": "x", "isoDate": "2020-06-01T01:00:00+0000", "counts": None, "status": 0}]
    assert len(take(registered, one, json.dumps(message).encode())) == 1
    with pytest.raises(InputError, match="without a value"):
        take(registered, one, json.dumps(message[1:]).encode())


def test_an_uplink_s_senml_is_as_strict_as_a_pack(registered: Any) -> None:
    one = BY_NAME["uplink with SenML"]
    for record in ({"n": "plate", "v": 1}, {"n": "level", "v": 50, "mac": "x"}, {"n": "level", "vs": "ABC 123"}):
        for envelope in (uplink, chirp):
            format = "ttn-v3" if envelope is uplink else "chirpstack-v4"
            data = json.dumps(envelope({"senml": [record]})).encode()
            with pytest.raises(PeelianError):
                take(registered, one._replace(format=format), data)


@pytest.mark.parametrize("data", [b"", b"[" * 60_000, b'{"a":' * 10_000, b"\xff\xfe", b"null", b"[]", b"{}", b"1e999"])
def test_hostile_bytes(registered: Any, data: bytes) -> None:
    for one in PAYLOADS:
        with pytest.raises(PeelianError):
            take(registered, one, data)
    with pytest.raises(InputError):
        take(registered, BY_NAME["SenML pack"], b"[" + b" " * 70_000 + b"]")


WILD = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=9) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), value=WILD)
def test_a_value_of_another_type_is_told_or_taken_and_never_a_crash(data: st.DataObject, value: Any) -> None:
    one = data.draw(st.sampled_from(OBJECTS))
    message = json.loads(one.data)
    place = data.draw(st.sampled_from(objects(message)))
    place[data.draw(st.sampled_from(sorted(place)))] = value
    try:
        sent = json.dumps(message, allow_nan=False).encode()
    except ValueError:
        return
    try:
        decode(
            one.format,
            sent,
            a_sensor(kind=one.kind, **{**one.more, "format": one.format}),
            Arrival(topic=one.topic, received=RECEIVED),
        )
    except PeelianError as error:
        assert len(str(error)) < 400
