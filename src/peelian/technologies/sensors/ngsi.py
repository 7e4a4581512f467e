"""NGSI-LD models of noise, crowd flow and traffic flow at a fixed place. Models that follow a person are refused.

Both spellings are read: normalised (a Property with its value) and simplified (the bare value).
Source: smart-data-models, dataModel.Environment and dataModel.Transportation, as of 2026.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

import msgspec

from peelian.errors import InputError, Refused
from peelian.kernel.model.sensors import Sensor
from peelian.kernel.model.watch import Reading
from peelian.technologies.sensors.listing import instant, never, not_listed, number, period, spanned, whole
from peelian.technologies.sensors.structures import decoded

FEWEST = 15  # under so many, a mean headway, gap or speed tells of single persons or vehicles
MOVED_METRES = 100.0
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


class GeoProperty(_Strict, tag="GeoProperty"):
    """A point in the normalised spelling."""

    value: Point


Value = float | Property | None
Flag = bool | Property | None
Word = Text | Property | None
When = Text | Dated | None


class _Observed(_Strict, kw_only=True):
    id: Text
    context: Text | list[Text] | None = named(name="@context", default=None)
    location: Point | GeoProperty | None = None
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
    occupancy: Value = None
    average_crowd_speed: Value = None
    average_headway_time: Value = None
    congested: Flag = None
    direction: Word = None


class TrafficFlowObserved(_Observed, kw_only=True, tag=True):
    """Counts of vehicles that pass in a lane."""

    intensity: Value = None
    occupancy: Value = None
    average_vehicle_speed: Value = None
    average_gap_distance: Value = None
    average_headway_time: Value = None
    congested: Flag = None
    lane_id: Value = None
    lane_direction: Word = None
    reversed_lane: Flag = None
    vehicle_type: Word = None


class _Kind(msgspec.Struct):
    type: str = ""


Observed = NoiseLevelObserved | CrowdFlowObserved | TrafficFlowObserved
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
    _stands_still(entity.location, sensor)
    when = _when(entity)
    return (_reading(entity, MODELS[type(entity)], sensor, when),)


def _kind_first(data: bytes) -> Refused | None:
    """A refused kind of entity is named before any of its fields."""
    try:
        kind = READ_KIND.decode(data).type
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    for name, why in REFUSED.items():
        if kind == name or (name == "Vehicle" and kind.startswith(name)):
            return never(name, why)
    known = {"NoiseLevelObserved", "CrowdFlowObserved", "TrafficFlowObserved"}
    return None if kind in known or not kind else not_listed(kind, "NGSI-LD, kind of entity")


def _stands_still(location: Point | GeoProperty | None, sensor: Sensor) -> None:
    if location is None:
        return
    lon, lat = (location.value if isinstance(location, GeoProperty) else location).coordinates[:2]
    number(lon, "location", -180, 180)
    number(lat, "location", -90, 90)
    if sensor.lon is None or sensor.lat is None:
        return
    east = (lon - sensor.lon) * METRES_PER_DEGREE * math.cos(math.radians(sensor.lat))
    if math.hypot(east, (lat - sensor.lat) * METRES_PER_DEGREE) > MOVED_METRES:
        raise never("NGSI-LD", "The sensor is not at its registered place. A moving sensor could follow a person.")


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


MODELS: Mapping[type[_Observed], Model] = {
    NoiseLevelObserved: Model(
        what="noise", levels={name: (name, -50.0, 200.0) for name in ("las", "laeq", "laeq_d", "lamax", "l10", "l90")}
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
