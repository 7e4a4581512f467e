"""What the log says of watches: a move survives its spelling, and what the month's alarms were worth is counted."""

from __future__ import annotations

import pytest
from floors import Town
from toy_watch import wells
from watched import stood

from peelian.kernel.alarms import operator_desk
from peelian.kernel.model.alarms import CITY, Post
from peelian.kernel.model.documents import AlarmStep
from peelian.kernel.state.alarm_state import AlarmState, body_of, monthly, move_of, precision
from peelian.kernel.state.signed_documents import archived


def test_a_move_survives_being_archived() -> None:
    at = stood()
    (move,) = at.feed(wells([6.0, 6.5]))
    step = archived(at.town.kernel, at.town.kernel.state.alarms.latest[move.alarm], AlarmStep)
    assert move_of(step) == move and step.move == body_of(move)


def test_the_month_is_counted_by_zone_and_disposition() -> None:
    at = stood()
    at.feed(wells([6.0, 6.5, 1.0]))
    (alarm,) = at.town.kernel.state.alarms.floor.queue()
    dispatcher = at.town.people["dispatcher"]
    operator_desk.acknowledge(at.town.kernel, dispatcher, alarm.id)
    operator_desk.decide(at.town.kernel, dispatcher, alarm.id, choice="dispatch help", reason="a flood")
    operator_desk.dispose(at.town.kernel, dispatcher, alarm.id, disposition="danger confirmed")
    floor = at.town.kernel.state.alarms.floor
    assert monthly(floor, "2026-03") == {"north": {"danger confirmed": 1}}
    assert monthly(floor, "2026-04") == {}


@pytest.mark.parametrize(
    ("counts", "share"),
    [({}, None), ({"unknown": 4}, None), ({"danger confirmed": 1, "weather": 1}, 0.5), ({"works": 2}, 0.0)],
)
def test_precision_is_of_those_whose_truth_is_known(counts: dict[str, int], share: float | None) -> None:
    assert precision(counts, sum(counts.values())) == share


def test_a_hold_keeps_an_incident_whole_and_nothing_beside_it() -> None:
    town = Town(Post(watch="w-1", zones=200))
    for n in range(6):
        town.signal(zone=f"zone-{n}")
    town.signal(zone="north", post=Post(watch="w-2", zones=200, exercise=True))
    city, member, beside = town.alarm(CITY), town.alarm("zone-1"), town.alarm("north", "exercise")
    joined = {alarm.id for alarm in town.floor.alarms.values() if alarm.incident == city.id}
    assert len(joined) == 6
    for of, kept in (
        (city.id, {city.id} | joined),
        (member.id, {city.id, member.id}),  # what people did about it is told there
        (beside.id, {beside.id}),
        ("w-2", {beside.id}),
        ("w-1", {city.id} | joined),
        ("w-none", set()),
    ):
        watching = AlarmState(floor=town.floor)
        assert watching.held() == frozenset()
        said = {"alarms": of, "hold": "h-1", "why": "legal"}
        for entry in ({**said, "kind": "HELD"}, {**said, "kind": "HELD", "hold": "h-2"}):
            watching.fold(entry, lambda digest, document: None)
        watching.fold({**said, "kind": "RELEASED"}, lambda digest, document: None)
        assert watching.held() == kept and watching.on_hold() == {of}, "the second hold keeps it"
        watching.fold({**said, "kind": "RELEASED", "hold": "h-2"}, lambda digest, document: None)
        assert watching.held() == watching.on_hold() == frozenset()
    watching.fold({"kind": "HELD", "dataset": city.id, "hold": "h-3", "why": "legal"}, lambda digest, document: None)
    assert watching.on_hold() == frozenset(), "a dataset's hold keeps no alarm, whatever its name"
