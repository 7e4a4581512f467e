"""Capacity alarms: over what two people signed somebody is called, by gates alone too, and nothing is raised twice."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import timedelta

import pytest
from evening import STEP, Evening, evening
from labels import of_area

from peelian.errors import PeelianError
from peelian.kernel.alarms import operator_desk, watch
from peelian.kernel.alarms.zone_count import count_zone
from peelian.kernel.disclosure.label_checks import propose_vocabulary
from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.model.alarms import Alarm, State
from peelian.kernel.model.labels import LabelKind, Vocabulary
from peelian.kernel.model.watch import CAPACITY, Level, Reading
from peelian.kernel.state.watch_checkpoints import checkpoint
from peelian.operations.live_levels import LiveLevels
from peelian.oversight.watches.zone_levels import ZoneBoard

PLANNED = {"square": {"notice": 600, "warning": 800, "urgent": 900}}


def alarm(e: Evening, zone: str = "square", kind: str = "real") -> Alarm | None:
    floor = e.town.kernel.state.alarms.floor
    return floor.alarms.get(floor.current.get((zone, CAPACITY, kind), ""))


def level(e: Evening, zone: str = "square") -> str:
    found = alarm(e, zone)
    return str(found.level) if found and found.active else ""


def fill(e: Evening, people: int, zone: str = "square") -> None:
    """So many people more come, or leave, within half a minute; and then nothing for as long."""
    half = people // 2
    for part in (half, people - half):
        e.go(1, {zone: (part, 0) if part >= 0 else (0, -part)})
    e.go(2, {})


def again(e: Evening) -> Evening:
    """The gateway's process ended and began again, from its checkpoints."""
    e.written()
    standing = watch.begin(e.town.kernel, e.at.permit, e.at.kept)
    at = dataclasses.replace(e.at, standing=standing)
    return Evening(at, LiveLevels(e.town.kernel, [standing]), e.inside)


def test_each_threshold_of_the_plan_calls_by_the_gates_alone() -> None:
    """A notice at 600 and a warning at 800 by the estimate; urgent once the low end of the interval is at 900."""
    e = evening("square", thresholds=PLANNED, counters=False)
    fill(e, 590)
    assert level(e) == ""
    fill(e, 20)
    assert level(e) == "notice"
    fill(e, 200)
    assert level(e) == "warning"
    fill(e, 140)  # 950: 106 % by the estimate, and its interval begins below 900
    assert level(e) == "warning"
    fill(e, 100)  # 1,050, and 940 at least
    found = alarm(e)
    assert found is not None and found.level is Level.URGENT and found.state is State.OPEN
    assert found.facts["people"] == 1_000 and found.facts["share"] == 111 and found.facts["capacity"] == 900
    assert 100 <= found.facts["share_low"] < 111 < found.facts["share_high"]
    assert not {a.type for a in e.town.kernel.state.alarms.floor.alarms.values()} - {CAPACITY}


def test_without_thresholds_the_capacity_itself_is_the_bar() -> None:
    e = evening("square", counters=False)
    fill(e, 890)
    assert level(e) == ""
    fill(e, 20)
    assert level(e) == "warning"
    fill(e, 250)
    assert level(e) == "urgent"


def test_at_277_percent_of_a_plan_of_1800_somebody_is_called_and_not_by_a_notice() -> None:
    """The case that an outsider found: 1,000 m², 1,800 planned, and the desk said "Notice"."""
    e = evening("square", capacity=1_800, thresholds={"square": {"notice": 1_400, "warning": 1_600, "urgent": 1_800}})
    levels = []
    for _ in range(10):
        fill(e, 499)
        levels.append(level(e))
    assert levels == ["", "", "notice", "urgent", *["urgent"] * 6]
    e.written()
    (at_last,) = ZoneBoard(e.town.kernel).levels().values()
    assert at_last.people is not None and at_last.people.share(at_last.capacity)[0] == 277


def test_an_occupancy_sensor_takes_three_readings_running() -> None:
    e = evening("square", counters=True)
    e.go(6, {"square": (0, 0)})
    gate: Mapping[str, tuple[int, int]] = {}
    for counts, expected in (((1_100, 1_100), ""), ((200,), ""), ((1_100, 1_100, 1_100), "urgent")):
        for count in counts:
            e.inside["square"] = count
            e.go(1, gate)
        assert level(e) == expected, counts


def test_it_clears_a_minute_after_every_estimate_is_well_below_and_does_not_flutter() -> None:
    e = evening("square", counters=False)
    fill(e, 905)
    assert level(e) == "warning"
    for _ in range(4):
        fill(e, -20)  # 885
        fill(e, 20)
    found = alarm(e)
    assert found is not None and found.active and found.reopened == 0
    fill(e, -60)  # 845, under 95 % of 900
    assert level(e) == "warning", "half a minute is too short"
    e.go(3, {})
    assert level(e) == ""
    found = alarm(e)
    assert found is not None and found.state is State.OPEN, "that it is over closes nothing: a person does"


def test_an_urgent_alarm_stays_until_people_are_below_the_lowest_bar() -> None:
    e = evening("square", thresholds=PLANNED, counters=False)
    fill(e, 1_100)
    assert level(e) == "urgent"
    fill(e, -450)  # 650: above the notice
    e.go(8, {})
    assert level(e) == "urgent"
    fill(e, -150)
    e.go(8, {})
    assert level(e) == ""


def test_a_process_that_begins_anew_raises_nothing_twice_and_clears_what_the_other_raised() -> None:
    e = evening("square", counters=False)
    fill(e, 1_200)
    checkpoint(e.at.standing)
    before = len(e.town.kernel.state.alarms.steps[alarm(e).id])  # type: ignore[union-attr]
    new = again(e)
    new.go(4, {})
    assert len(e.town.kernel.state.alarms.steps[alarm(e).id]) == before  # type: ignore[union-attr]
    fill(new, -900)
    new.go(5, {})
    assert level(new) == ""


def test_what_a_crash_left_unjudged_is_judged_without_another_reading() -> None:
    e = evening("square", counters=False)
    fill(e, 100)
    e.at.feed([_gate(e, 1_000)])  # kept, and then the process ends
    checkpoint(e.at.standing)
    assert level(e) == ""
    new = again(e)
    new.levels.judge()
    assert level(new) == "urgent"


def _gate(e: Evening, towards: int) -> Reading:
    values: dict[str, float] = {"count": towards, "towards": towards, "away": 0, "seconds": 60}
    return Reading(sensor="gate-square", time=e.now + STEP, what="people", values=values)


def test_people_decide_and_a_count_by_hand_moves_the_alarm() -> None:
    e = evening("square", counters=False)
    fill(e, 1_200)
    name, dispatcher = alarm(e).id, e.town.people["dispatcher"]  # type: ignore[union-attr]
    operator_desk.acknowledge(e.town.kernel, dispatcher, name)
    operator_desk.decide(e.town.kernel, dispatcher, name, choice="watch", reason="stewards count at the gate")
    operator_desk.dispose(e.town.kernel, dispatcher, name, disposition="crowd normal")
    e.go(4, {})
    assert alarm(e).state is State.DECIDED, "it is still full"  # type: ignore[union-attr]
    count_zone(e.town.kernel, dispatcher, zone="square", people=300)
    e.go(8, {})
    assert alarm(e).state is State.CLOSED  # type: ignore[union-attr]


def test_a_gate_between_two_zones_fills_the_other_one() -> None:
    e = evening("hall", "yard", planned=2, between={"gate-hall": "yard"}, counters=False)
    e.go(2, {})
    count_zone(e.town.kernel, e.town.people["dispatcher"], zone="hall", people=1_500)
    e.go(2, {})
    assert level(e, "hall") == "urgent"
    for _ in range(6):
        e.go(1, {"hall": (0, 200)})
    assert level(e, "yard") == "urgent"


def test_without_a_plan_the_adopted_capacity_of_the_area_is_the_bar() -> None:
    e = evening("square", planned=0, counters=False)
    fill(e, 1_200)
    assert alarm(e) is None, "nobody said how many are too many"
    town, people = e.town, e.town.people
    label = dataclasses.replace(of_area("Centre"), capacity=1_000)
    vocabulary = Vocabulary(kind=LabelKind.AREA, source="fire department", labels=(label,))
    proposal = propose_vocabulary(town.kernel, people["custodian"], vocabulary, words="capacity of the square")
    e.go(6, {})
    assert alarm(e) is None, "one person alone says nothing"
    step_up.prove(town.kernel, people["board"])
    dual_control.approve(town.kernel, people["board"], proposal)
    e.go(6, {})  # it is looked up once a minute
    found = alarm(e)
    assert found is not None and found.level is Level.URGENT and found.facts["capacity"] == 1_000


def test_a_drill_stays_a_drill() -> None:
    drill = evening("square", exercise=True, counters=False)
    fill(drill, 1_200)
    assert alarm(drill) is None and alarm(drill, kind="exercise").state is State.OPEN  # type: ignore[union-attr]


def test_a_watch_that_may_not_stand_any_more_raises_nothing() -> None:
    e = evening("square", counters=False)
    fill(e, 850)
    watch.end(e.town.kernel, e.town.people["commander"], e.at.permit.case)
    with pytest.raises(PeelianError):
        fill(e, 400)
    e.levels.judge()
    assert alarm(e) is None


def test_after_its_plan_nothing_says_what_is_too_many() -> None:
    e = evening("square", counters=False)
    fill(e, 1_200)
    assert level(e) == "urgent"
    e.town.clock.now += timedelta(hours=16)
    e.go(6, {})
    assert level(e) == ""
