"""Windows: sums only, closed in time, nothing older than 65 minutes, and no raw reading left anywhere."""

from __future__ import annotations

import math
import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.governance.capability import Reading
from peelian.technologies.sensors.windows import KEPT, MOST_OPEN, Gathering, Window, close, gather, still_open

T = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)


def reading(after: float, /, what: str = "people", sensor: str = "s-1", **values: float) -> Reading:
    return Reading(sensor=sensor, time=T + timedelta(seconds=after), what=what, values=values or {"count": 1.0})


def closed(*readings: Reading, **more: Any) -> tuple[Window, ...]:
    into = Gathering(**more)
    gather(into, readings)
    return close(into, T + timedelta(hours=5))


def test_counts_are_summed_in_aligned_windows_whatever_their_order() -> None:
    found = closed(reading(901, count=2.0), reading(0, count=3.0), reading(899, count=4.0))
    assert [(w.start, w.count, w.n) for w in found] == [(T, 7, 2), (T + timedelta(minutes=15), 2, 1)]


def test_sound_is_the_mean_of_energy_and_the_largest_level() -> None:
    (window,) = closed(reading(0, "laeq_1s", laeq=60.0, seconds=1.0), reading(1, "laeq_1s", laeq=70.0, lamax=75.0))
    assert window.laeq == pytest.approx(67.4036, abs=1e-4) and window.lamax == 75.0 and window.count == 0
    (longer,) = closed(reading(0, "noise", laeq=60.0, seconds=9.0), reading(9, "noise", laeq=70.0, seconds=1.0))
    assert longer.laeq == pytest.approx(10 * math.log10((9 * 1e6 + 1e7) / 10))


def test_energy_is_summed_and_occupants_are_the_most_at_once() -> None:
    assert closed(reading(0, "energy", kwh=2.0), reading(60, "energy", kwh=3.5))[0].kwh == 5.5
    assert closed(reading(0, "occupants", count=8.0), reading(60, "occupants", count=5.0))[0].count == 8


def test_a_counter_that_counts_on_is_a_difference_and_survives_its_restart() -> None:
    totals = [100.0, 107.0, 109.0, 4.0, 6.0]
    assert closed(*(reading(i, total=t) for i, t in enumerate(totals)))[0].count == 7 + 2 + 4 + 2


def test_a_window_stays_open_for_late_readings_and_not_longer_than_65_minutes() -> None:
    into = Gathering()
    gather(into, [reading(0)])
    assert close(into, T + KEPT - timedelta(seconds=1)) == ()
    gather(into, [reading(5)])
    (window,) = close(into, T + KEPT)
    assert window.count == 2 and not into.open
    gather(into, [reading(6)])
    assert into.tally == {"taken": 2, "late": 1} and not into.open


@pytest.mark.parametrize("minutes", [1, 5, 14, 25, 90, 0, -15])
def test_windows_are_never_shorter_than_15_minutes(minutes: int) -> None:
    with pytest.raises(InputError, match="windows"):
        Gathering(minutes=minutes)


def test_a_flood_of_sensors_ends_in_a_clear_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("peelian.technologies.sensors.windows.MOST_OPEN", 3)
    into = Gathering()
    with pytest.raises(InputError, match="too many windows"):
        gather(into, [reading(0, sensor=f"s-{i}") for i in range(4)])
    assert MOST_OPEN >= 20_000 * 5


def test_what_is_open_is_told_without_values() -> None:
    into = Gathering()
    gather(into, [reading(0)])
    assert list(still_open(into)) == [("s-1", T)]


@given(st.lists(st.integers(0, 3599), max_size=40))
def test_nothing_is_lost_and_nothing_counted_twice(seconds: list[int]) -> None:
    assert sum(w.count for w in closed(*(reading(s) for s in seconds))) == len(seconds)


def test_no_raw_reading_is_left_in_memory_or_in_what_leaves() -> None:
    canary = 54.320987
    into = Gathering()
    gather(into, [reading(0, "laeq_1s", laeq=canary, seconds=1.0), reading(1, "laeq_1s", laeq=60.0, seconds=1.0)])
    windows = close(into, T + timedelta(hours=5))
    assert f"{canary}" not in repr(windows) and f"{canary}".encode() not in pickle.dumps((windows, into.totals))
    assert not into.open
