"""The register as the log says it, and the 28 days of silence: from registration, and anew after every gap."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from desk import Desk, desk
from labels import adopt
from toy_watch import wells
from watched import listed, stood

from peelian.kernel.model.labels import LabelKind
from peelian.kernel.records.sensor_register import end, renew, silent_of, the_register
from peelian.kernel.state.kernel import OfficeState
from peelian.kernel.state.sensor_state import proven

pytestmark = pytest.mark.usefixtures("numbers_typed")


@pytest.fixture
def town() -> Desk:
    made = desk(())
    listed(made, "square-1", days=60)
    return made


def _proven(town: Desk) -> bool:
    return proven(the_register(town.kernel)["square-1"], town.kernel.now())


def test_it_may_raise_an_alarm_28_days_after_it_was_registered(town: Desk) -> None:
    town.clock.days(27.99)
    assert not _proven(town)
    town.clock.days(0.02)
    assert _proven(town)


def test_a_renewal_in_time_goes_on_and_one_after_the_end_begins_anew(town: Desk) -> None:
    town.clock.days(40)
    ends = (town.clock.now + timedelta(days=30)).date().isoformat()
    renew(town.kernel, town.people["custodian"], "square-1", ends)
    assert _proven(town), "no gap: it was heard all the time"
    town.clock.days(32)
    assert not _proven(town), "past its end it raises nothing"
    renew(town.kernel, town.people["custodian"], "square-1", (town.clock.now + timedelta(days=90)).date().isoformat())
    assert not _proven(town)
    town.clock.days(28.1)
    assert _proven(town)


def test_a_replaced_device_is_proven_anew(town: Desk) -> None:
    town.clock.days(40)
    end(town.kernel, town.people["custodian"], "square-1", "replaced")
    assert not _proven(town)
    listed(town, "square-1")
    assert not _proven(town) and the_register(town.kernel)["square-1"].renewals == 0
    assert silent_of(town.kernel, ["square-1", "square-9"]) == {
        "square-1": f"it is proven in silence until {town.clock.now + timedelta(days=28):%Y-%m-%d}",
        "square-9": "it is not in the register",
    }
    town.clock.days(28.1)
    assert _proven(town) and silent_of(town.kernel, ["square-1"]) == {}


def test_a_look_is_not_changed_by_what_comes_after_it(town: Desk) -> None:
    before = the_register(town.kernel)
    listed(town, "square-2")
    assert set(before) == {"square-1"} and set(the_register(town.kernel)) == {"square-1", "square-2"}
    assert the_register(town.kernel) is the_register(town.kernel), "nothing changed: nothing is read again"
    folded = dataclasses.replace(town.kernel, state=OfficeState())
    assert the_register(folded) == the_register(town.kernel)


@pytest.mark.parametrize(("days", "kind"), [(27, "silent"), (29, "real")])
def test_the_alarm_of_a_registered_sensor_is_silent_until_then(days: float, kind: str) -> None:
    at = stood(proven=False)
    adopt(at.town.kernel, at.town.people["custodian"], at.town.people["board"], LabelKind.AREA, ["Centre"])
    at.town.clock.days(-days)
    listed(at.town, "well-1")
    at.town.clock.days(days)
    at.feed(wells([1.0, 6.0, 6.5]))
    assert {alarm.kind for alarm in at.town.kernel.state.alarms.floor.alarms.values()} == {kind}


def test_a_sensor_that_is_in_no_register_raises_nothing_for_good() -> None:
    at = stood(proven=False)
    at.town.clock.days(40)
    start = at.town.clock.now
    at.feed(wells([1.0, 6.0, 6.5], first=start))
    assert {alarm.kind for alarm in at.town.kernel.state.alarms.floor.alarms.values()} == {"silent"}
