"""Occupancy of a zone from the counters at its gates: people inside, with an interval, and the time until it is full.

Counters miss people and count people twice, so what they add up to drifts. The interval grows with every count since
the last reset: the start of counting, or a count by a person. Nobody can be fewer than none, which corrects the rest.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

NORMAL = 1.96  # standard deviations on either side of a 95% interval
GATE_ERROR = 0.05
"""Standard deviation of a counter's share of counts too many or too few, where none is registered for it."""
MISCOUNT = 0.1
"""Variance that one passage adds: each is missed or counted twice by chance, besides the counter's own share."""
COUNT_ERROR = 0.02
"""Standard deviation of a person's own count, as a share of it. An empty zone is counted without error."""
WINDOW_MINUTES = 10  # the net flow is that of the last minutes
HORIZON_MINUTES = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What the counter of one gate counted: people into the zone, and out of it; and the counter's error."""

    entered: float = 0.0
    left: float = 0.0
    error: float = GATE_ERROR  # standard deviation, as a share of each way's counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupancy:
    """People in a zone, and the 95% interval."""

    people: float
    low: float
    high: float

    def share(self, capacity: float) -> tuple[int, int, int]:
        """Whole percent of a capacity: the estimate and both ends of its interval.

        >>> Occupancy(people=2_520, low=2_300, high=2_740).share(1_800)
        (140, 127, 153)
        """
        low, middle, high = (100 * n / capacity for n in (self.low, self.people, self.high))
        return math.floor(middle + 1e-9), math.floor(low + 1e-9), math.ceil(high - 1e-9)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeToCapacity:
    """Minutes until a zone is full, with the 95% interval; None: not within two hours."""

    minutes: float | None
    low: float | None
    high: float | None


def net(gates: Iterable[Passed]) -> float:
    """People counted in, less those counted out."""
    return sum(gate.entered - gate.left for gate in gates)


def counted_people(people: float, *, error: float = GATE_ERROR) -> Occupancy:
    """People that one counter sees on its area at once, with the interval of its error.

    >>> round(counted_people(1_000).low), round(counted_people(1_000).high)
    (902, 1098)
    """
    spread = NORMAL * error * people
    return Occupancy(people=people, low=max(0.0, people - spread), high=people + spread)


def occupancy(start: float, gates: Iterable[Passed], *, corrected: float = 0.0) -> Occupancy:
    """People inside, of `start` at the last reset and what each gate counted since. O(gates).

    `corrected`: what was added since because the sum had fallen below zero. Each gate's two ways err for themselves:
    arrivals and departures are never taken as one number, whose error would look smaller than it is.

    >>> inside = occupancy(0, [Passed(entered=1_000, left=200)])
    >>> round(inside.low), round(inside.people), round(inside.high)
    (698, 800, 902)
    """
    known = tuple(gates)
    people = max(0.0, start + corrected + net(known))
    spread = NORMAL * math.sqrt((COUNT_ERROR * start) ** 2 + _variance(known))
    return Occupancy(people=people, low=max(0.0, people - spread), high=people + spread)


def below_zero(start: float, gates: Iterable[Passed], corrected: float) -> float:
    """By how much the sum lies below zero: by so much at least the counters were wrong."""
    return max(0.0, -(start + corrected + net(gates)))


def time_to_capacity(inside: Occupancy, capacity: float, flows: Iterable[Passed], minutes: float) -> TimeToCapacity:
    """When a zone is full if the net flow stays that of the last `minutes`, in which each gate counted `flows`.

    The interval ends where the 95% interval of the people inside reaches the capacity: it holds the error of the count,
    of the flow, and the chance by which people come and go. A counter that counts too many does so now and in the flow:
    both errors go the same way. O(gates + 120).

    >>> flows = [Passed(entered=500, left=100)]
    >>> full = time_to_capacity(Occupancy(people=800, low=780, high=820), 2_000, flows, 10)
    >>> full.minutes, full.low, full.high
    (30.0, 25.0, 38.0)
    """
    known = tuple(flows)
    if minutes <= 0:
        return TimeToCapacity(minutes=None, low=None, high=None)
    rate, both = net(known) / minutes, sum(gate.entered + gate.left for gate in known)
    of_now = ((inside.high - inside.people) / NORMAL) ** 2
    of_rate = (both + _variance(known)) / minutes**2
    of_both = 2 * math.sqrt(of_now * sum(g.error**2 * (g.entered**2 + g.left**2) for g in known)) / minutes
    middle = low = high = None
    for minute in range(HORIZON_MINUTES + 1):
        people = inside.people + rate * minute
        spread = NORMAL * math.sqrt(of_now + of_both * minute + of_rate * minute**2 + both / minutes * minute)
        low = minute if low is None and people + spread >= capacity else low
        middle = minute if middle is None and people >= capacity else middle
        high = minute if high is None and people - spread >= capacity else high
    return TimeToCapacity(
        minutes=None if middle is None else float(middle),
        low=None if low is None else float(low),
        high=None if high is None else float(high),
    )


def _variance(gates: Iterable[Passed]) -> float:
    return sum(
        MISCOUNT * (gate.entered + gate.left) + gate.error**2 * (gate.entered**2 + gate.left**2) for gate in gates
    )
