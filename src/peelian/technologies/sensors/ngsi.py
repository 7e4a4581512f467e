"""NGSI-LD models of noise, weather and the flow of people, vehicles and items at a place; none that follows anybody.

Both spellings are read: normalised (a Property with its value) and simplified (the bare value).
Source: smart-data-models, dataModel.Environment, dataModel.Transportation and dataModel.Weather, as of 2026.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from peelian.errors import InputError, Refused
from peelian.kernel.model.sensors import Sensor
from peelian.kernel.model.watch import Reading
from peelian.technologies.sensors.listing import instant, never, not_listed, number, period, spanned, whole
from peelian.technologies.sensors.measures import WEATHER
from peelian.technologies.sensors.plausible import RANGES
from peelian.technologies.sensors.structures import decoded, decoder_error

FEWEST = 15  # under so many, a mean headway, gap or speed tells of single persons or vehicles
MOVED_METRES = 100.0
STREET_METRES = 1_000.0  # of the stretch of street that a sensor measures, from the sensor to its nearest corner
METRES_PER_DEGREE = 111_320.0
REFUSED: Mapping[str, str] = {
    "AnprFlowObserved": "it reads plates",
    "AnonymousCommuterId": "it follows a device",
    "Camera": "it carries pictures, or where to find them",
    "TrafficViolation": "it accuses somebody",
    "PrivacyObject": "it names somebody",
    "Vehicle": "it follows a vehicle",
}
"""Kinds of entity that are refused whole, and why. `Vehicle` stands for every kind that begins so."""

Text = Annotated[str, msgspec.Meta(max_length=256)]
named = msgspec.field
Period = tuple[datetime, datetime]
Fields = Mapping[str, tuple[str, float, float]]  # field → what it is called, lowest, highest


class _Strict(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """A structure that knows its own fields and no other."""


class Property(_Strict, tag="Property"):
    """A value in the normalised spelling; its unit and time are read and dropped."""

    value: float | bool | Text
    observed_at: Text | None = None
    unit_code: Text | None = None


class DateTime(_Strict, tag_field="@type", tag="DateTime"):
    """A time in the normalised spelling."""

    value: Text = named(name="@value")


class Dated(_Strict, tag="Property"):
    """A property that is a time."""

    value: Text | DateTime


class Point(_Strict, tag="Point"):
    """A GeoJSON point: longitude, latitude, and perhaps a height."""

    coordinates: Annotated[list[float], msgspec.Meta(min_length=2, max_length=3)]


class LineString(_Strict, tag="LineString"):
    """The stretch of street that is measured: compared with the registered place, never kept."""

    coordinates: Annotated[
        list[Annotated[list[float], msgspec.Meta(min_length=2, max_length=3)]],
        msgspec.Meta(min_length=2, max_length=100),
    ]


class GeoProperty(_Strict, tag="GeoProperty"):
    """A place in the normalised spelling."""

    value: Point | LineString


class Relationship(_Strict, tag="Relationship"):
    """Another entity, by its address: read and dropped."""

    object: Text


class Postal(_Strict):
    """A postal address of the place that is measured: read and dropped."""

    type: Text | None = None
    address_country: Text | None = None
    address_region: Text | None = None
    address_locality: Text | None = None
    district: Text | None = None
    street_address: Text | None = None
    street_nr: Text | None = None
    postal_code: Text | None = None
    post_office_box_number: Text | None = None


class PostalProperty(_Strict):
    """An address in the normalised spelling."""

    type: Literal["Property"]
    value: Postal


Value = float | Property | None
Flag = bool | Property | None
Word = Text | Property | None
When = Text | Dated | None
Link = Text | Relationship | Property | None


class _Observed(_Strict, kw_only=True):
    id: Text
    context: Text | list[Text] | None = named(name="@context", default=None)
    location: Point | LineString | GeoProperty | None = None
    address: Any = None
    area_served: Word = None
    data_provider: Word = None
    source: Word = None
    name: Word = None
    alternate_name: Word = None
    description: Word = None
    date_created: When = None
    date_modified: When = None
    date_observed: When = None
    date_observed_from: When = None
    date_observed_to: When = None


class NoiseLevelObserved(_Observed, kw_only=True, tag=True):
    """Levels in dB(A); L10 and L90 are our extension, for the model has none."""

    las: Value = named(name="LAS", default=None)
    laeq: Value = named(name="LAeq", default=None)
    laeq_d: Value = named(name="LAeq_d", default=None)
    lamax: Value = named(name="LAmax", default=None)
    l10: Value = named(name="L10", default=None)
    l90: Value = named(name="L90", default=None)
    sonometer_class: Word = None


class CrowdFlowObserved(_Observed, kw_only=True, tag=True):
    """Counts of people who pass."""

    people_count: Value = None
    people_count_towards: Value = None
    people_count_away: Value = None
    ref_road_segment: Link = None
    occupancy: Value = None
    average_crowd_speed: Value = None
    average_headway_time: Value = None
    congested: Flag = None
    direction: Word = None


class TrafficFlowObserved(_Observed, kw_only=True, tag=True):
    """Counts of vehicles that pass in a lane."""

    intensity: Value = None
    occupancy: Value = None
    ref_road_segment: Link = None
    average_vehicle_speed: Value = None
    average_vehicle_length: Value = None
    average_gap_distance: Value = None
    average_headway_time: Value = None
    congested: Flag = None
    lane_id: Value = None
    lane_direction: Word = None
    reversed_lane: Flag = None
    vehicle_type: Word = None
    vehicle_sub_type: Word = None


class ItemFlowObserved(_Observed, kw_only=True, tag=True):
    """Counts of items that pass: people at a people counter, vehicles at a counter of vehicles."""

    intensity: Value = None
    occupancy: Value = None
    average_speed: Value = None
    average_length: Value = None
    average_gap_distance: Value = None
    average_headway_time: Value = None
    min_speed: Value = None
    max_speed: Value = None
    congested: Flag = None
    item_type: Word = None
    item_sub_type: Word = None
    lane_id: Value = None
    lane_direction: Word = None
    reverse_lane: Flag = None
    reversed_lane: Flag = None
    ref_device: Link = None
    ref_road_segment: Link = None


class WeatherObserved(_Observed, kw_only=True, tag=True):
    """Weather at a station: °C, metres per second, millimetres; the rest is read and dropped."""

    temperature: Value = None
    wind_speed: Value = None
    gust_speed: Value = None
    precipitation: Value = None
    wind_direction: Value = None
    relative_humidity: Value = None
    atmospheric_pressure: Value = None
    pressure_tendency: Value | Word = None
    dew_point: Value = None
    feels_like_temperature: Value = None
    illuminance: Value = None
    solar_radiation: Value = None
    snow_height: Value = None
    stream_gauge: Value = None
    uv_index_max: Value = None
    visibility: Value | Word = None
    weather_type: Word = None
    station_name: Word = None
    station_code: Word = None
    ref_device: Link = None


class _Kind(msgspec.Struct):
    type: str = ""


Observed = NoiseLevelObserved | CrowdFlowObserved | TrafficFlowObserved | ItemFlowObserved | WeatherObserved
READ = msgspec.json.Decoder(Observed)
READ_KIND = msgspec.json.Decoder(_Kind)


def decode_ngsi(data: bytes, sensor: Sensor) -> tuple[Reading, ...]:
    """One entity as one reading of its sensor.

    Refused: a kind of entity or a field that is not on the list, or a place that is not the registered one.
    InputError: no such JSON, a value out of range, no time. O(bytes).
    """
    try:
        entity = decoded(READ, data, "NGSI-LD")
    except (Refused, InputError) as error:
        raise _kind_first(data) or error from None
    if entity.address is not None:
        _must_be_address(entity.address)
    _stands_still(entity.location, sensor)
    when = _when(entity)
    return (_reading(entity, _model(entity, sensor), sensor, when),)


def _kind_first(data: bytes) -> Refused | None:
    """A refused kind of entity is named before any of its fields."""
    try:
        kind = READ_KIND.decode(data).type
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    for name, why in REFUSED.items():
        if kind == name or (name == "Vehicle" and kind.startswith(name)):
            return never(name, why)
    known = {model.__name__ for model in MODELS}
    return None if kind in known or not kind else not_listed(kind, "NGSI-LD, kind of entity", value_of="type")


def _must_be_address(address: Any) -> None:
    """Refused where an address holds another field than those of a postal address; text is one, too."""
    if isinstance(address, str):
        return
    normalised = isinstance(address, dict) and address.get("type") == "Property"
    try:
        msgspec.convert(address, PostalProperty if normalised else Postal)
    except msgspec.ValidationError as error:
        raise decoder_error(error, "NGSI-LD") from None


def _stands_still(location: Point | LineString | GeoProperty | None, sensor: Sensor) -> None:
    if location is None:
        return
    place = location.value if isinstance(location, GeoProperty) else location
    points = place.coordinates if isinstance(place, LineString) else [place.coordinates]
    for lon, lat, *_ in points:
        number(lon, "location", -180, 180)
        number(lat, "location", -90, 90)
    if sensor.lon is None or sensor.lat is None:
        return
    most = STREET_METRES if isinstance(place, LineString) else MOVED_METRES
    if min(_metres(sensor.lon, sensor.lat, lon, lat) for lon, lat, *_ in points) > most:
        raise never("NGSI-LD", "The sensor is not at its registered place. A moving sensor could follow a person.")


def _metres(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    east = (other_lon - lon) * METRES_PER_DEGREE * math.cos(math.radians(lat))
    return math.hypot(east, (other_lat - lat) * METRES_PER_DEGREE)


def _when(entity: Any) -> Period:
    if entity.date_observed_from is not None and entity.date_observed_to is not None:
        start = instant(_text(entity.date_observed_from), "dateObservedFrom")
        return spanned(start, instant(_text(entity.date_observed_to), "dateObservedTo"), "dateObservedTo")
    if entity.date_observed is None:
        raise InputError("observation without a time", column="dateObserved", accepted="ISO 8601 with time zone")
    return period(_text(entity.date_observed), "dateObserved")


def _text(when: str | Dated) -> str:
    found = when.value if isinstance(when, Dated) else when
    return found.value if isinstance(found, DateTime) else found


def _bare(value: Any, name: str) -> float | None:
    found = value.value if isinstance(value, Property) else value
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        raise InputError("value does not match its field", column=name, accepted="a number")
    return float(found)


def _numbers(entity: Any, names: Fields) -> dict[str, float]:
    """The values that are there, checked: field → (what it is called, lowest, highest)."""
    made = {}
    for name, (called, low, high) in names.items():
        value = _bare(getattr(entity, name), called)
        if value is not None:
            made[called] = number(value, called, low, high)
    return made


SHARE = {"occupancy": ("occupancy", 0.0, 1.0)}
HEADWAY = {"average_headway_time": ("headway", 0.0, 86_400.0)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What a kind of entity becomes: the reading's name, its counts, its levels, and means that need enough counts."""

    what: str
    counts: Mapping[str, str] = field(default_factory=dict)  # field → what it is called
    levels: Fields = field(default_factory=dict)
    means: Fields = field(default_factory=dict)


ITEMS = Model(
    what="vehicles",
    counts={"intensity": "count"},
    means={
        "average_speed": ("speed", 0.0, 500.0),
        "average_gap_distance": ("gap", 0.0, 100_000.0),
        **HEADWAY,
        **SHARE,
    },
)
MODELS: Mapping[type[_Observed], Model] = {
    ItemFlowObserved: ITEMS,
    NoiseLevelObserved: Model(
        what="noise", levels={name: (name, -50.0, 200.0) for name in ("las", "laeq", "laeq_d", "lamax", "l10", "l90")}
    ),
    WeatherObserved: Model(
        what=WEATHER,
        levels={
            name: (called, *RANGES[WEATHER][called])
            for name, called in {
                "temperature": "celsius",
                "wind_speed": "wind",
                "gust_speed": "gust",
                "precipitation": "rain",
            }.items()
        },
    ),
    CrowdFlowObserved: Model(
        what="people",
        counts={"people_count": "count", "people_count_towards": "towards", "people_count_away": "away"},
        means={"average_crowd_speed": ("speed", 0.0, 100.0), **HEADWAY, **SHARE},
    ),
    TrafficFlowObserved: Model(
        what="vehicles",
        counts={"intensity": "count"},
        means={
            "average_vehicle_speed": ("speed", 0.0, 500.0),
            "average_gap_distance": ("gap", 0.0, 100_000.0),
            **HEADWAY,
            **SHARE,
        },
    ),
}
LEVEL_OF = {1.0: "laeq_1s", 60.0: "laeq_1min"}  # seconds → what a level of so many is called


def _model(entity: _Observed, sensor: Sensor) -> Model:
    """What an entity becomes; items that a counter of people counts are people."""
    model = MODELS[type(entity)]
    return replace(model, what="people") if model is ITEMS and sensor.kind == "people_counter" else model


def _reading(entity: _Observed, model: Model, sensor: Sensor, when: Period) -> Reading:
    """The entity as a reading. Means come in only where enough passed that they tell of nobody."""
    values = _numbers(entity, model.levels)
    for name, called in model.counts.items():
        value = _bare(getattr(entity, name), called)
        if value is not None:
            values[called] = whole(value, called)
    if "count" not in values and {"towards", "away"} <= set(values):
        values["count"] = values["towards"] + values["away"]
    means = _numbers(entity, model.means)
    if values.get("count", 0.0) >= FEWEST:
        values |= means
    if not values:
        raise InputError("observation without a value", column=model.what, accepted="a level or a count")
    seconds = (when[1] - when[0]).total_seconds()
    what = LEVEL_OF.get(seconds, model.what) if "laeq" in values else model.what
    return Reading(sensor=sensor.id, time=when[0], what=what, values=values | ({"seconds": seconds} if seconds else {}))
