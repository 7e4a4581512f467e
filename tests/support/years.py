"""An office on the disk that lives for years: everybody at their desks, a watch that may stand, a clock to be moved."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from desk import Desk, Hands
from toy import TOY
from toy_watch import TOY_WATCH

import peelian.office
from peelian.governance import enrolling
from peelian.governance.capability import Role
from peelian.governance.expiry import Expired, expire, has_jumped, sweep
from peelian.governance.house import House
from peelian.governance.retention import Swept
from peelian.office import Office, new_office, open_office

LATER = "2099-01-01"  # training is not what is tested here
SHORTS = tuple(str(role).replace("_", "-") for role in Role)


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
