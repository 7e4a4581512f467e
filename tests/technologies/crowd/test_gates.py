"""Proves a gate is told of only where many press and few get through, for a minute."""

from __future__ import annotations

import pytest

from peelian.errors import InputError
from peelian.kernel.model.watch import Level
from peelian.technologies.crowd.gates import OPEN, Gate, step

GATE = Gate(width_metres=4.0)


def told(flows: list[tuple[float, float]]) -> list[tuple[int, Level, bool]]:
    state, found = OPEN, []
    for number, (arrived, through) in enumerate(flows):
        state, change = step(GATE, state, 10 * number, (arrived, through, 10.0))
        if change is not None:
            found.append((10 * number, change.change.level, change.change.raised))
    return found


def test_many_press_and_few_get_through() -> None:
    assert told([(60, 20)] * 7) == [(60, Level.WARNING, True)]  # 1.5 arrive, 0.5 get through, per metre and second
    assert told([(60, 20)] * 7 + [(10, 20)] * 7)[-1] == (130, Level.WARNING, False)


def test_few_get_through_because_few_come() -> None:
    assert told([(10, 9)] * 60) == [] and told([(3, 1)] * 60) == []  # 0.05 per metre and second more: chance
    assert told([(30, 27)] * 60) == []


def test_a_blocked_gate_is_told_of_though_no_crowd_comes() -> None:
    assert told([(30, 2)] * 7) == [(60, Level.WARNING, True)]  # 28 persons more stand before it every ten seconds


def test_a_gate_that_serves_its_crowd_is_none() -> None:
    assert told([(60, 40)] * 60) == []


@pytest.mark.parametrize("bad", [(1, 1, 0.0), (-1, 0, 10.0), (10_000, 0, 10.0), (1, 1, 4_000.0)])
def test_impossible_counts_are_refused(bad: tuple[float, float, float]) -> None:
    with pytest.raises(InputError):
        step(GATE, OPEN, 0, bad)


def test_an_impossible_gate_is_refused() -> None:
    with pytest.raises(InputError):
        Gate(width_metres=0.1)


def test_at_an_entrance_both_ways_are_added_up_and_nothing_is_raised() -> None:
    gate, state, changes = Gate(width_metres=4.0), OPEN, []
    for at in range(0, 300, 10):
        state, change = step(gate, state, at, (60, 20, 10), queue=False)
        changes.append(change)
    assert (state.entered, state.left) == (1_800, 600) and not any(changes)
    again, change = step(gate, state, 290, (60, 20, 10), queue=False)
    assert again == state and change is None, "a repeated count is counted once"
