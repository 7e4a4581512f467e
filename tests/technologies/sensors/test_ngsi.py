"""NGSI-LD: both spellings, what each model may say, what is refused; the published schemas as oracle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from peelian.errors import InputError, Refused
from peelian.kernel.model.sensors import Sensor
from peelian.technologies.sensors.ngsi import (
    FEWEST,
    REFUSED,
    CrowdFlowObserved,
    NoiseLevelObserved,
    TrafficFlowObserved,
    decode_ngsi,
)

BASE: dict[str, Any] = {
    "id": "s-1",
    "title": "A sensor",
    "owner": "Works",
    "contact": "works@town.invalid",
    "purpose": "traffic",
    "why": "To plan.",
    "area": "Centre",
    "personal_data": False,
    "retention_days": 90,
    "ends": "2027-01-01",
    "format": "ngsi-ld",
}
METER = Sensor(**BASE, kind="sound_meter", lon=-79.4, lat=43.65)
AT = "2026-03-01T10:00:00Z"


def entity(type: str, **fields: Any) -> bytes:
    return json.dumps({"id": "urn:ngsi-ld:x:1", "type": type, **fields}).encode()


def test_both_spellings_say_the_same() -> None:
    plain = entity("NoiseLevelObserved", dateObserved=AT, LAeq=55.5, L90=48)
    normal = entity(
        "NoiseLevelObserved",
        dateObserved={"type": "Property", "value": {"@type": "DateTime", "@value": AT}},
        LAeq={"type": "Property", "value": 55.5, "observedAt": AT, "unitCode": "2N1"},
        L90={"type": "Property", "value": 48},
        **{"@context": ["https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld"]},
    )
    assert decode_ngsi(plain, METER) == decode_ngsi(normal, METER)
    assert decode_ngsi(plain, METER)[0].values == {"laeq": 55.5, "l90": 48.0}


def test_weather_as_published_comes_in_and_a_wrong_value_does_not() -> None:
    """Fields and values of the model's published example (smart-data-models, dataModel.Weather)."""
    station = Sensor(**BASE, kind="weather_station", lon=-4.754444444, lat=41.640833333)
    said: dict[str, Any] = {
        "dateObserved": "2016-11-30T07:00:00.00Z",
        "illuminance": 1000,
        "temperature": 3.3,
        "precipitation": 0,
        "atmosphericPressure": 938.9,
        "pressureTendency": 0.5,
        "refDevice": "urn:ngsi-ld:Device:device-0A3478",
        "source": "http://www.aemet.es",
        "windSpeed": 2,
        "location": {"type": "Point", "coordinates": [-4.754444444, 41.640833333]},
        "stationName": "Valladolid",
        "address": {"addressLocality": "Valladolid", "addressCountry": "ES"},
        "stationCode": "2422",
        "dataProvider": "TEF",
        "windDirection": -45,
        "relativeHumidity": 1,
        "streamGauge": 50,
        "snowHeight": 20,
        "uvIndexMax": 1.0,
        "@context": ["https://smart-data-models.github.io/data-models/context.jsonld"],
    }
    (reading,) = decode_ngsi(entity("WeatherObserved", **said), station)
    assert reading.what == "weather" and reading.values == {"celsius": 3.3, "wind": 2.0, "rain": 0.0}
    for wrong in ({"temperature": 99}, {"windSpeed": -1}, {"precipitation": "much"}):
        with pytest.raises((InputError, Refused)):
            decode_ngsi(entity("WeatherObserved", **(said | wrong)), station)
    with pytest.raises(Refused):
        decode_ngsi(entity("WeatherObserved", **said, owner="Jo"), station)


@pytest.mark.parametrize(("end", "what"), [("10:00:01", "laeq_1s"), ("10:01:00", "laeq_1min"), ("10:05:00", "noise")])
def test_the_period_says_which_level_it_is(end: str, what: str) -> None:
    data = entity("NoiseLevelObserved", dateObservedFrom=AT, dateObservedTo=f"2026-03-01T{end}Z", LAeq=50)
    assert decode_ngsi(data, METER)[0].what == what


@pytest.mark.parametrize("kind", [*REFUSED, "VehicleModel", "VehiclePosition", "Vehicle2"])
def test_what_follows_somebody_is_refused_whole_and_says_why(kind: str) -> None:
    with pytest.raises(Refused) as refused:
        decode_ngsi(entity(kind, plateNumber="ABC 123", LAeq=50), METER)
    assert refused.value.reasons[0].rule == "nothing_that_follows_comes_in" and "ABC" not in str(refused.value)


def test_media_of_a_camera_are_refused_in_every_model() -> None:
    for field in ("streamURL", "streamName", "mediaURL", "imageSnapshot", "user"):
        with pytest.raises(Refused, match=field):
            decode_ngsi(entity("CrowdFlowObserved", dateObserved=AT, peopleCount=20, **{field: "x"}), METER)


@pytest.mark.parametrize("count", [FEWEST - 1, FEWEST])
def test_means_come_in_only_where_enough_passed(count: int) -> None:
    means = {"averageHeadwayTime": 3.5, "averageGapDistance": 20, "averageVehicleSpeed": 40, "occupancy": 0.2}
    data = entity("TrafficFlowObserved", dateObserved=f"{AT}/2026-03-01T10:05:00Z", intensity=count, **means)
    values = decode_ngsi(data, METER)[0].values
    assert values["count"] == count
    assert ({"headway", "gap", "speed", "occupancy"} <= set(values)) == (count >= FEWEST)


def test_both_directions_make_the_count() -> None:
    data = entity("CrowdFlowObserved", dateObserved=AT, peopleCountTowards=7, peopleCountAway=9)
    assert decode_ngsi(data, METER)[0].values == {"towards": 7.0, "away": 9.0, "count": 16.0}


@pytest.mark.parametrize(("lat", "moved"), [(43.65, False), (43.6508, False), (43.652, True)])
def test_a_sensor_that_is_elsewhere_is_refused(lat: float, moved: bool) -> None:
    place = {"type": "Point", "coordinates": [-79.4, lat]}
    for spelling in (place, {"type": "GeoProperty", "value": place}):
        data = entity("NoiseLevelObserved", dateObserved=AT, LAeq=50, location=spelling)
        if moved:
            with pytest.raises(Refused, match="not at its registered place"):
                decode_ngsi(data, METER)
        else:
            assert decode_ngsi(data, METER)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"LAeq": 50}, "dateObserved"),
        ({"LAeq": 50, "dateObserved": "yesterday"}, "dateObserved"),
        ({"LAeq": 50, "dateObserved": "2026-03-01T10:00:00"}, "dateObserved"),
        ({"LAeq": 50, "dateObserved": f"{AT}/2026-03-01T09:00:00Z"}, "dateObserved"),
        ({"LAeq": 50, "dateObserved": "1066-10-14T09:00:00Z"}, "dateObserved"),
        ({"dateObserved": AT}, "noise"),
        ({"LAeq": 500, "dateObserved": AT}, "laeq"),
        ({"LAeq": {"type": "Property", "value": "loud"}, "dateObserved": AT}, "laeq"),
    ],
)
def test_bad_input_is_told_by_its_field(fields: dict[str, Any], named: str) -> None:
    with pytest.raises(InputError) as error:
        decode_ngsi(entity("NoiseLevelObserved", **fields), METER)
    assert error.value.column == named and error.value.accepted


def test_half_a_person_is_no_count() -> None:
    with pytest.raises(InputError, match="whole"):
        decode_ngsi(entity("CrowdFlowObserved", dateObserved=AT, peopleCount=2.5), METER)


MODELS = (NoiseLevelObserved, CrowdFlowObserved, TrafficFlowObserved)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_what_we_list_is_in_the_published_model_but_for_our_own_extension(model: type, shared_data: Path) -> None:
    file = shared_data / "ngsi" / f"{model.__name__}.schema.json"
    if not file.is_file():
        pytest.skip("the schemas of the smart data models are missing: here only, not shipped")
    parts = json.loads(file.read_text())["allOf"]
    published = {name for part in parts for name in part.get("properties", {})}
    common = {"id", "@context", "location", "address", "areaServed", "dataProvider", "source", "name", "alternateName"}
    common |= {"description", "dateCreated", "dateModified"}  # of the common schemas that the models refer to
    listed = set(model.__struct_encode_fields__)  # type: ignore[attr-defined]  # msgspec makes it
    extension = {"L10", "L90"} if model is NoiseLevelObserved else set()
    assert listed - common - published == extension
    left_out = published - listed - {"type"}
    assert not {"LAeq", "peopleCount", "intensity"} & left_out


@pytest.mark.parametrize("name", ["Camera", "AnprFlowObserved", "PrivacyObject"])
def test_every_example_of_a_refused_model_is_refused(name: str, shared_data: Path) -> None:
    file = shared_data / "ngsi" / f"{name}.schema.json"
    if not file.is_file():
        pytest.skip("the schemas of the smart data models are missing: here only, not shipped")
    parts = json.loads(file.read_text()).get("allOf", [])
    fields = {field for part in parts for field in part.get("properties", {})} - {"type", "id"}
    assert fields
    for field in fields:
        with pytest.raises(Refused):
            decode_ngsi(entity(name, **{field: "x"}), METER)
