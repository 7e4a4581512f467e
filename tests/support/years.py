"""An office on the disk that lives for years: everybody at their desks, a watch and its alarms, a clock to be moved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from desk import Desk, Hands
from toy import TOY
from toy_watch import HIGH, TOY_WATCH, wells
from watched import MemoryCheckpoints, listed, papers

import peelian.office
from peelian.governance import alarm_desk, enrolling, sensor_register, watch
from peelian.governance.alarms import State
from peelian.governance.capability import Role
from peelian.governance.expiry import Expired, expire, has_jumped, sweep
from peelian.governance.house import House
from peelian.governance.retention import Swept
from peelian.office import Office, new_office, open_office

LATER = "2099-01-01"  # training is not what is tested here
SHORTS = tuple(str(role).replace("_", "-") for role in Role)


@pytest.fixture
def clock() -> Hands:
    """A clock whose hands the test moves."""
    return Hands()


@pytest.fixture
def folder(tmp_path: Path, clock: Hands, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an office of years, closed."""
    return office_of_years(tmp_path / "town", clock, monkeypatch)


@pytest.fixture
def town(folder: Path, clock: Hands) -> Iterator[Desk]:
    """The same office, open, its people at their desks."""
    made = reopened(folder, clock)
    yield made
    made.office.close()


def office_of_years(path: Path, clock: Hands, patch: pytest.MonkeyPatch) -> Path:
    """A new office, closed again, whose log has said how long its archive keeps what."""
    patch.setattr(peelian.office, "technologies", lambda: (TOY, TOY_WATCH))
    patch.setattr(enrolling, "MOST_TRAINED", timedelta(days=36_500))
    with new_office(path, name="Town", clock=clock) as office:
        by = office.enrol("custodian", name="Cy", unit="it", roles={Role.CUSTODIAN}, trained_until=LATER)
        board = None
        for role, short in zip(Role, SHORTS, strict=True):
            told = {"name": short, "unit": f"unit-{short}", "roles": {role}, "trained_until": LATER}
            if short != "custodian":
                one = office.enrol(short, **told, by=by, second=board)
                board = one if short == "board" else board
        night = {Role.DISPATCHER}
        office.enrol("night", name="Night", unit="night", roles=night, trained_until=LATER, by=by)
        expire(office.house)
    return path


def swept(house: House, clock: Hands) -> tuple[Swept, Expired]:
    """The daily job as an office does it that was not served for long: one that waits, and a day later the next."""
    done = sweep(house)
    if not has_jumped(house):
        return done
    clock.days(1)
    return sweep(house)


def at_desks(office: Office, clock: Hands) -> Desk:
    """The office with its people at their desks."""
    people = {short: office.operator(short) for short in (*SHORTS, "night")}
    return Desk(office=office, clock=clock, people=people)


def reopened(path: Path, clock: Hands) -> Desk:
    """The same office, opened anew."""
    return at_desks(open_office(path, clock=clock), clock)


def stands(town: Desk, days: int = 400) -> str:
    """A watch over two proven sensors; its case."""
    for sensor in ("well-1", "well-2"):
        if sensor not in sensor_register.the_register(town.house):
            listed(town, sensor, days=days)
    town.clock.days(29)
    papers(town, HIGH)
    params, over = HIGH.example().params, HIGH.example().sensors
    asked = {"purpose": "safety", "params": params, "sensors": over}
    return watch.stand(town.house, town.people["commander"], HIGH.id, **asked).case


def raised(town: Desk, case: str, sensor: str) -> str:
    """A high well; the alarm's name."""
    known = set(town.house.book.watching.floor.alarms)
    _reads(town, case, sensor, [6.0, 6.5])
    (alarm,) = set(town.house.book.watching.floor.alarms) - known
    return alarm


def cleared(town: Desk, case: str, sensor: str) -> None:
    """The well is as low as it should be."""
    _reads(town, case, sensor, [6.0, 6.5, 1.0])


def _reads(town: Desk, case: str, sensor: str, levels: list[float]) -> None:
    standing = watch.begin(town.house, town.house.book.watching.stands[case].permit, MemoryCheckpoints())
    for reading in wells(levels, sensor, first=town.clock.now + timedelta(seconds=1)):
        town.clock.now = reading.time
        watch.feed(town.house, standing, [reading])


def disposed(town: Desk, alarm: str) -> None:
    """The dispatcher says what it was; it closes when its condition is over."""
    by = town.people["dispatcher"]
    alarm_desk.acknowledge(town.house, by, alarm)
    alarm_desk.decide(town.house, by, alarm, choice="watch", reason="a wave at the weir")
    alarm_desk.dispose(town.house, by, alarm, disposition="works")
    assert town.house.book.watching.floor.at(alarm).state is not State.OPEN
