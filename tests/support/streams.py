"""Messages of the toy wells, and their decoder: JSON of a time and a level, anything else refused by its name."""

from __future__ import annotations

import json
from datetime import datetime

from peelian.errors import InputError
from peelian.kernel.model.watch import Reading


def spelled(reading: Reading) -> bytes:
    return json.dumps({"time": reading.time.isoformat(), "metres": reading.values["metres"]}).encode()


def decode(sensor: str, topic: str, body: bytes) -> tuple[Reading, ...]:
    try:
        made = json.loads(body)
        extra = sorted(set(made) - {"time", "metres"})
    except (ValueError, TypeError):
        raise InputError("this is no message") from None
    if extra:
        raise InputError("an unknown field", column=extra[0])
    time = datetime.fromisoformat(made["time"])
    return (Reading(sensor=sensor, time=time, what="level", values={"metres": made["metres"]}),)
