"""Sensors as registered: owner, purpose, place, what each may report, and until when.

Every sensor of the town stands in the register, policing ones included. Only one that sends plain measurements, in a
format the gateway reads, may speak to it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from peelian.errors import InputError
from peelian.measure.contacts import must_hold_no_contact

ID = re.compile(r"[a-z][a-z0-9-]{1,39}")
RESERVED = "peelian"  # names of our own at the broker: a sensor that is called so could read what the others say
COLUMN = re.compile(r"[A-Za-z/][A-Za-z0-9_ .%@:$*/-]{0,159}")
MOST_DROPPED = 200
BY_ONE = frozenset({"csv", "onvif-counts"})  # formats whose columns are no mapping of a message
LONGEST_DAYS = 3 * 366  # a registration is renewed within three years at the latest
PUBLIC_WORDS = ("title", "owner", "why", "place", "mounted_on", "vendor")
LONGEST_TEXT, LONGEST_VERSION = 300, 60
SILENT_DAYS = 28  # the proving period before a sensor's readings may raise an alarm

KINDS: Mapping[str, str] = {
    "sound_meter": "sound level meter",
    "people_counter": "people counter",
    "camera_counter": "counts-only camera",
    "traffic_counter": "vehicle counter",
    "weather_station": "weather station",
    "energy_area": "area energy data",
    "energy_meter": "single-home energy meter",
    "camera": "camera",
    "body_camera": "body-worn camera",
    "plate_reader": "plate reader",
    "drone": "drone",
    "gunshot_detector": "gunshot detector",
    "thermal_camera": "thermal camera",
    "cell_site_simulator": "cell-site simulator",
    "real_time_centre": "real-time centre software",
    "other": "other sensor",
}
"""What a sensor is. Those not in `SPEAKING` may be registered, as they must be, but have no format to speak in."""

SPEAKING = frozenset(
    {
        "sound_meter",
        "people_counter",
        "camera_counter",
        "traffic_counter",
        "weather_station",
        "energy_area",
        "energy_meter",
    }
)
MEASURED_BY: Mapping[str, frozenset[str]] = {
    "people": frozenset({"people_counter", "camera_counter"}),
    "occupants": frozenset({"people_counter", "camera_counter"}),
    "vehicles": frozenset({"traffic_counter", "camera_counter"}),
    "noise": frozenset({"sound_meter"}),
    "energy": frozenset({"energy_area"}),
}
"""What is measured, and the kinds of sensors that measure it: a reading of energy is no count of vehicles."""
LEVELS = frozenset({"noise"})
"""What is measured at a point and not counted over ground."""
MOST_AN_HOUR: Mapping[str, float] = {"people": 1_000_000, "occupants": 1_000_000, "vehicles": 30_000}
"""No one place counts more in an hour."""
KWH_A_HOME = (0.05, 30.0)  # in an hour, on average: the one real house in our tests takes .85
PURPOSES: Mapping[str, str] = {
    "safety": "public safety at events and places",
    "noise": "noise exposure",
    "traffic": "traffic planning",
    "energy": "energy saving",
    "planning": "planning of streets and public space",
    "enforcement": "law enforcement",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """One entry of the register. Degrees are WGS 84; `area` names the area it stands in, or stands for."""

    id: str = ""  # empty: the office draws its number
    kind: str  # a word of KINDS
    title: str  # what it is, in words
    owner: str
    contact: str
    purpose: str  # a word of PURPOSES
    why: str  # the purpose in one sentence
    area: str
    personal_data: bool
    retention_days: int
    ends: str  # ISO date: the last day on which it may speak
    place: str = ""  # in words
    lon: float | None = None
    lat: float | None = None
    format: str = ""  # how it speaks; empty: it does not speak to the gateway
    columns: Mapping[str, str] = field(
        default_factory=dict
    )  # columns, JSON pointers or counting rules → what they hold
    drop: tuple[str, ...] = ()  # harmless fields around the measure: columns or JSON pointers that are read past
    zone: str = ""  # of its times that say none, as America/Toronto
    homes: int = 0  # energy: how many homes are behind one reading
    largest_share: float = 0.0  # energy: the largest part that one customer has of it, 0 to 1
    mounted_on: str = ""  # a lamp post, a bridge
    vendor: str = ""
    firmware: str = ""  # the version it runs
    updated: str = ""  # ISO date: when its firmware was last updated, or checked and found to be the newest
    update_days: int = 0  # within how many days that is done again; 0: nobody stated it
    drawn: bool = False  # the office drew its number; an earlier version let people type a name for one

    @property
    def located(self) -> bool:
        """Whether the register knows its point."""
        return self.lon is not None and self.lat is not None

    @property
    def update_due(self) -> date | None:
        """The last day on which its firmware is to be updated or checked; None where no duty is stated."""
        return date.fromisoformat(self.updated) + timedelta(days=self.update_days) if self.update_days else None

    @property
    def declares(self) -> bool:
        """Whether it declares fields of its messages, which takes two people."""
        return bool(self.drop or (self.columns and self.format not in BY_ONE))


def check_sensor(sensor: Sensor, today: date) -> None:
    """InputError for the first thing that the public must know and that is missing or makes no sense."""
    if sensor.id and (not ID.fullmatch(sensor.id) or sensor.id.startswith(RESERVED)):
        accepted = f"2 to 40 small letters, digits and dashes, not beginning with {RESERVED}"
        raise InputError("not a sensor id", column="id", accepted=accepted)
    for name in ("title", "owner", "contact", "why", "area"):
        _told(sensor, name)
    for name in PUBLIC_WORDS:
        _must_be_public(sensor, name)
    for name in ("place", "mounted_on", "vendor"):
        if len(getattr(sensor, name)) > LONGEST_TEXT:
            raise InputError("too long", column=name, accepted=f"at most {LONGEST_TEXT} characters")
    _among(sensor.kind, KINDS, "kind")
    _among(sensor.purpose, PURPOSES, "purpose")
    if sensor.format and sensor.kind not in SPEAKING:
        raise InputError(
            "sensors of this kind do not send to the gateway", column="format", accepted="no format for it"
        )
    if not 1 <= sensor.retention_days <= 36_500:
        raise InputError("retention out of range", column="retention_days", accepted="1 to 36,500 days")
    _check_end(sensor.ends, today)
    _check_point(sensor)
    _check_columns(sensor)
    _check_zone(sensor.zone)
    _check_homes(sensor)
    check_firmware(sensor, today)


def check_firmware(sensor: Sensor, today: date) -> None:
    """InputError for a version, a day or a duty that makes no sense; a duty counts from a day."""
    if len(sensor.firmware) > LONGEST_VERSION or not sensor.firmware.isprintable():
        raise InputError("too long", column="firmware", accepted=f"at most {LONGEST_VERSION} characters")
    if not 0 <= sensor.update_days <= LONGEST_DAYS:
        raise InputError("out of range", column="update_days", accepted=f"0 to {LONGEST_DAYS} days")
    if not sensor.updated and not sensor.update_days:
        return
    try:
        last = date.fromisoformat(sensor.updated)
    except (TypeError, ValueError):
        raise InputError("not a date", column="updated", accepted="a date as 2027-06-30") from None
    if last > today:
        raise InputError("day of an update in the future", column="updated", accepted="today or earlier")


def body_of(sensor: Sensor) -> dict[str, Any]:
    """The entry as plain JSON without floats, for a signed record: numbers with a point are spelled as text."""
    return {name: repr(value) if isinstance(value, float) else value for name, value in asdict(sensor).items()}


def sensor_of(body: Mapping[str, Any]) -> Sensor:
    """The entry from its body. InputError where it holds something else."""
    known = {each.name for each in fields(Sensor)}
    if unknown := sorted(set(body) - known):
        raise InputError("unknown fact of a sensor", column=unknown[0][:40], accepted=", ".join(sorted(known)))
    values = dict(body)
    for name in ("lon", "lat", "largest_share"):
        if values.get(name) is not None and name in values:
            values[name] = _number(values[name], name)
    for name in ("homes", "retention_days", "update_days"):
        if name in values:
            values[name] = int(_number(values[name], name))
    values["drop"] = _words(values.get("drop", ()))
    try:
        return Sensor(**values)
    except TypeError:
        missing = [each.name for each in fields(Sensor) if each.name not in body]
        raise InputError("fact of the sensor missing", column=missing[0], accepted="every fact") from None


def ended(sensor: Sensor, today: date) -> bool:
    """Whether its registration is over."""
    return date.fromisoformat(sensor.ends) < today


def _told(sensor: Sensor, name: str) -> None:
    text = getattr(sensor, name)
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_TEXT:
        raise InputError(
            "public description missing or too long", column=name, accepted=f"1 to {LONGEST_TEXT} characters"
        )


def _must_be_public(sensor: Sensor, name: str) -> None:
    """Words that everybody reads hold no contact detail; `contact` is what people write to."""
    try:
        must_hold_no_contact(str(getattr(sensor, name)))
    except InputError as fault:
        raise InputError(fault.wrong, column=name, accepted=fault.accepted) from None


def _among(word: str, known: Mapping[str, str], name: str) -> None:
    if word not in known:
        raise InputError("not one of the choices", column=name, accepted=", ".join(known))


def _number(value: Any, name: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise InputError("not a number", column=name, accepted="a number") from None
    if not math.isfinite(number):
        raise InputError("not a number", column=name, accepted="a number")
    return number


def _check_end(ends: str, today: date) -> None:
    try:
        last = date.fromisoformat(ends)
    except (TypeError, ValueError):
        raise InputError("not a date", column="ends", accepted="a date as 2027-06-30") from None
    if not today <= last <= today + timedelta(days=LONGEST_DAYS):
        raise InputError(
            "end date past or too far away", column="ends", accepted="a day within three years, then renewed"
        )


def _check_point(sensor: Sensor) -> None:
    if sensor.lon is None and sensor.lat is None:
        return
    lon, lat = sensor.lon, sensor.lat
    if lon is None or lat is None or not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise InputError("not a point", column="lon, lat", accepted="degrees, WGS 84, both or neither")


def _words(given: Any) -> tuple[str, ...]:
    if not isinstance(given, list | tuple) or not all(isinstance(each, str) for each in given):
        raise InputError("not column names", column="drop", accepted="a list of column names or JSON pointers")
    return tuple(given)


def _check_columns(sensor: Sensor) -> None:
    if not isinstance(sensor.columns, Mapping) or not all(isinstance(held, str) for held in sensor.columns.values()):
        raise InputError("not column names", column="columns", accepted="column name to what it holds")
    if len(sensor.columns) > 20 or not all(COLUMN.fullmatch(name) for name in sensor.columns):
        raise InputError("not column names", column="columns", accepted="at most 20 plain column names")
    if len(sensor.drop) > MOST_DROPPED or not all(COLUMN.fullmatch(name) for name in sensor.drop):
        accepted = "at most 200 plain column names or JSON pointers"
        raise InputError("not column names", column="drop", accepted=accepted)
    if sensor.declares and not sensor.format:
        raise InputError("fields declared without a format", column="format", accepted="the format it sends in")


def _check_zone(zone: str) -> None:
    try:
        if zone:
            ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError("unknown time zone", column="zone", accepted="a zone as America/Toronto") from None


def _check_homes(sensor: Sensor) -> None:
    if not 0 <= sensor.homes <= 10_000_000 or not 0 <= sensor.largest_share <= 1:
        raise InputError("out of range", column="homes, largest_share", accepted="homes from 0, a share 0 to 1")
    if sensor.kind == "energy_area" and sensor.homes < 2:
        raise InputError("area of fewer than two homes", column="homes", accepted="how many homes it holds")
    if sensor.kind == "energy_meter" and not sensor.personal_data:
        raise InputError(
            "energy use of one home is personal data", column="personal_data", accepted="yes, for a meter of one home"
        )
