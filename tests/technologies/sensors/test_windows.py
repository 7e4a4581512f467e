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
from peelian.kernel.model.watch import Reading
from peelian.technologies.sensors.windows import KEPT, LEEWAY, MOST_OPEN, Gathering, Window, close, gather, merged

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


def test_a_window_is_handed_on_a_minute_after_its_end_and_what_is_late_is_a_further_part() -> None:
    into = Gathering()
    gather(into, [reading(0), reading(1)])
    end = T + timedelta(minutes=15)
    assert close(into, end + LEEWAY - timedelta(seconds=1)) == ()
    first = close(into, end + LEEWAY)
    gather(into, [reading(5, count=3.0)])
    further = close(into, end + LEEWAY)
    assert not into.open and [w.count for w in (*first, *further)] == [2, 3]
    (whole,) = merged([*further, *first])
    assert (whole.start, whole.count, whole.n) == (T, 5, 3)


def test_after_65_minutes_a_reading_is_late_for_good() -> None:
    into = Gathering()
    close(into, T + KEPT - timedelta(seconds=1))
    gather(into, [reading(5)])
    close(into, T + KEPT)
    gather(into, [reading(6)])
    assert into.tally == {"taken": 1, "late": 1} and not into.open


def test_at_a_stop_the_window_under_way_is_handed_on_too() -> None:
    into = Gathering()
    gather(into, [reading(0)])
    assert close(into, T) == () and [w.count for w in close(into, T, stopping=True)] == [1] and not into.open


def test_parts_of_sound_occupants_and_energy_go_together_by_what_they_are() -> None:
    def part(measure: str, n: int, **more: float) -> Window:
        return Window(sensor="s-1", measure=measure, start=T, n=n, **more)  # type: ignore[arg-type]  # whole counts

    (sound,) = merged([part("noise", 9, laeq=60.0, lamax=71.0), part("noise", 1, laeq=70.0), part("noise", 4)])
    assert sound.laeq == pytest.approx(10 * math.log10((9 * 1e6 + 1e7) / 10)) and (sound.lamax, sound.n) == (71.0, 14)
    assert merged([part("occupants", 1, count=8), part("occupants", 1, count=5)])[0].count == 8
    assert merged([part("energy", 1, kwh=2.0), part("energy", 1, kwh=0.5)])[0].kwh == 2.5


@pytest.mark.parametrize("minutes", [1, 5, 14, 25, 90, 0, -15])
def test_windows_are_never_shorter_than_15_minutes(minutes: int) -> None:
    with pytest.raises(InputError, match="windows"):
        Gathering(minutes=minutes)


def test_a_flood_of_sensors_ends_in_a_clear_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("peelian.technologies.sensors.windows.MOST_OPEN", 3)
    into = Gathering()
    with pytest.raises(InputError, match="too many open time windows"):
        gather(into, [reading(0, sensor=f"s-{i}") for i in range(4)])
    assert MOST_OPEN >= 20_000 * 5


@given(st.lists(st.integers(0, 3599), max_size=40))
def test_nothing_is_lost_and_nothing_counted_twice(seconds: list[int]) -> None:
    assert sum(w.count for w in closed(*(reading(s) for s in seconds))) == len(seconds)


def test_no_raw_reading_is_left_in_memory_or_in_what_leaves() -> None:
    canary = 54.320987
    into = Gathering()
    gather(into, [reading(0, "laeq_1s", laeq=canary, seconds=1.0), reading(1, "laeq_1s", laeq=60.0, seconds=1.0)])
    windows = close(into, T + timedelta(hours=5))
    assert f"{canary}" not in repr(windows) and f"{canary}".encode() not in pickle.dumps(windows)
    assert not into.open
