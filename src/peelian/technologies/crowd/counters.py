"""Counter detector: compares an hourly count with the same hour of the week over eight weeks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError
from peelian.kernel.model.watch import Level
from peelian.technologies.crowd.holding import CALM, Change, Held, Holds, held

WEEK, DAY = 168, 24
MISSING = -32_768  # an hour without a count, or without an expectation
MOST_COUNT = 10_000_000
THOUSAND = 1_000.0  # logarithms are kept in thousandths: whole numbers, the same on every machine

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterRule:
    """The detector's fixed numbers.

    Expected is the median of this hour of the week over `weeks` (`least_weeks` of them needed), moved by how the last
    day ran against its own expectation (its median, `least_hours` needed): a wet Monday is no news. The scale is the
    third quartile of the deviations at this hour of the day over as many weeks, as a standard deviation, at least
    `floor`. All in natural logarithms of 1 + count. A count is raised at `z` scales, `ratio` times the expected and
    `count` persons; it clears after an hour under half of all that.
    """

    weeks: int = 8
    least_weeks: int = 5
    least_hours: int = 12
    least_days: int = 28
    quartile: float = 0.75
    normal: float = 1.150  # the third quartile of |x| of a standard normal distribution
    floor: float = 0.2
    z: float = 4.0
    ratio: float = 1.5
    count: int = 50

    @property
    def hours(self) -> int:
        """How many hours the detector remembers."""
        return self.weeks * WEEK


RULE = CounterRule()
HOLDS = Holds(levels=((Level.NOTICE, 0),), clear_seconds=3_600)


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterState:
    """What is remembered of one counter: eight weeks of logarithms, of deviations and a day of raw deviations (int16).

    `hour` is the newest hour counted (hours of local time since 1970), None before the first. About 5.5 kB.
    """

    hour: int | None = None
    logs: bytes = b""
    deviations: bytes = b""  # from the moved expectation
    unmoved: bytes = b""  # of the last day, from the median alone
    holding: Held = CALM


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What was expected of an hour, and the scale of its deviations, in natural logarithms of 1 + count."""

    log: float
    scale: float

    @property
    def count(self) -> float:
        """The expected number of persons."""
        return math.expm1(self.log)


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterChange:
    """An alarm raised or cleared: how many were counted, how many expected, and how many scales that is."""

    change: Change
    count: float
    expected: float
    z: float


NEW = CounterState()


def step(
    rule: CounterRule, state: CounterState, hour: int, count: float
) -> tuple[CounterState, Expected | None, CounterChange | None]:
    """Take in one hour's count: the new state, what was expected (None while learning), and the alarm, if any.

    An hour as old as the newest one, or older, changes nothing; missing hours are filled with nothing, and after eight
    weeks without a count all is learnt anew. InputError where the count is none. O(weeks + days).
    """
    if not 0 <= count <= MOST_COUNT:
        raise InputError("count not a number of persons", accepted="0 to 10,000,000")
    if state.hour is not None and hour <= state.hour:
        return state, None, None
    skipped = 0 if state.hour is None else hour - state.hour - 1
    if skipped >= rule.hours:
        state, skipped = NEW, 0
    logs = _moved_on(state.logs, skipped, rule.hours)
    deviations = _moved_on(state.deviations, skipped, rule.hours)
    unmoved = _moved_on(state.unmoved, skipped, DAY)
    log = round(math.log1p(count) * THOUSAND)
    middle = _of_the_week(rule, logs)
    moved = None if middle is None else _running(rule, unmoved)
    scale = _scale(rule, deviations)
    expected, deviation = None, MISSING
    if middle is not None and moved is not None:
        deviation = log - middle - moved
        if scale is not None:
            expected = Expected(log=(middle + moved) / THOUSAND, scale=scale / THOUSAND)
    holding, change = _judged(rule, state.holding, (hour, count, log), expected)
    after = CounterState(
        hour=hour,
        logs=_with(logs, log, rule.hours),
        deviations=_with(deviations, deviation, rule.hours),
        unmoved=_with(unmoved, MISSING if middle is None else log - middle, DAY),
        holding=holding,
    )
    return after, expected, change


def _judged(
    rule: CounterRule, before: Held, counted: tuple[int, float, int], expected: Expected | None
) -> tuple[Held, CounterChange | None]:
    if expected is None:
        return before, None
    hour, count, log = counted
    z = (log / THOUSAND - expected.log) / expected.scale
    hot = z >= rule.z and count >= rule.ratio * expected.count and count >= rule.count
    calm = z < rule.z / 2 or count < rule.count / 2
    holding, change = held(HOLDS, before, hour * 3_600, (hot,), calm)
    if change is None:
        return holding, None
    return holding, CounterChange(change=change, count=count, expected=expected.count, z=z)


def _of_the_week(rule: CounterRule, logs: bytes) -> int | None:
    """The median of this hour of the week in the weeks before."""
    return _median(_every(logs, WEEK), rule.least_weeks)


def _running(rule: CounterRule, unmoved: bytes) -> int | None:
    """How the last day ran against its expectation."""
    known = np.frombuffer(unmoved, dtype="<i2")
    found = _median(known, rule.least_hours)
    # where a day's expectations are still missing, the median stands as it is
    return 0 if found is None else found


def _scale(rule: CounterRule, deviations: bytes) -> float | None:
    known = _every(deviations, DAY)
    known = np.sort(np.abs(known[known != MISSING].astype(np.int64)))
    if len(known) < rule.least_days:
        return None
    quartile = int(known[round(rule.quartile * (len(known) - 1))])
    return max(quartile / rule.normal, rule.floor * THOUSAND)


def _every(packed: bytes, hours: int) -> NDArray[np.int16]:
    """The values of the hour to come, `hours` ago and every `hours` before that."""
    values = np.frombuffer(packed, dtype="<i2")
    return values[len(values) - hours :: -hours] if len(values) >= hours else values[:0]


def _median(values: NDArray[np.int16], least: int) -> int | None:
    known = np.sort(values[values != MISSING])
    n = len(known)
    if n < least:
        return None
    return round((int(known[(n - 1) // 2]) + int(known[n // 2])) / 2)


def _with(packed: bytes, value: int, most: int) -> bytes:
    return (packed + value.to_bytes(2, "little", signed=True))[-2 * most :]


def _moved_on(packed: bytes, hours: int, most: int) -> bytes:
    """The same with `hours` of nothing behind it."""
    return (packed + MISSING.to_bytes(2, "little", signed=True) * hours)[-2 * most :] if hours else packed
