"""What a declared column or field of a sensor may hold, and the reading that a set of held values makes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peelian.errors import InputError
from peelian.kernel.model.sensors import Sensor
from peelian.kernel.model.watch import Reading
from peelian.technologies.sensors.listing import number, whole
from peelian.technologies.sensors.plausible import DECIBELS, RANGES
from peelian.technologies.sensors.times import DAY_FIRST, MONTH_FIRST, moment

NUMBER = re.compile(r"[+-]?\d{1,12}(\.\d{1,9})?")


@dataclass(frozen=True, slots=True)
class Held:
    """What a field holds: the reading it belongs to, what its value is called, and the unit's factor to ours."""

    what: str
    called: str
    times: float = 1.0


TIMES: Mapping[str, str] = {"time": "", "time_dmy": DAY_FIRST, "time_mdy": MONTH_FIRST}
"""Words for the time of a reading, and the order of day and month where a time has slashes."""

HOLDS: Mapping[str, Held] = {
    **dict.fromkeys(TIMES, Held("", "")),
    "end": Held("", ""),
    "seconds": Held("", "seconds"),
    "count": Held("people", "count"),
    "towards": Held("people", "towards"),
    "away": Held("people", "away"),
    "total_towards": Held("people", "total_towards"),
    "total_away": Held("people", "total_away"),
    "occupants": Held("occupants", "count"),
    "vehicles": Held("vehicles", "count"),
    "total_count": Held("people", "total"),
    "total_vehicles": Held("vehicles", "total"),
    "laeq": Held("noise", "laeq"),
    "lamax": Held("noise", "lamax"),
    "lamin": Held("noise", "lamin"),
    "l10": Held("noise", "l10"),
    "l90": Held("noise", "l90"),
    "celsius": Held("weather", "celsius"),
    "wind_m_s": Held("weather", "wind"),
    "wind_km_h": Held("weather", "wind", 1 / 3.6),
    "gust_m_s": Held("weather", "gust"),
    "gust_km_h": Held("weather", "gust", 1 / 3.6),
    "rain_mm": Held("weather", "rain"),
    "kwh": Held("energy", "kwh"),
    "wh": Held("energy", "kwh", 0.001),
    "mwh": Held("energy", "kwh", 1_000.0),
    "total_kwh": Held("energy", "total_kwh"),
    "total_wh": Held("energy", "total_kwh", 0.001),
    "total_mwh": Held("energy", "total_kwh", 1_000.0),
}
"""What a field may be declared to hold: measure and unit in one word."""

WEATHER = "weather"
WHOLE = frozenset({"count", "towards", "away", "total", "total_towards", "total_away"})
MOST_COUNTED = 2.0**53  # of a running total: the largest number that JSON tells whole
BY_KIND: Mapping[str, str] = {
    "sound_meter": "laeq",
    "people_counter": "count",
    "camera_counter": "count",
    "traffic_counter": "vehicles",
    "energy_area": "kwh",
    "weather_station": "celsius",
}
"""What the one value of a message is that does not name what it measures."""


def check_held(columns: Mapping[str, str], *, timed: bool = True) -> None:
    """InputError unless every field is declared to hold something listed, each once and of one kind of reading;
    `timed`: one of them is the time."""
    words = list(columns.values())
    if any(held not in HOLDS for held in words):
        raise InputError("field not allowed in a column", column="columns", accepted=", ".join(HOLDS))
    times = sum(held in TIMES for held in words)
    if times > 1 or (timed and not times) or len(set(words)) != len(words):
        raise InputError("different fields, one of them the time", column="columns", accepted="time, count")
    if len({HOLDS[held].what for held in words} - {""}) != 1:
        raise InputError(
            "columns of one kind of reading", column="columns", accepted="levels, or a count, or energy, or weather"
        )


def reading_of(values: Mapping[str, Any], sensor: Sensor, received: datetime | None = None) -> Reading | None:
    """The reading of what fields hold; None where each of them is empty. Without a time it has that of receipt.

    InputError: a value that is no number or out of its range, no time, an end before the start. O(values).
    """
    given = {held: value for held, value in values.items() if value is not None}
    timed = {held: TIMES.get(held, "") for held in given if held in TIMES or held == "end"}
    made = {HOLDS[held].called: _value(value, held) for held, value in given.items() if held not in timed}
    what = next((HOLDS[held].what for held in given if HOLDS[held].what), "")
    if not what:
        return None
    times = {held: moment(given[held], "time", zone=sensor.zone, order=order) for held, order in timed.items()}
    end = times.pop("end", None)
    time = next(iter(times.values()), received)
    if time is None:
        raise InputError("row without a time", column="time", accepted="ISO 8601 with time zone")
    if end is not None:
        made["seconds"] = number((end - time).total_seconds(), "end", 0, 366 * 86_400)
    if {"towards", "away"} <= made.keys():
        made.setdefault("count", made["towards"] + made["away"])
    return Reading(sensor=sensor.id, time=time, what=what, values=made)


def _value(value: Any, held: str) -> float:
    if isinstance(value, str) and NUMBER.fullmatch(value.strip()):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError("not a number", column=held, accepted="a number")
    if HOLDS[held].called in WHOLE:
        most = MOST_COUNTED if held.startswith("total") else 10_000_000
        return whole(float(value), held, most)
    if HOLDS[held].what == "noise":
        return number(float(value), held, *DECIBELS)
    if HOLDS[held].what == WEATHER:
        return number(float(value) * HOLDS[held].times, held, *RANGES[WEATHER][HOLDS[held].called])
    return number(float(value) * HOLDS[held].times, held, 0, 1e9)
