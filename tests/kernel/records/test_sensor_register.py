"""The register's acts: named people, signed and logged; what is not registered may not speak."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from desk import Desk, desk
from labels import register_in_area
from sensing import a_sensor

from peelian.errors import InputError, IntegrityError, OutOfOrder, Refused
from peelian.kernel.model.sensors import Sensor
from peelian.kernel.records.sensor_register import end, register, renew, speaking, the_register, update
from peelian.kernel.state.kernel import OfficeState
from peelian.kernel.state.sensor_state import proven

pytestmark = pytest.mark.usefixtures("numbers_typed")

ENTRY = a_sensor(ends="2026-06-30")


@pytest.fixture
def town() -> Desk:
    return desk(())


def may_speak(town: Desk, id: str = "square-1") -> Sensor:
    return speaking(the_register(town.kernel), id, town.kernel.now())


@pytest.mark.parametrize("who", ["custodian", "privacy-officer"])
def test_a_named_person_registers_and_the_log_says_so(town: Desk, who: str) -> None:
    listed = register_in_area(town.kernel, town.people, ENTRY, who)
    assert listed.sensor == ENTRY and listed.by == town.people[who].person.token
    entry = [e for _, e in town.kernel.stores.log.read()][-1]
    assert (entry["kind"], entry["sensor"], entry["document"]) == ("SENSOR_REGISTERED", "square-1", listed.digest)
    assert may_speak(town) == ENTRY


@pytest.mark.parametrize("who", ["analyst", "commander", "dispatcher", "board"])
def test_others_may_not(town: Desk, who: str) -> None:
    with pytest.raises(Refused):
        register(town.kernel, town.people[who], ENTRY)
    assert not the_register(town.kernel)


def test_a_sensor_that_is_not_registered_is_refused(town: Desk) -> None:
    with pytest.raises(Refused, match="not registered"):
        may_speak(town)


def test_an_end_is_an_end_and_a_renewal_is_an_act(town: Desk) -> None:
    register_in_area(town.kernel, town.people, ENTRY)
    town.clock.now = town.clock.now.replace(year=2026, month=6, day=30, hour=23)
    assert may_speak(town)
    town.clock.days(1)
    with pytest.raises(Refused, match="expired"):
        may_speak(town)
    listed = renew(town.kernel, town.people["privacy-officer"], "square-1", "2027-06-30")
    assert may_speak(town).ends == "2027-06-30" and listed.renewals == 1
    with pytest.raises(InputError, match="not later"):
        renew(town.kernel, town.people["custodian"], "square-1", "2027-06-30")
    with pytest.raises(Refused):
        renew(town.kernel, town.people["analyst"], "square-1", "2027-12-31")


def test_an_ended_sensor_stays_in_sight_and_speaks_no_more(town: Desk) -> None:
    register_in_area(town.kernel, town.people, ENTRY)
    with pytest.raises(OutOfOrder, match="Renew"):
        register_in_area(town.kernel, town.people, ENTRY)
    listed = end(town.kernel, town.people["custodian"], "square-1", "broken")
    assert listed.state(town.kernel.now().date()) == "ended" and listed.sensor == ENTRY
    with pytest.raises(Refused, match="ended"):
        may_speak(town)
    with pytest.raises(OutOfOrder, match="Register it again"):
        renew(town.kernel, town.people["custodian"], "square-1", "2027-06-30")
    assert register_in_area(town.kernel, town.people, ENTRY).renewals == 0 and may_speak(town)
    with pytest.raises(InputError):
        end(town.kernel, town.people["custodian"], "square-1", "because")
    with pytest.raises(OutOfOrder, match="No sensor with this id"):
        end(town.kernel, town.people["custodian"], "nowhere", "broken")


def test_a_plate_reader_stands_in_the_register_and_never_speaks(town: Desk) -> None:
    reader = dataclasses.replace(ENTRY, id="plates-1", kind="plate_reader", format="", personal_data=True)
    register_in_area(town.kernel, town.people, reader)
    with pytest.raises(Refused, match="not sending"):
        may_speak(town, "plates-1")


def test_28_days_of_silence_come_before_the_first_alarm(town: Desk) -> None:
    listed = register_in_area(town.kernel, town.people, ENTRY)
    assert not proven(listed, town.kernel.now() + timedelta(days=27, hours=23))
    assert proven(listed, town.kernel.now() + timedelta(days=28))


def test_a_doctored_entry_is_found(town: Desk) -> None:
    digest = register_in_area(town.kernel, town.people, ENTRY).digest
    archive: Any = town.kernel.stores.archive
    good = archive.get(digest)
    kept = {digest: good.replace(b"Public works", b"Nobody works")}
    fake: Any = type("Fake", (), {"get": lambda _, m: kept.get(m) or archive.get(m)})()
    faked = dataclasses.replace(town.kernel, stores=dataclasses.replace(town.kernel.stores, archive=fake))
    faked = dataclasses.replace(faked, state=OfficeState())
    with pytest.raises(IntegrityError):
        the_register(faked)


GUARDED = a_sensor(ends="2026-12-31", firmware="1.0", updated="2026-02-01", update_days=90)


def test_an_update_is_stated_and_its_duty_counts_from_then(town: Desk) -> None:
    listed = register_in_area(town.kernel, town.people, GUARDED)
    today = town.kernel.now().date()
    assert not listed.overdue(today) and listed.overdue(GUARDED.update_due + timedelta(days=1))  # type: ignore[operator]
    town.clock.days(120)
    assert the_register(town.kernel)["square-1"].overdue(town.kernel.now().date())
    day = town.kernel.now().date().isoformat()
    made = update(town.kernel, town.people["custodian"], "square-1", firmware="1.1", on=day)
    assert (made.sensor.firmware, made.sensor.updated, made.renewals) == ("1.1", day, 0)
    assert (
        not made.overdue(town.kernel.now().date())
        and made.since == listed.since
        and made.heard_from == listed.heard_from
    )
    assert renew(town.kernel, town.people["custodian"], "square-1", "2027-06-30").sensor.firmware == "1.1"
    again = dataclasses.replace(town.kernel, state=OfficeState())  # as another process reads the log
    assert the_register(again) == the_register(town.kernel)


def test_no_duty_is_never_overdue_and_an_ended_sensor_neither(town: Desk) -> None:
    listed = register_in_area(town.kernel, town.people, ENTRY)
    assert listed.sensor.update_due is None and not listed.overdue(town.kernel.now().date())
    register(town.kernel, town.people["custodian"], dataclasses.replace(GUARDED, id="square-2"))
    end(town.kernel, town.people["custodian"], "square-2", "removed")
    town.clock.days(300)
    assert not the_register(town.kernel)["square-2"].overdue(town.kernel.now().date())
    with pytest.raises(OutOfOrder, match="ended"):
        update(town.kernel, town.people["custodian"], "square-2", firmware="2", on="2026-03-01")


@pytest.mark.parametrize(
    "wrong",
    [
        {"firmware": " "},
        {"firmware": "x" * 61},
        {"firmware": "1\n2"},
        {"on": "2099-01-01"},
        {"on": "2026-01-31"},
        {"on": "soon"},
    ],
)
def test_an_update_that_makes_no_sense_is_refused(town: Desk, wrong: dict[str, str]) -> None:
    register_in_area(town.kernel, town.people, GUARDED)
    given = {"firmware": "1.1", "on": "2026-02-02"} | wrong
    with pytest.raises(InputError):
        update(town.kernel, town.people["custodian"], "square-1", **given)
    assert the_register(town.kernel)["square-1"].sensor == GUARDED


@pytest.mark.parametrize("wrong", [{"update_days": 90}, {"update_days": -1, "updated": "2026-02-01"}, {"updated": "x"}])
def test_a_duty_needs_a_day_to_count_from(town: Desk, wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        register_in_area(town.kernel, town.people, a_sensor(**wrong))


def test_others_state_no_update(town: Desk) -> None:
    register_in_area(town.kernel, town.people, GUARDED)
    with pytest.raises(Refused):
        update(town.kernel, town.people["analyst"], "square-1", firmware="1.1", on="2026-02-02")
