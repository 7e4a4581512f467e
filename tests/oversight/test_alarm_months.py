"""What became of the alarms is told by month and zone: drills apart, an incident once, and "unknown" is no truth."""

from __future__ import annotations

from floors import Town

from peelian.kernel.alarms.operator_actions import acknowledge, decide, dispose
from peelian.kernel.model.alarms import CITY, Post
from peelian.kernel.model.watch import Turn
from peelian.oversight.watches.alarm_months import zone_months


def closed(town: Town, zone: str, disposition: str, kind: str = "real") -> None:
    name = town.alarm(zone, kind).id
    town.take(acknowledge(town.floor, name, "p-1", town.now))
    town.take(decide(town.floor, name, "p-1", town.now, choice="watch", reason="to see"))
    town.take(dispose(town.floor, name, "p-1", town.now, disposition=disposition))


def test_a_month_is_counted_by_zone_and_an_incident_once() -> None:
    town = Town(Post(watch="w-1", zones=200))
    for disposition in ("danger confirmed", "works", "unknown"):
        town.signal(zone="square")
        town.signal(Turn.CLEAR, zone="square")
        closed(town, "square", disposition)
        town.seconds(700)
    for n in range(6):
        town.signal(zone=f"zone-{n}")
    for n in range(6):
        town.signal(Turn.CLEAR, zone=f"zone-{n}")
    closed(town, CITY, "weather")
    found = {
        (row.month, row.zone): (row.closed, row.known, row.danger, row.precision) for row in zone_months(town.floor)
    }
    assert found == {("2026-07", "square"): (3, 2, 1, 0.5), ("2026-07", CITY): (1, 1, 0, 0.0)}


def test_drills_are_not_counted() -> None:
    town = Town(Post(watch="w-1", zones=200, exercise=True))
    town.signal(zone="square")
    town.signal(Turn.CLEAR, zone="square")
    closed(town, "square", "danger confirmed", "exercise")
    assert zone_months(town.floor) == ()
