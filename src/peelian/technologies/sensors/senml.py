"""SenML (RFC 8428): a pack of named numbers with their times; the register says which name is what."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from peelian.errors import InputError
from peelian.kernel.model.sensors import Sensor
from peelian.kernel.model.watch import Reading
from peelian.technologies.sensors.listing import not_listed
from peelian.technologies.sensors.measures import reading_of
from peelian.technologies.sensors.pointers import parsed
from peelian.technologies.sensors.times import moment

TEXTS, NUMBERS = frozenset({"bn", "bu", "n", "u"}), frozenset({"bt", "bver", "v", "t"})
LONGEST = 128
MOST = 500
ABSOLUTE = 1 << 28  # seconds: a smaller time is told from now (RFC 8428, 4.5.3)


def decode_senml(data: bytes, sensor: Sensor, received: datetime | None) -> tuple[Reading, ...]:
    """A pack as readings, one for each time in it. Refused: an undeclared name or field, text or data. O(bytes)."""
    return decoded_senml(parsed(data, "SenML"), sensor, received)


def decoded_senml(pack: Any, sensor: Sensor, received: datetime | None) -> tuple[Reading, ...]:
    """The same of a pack that is read already."""
    if not isinstance(pack, list) or not 0 < len(pack) <= MOST:
        raise InputError("not a SenML pack", column="SenML", accepted="a list of 1 to 500 records")
    base, start = "", 0.0
    at: dict[float, dict[str, Any]] = {}
    for one in pack:
        _check(one)
        base, start = one.get("bn", base), float(one.get("bt", start))
        if "v" not in one:
            continue
        name = one.get("n", "")
        word = sensor.columns.get(name) or sensor.columns.get(f"{base}{name}")
        if word is None:
            raise not_listed(name, "SenML, name", value_of="n")
        at.setdefault(start + float(one.get("t", 0)), {})[word] = one["v"]
    if not at:
        raise InputError("observation without a value", column="SenML", accepted="a level or a count")
    made = []
    for time, values in at.items():
        when = _when(time, received)
        made.append(reading_of({"time": when.isoformat(), **values}, sensor))
    return tuple(one for one in made if one is not None)


def _check(one: Any) -> None:
    if not isinstance(one, dict):
        raise InputError("not a SenML pack", column="SenML", accepted="a list of records")
    for name, value in one.items():
        if name not in TEXTS | NUMBERS:
            raise not_listed(name, "SenML")
        number = isinstance(value, int | float) and not isinstance(value, bool)
        text = isinstance(value, str) and len(value) <= LONGEST
        if not (number if name in NUMBERS else text):
            raise InputError("value does not match its field", column=name, accepted="SenML")


def _when(time: float, received: datetime | None) -> datetime:
    if abs(time) >= ABSOLUTE:
        return moment(time, "t")
    if received is None:
        raise InputError("row without a time", column="t", accepted="seconds since 1970")
    return received + timedelta(seconds=time)
