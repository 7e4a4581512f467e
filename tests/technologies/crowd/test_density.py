"""Proves the bars of density hold for a minute each, and impossible counts and grounds are refused."""

from __future__ import annotations

import pytest

from peelian.errors import InputError
from peelian.kernel.model.watch import Level
from peelian.technologies.crowd.density import EMPTY, Ground, level_of_service, step

MOVING, STANDING = Ground(area_m2=100.0), Ground(area_m2=100.0, standing=True)


def told(ground: Ground, counts: list[float]) -> list[tuple[int, Level, bool]]:
    state, found = EMPTY, []
    for number, count in enumerate(counts):
        state, change = step(ground, state, 10 * number, count)
        if change is not None:
            found.append((10 * number, change.change.level, change.change.raised))
    return found


@pytest.mark.parametrize(
    ("ground", "count", "level"),
    [
        (MOVING, 199, None),
        (MOVING, 200, Level.NOTICE),
        (MOVING, 350, Level.WARNING),
        (MOVING, 400, Level.URGENT),
        (STANDING, 499, Level.WARNING),
        (STANDING, 500, Level.URGENT),
    ],
)
def test_each_bar_is_raised_after_a_minute(ground: Ground, count: float, level: Level | None) -> None:
    assert told(ground, [count] * 6) == []
    assert told(ground, [count] * 7) == ([(60, level, True)] if level else [])


def test_a_crowd_that_passes_in_half_a_minute_raises_nothing_and_an_open_alarm_clears_after_a_minute() -> None:
    assert told(MOVING, [100, 450, 450, 450, 100, 100]) == []
    assert told(MOVING, [450] * 7 + [290] * 7)[-1] == (130, Level.URGENT, False)
    assert told(MOVING, [450] * 7 + [310] * 20)[-1] == (60, Level.URGENT, True)


@pytest.mark.parametrize("bad", [-1.0, 1_501.0, float("nan"), float("inf")])
def test_an_impossible_count_is_refused(bad: float) -> None:
    with pytest.raises(InputError):
        step(MOVING, EMPTY, 0, bad)


@pytest.mark.parametrize("bad", [0.0, -3.0, float("nan"), 2e6])
def test_an_impossible_ground_is_refused(bad: float) -> None:
    with pytest.raises(InputError):
        Ground(area_m2=bad)


def test_levels_of_service_fall_with_density_and_are_fruins() -> None:
    assert "".join(level_of_service(1 / room) for room in (3.3, 2.4, 1.4, 0.95, 0.5, 0.4)) == "ABCDEF"
    assert "".join(level_of_service(1 / room, standing=True) for room in (1.3, 1, 0.7, 0.3, 0.2, 0.1)) == "ABCDEF"
    assert level_of_service(0.0) == "A"
