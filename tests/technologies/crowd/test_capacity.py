"""Proves a capacity is the lowest of four, follows the Green Guide's numbers, and refuses what cannot be."""

from __future__ import annotations

import dataclasses

import pytest

from peelian.errors import InputError
from peelian.technologies.crowd.capacity import Exit, Place, capacity

SQUARE = Place(
    area_m2=1_000,
    per_m2=4.7,
    physical=1.0,
    management=1.0,
    exits=(Exit(width_metres=5), Exit(width_metres=5), Exit(width_metres=5)),
    entry_per_hour=9_000,
)


def changed(**how: object) -> Place:
    return dataclasses.replace(SQUARE, **how)


def test_the_numbers_of_the_guide() -> None:
    found = capacity(SQUARE)
    assert (found.holding, found.entry) == (4_700, 9_000)
    assert (found.normal_exit, found.emergency) == (15 * 82 * 8, 10 * 82 * 8)
    assert (found.final, found.bound_by) == (4_700, "holding")
    stepped = tuple(Exit(width_metres=5, steps=True) for _ in range(3))
    assert capacity(changed(exits=stepped)).normal_exit == 15 * 66 * 8


@pytest.mark.parametrize(
    ("place", "final", "bound_by"),
    [
        (changed(physical=0.5, management=0.8), 2_350, "holding"),
        (changed(physical=0.8, management=0.5), 2_350, "holding"),
        (changed(entry_per_hour=1_000), 1_000, "entry"),
        (changed(turnstiles=3), 1_980, "entry"),
        (changed(emergency_minutes=2.5), 2_050, "emergency"),
        (changed(exits=(Exit(width_metres=1),)), 656, "normal_exit"),
        (changed(exits=(Exit(width_metres=20), Exit(width_metres=1))), 656, "emergency"),
        (changed(management=0), 0, "holding"),
    ],
)
def test_the_lowest_of_four_is_final(place: Place, final: int, bound_by: str) -> None:
    assert (capacity(place).final, capacity(place).bound_by) == (final, bound_by)


@pytest.mark.parametrize(
    "how",
    [
        {"area_m2": 0},
        {"area_m2": float("nan")},
        {"per_m2": 4.71},
        {"physical": 1.1},
        {"management": -0.1},
        {"exits": ()},
        {"entry_per_hour": float("inf")},
        {"emergency_minutes": 2.4},
        {"emergency_minutes": 8.1},
    ],
)
def test_what_cannot_be_is_refused(how: dict[str, object]) -> None:
    with pytest.raises(InputError):
        changed(**how)
    with pytest.raises(InputError):
        Exit(width_metres=0.4)
