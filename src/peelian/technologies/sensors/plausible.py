"""Plausible readings: what a measure of each kind can be, whatever its field is called and in whatever language.

The number of a plate, card, tag or person that is declared as a count or a level is out of range. One of at most five
digits comes in as a count, and adds to that count. Names of fields hold nothing back (`personal`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from peelian.errors import InputError, sentence
from peelian.kernel.model.sensors import KWH_A_HOME, Sensor
from peelian.kernel.model.watch import Reading

DECIBELS = (0.0, 150.0)  # from a silent room (IEC 61672-1 begins at 20 to 30) to a jet engine nearby
COUNTS = (0.0, 100_000.0)  # in one reading: more than pass any one line in a day, or stand on one square
RANGES: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "people": dict.fromkeys(("count", "towards", "away"), COUNTS),
    "occupants": {"count": COUNTS},
    "vehicles": {"count": COUNTS},  # a lane takes 2,400 an hour (Highway Capacity Manual)
    "noise": dict.fromkeys(("laeq", "lamax", "lamin", "l10", "l90"), DECIBELS),
    "laeq_1s": {"laeq": DECIBELS},
    "laeq_1min": {"laeq": DECIBELS},
    "weather": {
        "celsius": (-70.0, 65.0),  # the coldest and hottest towns
        "wind": (0.0, 120.0),  # metres per second
        "gust": (0.0, 150.0),
        "rain": (0.0, 500.0),  # millimetres, in the time that the station says
    },
}
"""By measure and value: the lowest and the highest that one reading may say."""
WHOLE = frozenset({"people", "occupants", "vehicles"})
DAY = 86_400.0


def must_be_plausible(reading: Reading, sensor: Sensor) -> None:
    """InputError names the value and its range, never what was sent. Energy: what the sensor's homes can use."""
    ranges = RANGES.get(reading.what, {})
    if reading.what == "energy":
        hours = max(1.0, reading.values.get("seconds", DAY) / 3_600)
        ranges = {"kwh": (0.0, KWH_A_HOME[1] * max(sensor.homes, 1) * hours)}
    for name, (low, high) in ranges.items():
        value = reading.values.get(name, low)
        if not (math.isfinite(value) and low <= value <= high):
            accepted = sentence("%(low)g to %(high)g", low=low, high=high)
            raise InputError("value out of range", column=name, accepted=accepted)
        if reading.what in WHOLE and value != int(value):
            raise InputError("count not a whole number", column=name, accepted="whole numbers, 0 or more")
