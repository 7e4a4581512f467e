"""Live aggregates: no count under 15, no time of a message, nothing in the clear, nothing after 31 days."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from desk import Desk, desk
from labels import register_in_area
from sensing import a_sensor

from peelian.operations.office import technologies
from peelian.operations.sensor_listener import Collector
from peelian.oversight.sensors.live import Day, Health, Listening, health_of, keep_health, keep_live, live_day
from peelian.technologies.sensors.windows import Window

T = datetime(2026, 3, 2, tzinfo=UTC)
DAY = T.date()


@pytest.fixture
def town() -> Desk:
    made = desk(technologies())
    for id in ("square-1", "square-2", "square-3"):
        register_in_area(made.kernel, made.people, a_sensor(id=id))
    return made


def window(count: int, *, sensor: str = "square-1", measure: str = "people", minutes: int = 0, **more: Any) -> Window:
    return Window(sensor=sensor, measure=measure, start=T + timedelta(minutes=minutes), n=1, count=count, **more)


def test_counts_under_15_are_left_out_and_energy_is_not_there(town: Desk) -> None:
    keep_live(
        town.kernel,
        [
            window(15),
            window(14, minutes=15),
            window(3, measure="occupants"),
            window(0, measure="noise", laeq=51.26),
            window(0, measure="energy", kwh=81.0),
        ],
    )
    assert live_day(town.kernel, DAY).sensors == {
        "square-1": {"people": {0: 15.0, 1: None}, "occupants": {0: None}, "noise": {0: 51.3}}
    }
    assert live_day(town.kernel, date(2026, 3, 3)) == Day()


def test_a_later_part_is_added_and_one_after_a_small_part_stays_out(town: Desk) -> None:
    keep_live(town.kernel, [window(20), window(5, minutes=15)])
    keep_live(town.kernel, [window(16), window(30, minutes=15)])
    assert live_day(town.kernel, DAY).sensors["square-1"]["people"] == {0: 36.0, 1: None}


@pytest.mark.parametrize(
    ("counts", "shown"),
    [((20, 30, 40), 90.0), ((20, 5, 40), None), ((20, 5, 6), 31.0), ((5, 5, 4), None), ((14,), None), ((20,), 20.0)],
)
def test_an_area_never_gives_away_its_one_small_sensor(town: Desk, counts: tuple[int, ...], shown: float) -> None:
    keep_live(town.kernel, [window(n, sensor=f"square-{i}") for i, n in enumerate(counts, 1)])
    assert live_day(town.kernel, DAY).areas["Centre"]["people"] == {0: shown}


def test_the_listener_lays_out_what_it_seals_and_how_sensors_are(town: Desk) -> None:
    made = Collector(town.office, town.people["custodian"])
    made.begin()
    made.back("mqtt")
    at = town.kernel.now().isoformat()
    body = f'{{"id":"a","type":"CrowdFlowObserved","dateObserved":"{at}","peopleCount":42}}'.encode()
    made.offer("square-1", "t", body, lambda: None, packet=1)
    made.offer("square-2", "t", b"{", lambda: None, packet=2)
    made.offer("nobody", "t", b"{", lambda: None, packet=3)
    made.work()
    town.clock.now += timedelta(minutes=20)
    made.seal()
    told = health_of(town.kernel)
    assert told is not None and told.connected
    assert told.sensors == {"square-1": Health(heard="2026-03-02T09:00+00:00"), "square-2": Health(refused=1)}
    assert live_day(town.kernel, DAY).sensors == {"square-1": {"people": {36: 42.0}}}
    again = Collector(town.office, town.people["custodian"])
    again.offer("square-2", "t", b"{", lambda: None, packet=4)
    again.work()
    again.say_health()
    told = health_of(town.kernel)
    assert told is not None and told.sensors["square-2"].refused == 2 and not told.connected


def test_what_is_kept_is_sealed_and_let_go(town: Desk) -> None:
    keep_live(town.kernel, [window(918273)])
    keep_health(town.kernel, Listening(at=T, connected=True, sensors={"square-1": Health(heard="2026-03-02T09:00")}))
    kept = json.dumps([town.kernel.stores.tickets.all(kind) for kind in ("live sensors", "sensor health")])
    assert "918273" not in kept and "square" not in kept
    town.clock.days(32)
    keep_live(town.kernel, [Window(sensor="square-1", measure="people", start=T + timedelta(days=32), n=1, count=20)])
    assert [key for key, _ in town.kernel.stores.tickets.all("live sensors")] == ["2026-04-03"]


def test_what_was_altered_is_shown_as_nothing(town: Desk) -> None:
    keep_live(town.kernel, [window(20)])
    town.kernel.stores.tickets.put("live sensors", DAY.isoformat(), "gAAAA" + "x" * 80, T)
    assert live_day(town.kernel, DAY) == Day()
