"""Proves a counter learns its week, tells an evening of far more people once, and is not fooled by repeats and gaps."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.technologies.crowd import example
from peelian.technologies.crowd.counters import NEW, RULE, CounterState, step

WEEKS = 12
COUNTS = example.hourly(WEEKS, 500.0, 5)
EVENING = 11 * 168 + 4 * 24 + 20


def run(counts: np.ndarray, state: CounterState = NEW, first: int = 0) -> tuple[CounterState, list]:
    told = []
    for hour, count in enumerate(counts.tolist(), start=first):
        state, _, change = step(RULE, state, hour, count)
        if change is not None:
            told.append((hour, change))
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


def test_hours_again_or_late_change_nothing_and_a_long_silence_forgets() -> None:
    state, _ = run(COUNTS)
    assert step(RULE, state, WEEKS * 168 - 1, 9_999) == (state, None, None)
    later, expected, _ = step(RULE, state, WEEKS * 168 + 48, 100)
    assert expected is not None and len(later.logs) == 2 * RULE.hours
    much_later, expected, _ = step(RULE, state, WEEKS * 168 + RULE.hours + 1, 100)
    assert expected is None and len(much_later.logs) == 2


@pytest.mark.parametrize("bad", [-1, float("nan"), float("inf"), 1e9])
def test_what_is_no_count_is_refused(bad: float) -> None:
    with pytest.raises(InputError):
        step(RULE, NEW, 0, bad)
