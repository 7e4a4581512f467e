"""Crowd density in persons per square metre, its alarm levels, and Fruin's level of service."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.errors import InputError, sentence
from peelian.kernel.model.watch import Level
from peelian.technologies.crowd.holding import CALM, Change, Held, Holds, held

HOLD_SECONDS = 60
NOTICE, WARNING = 2.0, 3.5  # persons per m²
URGENT_MOVING, URGENT_STANDING = 4.0, 5.0
CLEARS_UNDER = 0.75  # of the bar that raised the alarm
MOST_PER_M2 = 15.0  # no crowd was ever denser: a higher figure is a wrong count or a wrong area
HOLDS = Holds(levels=((Level.NOTICE, HOLD_SECONDS), (Level.WARNING, HOLD_SECONDS), (Level.URGENT, HOLD_SECONDS)))

WALKING = ((3.24, "A"), (2.32, "B"), (1.39, "C"), (0.93, "D"), (0.46, "E"))  # least m² per person
WAITING = ((1.21, "A"), (0.93, "B"), (0.65, "C"), (0.28, "D"), (0.19, "E"))


AREA_M2 = (1.0, 1_000_000.0)
"""The least and the largest walkable area of a counted place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A counted place: its walkable area, and whether people stand or move there."""

    area_m2: float
    standing: bool = False

    def __post_init__(self) -> None:
        if not AREA_M2[0] <= self.area_m2 <= AREA_M2[1]:
            raise InputError("area out of range", accepted="1 to 1,000,000 m² of walkable area")

    @property
    def bars(self) -> tuple[float, float, float]:
        """Persons per m² of notice, warning and urgent."""
        return NOTICE, WARNING, URGENT_STANDING if self.standing else URGENT_MOVING


@dataclass(frozen=True, slots=True, kw_only=True)
class DensityState:
    """Newest second counted, and conditions pending or open."""

    last: int | None = None
    holding: Held = CALM


@dataclass(frozen=True, slots=True, kw_only=True)
class DensityChange:
    """An alarm raised or cleared, with the density and the number of persons it rests on."""

    change: Change
    per_m2: float
    count: int


EMPTY = DensityState()


def density(count: float, area_m2: float) -> float:
    """Persons per m²: the classic density of a measurement area.

    >>> density(30, 12.0)
    2.5
    """
    return count / area_m2


def level_of_service(per_m2: float, *, standing: bool = False) -> str:
    """Fruin's level of service, A (free) to F (breakdown), for walkways or for standing areas.

    Source: J. J. Fruin, Pedestrian Planning and Design, 1971: areas per person in ft², here in m².

    >>> level_of_service(0.2), level_of_service(2.5), level_of_service(2.5, standing=True)
    ('A', 'F', 'D')
    """
    if per_m2 <= 0:
        return "A"
    room = 1 / per_m2
    for least, letter in WAITING if standing else WALKING:
        if room >= least:
            return letter
    return "F"


def step(ground: Ground, state: DensityState, at: int, count: float) -> tuple[DensityState, DensityChange | None]:
    """Take in how many persons are on the ground at `at` seconds: the new state and the alarm raised or cleared.

    A count as old as the newest one, or older, changes nothing. InputError where it can be no count of that ground.
    """
    per_m2 = density(count, ground.area_m2)
    if not 0 <= per_m2 <= MOST_PER_M2:
        accepted = sentence("0 to %(most)d persons per m² of its area", most=MOST_PER_M2)
        raise InputError("count impossible for this area", accepted=accepted)
    if state.last is not None and at <= state.last:
        return state, None
    conditions = tuple(per_m2 >= bar for bar in ground.bars)
    quiet = per_m2 < CLEARS_UNDER * ground.bars[max(state.holding.open, 1) - 1]
    holding, change = held(HOLDS, state.holding, at, conditions, quiet)
    after = DensityState(last=at, holding=holding)
    return after, None if change is None else DensityChange(change=change, per_m2=per_m2, count=round(count))
