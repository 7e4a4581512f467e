"""OGC SensorThings: an Observation of a fixed Thing; a Thing with locations, or a history of them, is refused.

Versions are switched by name: 1.1 is read (OGC 18-088), 2.0 (published 2026-11-04) is known and not read yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated

import msgspec

from peelian.errors import InputError, Refused, sentence
from peelian.kernel.model.sensors import Sensor
from peelian.kernel.model.watch import Reading
from peelian.technologies.sensors.listing import never, number, period, whole
from peelian.technologies.sensors.structures import decoded

Text = Annotated[str, msgspec.Meta(max_length=256)]
FOLLOWS = ("HistoricalLocation", "Locations", "Location", "Thing", "FeatureOfInterest")
"""What a moving Thing would be followed by. FROST's link to a feature is only a link, read and dropped."""
MEASURES: Mapping[str, tuple[str, str]] = {
    "sound_meter": ("noise", "laeq"),
    "people_counter": ("people", "count"),
    "camera_counter": ("people", "count"),
    "traffic_counter": ("vehicles", "count"),
    "energy_area": ("energy", "kwh"),
}
"""What the one result of a kind of sensor is: the reading's name, and its value's."""


class _Strict(msgspec.Struct, forbid_unknown_fields=True):
    """A structure that knows its own fields and no other."""


class Reference(_Strict):
    """An entity named by its id only."""

    id: int | Text = msgspec.field(name="@iot.id")


class Observation(_Strict, kw_only=True):
    """What one observation may hold."""

    result: float
    phenomenon_time: Text = msgspec.field(name="phenomenonTime")
    result_time: Text | None = msgspec.field(name="resultTime", default=None)
    valid_time: Text | None = msgspec.field(name="validTime", default=None)
    datastream: Reference | None = msgspec.field(name="Datastream", default=None)
    id: int | Text | None = msgspec.field(name="@iot.id", default=None)
    link: Text | None = msgspec.field(name="@iot.selfLink", default=None)
    datastream_link: Text | None = msgspec.field(name="Datastream@iot.navigationLink", default=None)
    feature_link: Text | None = msgspec.field(name="FeatureOfInterest@iot.navigationLink", default=None)
    etag: Text | None = msgspec.field(name="@iot.etag", default=None)
    context: Text | None = msgspec.field(name="@iot.context", default=None)
    quality: float | Text | list[float | Text] | None = msgspec.field(name="resultQuality", default=None)


READ = msgspec.json.Decoder(Observation)


def decode_sensorthings(data: bytes, sensor: Sensor, version: str = "1.1") -> tuple[Reading, ...]:
    """One observation as one reading: its kind is what the register says the sensor is. O(bytes).

    Refused: a field off the list, anything that locates or moves a Thing. InputError: as `decoded`, or a version that
    is not read.
    """
    if version not in VERSIONS:
        raise InputError("unsupported version", column=f"SensorThings {version[:8]}", accepted=", ".join(VERSIONS))
    return VERSIONS[version](data, sensor)


def _version_1_1(data: bytes, sensor: Sensor) -> tuple[Reading, ...]:
    if sensor.kind not in MEASURES:
        raise InputError("this type of sensor does not send a single number", accepted=", ".join(sorted(MEASURES)))
    try:
        observation = decoded(READ, data, "SensorThings")
    except Refused as refused:
        for name in FOLLOWS:
            if f" {name}" in refused.reasons[0].says:
                raise never(
                    "SensorThings",
                    sentence("%(what)s: a moving Thing is not accepted, as it could follow a person", what=name),
                ) from None
        raise
    what, called = MEASURES[sensor.kind]
    start, end = period(observation.phenomenon_time, "phenomenonTime")
    result = observation.result
    checked = whole(result, "result") if called == "count" else number(result, "result", -50, 1e9)
    values = {called: checked}
    seconds = (end - start).total_seconds()
    if called == "laeq":
        number(result, "result", -50, 200)
        what = {1.0: "laeq_1s", 60.0: "laeq_1min"}.get(seconds, "noise")
    if seconds:
        values["seconds"] = seconds
    return (Reading(sensor=sensor.id, time=start, what=what, values=values),)


VERSIONS: Mapping[str, Callable[[bytes, Sensor], tuple[Reading, ...]]] = {"1.1": _version_1_1}
