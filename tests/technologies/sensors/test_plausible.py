"""A reading says what a measure of its kind can be; both ends of each range belong to it."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from sensing import a_sensor

from peelian.errors import InputError
from peelian.kernel.model.watch import Reading
from peelian.technologies.sensors.plausible import RANGES, must_be_plausible

AT = datetime(2026, 3, 1, 10, tzinfo=UTC)
ENDS = [(what, name, *ends) for what, values in RANGES.items() for name, ends in values.items()]
HOMES = a_sensor(homes=20)


def reading(what: str, **values: float) -> Reading:
    return Reading(sensor="one", time=AT, what=what, values=values)


@pytest.mark.parametrize(("what", "name", "low", "high"), [*ENDS, ("energy", "kwh", 0.0, 30.0 * 20 * 24)])
def test_the_ends_are_plausible_and_nothing_beyond_them(what: str, name: str, low: float, high: float) -> None:
    for value in (low, high):
        must_be_plausible(reading(what, **{name: value}), HOMES)
    for value in (low - 1, high + 1, math.nan, math.inf):
        with pytest.raises(InputError, match="out of range") as wrong:
            must_be_plausible(reading(what, **{name: value}), HOMES)
        assert wrong.value.column == name


@pytest.mark.parametrize("what", ["people", "occupants", "vehicles"])
def test_a_count_is_whole(what: str) -> None:
    with pytest.raises(InputError, match="whole number"):
        must_be_plausible(reading(what, count=2.5), HOMES)


def test_energy_is_what_the_homes_can_use_in_that_time() -> None:
    must_be_plausible(reading("energy", kwh=600.0, seconds=3_600.0), HOMES)
    for few, seconds in ((600.1, 3_600.0), (601.0, 60.0)):
        with pytest.raises(InputError):
            must_be_plausible(reading("energy", kwh=few, seconds=seconds), HOMES)
