"""A day of a sensor's counts leaves with noise, by a person who may, and once."""

from __future__ import annotations

import json
from datetime import date

import pytest
from desk import Desk, desk
from labels import register_in_area
from sensing import Kept, a_sensor, publish

from peelian.errors import OutOfOrder, Refused
from peelian.kernel.records.sensor_register import end
from peelian.oversight.sensors import register as sensors
from peelian.oversight.sensors.release import release, released
from peelian.pictures.words import english

ENTRY = a_sensor(lon=-79.4, lat=43.65)


@pytest.fixture
def town() -> Desk:
    made = desk(())
    register_in_area(made.kernel, made.people, ENTRY)
    return made


def test_a_released_day_is_noisy_signed_and_shown(town: Desk) -> None:
    made = publish(town, [20] * 95 + [3])
    assert made.windows == (21,) * 95 + (None,) and made.total == 20 * 95 + 3 + 1
    assert released(town.kernel, "square-1") == (made,)
    assert [kind for kind in town.kinds() if kind in ("NOISE_SPENT", "SENSOR_RELEASED")] == [
        "NOISE_SPENT",
        "NOISE_SPENT",
        "SENSOR_RELEASED",
    ]
    assert "95 of 96" not in str(sensors.sensor_page(town.kernel, "square-1", english)[2])


def test_it_is_drawn_once_and_the_true_counts_stand_nowhere(town: Desk) -> None:
    answers = Kept()
    first = publish(town, [77_777_777_777] * 96, answers=answers)
    assert publish(town, [20] * 96, answers=answers) == first
    assert town.kinds().count("SENSOR_RELEASED") == 1
    with pytest.raises(Refused, match="budget"):
        publish(town, [80] * 24, answers=answers)
    kept = json.dumps([dict(entry) for _, entry in town.kernel.stores.log.read()])
    assert "77777777777" not in kept, "eleven digits: fewer come up in a digest by chance"


def test_only_publishers_release_and_only_days_that_are_over_of_sensors_that_speak(town: Desk) -> None:
    with pytest.raises(Refused):
        publish(town, [20] * 96, who="analyst")
    with pytest.raises(OutOfOrder, match="not over"):
        release(town.kernel, town.people["clerk"], "square-1", date(2099, 1, 1), [1] * 96)
    end(town.kernel, town.people["custodian"], "square-1", "broken")
    with pytest.raises(Refused, match="ended"):
        publish(town, [20] * 96)


def test_the_kill_switch_stops_what_goes_out(town: Desk) -> None:
    town.kernel.append("SUSPENDED", technology="sensors", by=town.people["board"].person.token)
    with pytest.raises(Refused, match="suspended"):
        publish(town, [20] * 96)
    assert not {"NOISE_SPENT", "SENSOR_RELEASED"} & set(town.kinds())
    town.kernel.append("RESUMED", technology="sensors", by=town.people["board"].person.token)
    assert publish(town, [20] * 96)
