"""Running sums come back from their text as they were: what is gathered after that gives the same windows."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest

from peelian.kernel.model.watch import Reading
from peelian.technologies.sensors.running_sums import counter_rows, name_of, restored, window_rows
from peelian.technologies.sensors.turnstile import Turnstile
from peelian.technologies.sensors.windows import Gathering, close, gather

T = datetime(2026, 3, 1, 9, tzinfo=UTC)


def reading(minute: float, what: str = "people", sensor: str = "s-1", **values: float) -> Reading:
    return Reading(sensor=sensor, time=T + timedelta(minutes=minute), what=what, values=values)


READINGS = [
    reading(1, count=20.0),
    reading(2, count=1.5),
    reading(3, "laeq_1s", "s-2", laeq=57.123456, seconds=1.0),
    reading(4, "occupants", "s-3", count=7.0),
    reading(5, "energy", "s-4", kwh=81.25),
    reading(16, count=3.0),
]
LATER = [
    reading(7, count=4.0),
    reading(8, "laeq_1s", "s-2", laeq=61.0, seconds=1.0),
]


def test_a_gathering_goes_on_from_its_rows_as_if_it_had_not_stopped() -> None:
    whole, first = Gathering(), Gathering()
    gather(whole, READINGS + LATER)
    gather(first, READINGS)
    rows = window_rows(first, first.open) | counter_rows(Turnstile(), ["s-1", "s-5"])
    second = Gathering()
    restored({**rows, "state": "of somebody else"}, second, Turnstile())
    gather(second, LATER)
    assert str(close(second, T + timedelta(hours=3))) == str(close(whole, T + timedelta(hours=3)))


def test_only_windows_that_changed_are_to_be_kept_and_closed_ones_are_not() -> None:
    at = Gathering()
    gather(at, READINGS)
    assert set(at.changed) == set(at.open)
    at.changed.clear()
    gather(at, LATER[:1])
    assert [name_of(key) for key in at.changed] == ["w s-1 people 1772355600"]
    close(at, T + timedelta(hours=3))
    assert not at.changed and window_rows(at, [("s-1", "people", 1772355600)]) == {}


def test_the_gates_of_a_turnstile_come_back() -> None:
    first, whole = Turnstile(), Turnstile()
    totals = [reading(n / 10, total_towards=100.0 + n, total_away=50.0) for n in range(4)]
    for one in totals[:2]:
        first.turned((one,))
    second = Turnstile()
    restored(counter_rows(first, ["s-1", "s-9"]), Gathering(), second)
    told = [second.turned((one,)) for one in totals[2:]]
    assert [whole.turned((one,)) for one in totals][2:] == told and any(told)


def test_a_meter_goes_on_from_its_row_and_a_row_of_an_earlier_version_is_no_gain() -> None:
    first, second = Turnstile(), Turnstile()
    for minute, total in ((0, 381.7), (15, 381.8)):
        first.turned((reading(minute, "energy", "s-4", total_kwh=total),))
    restored(counter_rows(first, ["s-4"]) | {"c s-8": "[100.0,null]"}, Gathering(), second)
    (told,) = second.turned((reading(30, "energy", "s-4", total_kwh=381.9),))
    assert told.values["kwh"] == pytest.approx(0.1) and "s-8" not in second.gates


@pytest.mark.parametrize("peak", [-math.inf, 0.0, 91.25])
def test_a_peak_that_never_came_comes_back_as_none(peak: float) -> None:
    at = Gathering()
    gather(at, [reading(1, "laeq_1s", laeq=50.0)])
    (key,) = at.open
    at.open[key].lamax = peak
    again = Gathering()
    restored(window_rows(at, [key]), again, Turnstile())
    assert again.open[key] == at.open[key]
