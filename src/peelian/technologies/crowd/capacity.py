"""Safe capacity of an event's place, from area, entries and exits, by the method of the Green Guide.

Guide to Safety at Sports Grounds, 5th edition (2008), chapters 2 and 10: the final capacity is the lowest of what the
place holds, what comes in within an hour, what leaves in normal egress, and what gets out in an emergency.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from peelian.errors import InputError

MOST_PER_M2 = 4.7  # 47 persons per 10 m²: the guide's highest density of a standing area
LEVEL_FLOW, STEPPED_FLOW = 82.0, 66.0  # persons per metre of width and minute
TURNSTILE_PER_HOUR = 660  # the most that one turnstile may be counted for
NORMAL_MINUTES = 8.0  # longest normal egress
EMERGENCY_MINUTES = (2.5, 8.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """An exit: its clear width in metres at the narrowest, and whether there are steps on the way."""

    width_metres: float
    steps: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.width_metres) and 0.5 <= self.width_metres <= 200):
            raise InputError("gate width out of range", accepted="0.5 to 200 m")

    @property
    def per_minute(self) -> float:
        """Persons a minute."""
        return self.width_metres * (STEPPED_FLOW if self.steps else LEVEL_FLOW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a capacity rests on. `physical` and `management` are the guide's P and S factors, from 0 to 1.

    `per_m2` is the density aimed at, `entry_per_hour` what was measured or assessed of all entries together,
    `turnstiles` their number where entries have any, `emergency_minutes` as the fire risk assessment sets it.
    """

    area_m2: float
    per_m2: float
    physical: float
    management: float
    exits: tuple[Exit, ...]
    entry_per_hour: float
    turnstiles: int | None = None
    emergency_minutes: float = EMERGENCY_MINUTES[1]

    def __post_init__(self) -> None:
        _between("area out of range", self.area_m2, 1, 1_000_000, "1 to 1,000,000 m² of walkable area")
        _between("density out of range", self.per_m2, 0.1, MOST_PER_M2, "0.1 to 4.7 persons per m²")
        for factor in (self.physical, self.management):
            _between("factor out of range", factor, 0, 1, "0 to 1")
        _between("entries out of range", self.entry_per_hour, 0, 10_000_000, "0 to 10,000,000 persons per hour")
        low, high = EMERGENCY_MINUTES
        _between("evacuation time out of range", self.emergency_minutes, low, high, "2.5 to 8 minutes")
        if not self.exits:
            raise InputError("no exit given", accepted="one exit or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """The four capacities, in persons. `final` is the lowest, `bound_by` says which."""

    holding: int
    entry: int
    normal_exit: int
    emergency: int

    @property
    def final(self) -> int:
        """How many may be admitted."""
        return min(self.holding, self.entry, self.normal_exit, self.emergency)

    @property
    def bound_by(self) -> str:
        """The name of the lowest capacity; the first in order where two are equal."""
        return next(
            name for name in ("holding", "entry", "normal_exit", "emergency") if getattr(self, name) == self.final
        )


def capacity(place: Place) -> Capacity:
    """The capacities of a place. In an emergency its best exit is taken to be blocked, where it has others.

    >>> exits = (Exit(width_metres=3.0), Exit(width_metres=2.0, steps=True))
    >>> square = Place(area_m2=900, per_m2=2, physical=0.9, management=0.8, exits=exits, entry_per_hour=2_500)
    >>> capacity(square)
    Capacity(holding=1440, entry=2500, normal_exit=3024, emergency=1056)
    >>> capacity(square).final, capacity(square).bound_by
    (1056, 'emergency')
    """
    entry = place.entry_per_hour
    if place.turnstiles is not None:
        entry = min(entry, place.turnstiles * TURNSTILE_PER_HOUR)
    flows = sorted(one.per_minute for one in place.exits)
    left = flows[:-1] if len(flows) > 1 else flows
    return Capacity(
        holding=_whole(place.area_m2 * place.per_m2 * min(place.physical, place.management)),
        entry=_whole(entry),
        normal_exit=_whole(sum(flows) * NORMAL_MINUTES),
        emergency=_whole(sum(left) * place.emergency_minutes),
    )


def _whole(persons: float) -> int:
    """Rounded down, but not for what binary fractions take from a whole number."""
    return math.floor(persons + 1e-6)


def _between(says: str, value: float, low: float, high: float, accepted: str) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        raise InputError(says, accepted=accepted)
