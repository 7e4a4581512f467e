"""Proves an after-event report tells from signed steps alone: peaks, outcomes, times of people, and what was missed."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from event_plans import plan_body
from toy_watch import FIRST, wells
from watched import Watched, stood

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.alarms import event_plans, operator_desk, watch
from peelian.oversight.watches.event_report import EventReport, Span, event_report, plain_report, span_of
from peelian.oversight.watches.zone_levels import Minute, key_of, publish_trend, seal_of

SENSORS = {"well-1": "north", "well-2": "south", "well-3": "park"}


def later(at: Watched, seconds: float) -> None:
    at.town.clock.now += timedelta(seconds=seconds)


def answered(at: Watched, alarm: str, *, waits: float, choice: str, disposition: str, arrives: float = 0) -> None:
    """An operator answers after so many seconds; help arrives where it is said when."""
    kernel, by = at.town.kernel, at.town.people["dispatcher"]
    later(at, waits)
    watch.tick(kernel)
    operator_desk.acknowledge(kernel, by, alarm)
    later(at, 20)
    operator_desk.decide(kernel, by, alarm, choice=choice, reason="as seen")
    if arrives:
        later(at, arrives)
        operator_desk.help_arrived(kernel, by, alarm)
    operator_desk.dispose(kernel, by, alarm, disposition=disposition)


def of_zone(at: Watched, zone: str) -> str:
    floor = at.town.kernel.state.alarms.floor
    return next(alarm.id for alarm in floor.not_closed() if alarm.zone == zone)


@pytest.fixture(scope="module")
def at() -> Watched:
    """Two alarms in the plan's zones, one beside it; one answered well, one late."""
    made = stood(sensors=SENSORS)
    kernel, people = made.town.kernel, made.town.people
    digest = event_plans.plan_event(kernel, people["dispatcher"], plan_body())
    event_plans.confirm_plan(kernel, people["commander"], digest)
    made.feed(wells([6.0, 6.5]))
    north = of_zone(made, "north")
    operator_desk.tick(kernel, people["dispatcher"], north, item="Look at the picture of gate A.", done=True)
    operator_desk.tick(kernel, people["dispatcher"], north, item="Call the first aid post.", done=True)
    answered(made, north, waits=30, choice="dispatch help", disposition="danger confirmed", arrives=300)
    made.feed(wells([1.0], first=made.town.clock.now))
    made.feed(wells([16.0, 16.5], "well-2", made.town.clock.now + timedelta(seconds=5)))
    answered(made, of_zone(made, "south"), waits=200, choice="dispatch help", disposition="unknown")
    made.feed(wells([6.0, 6.5], "well-3", made.town.clock.now + timedelta(minutes=11)))  # no part of an incident
    kernel.append("GATEWAY_CUT", connection="mqtt", why="lost")
    return made


def told(at: Watched, name: str = "fete-2026") -> EventReport:
    return event_report(at.town.kernel, span_of(at.town.kernel, name, None, None))


def test_alarms_of_the_plans_places_are_counted_by_type_level_and_outcome(at: Watched) -> None:
    report = told(at)
    assert {(one.level, one.disposition, one.n) for one in report.alarms} == {
        ("urgent", "unknown", 1),
        ("notice", "danger confirmed", 1),
    }
    assert (report.name, report.attendance) == ("fete-2026", 1500) and report.start < report.end


def test_response_times_are_those_of_signed_steps(at: Watched) -> None:
    found = {one.stage: one for one in told(at).responses}
    assert found["acknowledge"].n == 2 and found["acknowledge"].longest == pytest.approx(200, abs=2)
    assert found["acknowledge"].median == pytest.approx(115, abs=2)
    assert found["decide"].n == 2 and found["decide"].median == pytest.approx(20, abs=1)
    assert (found["arrive"].n, found["arrive"].longest) == (1, pytest.approx(300, abs=1))
    assert found["close"].n == 1 and found["close"].longest == pytest.approx(350, abs=2)


def test_what_was_missed_is_named_with_its_alarms(at: Watched) -> None:
    found = {one.what: one.which for one in told(at).missed}
    south = of_zone(at, "south")
    assert found.keys() == {
        "late", "called_second", "no_arrival", "unknown_outcome", "steps_left", "connection_cuts", "no_exercise",
    }  # fmt: skip
    for what in ("late", "called_second", "no_arrival", "unknown_outcome", "steps_left"):
        assert found[what] == (south,), what
    assert found["connection_cuts"] == ("mqtt",)


def test_runbooks_are_counted_as_they_were_when_the_alarm_was_raised(at: Watched) -> None:
    assert {(one.zone, one.done, one.of) for one in told(at).worked} == {("north", 2, 2), ("south", 0, 2)}


def test_peaks_are_of_minutes_or_alarms_whichever_is_higher(at: Watched) -> None:
    peaks = {(one.zone, one.fact): one for one in told(at).peaks}
    assert peaks["south", "mean"].value == 16.25 and peaks["south", "mean"].source == "alarms"
    kernel, minute = at.town.kernel, FIRST + timedelta(minutes=1)
    kept = {
        key_of("north", exercise=False): [Minute(at=minute.isoformat(), per_m2=3.456, inside=700.4)],
        key_of("south", exercise=True): [Minute(at=minute.isoformat(), per_m2=5.0)],
        key_of("park", exercise=False): [Minute(at=minute.isoformat(), per_m2=5.0)],
    }
    before = [Minute(at=(FIRST - timedelta(hours=3)).isoformat(), per_m2=6.0)]
    publish_trend(kernel, seal_of(kernel), FIRST, kept)
    publish_trend(kernel, seal_of(kernel), FIRST - timedelta(hours=3), {key_of("north", exercise=False): before})
    minutes = {(one.zone, one.fact): one for one in told(at).peaks if one.source == "minutes"}
    assert {key: one.value for key, one in minutes.items()} == {("north", "per_m2"): 3.46, ("north", "inside"): 700}
    assert minutes["north", "inside"].at == minute


def test_a_report_of_a_watch_holds_all_its_alarms_in_the_time_asked(at: Watched) -> None:
    case = at.permit.case
    assert sum(one.n for one in told(at, case).alarms) == 3
    first = span_of(at.town.kernel, case, FIRST - timedelta(hours=1), FIRST + timedelta(minutes=1))
    assert sum(one.n for one in event_report(at.town.kernel, first).alarms) == 1
    with pytest.raises(InputError):
        span_of(at.town.kernel, case, FIRST, FIRST)
    with pytest.raises(OutOfOrder):
        span_of(at.town.kernel, "fete-2027", None, None)


def test_a_report_is_plain_json(at: Watched) -> None:
    plain = json.loads(json.dumps(plain_report(told(at))))
    assert plain["name"] == "fete-2026" and datetime.fromisoformat(plain["start"]) == told(at).start


def test_an_exercises_alarms_are_counted_apart_and_silent_ones_not_at_all() -> None:
    drill = stood(exercise=True)
    drill.feed(wells([6.0, 6.5]))
    (one,) = told(drill, drill.permit.case).alarms
    assert one.exercise
    silent = stood(proven=False)
    silent.feed(wells([6.0, 6.5]))
    assert told(silent, silent.permit.case).alarms == ()


def test_a_span_without_alarms_is_an_empty_report(at: Watched) -> None:
    begin = FIRST - timedelta(days=20)
    report = event_report(at.town.kernel, Span(start=begin, end=begin + timedelta(days=1), case=at.permit.case))
    assert (report.alarms, report.responses, report.peaks, report.missed) == ((), (), (), ())
