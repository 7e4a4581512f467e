"""Signals and time: what opens, reopens, rises, joins, is called for and clears; nothing is lost, nothing doubled."""

from __future__ import annotations

from datetime import timedelta

import pytest
from floors import POST, Town

from peelian.errors import OutOfOrder
from peelian.kernel.alarms.operator_actions import acknowledge, back_in_service, decide, dispose, out_of_service, shelve
from peelian.kernel.alarms.transitions import on_signal
from peelian.kernel.model.alarms import CITY, Event, Post, State, in_flood
from peelian.kernel.model.watch import Level, Signal, Turn


def test_the_same_signal_after_a_crash_raises_nothing_again() -> None:
    town = Town()
    signal = Signal(zone="square", type="noise", turn=Turn.RAISE, time=town.now)
    town.take(on_signal(town.floor, POST, signal, town.now))
    assert on_signal(town.floor, POST, signal, town.now + timedelta(hours=1)) == ()
    assert len(town.floor.alarms) == 1


def test_a_condition_that_has_yet_to_hold_is_pending_and_no_alarm() -> None:
    town = Town()
    assert town.signal(Turn.HOLD) == [] and town.floor.pending and not town.floor.alarms
    town.signal(Turn.CLEAR)
    assert not town.floor.pending and not town.floor.alarms


def test_calls_climb_at_60_180_and_600_seconds_and_stop_when_somebody_acknowledges() -> None:
    town = Town()
    town.signal()
    assert [m.detail["rung"] for m in town.seconds(59.9) + town.seconds(0.2)] == [1]
    assert [m.detail["rung"] for m in town.seconds(120)] == [2]
    assert town.seconds(300) == []
    assert [m.detail["rung"] for m in town.seconds(121)] == [3]
    town.take(acknowledge(town.floor, town.alarm().id, "p-1", town.now))
    assert town.seconds(9_999) == []


def test_calls_that_came_due_while_the_office_was_down_are_all_made() -> None:
    town = Town()
    town.signal()
    assert [m.detail["rung"] for m in town.seconds(3_600)] == [1, 2, 3]


def test_a_new_trigger_within_ten_minutes_opens_the_same_alarm_again_and_voids_what_was_decided() -> None:
    town = Town()
    town.signal()
    name = town.alarm().id
    town.take(acknowledge(town.floor, name, "p-1", town.now))
    town.take(decide(town.floor, name, "p-1", town.now, choice="dismiss", reason="a brass band"))
    town.signal(Turn.CLEAR)
    town.take(dispose(town.floor, name, "p-1", town.now, disposition="crowd normal"))
    town.seconds(590)
    town.signal()
    alarm = town.alarm()
    assert (alarm.id, alarm.state, alarm.reopened, alarm.choice, alarm.disposition) == (name, State.OPEN, 1, "", "")


def test_after_ten_minutes_it_is_a_new_alarm() -> None:
    town = Town()
    town.signal()
    first = town.alarm().id
    town.take(acknowledge(town.floor, first, "p-1", town.now))
    town.take(decide(town.floor, first, "p-1", town.now, choice="watch", reason="let us see"))
    town.signal(Turn.CLEAR)
    town.take(dispose(town.floor, first, "p-1", town.now, disposition="weather"))
    town.seconds(601)
    town.signal()
    assert town.alarm().id != first and town.floor.alarms[first].disposition == "weather"


def test_a_higher_level_waits_for_somebody_again() -> None:
    town = Town()
    town.signal()
    town.take(acknowledge(town.floor, town.alarm().id, "p-1", town.now))
    assert town.signal() == []
    town.signal(level=Level.URGENT)
    assert (town.alarm().state, town.alarm().level, town.alarm().rung) == (State.OPEN, Level.URGENT, 0)


def test_clearing_alone_closes_nothing() -> None:
    town = Town()
    town.signal()
    town.signal(Turn.CLEAR)
    town.seconds(86_400)
    assert town.alarm().state is State.OPEN and not town.alarm().active


def test_a_third_of_the_sensors_is_one_incident_which_closes_with_its_members() -> None:
    town = Town(Post(watch="w-1", zones=12))
    for n in range(4):
        town.signal(zone=f"zone-{n}")
        town.seconds(30)
    city = town.alarm(CITY)
    assert [alarm.zone for alarm in town.floor.queue()] == [CITY]
    town.signal(zone="zone-9", level=Level.URGENT)
    assert town.alarm(CITY).level is Level.URGENT and town.alarm("zone-9").state is State.JOINED
    town.take(acknowledge(town.floor, city.id, "p-1", town.now))
    town.take(decide(town.floor, city.id, "p-1", town.now, choice="watch", reason="fireworks at midnight"))
    town.take(dispose(town.floor, city.id, "p-1", town.now, disposition="planned event"))
    for n in (0, 1, 2, 3, 9):
        town.signal(Turn.CLEAR, zone=f"zone-{n}")
    assert {a.state for a in town.floor.alarms.values()} == {State.CLOSED}
    assert {a.disposition for a in town.floor.alarms.values()} == {"planned event"}


def test_close_behind_another_zone_an_alarm_gathers_in_sight_and_calls_after_fifteen_seconds_at_most() -> None:
    town = Town(Post(watch="w-1", zones=200))
    town.signal(zone="bridge")
    town.seconds(5)
    town.signal(zone="gate")
    assert [(a.zone, a.state) for a in town.floor.queue()] == [("bridge", State.OPEN), ("gate", State.GATHERING)]
    town.signal(Turn.CLEAR, zone="gate")
    moves = town.seconds(15)
    assert [(m.step, m.zone, m.state) for m in moves] == [("opened", "gate", State.OPEN)]
    assert [m.detail["rung"] for m in town.seconds(60) if m.zone == "gate"] == [1], "its calls count from then on"
    assert len(town.floor.opened) == 2


def test_an_urgent_alarm_close_behind_another_zone_is_never_silent() -> None:
    town = Town(Post(watch="w-1", zones=200))
    town.signal(zone="bridge")
    town.seconds(2)
    town.signal(zone="gate", level=Level.URGENT)
    assert town.alarm("gate").state is State.OPEN, "it began as urgent"
    town.signal(zone="square")
    assert town.alarm("square").state is State.GATHERING
    town.seconds(3)
    moves = town.signal(zone="square", level=Level.URGENT)
    assert [(m.step, m.state) for m in moves] == [("risen", State.OPEN)], "it became urgent while it gathered"
    assert town.alarm("square").opened_at == town.now and len(town.floor.opened) == 3


@pytest.mark.parametrize(("level", "calls"), [(Level.NOTICE, 2), (Level.URGENT, 5)])
def test_many_zones_at_once_call_few_times_and_every_one_is_recorded_and_disposed_of(level: Level, calls: int) -> None:
    town = Town(Post(watch="w-1", zones=200))
    for n in range(200):
        town.signal(zone=f"zone-{n}", level=level)
    assert len(town.floor.opened) == calls, "the first zone, or each urgent one until five are an incident; then it"
    assert [a.zone for a in town.floor.queue()] == [CITY]
    assert sum(m.step == "raised" for m in town.moves) == 201
    city = town.alarm(CITY).id
    town.take(acknowledge(town.floor, city, "p-1", town.now))
    town.take(decide(town.floor, city, "p-1", town.now, choice="watch", reason="thunder"))
    town.take(dispose(town.floor, city, "p-1", town.now, disposition="weather"))
    for n in range(200):
        town.signal(Turn.CLEAR, zone=f"zone-{n}")
    closed = [a for a in town.floor.alarms.values() if (a.state, a.disposition) == (State.CLOSED, "weather")]
    assert len(closed) == 201 and not town.floor.not_closed()


def test_a_second_wave_opens_the_same_incident_again_and_a_late_zone_is_none_of_it() -> None:
    town = Town(Post(watch="w-1", zones=200))
    for n in range(6):
        town.signal(zone=f"zone-{n}")
    town.seconds(601)
    town.signal(zone="late")
    assert town.alarm("late").state is State.OPEN, "nobody joined for ten minutes: it calls for itself"
    city = town.alarm(CITY).id
    town.take(acknowledge(town.floor, city, "p-1", town.now))
    town.take(decide(town.floor, city, "p-1", town.now, choice="watch", reason="thunder"))
    for n in range(6):
        town.signal(Turn.CLEAR, zone=f"zone-{n}")
    town.take(dispose(town.floor, city, "p-1", town.now, disposition="weather"))
    town.seconds(120)
    for n in range(6):
        town.signal(zone=f"zone-{n}")
    again = town.alarm(CITY)
    assert (again.id, again.state, again.reopened, again.disposition) == (city, State.OPEN, 1, "")
    assert {town.alarm(f"zone-{n}").state for n in range(6)} == {State.JOINED}


def test_an_incident_is_not_put_aside_and_a_zone_may_be_taken_out_of_it() -> None:
    town = Town(Post(watch="w-1", zones=200))
    for n in range(5):
        town.signal(zone=f"zone-{n}")
    city = town.alarm(CITY).id
    with pytest.raises(OutOfOrder, match="single zones"):
        shelve(town.floor, city, "p-1", town.now, minutes=5, reason="thunder")
    with pytest.raises(OutOfOrder, match="single zones"):
        out_of_service(town.floor, city, "p-1", town.now, reason="thunder")
    town.take(back_in_service(town.floor, town.alarm("zone-3").id, "p-1", town.now))
    assert (town.alarm("zone-3").state, town.alarm("zone-3").incident) == (State.OPEN, "")


def test_the_incident_is_in_the_log_before_what_joins_it() -> None:
    town = Town(Post(watch="w-1", zones=200))
    for n in range(5):
        made = town.signal(zone=f"zone-{n}")
    assert [m.zone == CITY for m in made] == [True, False, False, False, False, False]


def test_a_zone_is_calm_when_the_last_of_its_sensors_is() -> None:
    town = Town()
    town.signal(sensor="s-1")
    assert [m.step for m in town.signal(sensor="s-2")] == ["another"] and town.signal(sensor="s-2") == []
    assert town.signal(Turn.CLEAR, sensor="s-3") == []
    assert [m.step for m in town.signal(Turn.CLEAR, sensor="s-1")] == ["fewer"] and town.alarm().active
    assert [m.step for m in town.signal(Turn.CLEAR, sensor="s-2")] == ["cleared"] and not town.alarm().active


def test_a_third_of_the_sensors_over_an_hour_is_no_incident() -> None:
    town = Town(Post(watch="w-1", zones=12))
    for n in range(6):
        town.signal(zone=f"zone-{n}")
        town.seconds(601)
    assert (CITY, "noise", "real") not in town.floor.current


def test_shelving_ends_by_itself_and_an_urgent_signal_gets_through() -> None:
    town = Town()
    town.signal()
    town.take(shelve(town.floor, town.alarm().id, "p-1", town.now, minutes=60, reason="works until noon"))
    town.seconds(3_599)
    assert town.alarm().state is State.SHELVED
    town.signal(level=Level.WARNING)
    assert town.alarm().state is State.SHELVED and town.alarm().shelved_until is not None
    town.seconds(1)
    assert town.alarm().state is State.OPEN
    town.take(shelve(town.floor, town.alarm().id, "p-1", town.now, minutes=60, reason="works until noon"))
    town.signal(level=Level.URGENT)
    assert town.alarm().state is State.OPEN


def test_out_of_service_keeps_what_it_hears_to_itself() -> None:
    town = Town()
    town.signal()
    town.take(out_of_service(town.floor, town.alarm().id, "p-1", town.now, reason="a broken meter"))
    town.signal(level=Level.URGENT)
    town.seconds(9_999)
    assert town.alarm().state is State.OUT_OF_SERVICE and not town.floor.queue()


def test_a_permitted_event_explains_notices_but_nothing_urgent_and_ends() -> None:
    town = Town()
    ends = town.now + timedelta(hours=1)
    event = Event(zone="square", types=frozenset({"noise"}), starts=town.now, ends=ends, by="p-clerk")
    town.floor.calendar.append(event)
    town.signal()
    assert town.alarm().state is State.SUPPRESSED and not town.floor.queue()
    town.signal(Turn.CLEAR)
    closed = town.alarm()
    assert (closed.state, closed.disposition) == (State.CLOSED, "planned event") and town.moves[-1].by == "p-clerk"
    town.signal()
    assert town.alarm().state is State.SUPPRESSED
    town.signal(level=Level.URGENT)
    assert town.alarm().state is State.OPEN
    other = Town()
    other.floor.calendar.append(event)
    other.signal()
    other.seconds(3_601)
    assert other.alarm().state is State.OPEN


@pytest.mark.parametrize("kind", ["exercise", "silent"])
def test_a_drill_or_a_proof_never_swallows_a_real_alarm(kind: str) -> None:
    town = Town()
    other = Post(watch="w-2", zones=30, exercise=kind == "exercise", silent=kind == "silent")
    town.signal(post=other)
    town.signal()
    assert town.alarm().state is State.OPEN
    assert town.alarm(kind=kind).state is (State.OPEN if kind == "exercise" else State.SILENT)


def test_a_silent_alarm_stays_silent_when_it_comes_again() -> None:
    town = Town(Post(watch="w-2", zones=30, silent=True))
    town.signal()
    town.signal(Turn.CLEAR)
    town.take(dispose(town.floor, town.alarm(kind="silent").id, "p-1", town.now, disposition="works"))
    town.seconds(60)
    town.signal(level=Level.URGENT)
    assert town.alarm(kind="silent").state is State.SILENT and not town.floor.queue()
    assert town.seconds(9_999) == []


def test_the_health_of_a_sensor_is_no_alarm() -> None:
    town = Town()
    assert town.signal(Turn.FAULT) == [] and town.signal(Turn.WELL) == []
    assert not town.floor.alarms


# -- at the very moment: a signal comes a millisecond after the town's last second


def closed_town() -> Town:
    town = Town()
    town.signal()
    town.take(acknowledge(town.floor, town.alarm().id, "p-1", town.now))
    town.take(decide(town.floor, town.alarm().id, "p-1", town.now, choice="watch", reason="let us see"))
    town.signal(Turn.CLEAR)
    town.take(dispose(town.floor, town.alarm().id, "p-1", town.now, disposition="weather"))
    return town


@pytest.mark.parametrize(("seconds", "same"), [(599.999, True), (600.0, False)])
def test_an_alarm_opens_again_until_ten_minutes_have_passed_and_not_a_moment_longer(seconds: float, same: bool) -> None:
    town = closed_town()
    first = town.alarm().id
    town.seconds(seconds)
    town.signal()
    assert (town.alarm().id == first) is same


def test_an_alarm_that_gathers_calls_at_fifteen_seconds_sharp() -> None:
    town = Town(Post(watch="w-1", zones=200))
    town.signal(zone="bridge")
    town.seconds(5)
    town.signal(zone="gate")
    assert town.seconds(14.999) == []
    assert [(m.step, m.zone) for m in town.seconds(0.001)] == [("opened", "gate")]


@pytest.mark.parametrize(("seconds", "state"), [(14.998, State.GATHERING), (14.999, State.OPEN)])
def test_an_alarm_gathers_behind_another_zone_of_less_than_fifteen_seconds_ago(seconds: float, state: State) -> None:
    town = Town(Post(watch="w-1", zones=200))
    town.signal(zone="bridge")
    town.seconds(seconds)
    town.signal(zone="gate")
    assert town.alarm("gate").state is state


def test_a_shelved_alarm_is_back_at_the_minute() -> None:
    town = Town()
    town.signal()
    town.take(shelve(town.floor, town.alarm().id, "p-1", town.now, minutes=10, reason="a brass band"))
    assert town.seconds(599.999) == []
    assert [m.step for m in town.seconds(0.001)] == ["resumed"]


@pytest.mark.parametrize(("seconds", "incident"), [(59.996, True), (59.997, False)])
def test_five_zones_within_a_minute_are_one_incident_the_minute_included(seconds: float, incident: bool) -> None:
    town = Town(Post(watch="w-1", zones=200))
    for n in range(4):
        town.signal(zone=f"zone-{n}", level=Level.URGENT)  # three milliseconds from the first to the fourth
    town.seconds(seconds)
    town.signal(zone="zone-4", level=Level.URGENT)
    assert ((CITY, "noise", "real") in town.floor.current) is incident


@pytest.mark.parametrize(("opened", "flood"), [(10, False), (11, True)])
def test_a_flood_is_more_than_ten_alarms_in_less_than_ten_minutes(opened: int, flood: bool) -> None:
    town = Town(Post(watch="w-1", zones=10_000))
    first = town.now + timedelta(milliseconds=1)
    for n in range(opened):
        town.signal(zone=f"zone-{n}")
        town.seconds(20)
    assert in_flood(town.floor, town.now) is flood
    assert not in_flood(town.floor, first + timedelta(minutes=10)), "the first is ten minutes old"
