"""Proves flat lines, clipping, jumps and gaps are told once as faults, and trust comes back only after a good while."""

from __future__ import annotations

from collections.abc import Iterable

from peelian.technologies.crowd.faults import PEOPLE_NOW, SOUND_EACH_SECOND, TRUSTED, Fault, FaultRule, step


def told(values: Iterable[tuple[int, float]], rule: FaultRule = SOUND_EACH_SECOND) -> list[tuple[int, Fault, bool]]:
    state, found = TRUSTED, []
    for at, value in values:
        state, change = step(rule, state, at, value)
        if change is not None:
            found.append((at, change.fault, change.well))
    return found


def moving(first: int, last: int) -> list[tuple[int, float]]:
    return [(at, 50 + (at % 7) / 10) for at in range(first, last)]


def test_an_honest_meter_is_trusted() -> None:
    assert told(moving(0, 3_000)) == []


def test_a_flat_line_is_a_fault_after_ten_minutes_and_well_a_minute_after_it_moves() -> None:
    found = told([*((at, 63.2) for at in range(1_000)), *moving(1_000, 1_200)])
    assert found == [(601, Fault.FLAT, False), (999 + 60, Fault.FLAT, True)]


def test_clipping_and_jumps_are_faults() -> None:
    assert told([*moving(0, 50), *((at, 131.0 + at % 2) for at in range(50, 56))])[0] == (52, Fault.CLIPPING, False)
    assert told([(at, 40.0 + 50 * (at % 2)) for at in range(20)])[0] == (3, Fault.JUMPS, False)


def test_a_dead_sensor_is_flat_at_once() -> None:
    state, _ = step(PEOPLE_NOW, TRUSTED, 0, 50.0)
    _, change = step(PEOPLE_NOW, state, 60, 0.0, dead=True)
    assert change is not None and (change.fault, change.well) == (Fault.FLAT, False)


def test_a_gap_is_told_when_the_sensor_speaks_again() -> None:
    assert told([*moving(0, 50), *moving(200, 300)]) == [(200, Fault.GAP, False), (260, Fault.GAP, True)]


def test_an_empty_ground_may_stay_empty_and_a_full_one_may_not() -> None:
    assert told(((at, 0.0) for at in range(0, 4_000, 10)), PEOPLE_NOW) == []
    assert told(((at, 250.0) for at in range(0, 4_000, 10)), PEOPLE_NOW) == [(610, Fault.FLAT, False)]


def test_a_reading_again_changes_nothing() -> None:
    state, _ = step(SOUND_EACH_SECOND, TRUSTED, 10, 50.0)
    assert step(SOUND_EACH_SECOND, state, 10, 140.0) == (state, None)
