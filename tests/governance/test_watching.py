"""What the log says of watches: a move survives its spelling, and what the month's alarms were worth is counted."""

from __future__ import annotations

import pytest
from toy_watch import wells
from watched import stood

from peelian.governance import alarm_desk
from peelian.governance.documents import AlarmStep
from peelian.governance.house import archived
from peelian.governance.watching import body_of, monthly, move_of, precision


def test_a_move_survives_being_archived() -> None:
    at = stood()
    (move,) = at.feed(wells([6.0, 6.5]))
    step = archived(at.town.house, at.town.house.book.watching.latest[move.alarm], AlarmStep)
    assert move_of(step) == move and step.move == body_of(move)


def test_the_month_is_counted_by_zone_and_disposition() -> None:
    at = stood()
    at.feed(wells([6.0, 6.5, 1.0]))
    (alarm,) = at.town.house.book.watching.floor.queue()
    dispatcher = at.town.people["dispatcher"]
    alarm_desk.acknowledge(at.town.house, dispatcher, alarm.id)
    alarm_desk.decide(at.town.house, dispatcher, alarm.id, choice="dispatch help", reason="a flood")
    alarm_desk.dispose(at.town.house, dispatcher, alarm.id, disposition="danger confirmed")
    floor = at.town.house.book.watching.floor
    assert monthly(floor, "2026-03") == {"north": {"danger confirmed": 1}}
    assert monthly(floor, "2026-04") == {}


@pytest.mark.parametrize(
    ("counts", "share"),
    [({}, None), ({"unknown": 4}, None), ({"danger confirmed": 1, "weather": 1}, 0.5), ({"works": 2}, 0.0)],
)
def test_precision_is_of_those_whose_truth_is_known(counts: dict[str, int], share: float | None) -> None:
    assert precision(counts, sum(counts.values())) == share
