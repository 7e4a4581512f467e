"""The register at the gateway: who may speak, what is read, windows gathered, and finer data under a warrant only.

`SensorGate.decode` and `SensorGate.keep` are what the gateway of readings is given. Everything read under a warrant is
logged as COLLECTED with the warrant's root before it is handed on, so that a refusal finds and destroys it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from peelian.errors import Reason, Refused
from peelian.kernel.model.capability import Scalar
from peelian.kernel.model.documents import Admission, Declaration
from peelian.kernel.model.formats import Admitted
from peelian.kernel.model.people import Operator
from peelian.kernel.model.sensors import Sensor
from peelian.kernel.model.watch import Reading
from peelian.kernel.policy.authorize import must_not_be_stopped
from peelian.kernel.records.sensor_register import message_refused, speaking, the_register
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.sensor_state import Listed, proven
from peelian.kernel.verbs import admit
from peelian.kernel.verbs.warrant_lifecycle import collected, collected_as, must_collect
from peelian.measure.table import Kind, Table, table
from peelian.oversight.sensors.warrants import Opened, Warrants, used_of, warrant_of
from peelian.technologies.sensors.decoding import Arrival, decode
from peelian.technologies.sensors.measures import WEATHER
from peelian.technologies.sensors.running_totals import looks_running
from peelian.technologies.sensors.turnstile import Turnstile
from peelian.technologies.sensors.windows import Gathering, Window, close, gather

RETENTION_DAYS = 90
GATEWAY = "the gateway"
FINER = frozenset({"energy_meter"})


@dataclass(slots=True)
class SensorGate:
    """One kernel's register and windows under way. Used by one thread, the gateway's."""

    kernel: Kernel
    minutes: int = 15
    gathering: Gathering = field(init=False)
    turnstile: Turnstile = field(default_factory=Turnstile)
    warrants: Warrants = field(init=False)
    weather: dict[str, Reading] = field(default_factory=dict)  # station → its newest reading, until it is laid out

    def __post_init__(self) -> None:
        self.gathering = Gathering(minutes=self.minutes)
        self.warrants = Warrants(self.kernel)

    def decode(self, sensor: str, topic: str, body: bytes) -> tuple[Reading, ...]:
        """The readings of one message. Refused: not registered, not listed, or without a warrant. O(bytes)."""
        now = self.kernel.now()
        found = speaking(the_register(self.kernel), sensor, now)
        if found.kind in FINER:
            return self._finer_readings(found, body, now)
        must_not_be_stopped(self.kernel, "sensors")
        readings = decode(found.format, body, found, Arrival(topic=topic, received=now))
        return self.turnstile.turned(readings, found)

    def _finer_readings(self, sensor: Sensor, body: bytes, now: datetime) -> tuple[Reading, ...]:
        opened = self.warrants.of(sensor)
        readings, root = _within(self.kernel, sensor, body, opened, now)
        collected(self.kernel, root, sensor.id, readings=len(readings))
        return readings

    def keep(self, readings: Sequence[Reading]) -> None:
        """Add readings to their windows. Those of single homes are in none; of weather the newest is kept alone."""
        gather(self.gathering, [r for r in readings if r.what != WEATHER and not self._finer(r.sensor)])
        for one in readings:
            if one.what == WEATHER and (one.sensor not in self.weather or one.time >= self.weather[one.sensor].time):
                self.weather[one.sensor] = one

    def closed(self, *, stopping: bool = False) -> tuple[Window, ...]:
        """Windows that are over, and at a stop those under way: taken out."""
        return close(self.gathering, self.kernel.now(), stopping=stopping)

    def proven(self, sensor: str) -> bool:
        """Whether the sensor's silent proving period is over."""
        listed = the_register(self.kernel).get(sensor)
        return listed is not None and proven(listed, self.kernel.now())

    def _finer(self, sensor: str) -> bool:
        listed = the_register(self.kernel).get(sensor)
        return listed is not None and listed.sensor.kind in FINER


def collect(kernel: Kernel, by: Operator, sensor: str, body: bytes) -> Admission:
    """Admit a file of a single home's record under the warrant that names its meter, for a custodian's desk.

    Refused: there is no such warrant, or the file goes beyond it. What is sealed carries the warrant in the log.
    """
    with kernel.lock:
        now = kernel.now()
        found = speaking(the_register(kernel), sensor, now)
        opened = warrant_of(kernel, found)
        if opened is None:
            must_not_be_stopped(kernel, "sensors")
            raise Refused([_no_warrant()])
        readings, root = _within(kernel, found, body, opened, now)
        collected(kernel, root, sensor, readings=len(readings))
        declaration = Declaration(
            title=f"Record of meter {sensor}",
            purposes=opened.purposes,
            legal_basis=f"warrant {root[:16]}",
            minimisation="energy by the hour, within the warrant's sensors, places, window and count",
            retention_days=RETENTION_DAYS,
            source=found.owner,
        )
        hours = Admitted(table=_hours(readings, found), facts={})
        made = admit(kernel, by, declaration, hours, format="energy-hours", warrant=root)
        collected_as(kernel, by, root, made.dataset)
        return made


def store(kernel: Kernel, by: Operator, windows: Sequence[Window], register: Mapping[str, Listed]) -> Admission:
    """Seal closed windows, summed into hours, for 90 days: what `sensors.report` reads. O(windows log windows)."""
    declaration = Declaration(
        title="Counts, levels and energy of the town's sensors",
        purposes=("safety", "audit", "oversight"),
        legal_basis="the public register of sensors",
        minimisation="sums by the hour; single readings were never kept",
        retention_days=RETENTION_DAYS,
        source=GATEWAY,
    )
    made = windows_table(amounts_of(kernel, windows), {id: listed.sensor for id, listed in register.items()})
    days = made["hour"].astype("datetime64[D]")
    facts: dict[str, Scalar] = {
        "from_day": str(days.min()),
        "to_day": str(days.max()),
        "places": len(set(made["area"].tolist())),
    }
    return admit(kernel, by, declaration, Admitted(table=made, facts=facts), format="sensor-counts")


def amounts_of(kernel: Kernel, windows: Sequence[Window]) -> list[Window]:
    """The windows of a day, their energy unknown where a sensor's looks like a running total that was declared as an
    amount: no figure is better than a false one. It is said in the log, as a refused message is. O(windows)."""
    by_sensor: dict[str, list[Window]] = {}
    for window in sorted(windows, key=lambda one: one.start):
        if window.measure == "energy" and window.n:
            by_sensor.setdefault(window.sensor, []).append(window)
    false = {id for id, some in by_sensor.items() if looks_running([one.kwh / one.n for one in some])}
    for sensor in sorted(false):
        message_refused(kernel, sensor, "kwh")
    return [replace(one, kwh=math.nan) if one.sensor in false else one for one in windows]


def windows_table(windows: Sequence[Window], sensors: Mapping[str, Sensor]) -> Table:
    """Closed windows as hours of the areas that their sensors stand in, none of a sensor that is not listed: counts and
    energy added, levels as the mean of their energy. A sensor's number is no place."""
    hours: dict[tuple[str, str, datetime], list[Window]] = {}
    for window in windows:
        if window.sensor in sensors:
            hour = window.start.replace(minute=0, second=0)
            hours.setdefault((sensors[window.sensor].area, window.measure, hour), []).append(window)
    return _table([_hour(key, held, sensors) for key, held in sorted(hours.items())])


Row = tuple[str, datetime, str, int, float, float, int, int, float]


def _hour(key: tuple[str, str, datetime], held: Sequence[Window], sensors: Mapping[str, Sensor]) -> Row:
    area, measure, start = key
    levels = [window.laeq for window in held if math.isfinite(window.laeq)]
    level = 10 * math.log10(sum(10 ** (each / 10) for each in levels) / len(levels)) if levels else math.nan
    kwh = sum(window.kwh for window in held) if measure == "energy" else math.nan
    there = [sensors[id] for id in dict.fromkeys(window.sensor for window in held)]
    homes, share = min(max(one.homes, 1) for one in there), max(_share(one) for one in there)
    return area, start, measure, _counted(measure, held), level, kwh, sum(window.n for window in held), homes, share


def _counted(measure: str, held: Sequence[Window]) -> int:
    """What was counted in an hour; of occupants the most at once, sensor by sensor."""
    most: dict[str, int] = {}
    for window in held:
        before = most.get(window.sensor, 0)
        most[window.sensor] = max(before, window.count) if measure == "occupants" else before + window.count
    return sum(most.values())


def _share(sensor: Sensor) -> float:
    """What is not stated of the largest user is taken as everything."""
    return sensor.largest_share if sensor.largest_share > 0 else 1.0


def _hours(readings: Sequence[Reading], sensor: Sensor) -> Table:
    sums: dict[datetime, float] = {}
    for reading in readings:
        hour = reading.time.replace(minute=0, second=0, microsecond=0)
        sums[hour] = sums.get(hour, 0.0) + reading.values["kwh"]
    return _table([(sensor.area, at, "energy", 0, math.nan, kwh, 1, 1, 1.0) for at, kwh in sorted(sums.items())])


def _table(rows: Sequence[Row]) -> Table:
    area, start, measure, count, level, kwh, n, homes, share = zip(*rows, strict=True) if rows else ((),) * 9
    stamps = [np.datetime64(at.replace(tzinfo=None), "h") for at in start]
    return table(
        "windows",
        {
            "area": (Kind.PLACE, np.array(area, dtype=object)),
            "hour": (Kind.TIME, np.array(stamps, dtype="datetime64[h]")),
            "measure": (Kind.GROUP, np.array(measure, dtype=object)),
            "count": (Kind.COUNT, np.array(count, dtype=np.int64)),
            "level": (Kind.AMOUNT, np.array(level, dtype=np.float64)),
            "kwh": (Kind.AMOUNT, np.array(kwh, dtype=np.float64)),
            "n": (Kind.COUNT, np.array(n, dtype=np.int64)),
            "homes": (Kind.COUNT, np.array(homes, dtype=np.int64)),
            "largest_share": (Kind.AMOUNT, np.array(share, dtype=np.float64)),
        },
        level="dB(A)",
        kwh="kWh",
        n="bins",
        homes="residents",
    )


def _within(
    kernel: Kernel, sensor: Sensor, body: bytes, opened: Opened | None, now: datetime
) -> tuple[tuple[Reading, ...], str]:
    """The readings of a single home and the warrant's root, if it covers each of them at its own time; else Refused.

    The decoder keeps the scope reading by reading, and then the policy is asked again with what was found. While
    sensors are suspended the warrant is one that two people excepted.
    """
    if opened is None:
        must_not_be_stopped(kernel, "sensors")
    else:
        must_collect(kernel, opened.root)
    scope, used = (opened.scope, used_of(kernel, opened.root)) if opened else (None, 0)
    readings = decode(sensor.format, body, sensor, Arrival(received=now, scope=scope, used=used))
    again = warrant_of(kernel, sensor, [reading.time for reading in readings], len(readings))
    if opened is None or again is None or again.root != opened.root:
        raise Refused([_no_warrant()])
    return readings, opened.root


def _no_warrant() -> Reason:
    return Reason(
        rule="nothing_that_follows_comes_in",
        says="no valid warrant names this sensor",
        remedy="Ask a privacy officer to record the court's paper. Somebody of another unit confirms the warrant.",
    )
