"""ONVIF: the two counting rules are read, every other thing a camera can say is refused."""

from __future__ import annotations

from typing import Any

import pytest

from peelian.errors import InputError, Refused
from peelian.technologies.sensors.onvif import FOLLOWS, check_rules, decode_onvif

EVENT = b'{"UtcTime":"2026-03-01T10:00:00Z","Source":{"VideoSource":"1","Rule":"gate"},"Data":{"Count":"42"}}'
TOPIC = "cam/onvif-ej/RuleEngine/CountAggregation/%s/&1/gate"


def test_the_two_counting_rules_are_read(registered: Any) -> None:
    camera = registered("camera_counter")
    assert decode_onvif(EVENT, camera, TOPIC % "Counter")[0].values == {"total": 42.0}
    assert decode_onvif(EVENT, camera, TOPIC % "OccupancyCounter")[0].values == {"count": 42.0}
    assert decode_onvif(EVENT.replace(b'"42"', b"42"), camera, TOPIC % "Counter")[0].what == "people"


GATE = {"IN": "towards", "Out": "away"}


def test_a_gates_rules_are_told_apart_as_the_register_names_them(registered: Any) -> None:
    gate = registered("camera_counter", columns=GATE)
    event = EVENT.replace(b'"gate"', b'"IN"')
    assert decode_onvif(event, gate, TOPIC % "Counter")[0].values == {"total_towards": 42.0}
    bare = b'{"UtcTime":"2026-03-01T10:00:00Z","Data":{"Count":"7"}}'
    assert decode_onvif(bare, gate, "cam/onvif-ej/RuleEngine/CountAggregation/Counter/&1/Out")[0].values == {
        "total_away": 7.0
    }
    assert decode_onvif(event, gate, TOPIC % "OccupancyCounter")[0].values == {"count": 42.0}
    with pytest.raises(Refused, match="not on the list"):
        decode_onvif(EVENT, gate, TOPIC % "Counter")


@pytest.mark.parametrize("rules", [{"IN": "towards"}, {"a": "towards", "b": "towards"}, {"a": "towards", "b": "face"}])
def test_a_gate_has_one_rule_for_each_direction(rules: dict[str, str]) -> None:
    check_rules({})
    check_rules(GATE)
    with pytest.raises(InputError, match="two rules of a gate"):
        check_rules(rules)


@pytest.mark.parametrize("rule", sorted(FOLLOWS))
def test_rules_that_follow_are_refused(registered: Any, rule: str) -> None:
    with pytest.raises(Refused, match=rule):
        decode_onvif(EVENT, registered("camera_counter"), f"cam/onvif-ej/RuleEngine/{rule}/Crossed/&1")


@pytest.mark.parametrize("rule", ["CountAggregation/Other", "Tamper/Detected", ""])
def test_rules_off_the_list_are_refused(registered: Any, rule: str) -> None:
    with pytest.raises(Refused, match="not on the list"):
        decode_onvif(EVENT, registered("camera_counter"), f"cam/onvif-ej/RuleEngine/{rule}")
    with pytest.raises(InputError, match="topic"):
        decode_onvif(EVENT, registered("camera_counter"), "cam/VideoSource/MotionAlarm")


@pytest.mark.parametrize("extra", ["ObjectId", "ClassTypes", "Object", "Likelihood"])
def test_an_object_beside_the_count_refuses_the_event(registered: Any, extra: str) -> None:
    event = EVENT.replace(b'"Count":"42"', f'"Count":"42","{extra}":"7"'.encode())
    with pytest.raises(Refused, match=extra):
        decode_onvif(event, registered("camera_counter"), TOPIC % "Counter")


@pytest.mark.parametrize("count", [b'"many"', b"-1", b"1.5", b'"1234567890"', b"null"])
def test_a_count_that_is_none_is_bad_input(registered: Any, count: bytes) -> None:
    with pytest.raises(InputError):
        decode_onvif(EVENT.replace(b'"42"', count), registered("camera_counter"), TOPIC % "Counter")
