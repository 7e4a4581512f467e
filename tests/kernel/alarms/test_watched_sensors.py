"""Which sensors a watch may stand over: a watch that can raise no alarm is refused when it is started."""

from __future__ import annotations

from typing import Any

import pytest
from desk import Desk, desk
from labels import register_in_area
from sensing import a_sensor
from watched import issue_all

from peelian.errors import InputError, sentence
from peelian.kernel.alarms import watch
from peelian.kernel.model.watch import Watch
from peelian.technologies import crowd, sensors
from peelian.technologies.crowd.declarations.counter_watch import COUNTER_WATCH
from peelian.technologies.crowd.declarations.density_watch import DENSITY_WATCH
from peelian.technologies.crowd.declarations.noise_watch import NOISE_WATCH
from peelian.technologies.sensors.decoding import FORMATS, SAYS
from peelian.technologies.sensors.saying import ITS_OWN

GATE = {"time": "time", "in": "towards", "out": "away"}
TOTALS = {"time": "time", "in": "total_towards", "out": "total_away"}
"""Sensors and the watch in question; whether any reading of theirs can raise its alarm."""
CASES: list[tuple[Watch, dict[str, Any], bool]] = [
    (DENSITY_WATCH, {"kind": "people_counter", "format": "csv", "columns": {"t": "time", "n": "count"}}, False),
    (DENSITY_WATCH, {"kind": "people_counter", "format": "csv", "columns": GATE}, False),
    (DENSITY_WATCH, {"kind": "people_counter", "format": "csv", "columns": GATE | {"s": "seconds"}}, True),
    (DENSITY_WATCH, {"kind": "people_counter", "format": "csv", "columns": GATE | {"to": "end"}}, True),
    (DENSITY_WATCH, {"kind": "people_counter", "format": "csv", "columns": {"t": "time", "n": "occupants"}}, True),
    (DENSITY_WATCH, {"kind": "people_counter", "format": "csv", "columns": TOTALS}, True),
    (DENSITY_WATCH, {"kind": "sound_meter", "format": "ngsi-ld"}, False),
    (DENSITY_WATCH, {"kind": "camera_counter", "format": "onvif-counts"}, True),
    (COUNTER_WATCH, {"kind": "camera_counter", "format": "onvif-counts"}, False),
    (COUNTER_WATCH, {"kind": "people_counter", "format": "csv", "columns": {"t": "time", "n": "count"}}, True),
    (NOISE_WATCH, {"kind": "sound_meter", "format": "dnms"}, False),
    (NOISE_WATCH, {"kind": "sound_meter", "format": "ngsi-ld"}, True),
]


def town() -> Desk:
    return desk((crowd.TECHNOLOGY, sensors.TECHNOLOGY))


@pytest.mark.parametrize(("declared", "given", "can"), CASES)
def test_a_watch_that_can_raise_no_alarm_is_refused_with_the_remedy(
    declared: Watch, given: dict[str, Any], can: bool
) -> None:
    at = town()
    register_in_area(at.kernel, at.people, a_sensor(id="unit-1", **given))
    issue_all(at, declared)
    asked: dict[str, Any] = {"purpose": "safety", "params": declared.asks.params(), "exercise": True}
    if can:
        assert watch.stand(at.kernel, at.people["commander"], declared.id, sensors={"unit-1": "square"}, **asked)
        return
    with pytest.raises(InputError) as told:
        watch.stand(at.kernel, at.people["commander"], declared.id, sensors={"unit-1": "square"}, **asked)
    assert told.value.column == "sensors" and "unit-1 sends" in sentence(told.value.accepted)
    assert not at.kernel.state.alarms.stands


def test_one_deaf_sensor_among_others_is_named() -> None:
    at = town()
    columns = {"good-1": {"t": "time", "n": "occupants"}, "deaf-1": {"t": "time", "n": "count"}}
    for id, held in columns.items():
        register_in_area(at.kernel, at.people, a_sensor(id=id, kind="people_counter", format="csv", columns=held))
    issue_all(at, DENSITY_WATCH)
    with pytest.raises(InputError, match="no alarm") as told:
        watch.stand(
            at.kernel,
            at.people["commander"],
            DENSITY_WATCH.id,
            purpose="safety",
            params=DENSITY_WATCH.asks.params(),
            sensors=dict.fromkeys(columns, "square"),
        )
    assert "deaf-1 sends people (count)" in sentence(told.value.accepted)


def test_every_format_that_knows_its_own_fields_says_what_it_can_say() -> None:
    declared = {
        "csv",
        "json",
        "senml",
        "ttn-v3",
        "chirpstack-v4",
        "thingsboard",
        "sentilo",
        "eco-counter",
        "axis-counts",
    }
    assert set(FORMATS) == set(ITS_OWN) | declared
    assert all(set(said) <= set().union(*SAYS.values()) for said in ITS_OWN.values())
