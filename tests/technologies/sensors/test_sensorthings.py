"""SensorThings: a fixed Thing's observation is read; whatever moves or locates is refused; versions are switched."""

from __future__ import annotations

import json
from typing import Any

import pytest

from peelian.errors import InputError, Refused
from peelian.technologies.sensors.sensorthings import VERSIONS, decode_sensorthings

AT = "2026-03-01T10:00:00Z"


def message(**fields: Any) -> bytes:
    return json.dumps({"phenomenonTime": AT, "result": 12, **fields}).encode()


def test_the_result_is_what_the_register_says(registered: Any) -> None:
    assert decode_sensorthings(message(), registered("people_counter"))[0].values == {"count": 12.0}
    noise = decode_sensorthings(message(phenomenonTime=f"{AT}/2026-03-01T10:01:00Z"), registered("sound_meter"))[0]
    assert (noise.what, noise.values) == ("laeq_1min", {"laeq": 12.0, "seconds": 60.0})
    assert decode_sensorthings(message(), registered("energy_area"))[0].values == {"kwh": 12.0}


@pytest.mark.parametrize(
    "field", ["HistoricalLocations", "Locations", "Location", "Thing", "FeatureOfInterest", "Thing@iot.navigationLink"]
)
def test_a_thing_that_moves_is_followed_and_refused(registered: Any, field: str) -> None:
    with pytest.raises(Refused, match="moving Thing is not accepted"):
        decode_sensorthings(message(**{field: {"@iot.id": 1}}), registered("people_counter"))


def test_a_datastream_is_an_id_and_nothing_more(registered: Any) -> None:
    assert decode_sensorthings(message(Datastream={"@iot.id": 3}), registered("people_counter"))
    with pytest.raises(Refused, match="name"):
        decode_sensorthings(message(Datastream={"@iot.id": 3, "name": "x"}), registered("people_counter"))


@pytest.mark.parametrize("result", [1.5, -1, 1e12, "12", None])
def test_a_result_that_is_no_count_is_refused(registered: Any, result: Any) -> None:
    with pytest.raises(InputError):
        decode_sensorthings(message(result=result), registered("people_counter"))


def test_a_version_that_is_not_read_is_named(registered: Any) -> None:
    assert "1.1" in VERSIONS
    with pytest.raises(InputError, match=r"2\.0"):
        decode_sensorthings(message(), registered("people_counter"), "2.0")
