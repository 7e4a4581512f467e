"""The one way in: every format is read, everything off its list is refused, and no value is ever repeated."""

from __future__ import annotations

import importlib.util
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peelian.errors import InputError, PeelianError, Refused
from peelian.kernel.model.sensors import KINDS, SPEAKING
from peelian.technologies.sensors.decoding import FORMATS, SAYS, Arrival, decode

_spec = importlib.util.spec_from_file_location("sensors_messages", Path(__file__).with_name("conftest.py"))
assert _spec and _spec.loader
shared = importlib.util.module_from_spec(_spec)
sys.modules["sensors_messages"] = shared
_spec.loader.exec_module(shared)
ARRIVAL, MESSAGES, RECEIVED, sensor = shared.ARRIVAL, shared.MESSAGES, shared.RECEIVED, shared.sensor

JSON = [name for name in sorted(MESSAGES) if MESSAGES[name][1].startswith(b"{")]
TELLING = [
    "plateNumber",
    "licensePlate",
    "macAddress",
    "imei",
    "bssid",
    "commuterId",
    "personId",
    "faceId",
    "trackId",
    "trajectory",
    "streamURL",
    "mediaURL",
    "imageSnapshot",
    "streamName",
    "audio",
    "wav",
    "image",
    "snapshot",
    "vehicleSubType",
    "user",
    "owner",
    "phone",
    "ObjectId",
    "Class",
    "Human",
    "refDevice",
]


def test_every_format_is_read(spoken: Any) -> None:
    format, data, meter = spoken
    readings = decode(format, data, meter, ARRIVAL)
    assert readings and all(r.sensor == "s-1" and r.what in SAYS[meter.kind] and r.values for r in readings)


def test_a_message_under_another_format_or_kind_is_refused(spoken: Any) -> None:
    format, data, meter = spoken
    for other in FORMATS:
        if other != format:
            with pytest.raises(PeelianError):
                decode(other, data, meter, ARRIVAL)
    with pytest.raises(InputError, match="unknown format"):
        decode("pickle", data, meter, ARRIVAL)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - SPEAKING))
def test_cameras_and_plate_readers_have_no_format(kind: str) -> None:
    for format in FORMATS:
        with pytest.raises(Refused, match="registered as"):
            decode(format, b"{}", sensor(kind, format), ARRIVAL)


@pytest.mark.parametrize("format", JSON)
@pytest.mark.parametrize("field", TELLING)
def test_a_field_that_tells_of_somebody_is_refused_by_its_name_wherever_it_stands(format: str, field: str) -> None:
    kind, data = MESSAGES[format]
    for message in _everywhere(json.loads(data), field, "SECRET-ABC-123"):
        with pytest.raises(Refused) as refused:
            decode(format, json.dumps(message).encode(), sensor(kind, format), ARRIVAL)
        assert field in str(refused.value) and "SECRET" not in str(refused.value)


@pytest.mark.parametrize("format", [name for name in sorted(MESSAGES) if MESSAGES[name][1][:1] in b"{["])
def test_a_value_that_says_something_else_is_neither_repeated_nor_logged(format: str) -> None:
    kind, data = MESSAGES[format]
    for message in _instead(json.loads(data), "JaneDoe"):
        try:
            decode(format, json.dumps(message).encode(), sensor(kind, format), ARRIVAL)
        except PeelianError as told:
            field = told.reasons[0].field if isinstance(told, Refused) else getattr(told, "column", "")
            assert "JaneDoe" not in f"{told} {field}", message


def _instead(message: Any, value: str) -> list[Any]:
    """Copies of a message with one text of it replaced, each in turn."""
    if isinstance(message, str):
        return [value]
    if isinstance(message, dict):
        return [{**message, key: made} for key, inner in message.items() for made in _instead(inner, value)]
    if isinstance(message, list):
        return [
            [*message[:i], made, *message[i + 1 :]]
            for i, inner in enumerate(message)
            for made in _instead(inner, value)
        ]
    return []


def _everywhere(message: Any, field: str, value: Any) -> list[Any]:
    """Copies of a message with one more field, in each object of it."""
    found = []
    if isinstance(message, dict):
        found.append({**message, field: value})
        for key, inner in message.items():
            found += [{**message, key: changed} for changed in _everywhere(inner, field, value)]
    elif isinstance(message, list):
        for i, inner in enumerate(message):
            found += [[*message[:i], changed, *message[i + 1 :]] for changed in _everywhere(inner, field, value)]
    return found


LISTED = {
    "id type @context location dateObserved dateObservedFrom dateObservedTo LAS LAeq LAeq_d LAmax L10 L90 "
    "sonometerClass value observedAt unitCode phenomenonTime resultTime validTime result Datastream @iot.id "
    "@iot.selfLink Datastream@iot.navigationLink UtcTime Source Data Count VideoSource Rule "
    "VideoSourceConfigurationToken VideoAnalyticsConfigurationToken esp8266id esp32id software_version "
    "sensordatavalues value_type"
}
KNOWN = frozenset(next(iter(LISTED)).split())


@given(field=st.text(max_size=60).filter(lambda name: name not in KNOWN), format=st.sampled_from(JSON), value=st.data())
@settings(max_examples=300, deadline=None)
def test_any_field_off_the_list_refuses_the_message(field: str, format: str, value: st.DataObject) -> None:
    kind, data = MESSAGES[format]
    plain = st.one_of(st.none(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=40))
    held = value.draw(st.recursive(plain, lambda inner: st.lists(inner, max_size=3), max_leaves=5))
    for message in _everywhere(json.loads(data), field, held):
        with pytest.raises(Refused) as refused:
            decode(format, json.dumps(message).encode(), sensor(kind, format), ARRIVAL)
        says = str(refused.value)
        assert len(says) < 300 and "\n" not in says and "\x00" not in says


@given(data=st.binary(max_size=300), format=st.sampled_from(sorted(MESSAGES)))
@settings(max_examples=200, deadline=None)
def test_rubbish_is_an_input_error_or_a_refusal_and_never_a_reading(data: bytes, format: str) -> None:
    with pytest.raises((InputError, Refused)):
        decode(format, data, sensor(MESSAGES[format][0], format), ARRIVAL)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b"\xff\xfe{\x00}\x00",
        b"{" + b" " * 70_000 + b"}",
        b"\x00" * 100,
        b"null",
        b"[]",
        b'"text"',
        b"1e999",
    ],
    ids=lambda data: f"{data[:4]!r} {len(data)}",
)
def test_hostile_bytes_are_refused_in_every_format(data: bytes) -> None:
    for format, (kind, _) in MESSAGES.items():
        with pytest.raises((InputError, Refused)):
            decode(format, data, sensor(kind, format), ARRIVAL)


def test_values_that_are_no_numbers_or_out_of_range_name_their_field_and_are_not_repeated() -> None:
    kind, data = MESSAGES["ngsi-ld"]
    for wrong in (b"NaN", b"Infinity", b"1e400", b'"SECRET"', b"987654", b"-987654", b"true", b"[1]", b'{"a":1}'):
        with pytest.raises(PeelianError) as error:
            decode("ngsi-ld", data.replace(b"55.5", wrong), sensor(kind, "ngsi-ld"), ARRIVAL)
        assert "SECRET" not in str(error.value) and "987654" not in str(error.value)


def test_a_future_time_is_refused_and_a_clock_five_minutes_ahead_is_not() -> None:
    kind, data = MESSAGES["ngsi-ld"]
    early = Arrival(received=RECEIVED - timedelta(hours=2, minutes=4))
    assert decode("ngsi-ld", data, sensor(kind, "ngsi-ld"), early)
    with pytest.raises(InputError, match="future"):
        decode("ngsi-ld", data, sensor(kind, "ngsi-ld"), Arrival(received=RECEIVED - timedelta(days=1)))


def test_a_sensor_says_only_what_it_is_registered_for() -> None:
    counts = b'{"id":"a","type":"CrowdFlowObserved","dateObserved":"2026-03-01T10:00:00Z","peopleCount":20}'
    with pytest.raises(Refused, match="does not send people"):
        decode("ngsi-ld", counts, sensor("sound_meter", "ngsi-ld"), ARRIVAL)


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [m for m in sys.modules if m.startswith("peelian.technologies.sensors.ngsi")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "msgspec", None)
    kind, data = MESSAGES["ngsi-ld"]
    with pytest.raises(InputError, match="streams"):
        decode("ngsi-ld", data, sensor(kind, "ngsi-ld"), ARRIVAL)
