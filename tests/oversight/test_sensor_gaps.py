"""Gaps: what the log says is missing is told for each quarter of an hour, and is never a silent zero."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from desk import Desk, desk
from labels import register_in_area
from sensing import a_sensor
from suspending import lift, suspend

from peelian.kernel.records.sensor_register import counts_lost, listening
from peelian.operations.office import technologies
from peelian.oversight.sensors.gaps import gap_seconds, gaps_of, missing_between
from peelian.oversight.sensors.windows import keep_windows
from peelian.technologies.sensors.windows import Window

DAY = date(2026, 3, 2)  # the clock stands at 09:00


@pytest.fixture
def town() -> Desk:
    made = desk(technologies())
    register_in_area(made.kernel, made.people, a_sensor())
    return made


def missing(town: Desk, sensor: str = "square-1", day: date = DAY) -> dict[int, int]:
    """Quarters of the day that lack more than a second, and how many seconds."""
    return {nth: n for nth, n in enumerate(gap_seconds(town.kernel, sensor, day)) if n > 1}


def listens(town: Desk, state: str = "begun") -> None:
    listening(town.kernel, town.people["custodian"], state)


def test_where_nobody_ever_listened_through_the_gateway_there_is_no_gap(town: Desk) -> None:
    assert gaps_of(town.kernel) == () and missing(town) == {}


def test_before_registration_and_after_the_end_of_listening_is_missing(town: Desk) -> None:
    listens(town)
    town.clock.now += timedelta(minutes=30)
    listens(town, "ended")
    quarters = missing(town)
    assert set(quarters) == {*range(36), *range(38, 96)} and min(quarters.values()) >= 899
    listens(town)  # the broker kept everything: the listener would have said a loss
    assert set(missing(town)) == {*range(36), *range(38, 96)}, "nothing is known after it began"
    keep_windows(town.kernel, town.people["custodian"], (_window(town),))
    town.clock.now += timedelta(hours=1)
    keep_windows(town.kernel, town.people["custodian"], (_window(town),))
    assert min(set(missing(town)) - set(range(36))) == 42


def test_a_loss_counts_for_its_sensor_and_its_time_and_overlaps_once(town: Desk) -> None:
    listens(town)
    now, by = town.kernel.now().replace(second=0, microsecond=0), town.people["custodian"]
    town.clock.now += timedelta(hours=20)
    keep_windows(town.kernel, by, (_window(town),))
    for since, until, sensor in ((20, 40, ""), (25, 35, ""), (100, 101, "square-1"), (100, 101, "square-2")):
        moments = [(now + timedelta(minutes=m)).isoformat() for m in (since, until)]
        counts_lost(town.kernel, by, *moments, "broker", sensor=sensor)
    assert {nth: n for nth, n in missing(town).items() if nth >= 36} == {37: 600, 38: 600, 42: 60}
    assert missing_between([g for g in gaps_of(town.kernel) if not g.sensor], now, now + timedelta(hours=2)) == 1200


def test_a_suspension_is_a_gap_until_it_is_lifted(town: Desk) -> None:
    listens(town)
    town.clock.now += timedelta(minutes=15)
    suspend(town.kernel, town.people["board"], "sensors")
    assert 37 in missing(town) and 95 in missing(town)
    town.clock.now += timedelta(minutes=15)
    lift(town.kernel, town.people["privacy-officer"], town.people["board"], "sensors")
    keep_windows(town.kernel, town.people["custodian"], (_window(town),))
    assert {gap.why for gap in gaps_of(town.kernel)} == {"suspended", "not listening"}
    assert missing(town)[37] > 890


def _window(town: Desk) -> Window:
    start = town.kernel.now().replace(minute=0, second=0, microsecond=0)
    return Window(sensor="square-1", measure="people", start=start, n=1, count=20)
