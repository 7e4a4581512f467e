"""Decodes or refuses a message of a registered sensor. The gateway has no other way in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from peelian.errors import InputError, Reason, Refused, sentence
from peelian.kernel.model.sensors import Sensor
from peelian.kernel.model.watch import Reading
from peelian.technologies.sensors.personal import must_all_be_harmless
from peelian.technologies.sensors.warrants import Scope

SECONDS_AHEAD = 300  # how far a sensor's clock may run ahead of the gateway's


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Context of a message: topic, time of receipt, a warrant, and its number of readings opened so far."""

    topic: str = ""
    received: datetime | None = None
    scope: Scope | None = None
    used: int = 0


NOTHING = Arrival()
Decode = Callable[[bytes, Sensor, Arrival], tuple[Reading, ...]]


def _ngsi(data: bytes, sensor: Sensor, arrival: Arrival) -> tuple[Reading, ...]:
    from peelian.technologies.sensors.ngsi import decode_ngsi

    return decode_ngsi(data, sensor)


def _sensorthings(version: str) -> Decode:
    def read(data: bytes, sensor: Sensor, arrival: Arrival) -> tuple[Reading, ...]:
        from peelian.technologies.sensors.sensorthings import decode_sensorthings

        return decode_sensorthings(data, sensor, version)

    return read


def _onvif(data: bytes, sensor: Sensor, arrival: Arrival) -> tuple[Reading, ...]:
    from peelian.technologies.sensors.onvif import decode_onvif

    return decode_onvif(data, sensor, arrival.topic)


def _dnms(data: bytes, sensor: Sensor, arrival: Arrival) -> tuple[Reading, ...]:
    from peelian.technologies.sensors.dnms import decode_dnms

    return decode_dnms(data, sensor, arrival.received)


def _espi(data: bytes, sensor: Sensor, arrival: Arrival) -> tuple[Reading, ...]:
    from peelian.technologies.sensors.espi import decode_espi

    return decode_espi(data, sensor, arrival.scope, arrival.used)


def _json(format: str) -> Decode:
    def read(data: bytes, sensor: Sensor, arrival: Arrival) -> tuple[Reading, ...]:
        from peelian.technologies.sensors.declared_json import decode_json

        return decode_json(data, sensor, arrival.received, format)

    return read


def _senml(data: bytes, sensor: Sensor, arrival: Arrival) -> tuple[Reading, ...]:
    from peelian.technologies.sensors.senml import decode_senml

    return decode_senml(data, sensor, arrival.received)


def _csv(data: bytes, sensor: Sensor, arrival: Arrival) -> tuple[Reading, ...]:
    from peelian.technologies.sensors.declared_csv import decode_csv

    return decode_csv(data, sensor)


MEASURING = frozenset({"sound_meter", "people_counter", "camera_counter", "traffic_counter", "energy_area"})
COUNTING = frozenset({"people_counter", "camera_counter"})
DECLARING = MEASURING | {"weather_station"}
FORMATS: Mapping[str, tuple[frozenset[str], Decode]] = {
    "ngsi-ld": (DECLARING - {"energy_area"}, _ngsi),
    "sensorthings-1.1": (MEASURING, _sensorthings("1.1")),
    "onvif-counts": (COUNTING, _onvif),
    "dnms": (frozenset({"sound_meter"}), _dnms),
    "green-button": (frozenset({"energy_area", "energy_meter"}), _espi),
    "csv": (DECLARING, _csv),
    "json": (DECLARING, _json("json")),
    "senml": (DECLARING, _senml),
    "ttn-v3": (DECLARING, _json("ttn-v3")),
    "chirpstack-v4": (DECLARING, _json("chirpstack-v4")),
    "thingsboard": (DECLARING, _json("thingsboard")),
    "sentilo": (DECLARING, _json("sentilo")),
    "eco-counter": (frozenset({"people_counter", "traffic_counter"}), _json("eco-counter")),
    "axis-counts": (COUNTING, _json("axis-counts")),
}
"""Every format: which kinds of sensor may speak it, and how it is read."""

STRICT = frozenset({"ngsi-ld", "sensorthings-1.1", "onvif-counts", "dnms"})
"""JSON formats that know their own fields: what a sensor declares beside them is taken out first."""

SAYS: Mapping[str, frozenset[str]] = {
    "sound_meter": frozenset({"laeq_1s", "laeq_1min", "noise"}),
    "people_counter": frozenset({"people", "occupants"}),
    "camera_counter": frozenset({"people", "occupants", "vehicles"}),
    "traffic_counter": frozenset({"vehicles"}),
    "weather_station": frozenset({"weather"}),
    "energy_area": frozenset({"energy"}),
    "energy_meter": frozenset({"energy"}),
}
"""What a kind of sensor may say: a sound meter that counts people was registered as something else."""


def decode(format: str, data: bytes, sensor: Sensor, arrival: Arrival = NOTHING) -> tuple[Reading, ...]:
    """The readings in one message of a registered sensor; all of them, or none.

    `format` must be the one the register says. Refused: anything that is not listed or follows somebody; readings of
    another kind than registered. InputError: a time in the future, no plausible value, or as the format's own decoder.
    Pure; O(bytes).
    """
    if format not in FORMATS:
        raise InputError("unknown format", accepted=", ".join(FORMATS))
    kinds, read = FORMATS[format]
    if format != sensor.format or sensor.kind not in kinds:
        raise _registered(
            sentence(
                "the sensor is registered as %(kind)s, sending %(what)s",
                kind=sensor.kind,
                what=sensor.format or "nothing",
            )
        )
    try:
        readings = read(_opened(data, sensor), sensor, arrival)
    except ModuleNotFoundError:
        raise InputError(
            "sensor messages need the extra `streams`", accepted="pip install 'peelian[streams]'"
        ) from None
    from peelian.technologies.sensors.plausible import must_be_plausible

    for reading in readings:
        if reading.what not in SAYS[sensor.kind]:
            raise _registered(sentence("a %(kind)s sensor does not send %(what)s", kind=sensor.kind, what=reading.what))
        if arrival.received and (reading.time - arrival.received).total_seconds() > SECONDS_AHEAD:
            accepted = sentence("at most %(n)d s ahead", n=SECONDS_AHEAD)
            raise InputError("time in the future", column="time", accepted=accepted)
        must_be_plausible(reading, sensor)
    return readings


def check_declared(sensor: Sensor) -> None:
    """InputError or Refused where what a sensor declares of its messages cannot be: a field that its format does not
    take, a pointer that is none, a name that tells of a person, a vehicle or a device of the public."""
    from peelian.technologies.sensors.declared_csv import check_columns

    if sensor.format == "csv":
        check_columns(sensor.columns, sensor.drop)
    elif sensor.format in STRICT:
        _check_strict(sensor)
    elif sensor.format == "green-button":
        if sensor.columns or sensor.drop:
            raise InputError("this format takes no declared fields", column="columns", accepted="none")
    elif sensor.format == "senml":
        _check_senml(sensor)
    elif sensor.format:
        from peelian.technologies.sensors.declared_json import check_json

        check_json(sensor)


def _check_strict(sensor: Sensor) -> None:
    from peelian.technologies.sensors.onvif import check_rules
    from peelian.technologies.sensors.pointers import check_dropped

    check_dropped(sensor.drop)
    if sensor.format == "onvif-counts":
        check_rules(sensor.columns)
    elif sensor.columns:
        raise InputError("this format takes no declared fields", column="columns", accepted="none")


def _check_senml(sensor: Sensor) -> None:
    from peelian.technologies.sensors.measures import check_held
    from peelian.technologies.sensors.personal import must_be_harmless

    check_held(sensor.columns, timed=False)
    for name in sensor.columns:
        must_be_harmless(name, "columns")
    if sensor.drop:
        raise InputError("this format takes no declared fields", column="drop", accepted="none")


def _opened(data: bytes, sensor: Sensor) -> bytes:
    """The message without the envelope that its sensor declares, where its format knows no other field than its own.

    Refused where what is declared tells of somebody, whatever stands in the register.
    """
    must_all_be_harmless((*(sensor.columns if sensor.format != "onvif-counts" else ()), *sensor.drop))
    if not sensor.drop or sensor.format not in STRICT:
        return data
    from peelian.technologies.sensors.pointers import without

    return without(data, sensor.drop, sensor.format)


def _registered(says: str) -> Refused:
    return Refused(
        [
            Reason(
                rule="a_sensor_says_what_it_is_registered_for",
                says=says,
                remedy="Register the sensor for what it sends, or correct what it sends.",
            )
        ]
    )
