"""Running totals of counters and meters become what was gained between two readings.

A total falls where its counter began anew, went past its last digit (wrap-around), was replaced, or trembles. What is
told as gained is never more than its kind can gain in that time, nor, after a fall, than twice what it ever did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from peelian.errors import InputError, sentence
from peelian.kernel.model.sensors import KWH_A_HOME

SHORTEST = 60.0  # seconds: what comes in bursts is judged over a minute at least
ANEW = 0.1  # a total that began anew is less than a tenth of what it was when somebody looks again
TREMBLES = 0.9  # a total that fell by less than a tenth did not begin anew
NEAR_ITS_END = 0.9  # of its range: below that a counter does not wrap around
RANGES = (2.0**16, 2.0**32, 2.0**32 / 1_000, *(10.0**digits for digits in range(3, 10)))
"""Where counters wrap around: registers of 16 and 32 bits (of watt-hours told in kWh, too), and 3 to 9 digits."""
FEW, FLAT = 3, 0.01  # so many amounts that only rise, by so small a share of the first in all
MANY, SELDOM = 20, 0.05  # changes, and the share of them that may be falls: a meter that began anew, or trembles
MOST_LASTING: Mapping[str, float] = {"people": 5.0, "occupants": 5.0, "vehicles": 10_000 / 3_600}
"""Through one counted line in a second, for long: 4 m of people at 1.25 (Fruin, 1971), four lanes of vehicles."""
SURGE = 5.0  # times that, for a minute
UNUSUAL = 10.0  # times the most that homes ever used in that time


@dataclass(frozen=True, slots=True)
class Total:
    """Where a counter stood, when (seconds since 1970), and the most that it ever gained in a second."""

    at: float
    value: float
    pace: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """Where the counter stands now, and what it gained; `steep`: more than its kind can, and so nothing."""

    total: Total
    gained: float
    steep: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The most that one counter of a kind can gain in a second, in people, vehicles or kWh, for a minute and for long.
    `steady`: neither can it suddenly gain far more than it ever did."""

    surge: float
    lasting: float
    steady: bool = False

    def within(self, seconds: float, pace: float) -> float:
        """The most that it can gain in so many seconds, if it never gained more than `pace` a second."""
        lasted = max(seconds, SHORTEST)
        most = max(self.surge * SHORTEST, self.lasting * lasted)
        return min(most, UNUSUAL * pace * lasted) if self.steady and pace else most


def limit_of(what: str, *, homes: int = 1) -> Limit:
    """How fast a running total of a kind can rise; energy is that of so many homes.

    >>> limit_of("vehicles").within(3_600, 0.0), limit_of("people").within(10, 0.0)
    (10000.0, 1500.0)
    """
    if what == "energy":
        most = KWH_A_HOME[1] * max(homes, 1) / 3_600
        return Limit(surge=most, lasting=most, steady=True)
    return Limit(surge=SURGE * MOST_LASTING[what], lasting=MOST_LASTING[what])


def gain(before: Total | None, at: float, value: float, limit: Limit) -> Gain:
    """What a counter gained since `before`, within its limit. Its first word is no gain, an older one says nothing.

    One that suddenly rises as it never did is refused once, and taken after that: its homes may have changed. O(1).

    >>> told = gain(Total(0.0, 381.7), 900.0, 381.9, limit_of("energy"))
    >>> round(told.gained, 6)
    0.2
    """
    if before is None or at <= before.at:
        return Gain(total=before or Total(at, value), gained=0.0)
    lasted = at - before.at
    if value >= before.value:
        more = value - before.value
        pace = max(before.pace, more / max(lasted, 1.0))
        if more <= limit.within(lasted, before.pace):
            return Gain(total=Total(at, value, pace), gained=more)
        can_be = more <= limit.within(lasted, 0.0)
        return Gain(total=Total(at, value, pace if can_be else before.pace), gained=0.0, steep=True)
    if value >= TREMBLES * before.value:
        return Gain(total=Total(at, before.value, before.pace), gained=0.0)
    likely = min(limit.within(lasted, 0.0), 2 * before.pace * max(lasted, SHORTEST))
    past = [size - before.value + value for size in RANGES if NEAR_ITS_END * size <= before.value < size]
    more = next((one for one in (*past, value) if one <= likely), 0.0)
    return Gain(total=Total(at, value, before.pace), gained=more)


def must_not_be_steep(told: Gain, column: str, limit: Limit) -> None:
    """InputError where a total rose by more than its kind can."""
    if told.steep:
        says = (
            "at most %(n)g more an hour, and no sudden leap. Check the unit (Wh or kWh) and that one counter sends it"
        )
        accepted = sentence(says, n=float(f"{limit.lasting * 3_600:.4g}"))
        raise InputError("running total rises too fast", column=column, accepted=accepted)


def looks_running(values: Sequence[float]) -> bool:
    """Whether amounts in order of time look like a running total: few and of one size, all the same rising; or many of
    which nearly every change is a rise, and a fall begins anew or trembles, but for one. O(values).

    Honest amounts of a day and a night fall about as often as they rise. A shorter record is judged as few.

    >>> looks_running([381.7, 381.8, 381.9]), looks_running([0, 0, 4]), looks_running([5.0, 5.0, 5.0])
    (True, False, False)
    """
    steps = [after - before for before, after in pairwise(values)]
    falls, rises = sum(step < 0 for step in steps), sum(step > 0 for step in steps)
    if rises + falls >= MANY:
        others = sum(ANEW * before < after < TREMBLES * before for before, after in pairwise(values))
        return falls <= SELDOM * (rises + falls) and others <= 1
    return not falls and rises > 0 and len(values) >= FEW and values[-1] - values[0] <= FLAT * values[0]
