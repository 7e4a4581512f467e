"""ONVIF metadata over MQTT: counts made inside a camera, and nothing else.

A message of the topic PREFIX/onvif-ej/RuleEngine/CountAggregation/Counter/&SOURCE/RULE or …/OccupancyCounter/… holds a
time, the rule that counted, and a count (ONVIF Core 9.8 JSON events, ONVIF Analytics counting rules). ONVIF's counts
have no direction: a camera at a gate has one rule for each, and the register says which is which (`columns`: rule →
towards or away), so that the totals become a flow (`turnstile`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from peelian.errors import InputError, sentence
from peelian.kernel.model.sensors import Sensor
from peelian.kernel.model.watch import Reading
from peelian.technologies.sensors.listing import instant, never, not_listed, whole
from peelian.technologies.sensors.structures import decoded

TOPICS = {
    "CountAggregation/Counter": ("people", "total"),
    "CountAggregation/OccupancyCounter": ("occupants", "count"),
}
"""The rules that are read: the reading's name and its value's. A Counter counts on: its window is a difference."""

DIRECTIONS = ("towards", "away")  # to the gate, and through it
FOLLOWS = frozenset(
    {
        "LineDetector",
        "FieldDetector",
        "LoiteringDetector",
        "ObjectDetection",
        "ObjectDetector",
        "Recognition",
        "ObjectTrack",
        "MotionRegionDetector",
        "AudioAnalytics",
        "Face",
        "LicensePlate",
    }
)
Text = Annotated[str, msgspec.Meta(max_length=128)]


class _Strict(msgspec.Struct, forbid_unknown_fields=True, rename="pascal"):
    """A structure that knows its own fields and no other."""


class Source(_Strict):
    """Which rule of which video source counted: read and dropped."""

    video_source: Text | None = None
    video_source_configuration_token: Text | None = None
    video_analytics_configuration_token: Text | None = None
    analytics_configuration: Text | None = None
    rule: Text | None = None


class Data(_Strict):
    """The count, as a number or as digits."""

    count: int | Annotated[str, msgspec.Meta(pattern=r"^\d{1,9}$")]


class Event(_Strict):
    """One counting event."""

    utc_time: Text
    data: Data
    source: Source | None = None
    property_operation: Literal["Initialized", "Changed"] | None = None


READ = msgspec.json.Decoder(Event)


def decode_onvif(data: bytes, sensor: Sensor, topic: str) -> tuple[Reading, ...]:
    """One counting event as one reading: `total` counts on since the counter's start, `count` is how many are there.

    Where the register names the rules of a gate it is `total_towards` or `total_away`. Refused: any other rule of the
    camera, any other field. InputError: as `decoded`. O(bytes).
    """
    what, called = _rule(topic)
    event = decoded(READ, data, "ONVIF")
    if called == "total" and sensor.columns:
        called = f"total_{_direction(sensor.columns, event, topic)}"
    count = whole(float(event.data.count), "Count")
    return (Reading(sensor=sensor.id, time=instant(event.utc_time, "UtcTime"), what=what, values={called: count}),)


def check_rules(rules: Mapping[str, str]) -> None:
    """InputError unless the register names one counting rule for each direction of a gate, or none at all."""
    if rules and sorted(rules.values()) != sorted(DIRECTIONS):
        accepted = "none, or the names of two rules: one contains towards, one away"
        raise InputError("not the two rules of a gate", column="columns", accepted=accepted)


def _direction(rules: Mapping[str, str], event: Event, topic: str) -> str:
    """The direction of the rule that counted; its name stands in the message, else at the end of the topic."""
    told = event.source.rule if event.source else None
    name = told or topic.rpartition("/")[2]
    if name not in rules:
        raise not_listed(name, "ONVIF, counting rule", value_of="Rule")
    return rules[name]


def _rule(topic: str) -> tuple[str, str]:
    parts = topic.split("/")
    if "RuleEngine" not in parts:
        raise InputError("not the topic of a counting rule", accepted="…/onvif-ej/RuleEngine/CountAggregation/…")
    after = parts[parts.index("RuleEngine") + 1 :]
    if after and after[0] in FOLLOWS:
        raise never("ONVIF", sentence("%(what)s describes single persons or objects", what=after[0]))
    found = TOPICS.get("/".join(after[:2]))
    if found is None:
        raise not_listed(after[0] if after else "", "ONVIF, rule", value_of="topic")
    return found
