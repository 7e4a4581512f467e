"""An alarm is folded from its moves: one open alarm for a zone and type, a queue in order of urgency, the flood."""

from __future__ import annotations

import pytest
from floors import Town

from peelian.errors import OutOfOrder
from peelian.kernel.model.alarms import Floor, Post, State, apply, in_flood, without_disposition
from peelian.kernel.model.watch import Level


def test_the_same_moves_make_the_same_floor() -> None:
    town = Town()
    town.signal()
    town.signal(zone="bridge", level=Level.URGENT)
    town.seconds(200)
    again = Floor()
    for move in town.moves:
        apply(again, move)
    assert again == town.floor


def test_the_most_urgent_open_alarm_stands_first() -> None:
    town = Town()
    for zone, level in (("north", Level.NOTICE), ("south", Level.URGENT), ("east", Level.WARNING)):
        town.signal(zone=zone, level=level)
    assert [alarm.zone for alarm in town.floor.queue()] == ["south", "east", "north"]


def test_more_than_ten_alarms_in_ten_minutes_are_a_flood_and_it_ends() -> None:
    town = Town(Post(watch="w-1", zones=200))
    for n in range(10):
        town.signal(zone=f"zone-{n}")
        town.seconds(601 if n == 0 else 20)
    assert not in_flood(town.floor, town.now)
    for n in range(10, 13):
        town.signal(zone=f"zone-{n}")
        town.seconds(20)
    assert in_flood(town.floor, town.now)
    town.seconds(601)
    assert not in_flood(town.floor, town.now)


def test_an_unknown_alarm_is_said_so() -> None:
    with pytest.raises(OutOfOrder, match="unknown alarm"):
        Floor().at("a-none")


def test_a_shift_answers_for_every_alarm_that_waits() -> None:
    town = Town()
    town.signal()
    assert [alarm.state for alarm in without_disposition(town.floor)] == [State.OPEN]
