"""A person's own count of a zone: signed, by those on shift, of a zone that is watched."""

from __future__ import annotations

from typing import Any

import pytest
from watched import stood

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.alarms.zone_count import count_zone


def test_a_count_is_signed_logged_and_the_zones_newest() -> None:
    town = stood().town
    first = count_zone(town.kernel, town.people["dispatcher"], zone="north", people=0)
    second = count_zone(town.kernel, town.people["dispatcher"], zone="north", people=250)
    assert town.kernel.state.alarms.counts == {"north": second} and first.signature
    entries = [entry for _, entry in town.kernel.stores.log.read() if entry["kind"] == "EVENT_COUNTED"]
    assert [(entry["zone"], entry["people"], entry["by"]) for entry in entries] == [
        ("north", n, town.people["dispatcher"].person.token) for n in (0, 250)
    ]


def test_only_those_on_shift_count() -> None:
    town = stood().town
    with pytest.raises(Refused):
        count_zone(town.kernel, town.people["clerk"], zone="north", people=1)


def test_a_zone_that_nobody_watches_has_no_count() -> None:
    town = stood().town
    with pytest.raises(OutOfOrder):
        count_zone(town.kernel, town.people["dispatcher"], zone="moon", people=1)


@pytest.mark.parametrize("people", [-1, 1_000_001, True, 2.5, "7"])
def test_what_is_no_number_of_people_is_refused(people: Any) -> None:
    town = stood().town
    with pytest.raises(InputError):
        count_zone(town.kernel, town.people["dispatcher"], zone="north", people=people)
