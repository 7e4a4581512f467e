"""An office on the disk that lives for years: everybody at their desks, a watch and its alarms, a clock to be moved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from desk import Desk, Hands
from toy import TOY
from toy_watch import HIGH, TOY_WATCH, wells
from watched import MemoryCheckpoints, issue_all, listed

import peelian.operations.office
from peelian.kernel.alarms import operator_desk, watch
from peelian.kernel.identity import enrolment
from peelian.kernel.model.alarms import State
from peelian.kernel.model.capability import Role
from peelian.kernel.records import sensor_register
from peelian.kernel.retention.expiry_job import Expired, expire, has_jumped, sweep
from peelian.kernel.retention.retention import Swept
from peelian.kernel.state.kernel import Kernel
from peelian.operations.office import Office, new_office, open_office

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
    patch.setattr(peelian.operations.office, "technologies", lambda: (TOY, TOY_WATCH))
    patch.setattr(enrolment, "MOST_TRAINED", timedelta(days=36_500))
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
        expire(office.kernel)
    return path


def swept(kernel: Kernel, clock: Hands) -> tuple[Swept, Expired]:
    """The daily job as an office does it that was not served for long: one that waits, and a day later the next."""
    done = sweep(kernel)
    if not has_jumped(kernel):
        return done
    clock.days(1)
    return sweep(kernel)


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
        if sensor not in sensor_register.the_register(town.kernel):
            listed(town, sensor, days=days)
    town.clock.days(29)
    issue_all(town, HIGH)
    params, over = HIGH.reducer().example().params, HIGH.reducer().example().sensors
    asked = {"purpose": "safety", "params": params, "sensors": over}
    return watch.stand(town.kernel, town.people["commander"], HIGH.id, **asked).case


def raised(town: Desk, case: str, sensor: str) -> str:
    """A high well; the alarm's name."""
    known = set(town.kernel.state.alarms.floor.alarms)
    _reads(town, case, sensor, [6.0, 6.5])
    (alarm,) = set(town.kernel.state.alarms.floor.alarms) - known
    return alarm


def cleared(town: Desk, case: str, sensor: str) -> None:
    """The well is as low as it should be."""
    _reads(town, case, sensor, [6.0, 6.5, 1.0])


def _reads(town: Desk, case: str, sensor: str, levels: list[float]) -> None:
    standing = watch.begin(town.kernel, town.kernel.state.alarms.stands[case].permit, MemoryCheckpoints())
    for reading in wells(levels, sensor, first=town.clock.now + timedelta(seconds=1)):
        town.clock.now = reading.time
        watch.feed(town.kernel, standing, [reading])


def disposed(town: Desk, alarm: str) -> None:
    """The dispatcher says what it was; it closes when its condition is over."""
    by = town.people["dispatcher"]
    operator_desk.acknowledge(town.kernel, by, alarm)
    operator_desk.decide(town.kernel, by, alarm, choice="watch", reason="a wave at the weir")
    operator_desk.dispose(town.kernel, by, alarm, disposition="works")
    assert town.kernel.state.alarms.floor.at(alarm).state is not State.OPEN
