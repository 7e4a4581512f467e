"""Proves a counter learns its week, tells a rise or a fall once, and is not fooled by holidays, repeats and gaps."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.technologies.crowd import example
from peelian.technologies.crowd.counters import NEW, RULE, CounterState, dead, step

WEEKS = 12
COUNTS = example.hourly(WEEKS, 500.0, 5)
EVENING = 11 * 168 + 4 * 24 + 20


def run(counts: np.ndarray, state: CounterState = NEW, first: int = 0) -> tuple[CounterState, list]:
    told = []
    for hour, count in enumerate(counts.tolist(), start=first):
        state, _, changes = step(RULE, state, hour, count)
        told += [(hour, change) for change in changes]
    return state, told


def test_an_evening_of_far_more_people_is_told_once_and_clears() -> None:
    counts = COUNTS.copy()
    counts[EVENING : EVENING + 3] *= 4
    _, told = run(counts)
    assert [(hour, change.change.raised) for hour, change in told] == [(EVENING, True), (EVENING + 4, False)]
    assert told[0][1].count == counts[EVENING] and told[0][1].z >= 4


def test_the_same_week_over_and_over_raises_nothing() -> None:
    assert run(COUNTS)[1] == []


def test_few_people_raise_nothing_however_unusual() -> None:
    counts = np.ones(WEEKS * 168, dtype=np.int64)
    counts[-5:] = 49
    assert run(counts)[1] == []
    counts[-5:] = 50
    assert [change.change.raised for _, change in run(counts)[1]] == [True]


NOON = 11 * 168 + 2 * 24 + 12  # a Wednesday


def test_an_emptied_street_is_told_once_as_a_fall_and_clears() -> None:
    counts = COUNTS.copy()
    counts[NOON : NOON + 3] = np.round(0.1 * counts[NOON : NOON + 3])
    _, told = run(counts)
    assert [(hour, one.fall, one.change.raised) for hour, one in told] == [(NOON, True, True), (NOON + 4, True, False)]
    assert told[0][1].z <= -4 and told[0][1].count <= told[0][1].least / 1.5 < told[0][1].expected


def test_a_weekday_as_quiet_as_the_quietest_day_is_a_holiday_and_no_fall() -> None:
    counts = np.tile(np.repeat([900, 900, 900, 900, 900, 900, 200], 24), WEEKS)
    counts[NOON : NOON + 6] = 180
    assert run(counts)[1] == []
    counts[NOON : NOON + 6] = 20
    assert [one.fall for _, one in run(counts)[1]] == [True, True]


def test_where_few_are_expected_no_street_is_emptied() -> None:
    counts = np.full(WEEKS * 168, 49)
    counts[NOON : NOON + 3] = 1
    assert run(counts)[1] == []
    counts = np.full(WEEKS * 168, 50)
    counts[NOON : NOON + 3] = 1
    assert [one.fall for _, one in run(counts)[1]] == [True, True]


def test_nobody_at_all_is_a_dead_counter_where_many_are_expected() -> None:
    counts = COUNTS.copy()
    counts[NOON : NOON + 3] = 0
    assert run(counts)[1] == [], "no fall"
    state, _ = run(COUNTS[:NOON])
    assert dead(RULE, state, NOON, 0) and dead(RULE, state, NOON + 24, 0)
    assert not dead(RULE, state, NOON, 1) and not dead(RULE, NEW, NOON, 0) and not dead(RULE, state, NOON - 1, 0)
    few, _ = run(np.full(WEEKS * 168, 49))
    assert not dead(RULE, few, WEEKS * 168, 0)


def test_hours_again_or_late_change_nothing_and_a_long_silence_forgets() -> None:
    state, _ = run(COUNTS)
    assert step(RULE, state, WEEKS * 168 - 1, 9_999) == (state, None, ())
    later, expected, _ = step(RULE, state, WEEKS * 168 + 48, 100)
    assert expected is not None and len(later.logs) == 2 * RULE.hours
    much_later, expected, _ = step(RULE, state, WEEKS * 168 + RULE.hours + 1, 100)
    assert expected is None and len(much_later.logs) == 2


@pytest.mark.parametrize("bad", [-1, float("nan"), float("inf"), 1e9])
def test_what_is_no_count_is_refused(bad: float) -> None:
    with pytest.raises(InputError):
        step(RULE, NEW, 0, bad)
