"""Sealed windows: opened by named people only, put together over parts, as hours for a report, as a day to release."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from desk import Desk, Hands, desk
from labels import register_in_area
from sensing import a_sensor

from peelian.errors import InputError, NotEnoughData, OutOfOrder, Refused
from peelian.kernel.model.capability import Role
from peelian.kernel.records.sensor_register import counts_lost, listening
from peelian.kernel.retention import retention
from peelian.operations.office import new_office, technologies
from peelian.oversight.sensors.release import released
from peelian.oversight.sensors.windows import counts_of_day, gather_days, keep_windows, kept_windows, release_counted
from peelian.technologies.sensors.windows import Window

DAY = date(2026, 3, 2)
T = datetime(2026, 3, 2, tzinfo=UTC)


def window(minutes: int, count: int, *, sensor: str = "square-1", measure: str = "people") -> Window:
    return Window(sensor=sensor, measure=measure, start=T + timedelta(minutes=minutes), n=1, count=count)


@pytest.fixture
def town() -> Desk:
    made = desk(technologies())
    custodian = made.people["custodian"]
    for id in ("square-1", "square-2"):
        register_in_area(made.kernel, made.people, a_sensor(id=id))
    keep_windows(made.kernel, custodian, (window(0, 20), window(15, 7), window(0, 3, sensor="square-2")))
    keep_windows(made.kernel, custodian, (window(15, 5), window(23 * 60 + 45, 40), window(24 * 60, 99)))
    return made


def test_a_day_has_96_counts_with_its_parts_added_and_the_opening_is_in_the_log(town: Desk) -> None:
    counts = counts_of_day(town.kernel, town.people["clerk"], "square-1", DAY)
    assert len(counts) == 96 and sum(counts) == 72 and (counts[0], counts[1], counts[95]) == (20, 12, 40)
    assert town.kinds().count("OPENED") == 2
    assert [w.count for w in kept_windows(town.kernel, town.people["clerk"], DAY + timedelta(days=1))] == [99]


def test_only_publishers_open_them_and_nothing_is_made_of_nothing(town: Desk) -> None:
    with pytest.raises(Refused):
        counts_of_day(town.kernel, town.people["analyst"], "square-1", DAY)
    assert "OPENED" not in town.kinds()
    with pytest.raises(NotEnoughData):
        counts_of_day(town.kernel, town.people["clerk"], "square-3", DAY)
    with pytest.raises(NotEnoughData):
        counts_of_day(town.kernel, town.people["clerk"], "square-1", DAY - timedelta(days=1))


@pytest.mark.parametrize("measure", ["occupants", "noise", "vehicles"])
def test_what_is_no_count_of_one_kind_of_event_is_not_released(town: Desk, measure: str) -> None:
    keep_windows(town.kernel, town.people["custodian"], (window(30, 4, measure=measure),))
    with pytest.raises(InputError, match="one kind"):
        counts_of_day(town.kernel, town.people["clerk"], "square-1", DAY)


def test_a_day_that_is_over_becomes_hours_once(town: Desk) -> None:
    custodian = town.people["custodian"]
    assert gather_days(town.kernel, custodian) == (), "the day is not over"
    town.clock.now = T + timedelta(days=1, minutes=64)
    assert gather_days(town.kernel, custodian) == (), "something may still be late"
    town.clock.now = T + timedelta(days=1, minutes=66)
    (made,) = gather_days(town.kernel, custodian)
    assert made.rows == 2, "two sensors of one area are one place"
    assert (made.facts["from_day"], made.facts["to_day"]) == ("2026-03-02", "2026-03-02")
    assert gather_days(town.kernel, custodian) == ()
    with pytest.raises(Refused):
        gather_days(town.kernel, town.people["commander"])


def test_windows_are_out_of_use_after_90_days_and_their_key_is_destroyed_after_the_wait(town: Desk) -> None:
    sealed = [made.object for made in town.kernel.state.datasets.values() if made.shape == "quarters"]
    town.clock.now = T + timedelta(days=89)
    assert retention.run_daily_job(town.kernel).queued == () and kept_windows(town.kernel, town.people["clerk"], DAY)
    town.clock.now = T + timedelta(days=92)
    assert len(retention.run_daily_job(town.kernel).queued) == len(sealed) == 2
    assert kept_windows(town.kernel, town.people["clerk"], DAY) == (), "they can be used for nothing"
    town.clock.now += timedelta(days=8)
    assert len(retention.run_daily_job(town.kernel).destroyed) == 2
    for object in sealed:
        intent = town.kernel.append("OPENED", object=object, by="t-1")
        with pytest.raises((InputError, OutOfOrder)):
            town.kernel.stores.vault.open(object, intent=intent)


def test_a_released_day_of_an_office_tells_its_gaps_and_stands_in_the_views(tmp_path: Path) -> None:
    """From the listener to Grafana: what nobody heard is NULL with its seconds, and never a zero."""
    clock = Hands()
    with new_office(tmp_path / "office", name="Town", clock=clock) as office:
        custodian = office.enrol("custodian", name="C", unit="it", roles={Role.CUSTODIAN})
        people = {"custodian": custodian}
        for short, role in (("clerk", Role.CLERK), ("board", Role.BOARD)):
            people[short] = office.enrol(short, name=short, unit=short, roles={role}, by=custodian)
        register_in_area(office.kernel, people, a_sensor())
        listening(office.kernel, custodian, "begun")
        clock.now = T + timedelta(hours=10)
        since, until = (T + timedelta(hours=9, minutes=m) for m in (15, 35))
        counts_lost(office.kernel, custodian, since.isoformat(), until.isoformat(), "broker")
        keep_windows(office.kernel, custodian, (window(9 * 60 + 45, 500),))
        clock.now = T + timedelta(days=1, hours=2)
        keep_windows(office.kernel, custodian, (window(24 * 60, 99),))
        release_counted(office.kernel, people["clerk"], "square-1", DAY)
        (day,) = released(office.kernel, "square-1")
        with closing(sqlite3.connect(tmp_path / "office" / "state" / "state.db")) as read:
            rows = read.execute("SELECT time, area, sensor, value, gap FROM released_windows ORDER BY time").fetchall()
            (total,) = read.execute("SELECT value, gap FROM released_days").fetchall()
    assert [day.spoken(i) for i in (0, 37)] == ["gap", "gap"] and day.spoken(38).endswith("*")
    assert len(rows) == 96 and rows[37] == ("2026-03-02T09:15:00Z", "Centre", "square-1", None, 900)
    assert rows[38][4] == 300 and abs(rows[39][3] - 500) < 100 and rows[39][4] == 0
    assert total == (day.total, sum(day.gaps)) and {row[3] for row in rows[:36]} == {None}
