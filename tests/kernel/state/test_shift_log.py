"""Proves the shift log holds what a person reads of a shift, newest first, bounded, and nothing silent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from toy_watch import wells
from watched import stood

from peelian.kernel.alarms import operator_desk
from peelian.kernel.state.shift_log import MOST, ShiftLog

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)


def entry(kind: str, seconds: int = 0, **more: Any) -> dict[str, Any]:
    at = (BEGIN + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.00Z")
    return {"v": 1, "t": at, "kind": kind, **more}


def test_it_is_bounded_and_newest_first() -> None:
    log = ShiftLog()
    for n in range(MOST + 5):
        log.take(entry("SENSOR_FAULT", n, sensor=f"s-{n}", why="silent"))
    said = list(log.since(BEGIN + timedelta(seconds=MOST)))
    assert len(log.newest) == MOST and [one.about for one in said] == [f"s-{n}" for n in range(MOST + 4, MOST - 1, -1)]


def test_what_nobody_is_told_is_left_out() -> None:
    log = ShiftLog()
    log.take(entry("ALARM_RAISED", alarm="a-1", of="silent"))
    log.take(entry("ALARM_ANOTHER", alarm="a-1", of="real"))
    assert not log.newest
    log.take(entry("ALARM_RAISED", alarm="a-1", of="exercise", zone="north", type="noise", level="urgent"))
    (one,) = log.newest
    assert one.exercise and (one.zone, one.level) == ("north", "urgent")
    log.forget("a-1")
    assert not log.newest


def test_the_floor_writes_it_with_what_people_chose() -> None:
    at = stood()
    at.feed(wells([6.0, 6.5]))
    kernel, by = at.town.kernel, at.town.people["dispatcher"]
    (alarm,) = kernel.state.alarms.floor.alarms
    operator_desk.acknowledge(kernel, by, alarm)
    operator_desk.decide(kernel, by, alarm, choice="dispatch help", reason="a wave")
    operator_desk.tick(kernel, by, alarm, item="Look at the well.", done=True)
    operator_desk.help_arrived(kernel, by, alarm)
    kernel.append("GATEWAY_CUT", connection="mqtt", why="lost")
    said = list(kernel.state.alarms.shift.since(at.town.clock.now - timedelta(hours=1)))
    assert [one.kind for one in said] == [
        "GATEWAY_CUT", "ALARM_ARRIVED", "ALARM_TICKED", "ALARM_DECIDED", "ALARM_ACKED", "ALARM_RAISED",
    ]  # fmt: skip
    assert said[2].note == (("item", "Look at the well."),) and said[2].by == by.person.token
    assert said[3].note == (("choice", "dispatch help"), ("reason", "a wave")) and said[0].about == "mqtt"
