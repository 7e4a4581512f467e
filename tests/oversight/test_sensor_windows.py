"""Sealed windows: opened by named people only, put together over parts, as hours for a report, as a day to release."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from desk import Desk, desk
from labels import register_in_area
from sensing import a_sensor

from peelian.errors import InputError, NotEnoughData, OutOfOrder, Refused
from peelian.kernel.retention import retention
from peelian.operations.office import technologies
from peelian.oversight.sensor_windows import counts_of_day, gather_days, keep_windows, kept_windows
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
    assert made.rows == 3 and (made.facts["from_day"], made.facts["to_day"]) == ("2026-03-02", "2026-03-02")
    assert gather_days(town.kernel, custodian) == ()
    with pytest.raises(Refused):
        gather_days(town.kernel, town.people["commander"])


def test_windows_are_out_of_use_after_90_days_and_their_key_is_destroyed_after_the_wait(town: Desk) -> None:
    sealed = [made.object for made in town.kernel.state.datasets.values() if made.shape == "quarters"]
    town.clock.now = T + timedelta(days=89)
    assert retention.run(town.kernel).queued == () and kept_windows(town.kernel, town.people["clerk"], DAY)
    town.clock.now = T + timedelta(days=92)
    assert len(retention.run(town.kernel).queued) == len(sealed) == 2
    assert kept_windows(town.kernel, town.people["clerk"], DAY) == (), "they can be used for nothing"
    town.clock.now += timedelta(days=8)
    assert len(retention.run(town.kernel).destroyed) == 2
    for object in sealed:
        intent = town.kernel.append("OPENED", object=object, by="t-1")
        with pytest.raises((InputError, OutOfOrder)):
            town.kernel.stores.vault.open(object, intent=intent)
