"""OpenMetrics 1.0 text of released counts and of how the listener works (github.com/prometheus/OpenMetrics).

Only what was released has a sensor's count: its newest day. Labels name sensors, areas and kinds, never a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from peelian.technologies.sensors.open_data import Shown
from peelian.technologies.sensors.release import Released

MEDIA = "application/openmetrics-text; version=1.0.0; charset=utf-8"
Sample = tuple[str, Mapping[str, str], float]
"""Suffix of the name, labels, value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A metric: its name, type, unit (which ends its name), help and samples."""

    name: str
    type: str
    help: str
    samples: Sequence[Sample]
    unit: str = ""


def text(families: Iterable[Family]) -> str:
    r"""The exposition. O(samples).

    >>> one = Family(name="a", type="gauge", help="A.", samples=[("", {"area": 'The "old" town'}, 1.0)])
    >>> print(text([one]), end="")
    # TYPE a gauge
    # HELP a A.
    a{area="The \"old\" town"} 1
    # EOF
    """
    lines: list[str] = []
    for family in families:
        lines.append(f"# TYPE {family.name} {family.type}")
        if family.unit:
            lines.append(f"# UNIT {family.name} {family.unit}")
        lines.append(f"# HELP {family.name} {_escaped(family.help)}")
        lines += [f"{family.name}{suffix}{_labels(labels)} {value:.15g}" for suffix, labels, value in family.samples]
    return "\n".join([*lines, "# EOF", ""])


def released_families(entries: Sequence[Shown], days: Mapping[str, Sequence[Released]]) -> list[Family]:
    """The public part: sensors in the register, and the newest released day of each. O(entries + days)."""
    newest = [(e, max(days[e.sensor.id], key=lambda day: day.day)) for e in entries if days.get(e.sensor.id)]
    states: dict[str, int] = {}
    for one in entries:
        states[one.state] = states.get(one.state, 0) + 1
    return [
        Family(
            name="peelian_sensors",
            type="gauge",
            help="Sensors in the public register by state.",
            samples=[("", {"state": state}, float(n)) for state, n in sorted(states.items())],
        ),
        Family(
            name="peelian_released_day_count",
            type="gauge",
            help="Count of the newest released day, with noise. Absent where it is under 15.",
            samples=[("", _of(e), float(day.total)) for e, day in newest if day.total is not None],
        ),
        Family(
            name="peelian_released_day_under_15",
            type="gauge",
            help="1 where the count of the newest released day is under 15.",
            samples=[("", _of(e), float(day.total is None)) for e, day in newest],
        ),
        Family(
            name="peelian_released_day_start_timestamp_seconds",
            type="gauge",
            unit="seconds",
            help="When the newest released day began (UTC).",
            samples=[("", _of(e), _midnight(day)) for e, day in newest],
        ),
        Family(
            name="peelian_released_day_gap_seconds",
            type="gauge",
            unit="seconds",
            help="For how long messages of the newest released day are missing.",
            samples=[("", _of(e), float(sum(day.missing))) for e, day in newest],
        ),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """How the listener works: when it last said so, whether it is connected; by sensor the quarter of an hour of the
    newest message, refused messages, and whether it is at fault."""

    at: datetime
    connected: bool
    heard: Mapping[str, datetime]
    refused: Mapping[str, int]
    faults: Mapping[str, bool]


def health_families(working: Working, gap_seconds: float) -> list[Family]:
    """The staff's part. `gap_seconds`: missing in the last 24 hours. O(sensors)."""
    return [
        Family(
            name="peelian_listener_state_timestamp_seconds",
            type="gauge",
            unit="seconds",
            help="When the listener last told its state.",
            samples=[("", {}, working.at.timestamp())],
        ),
        Family(
            name="peelian_listener_connected",
            type="gauge",
            help="1 while the listener has its connection to the broker.",
            samples=[("", {}, float(working.connected))],
        ),
        Family(
            name="peelian_listener_gap_seconds",
            type="gauge",
            unit="seconds",
            help="For how long messages of all sensors are missing in the last 24 hours.",
            samples=[("", {}, gap_seconds)],
        ),
        Family(
            name="peelian_sensor_heard_timestamp_seconds",
            type="gauge",
            unit="seconds",
            help="Start of the quarter of an hour in which the newest message of the sensor came.",
            samples=[("", {"sensor": id}, at.timestamp()) for id, at in sorted(working.heard.items())],
        ),
        Family(
            name="peelian_sensor_refused_messages",
            type="counter",
            help="Messages of the sensor that were refused.",
            samples=[("_total", {"sensor": id}, float(n)) for id, n in sorted(working.refused.items())],
        ),
        Family(
            name="peelian_sensor_fault",
            type="gauge",
            help="1 while the sensor is at fault.",
            samples=[("", {"sensor": id}, float(on)) for id, on in sorted(working.faults.items())],
        ),
    ]


def _of(shown: Shown) -> dict[str, str]:
    return {"sensor": shown.sensor.id, "area": shown.sensor.area, "kind": shown.sensor.kind}


def _midnight(day: Released) -> float:
    return datetime(day.day.year, day.day.month, day.day.day, tzinfo=UTC).timestamp()


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
