"""DNMS, the sound meter of Sensor.Community: three levels of a period."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from peelian.errors import InputError
from peelian.kernel.model.sensors import Sensor
from peelian.kernel.model.watch import Reading
from peelian.technologies.sensors.listing import not_listed, number
from peelian.technologies.sensors.structures import decoded

LEVELS = {"LAeq": "laeq", "LA_min": "lamin", "LA_max": "lamax"}
PREFIXES = ("DNMS_noise_", "noise_")
SECONDS = 150.0  # how often the firmware sends, by default

Text = Annotated[str, msgspec.Meta(max_length=64)]


class _Strict(msgspec.Struct, forbid_unknown_fields=True):
    """A structure that knows its own fields and no other."""


class Value(_Strict):
    """One level; `id` is the service's own number."""

    value_type: Text
    value: float | Annotated[str, msgspec.Meta(pattern=r"^-?\d{1,3}(\.\d{1,6})?$")]
    id: int | None = None


class Message(_Strict):
    """What the firmware posts; the chip's number and the version are read and dropped."""

    sensordatavalues: Annotated[list[Value], msgspec.Meta(min_length=1, max_length=8)]
    software_version: Text | None = None
    esp8266id: int | Text | None = None
    esp32id: int | Text | None = None


READ = msgspec.json.Decoder(Message)


def decode_dnms(data: bytes, sensor: Sensor, received: datetime | None) -> tuple[Reading, ...]:
    """One message as one reading. It carries no time, so it gets the time of receipt.

    Refused: any other value than the three levels. InputError: as `decoded`, or without a time. O(bytes).
    """
    if received is None:
        raise InputError("DNMS message without a time of receipt", accepted="the time of receipt")
    message = decoded(READ, data, "DNMS")
    values = {}
    for each in message.sensordatavalues:
        name = next((each.value_type[len(p) :] for p in PREFIXES if each.value_type.startswith(p)), each.value_type)
        if name not in LEVELS:
            raise not_listed(name, "DNMS", value_of="value_type")
        values[LEVELS[name]] = number(float(each.value), name, -50, 200)
    if "laeq" not in values:
        raise InputError("message without a mean level", column="LAeq", accepted="LAeq, optionally LA_min and LA_max")
    return (Reading(sensor=sensor.id, time=received, what="noise", values=values | {"seconds": SECONDS}),)
