"""Proves which steps and texts an alarm has: a plan's over its zone while it is in force, else its watch's."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from event_plans import plan_body
from toy_watch import FIRST, wells
from watched import Watched, stood

from peelian.kernel.alarms import event_plans
from peelian.kernel.alarms.plans_in_force import runbooks
from peelian.kernel.model.alarms import CITY, Alarm

DEFAULT, PLANNED = (
    ("Look at the well.", "Open the sluice."),
    ("Look at the picture of gate A.", "Call the first aid post."),
)


@pytest.fixture
def at() -> Watched:
    made = stood(sensors={"well-1": "north", "well-2": "south", "well-3": "park"})
    made.feed(wells([6.0, 6.5]))
    return made


def plan(at: Watched, **changes: Any) -> None:
    digest = event_plans.plan_event(at.town.kernel, at.town.people["dispatcher"], plan_body(**changes))
    event_plans.confirm_plan(at.town.kernel, at.town.people["commander"], digest)


def alarm_of(at: Watched) -> Alarm:
    return next(iter(at.town.kernel.state.alarms.floor.alarms.values()))


def test_without_a_plan_the_watch_says_what_helps(at: Watched) -> None:
    kernel, alarm = at.town.kernel, alarm_of(at)
    assert runbooks(kernel).steps(alarm, FIRST) == DEFAULT
    assert runbooks(kernel).messages(alarm, FIRST) == ("Keep away from the well.",)
    assert runbooks(kernel).steps(dataclasses.replace(alarm, type="other"), FIRST) == ()


def test_a_plan_counts_over_its_zones_and_gates_while_it_is_in_force(at: Watched) -> None:
    plan(at)
    kernel, alarm = at.town.kernel, alarm_of(at)
    assert runbooks(kernel).steps(alarm, FIRST) == PLANNED and runbooks(kernel).messages(alarm, FIRST)[0].endswith(
        "gate C."
    )
    for zone, steps in (("gate-a", PLANNED), (CITY, PLANNED), ("park", DEFAULT)):
        assert runbooks(kernel).steps(dataclasses.replace(alarm, zone=zone), FIRST) == steps, zone
    assert runbooks(kernel).steps(alarm, FIRST + timedelta(days=1)) == DEFAULT


def test_a_plan_without_steps_for_a_type_leaves_the_watchs(at: Watched) -> None:
    plan(at, runbooks={})
    assert runbooks(at.town.kernel).steps(alarm_of(at), FIRST) == DEFAULT
    assert runbooks(at.town.kernel).messages(alarm_of(at), FIRST) == ("Please move towards gate C.",)
