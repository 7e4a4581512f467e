"""Counter detector: compares an hourly count with the same hour of the week over eight weeks."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

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
    `floor`. All in natural logarithms of 1 + count. A rise is raised at `z` scales above the expected, `ratio` times as
    many and `count` persons; it clears after an hour under half of all that.

    A fall is raised by the same numbers against `least`: what is usual at this hour on the quietest day of the week. A
    holiday is as quiet as a Sunday, and no closure. An hour without anybody where `least` is `count` persons or more is
    a fault of the counter, and no fall.
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
    rising: Held = CALM
    falling: Held = CALM


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What was expected of an hour, also on the quietest day of the week, in natural logarithms of 1 + count.

    `scale` is that of its deviations.
    """

    log: float
    least: float
    scale: float

    @property
    def count(self) -> float:
        """The expected number of persons."""
        return math.expm1(self.log)

    @property
    def least_count(self) -> float:
        """The number of persons expected at this hour on the quietest day of the week."""
        return math.expm1(self.least)


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterChange:
    """An alarm raised or cleared: how many were counted, how many expected, and how many scales that is.

    `z` of a fall is from `least`, and below zero.
    """

    change: Change
    fall: bool
    count: float
    expected: float
    least: float
    z: float


NEW = CounterState()


def step(
    rule: CounterRule, state: CounterState, hour: int, count: float
) -> tuple[CounterState, Expected | None, tuple[CounterChange, ...]]:
    """Take in one hour's count: the new state, what was expected (None while learning), and alarms raised or cleared.

    An hour as old as the newest one, or older, changes nothing; missing hours are filled with nothing, and after eight
    weeks without a count all is learnt anew. InputError where the count is none. O(weeks · days).
    """
    if not 0 <= count <= MOST_COUNT:
        raise InputError("count not a number of persons", accepted="0 to 10,000,000")
    if state.hour is not None and hour <= state.hour:
        return state, None, ()
    state = _reached(rule, state, hour)
    log = round(math.log1p(count) * THOUSAND)
    middle = _of_the_week(rule, state.logs)
    expected, deviation = None, MISSING
    if middle is not None:
        moved = _running(rule, state.unmoved)
        deviation = log - middle - moved
        expected = _expected(rule, state, middle, moved)
    rising, falling, changes = _judged(rule, state, (hour, count, log), expected)
    after = CounterState(
        hour=hour,
        logs=_with(state.logs, log, rule.hours),
        deviations=_with(state.deviations, deviation, rule.hours),
        unmoved=_with(state.unmoved, MISSING if middle is None else log - middle, DAY),
        rising=rising,
        falling=falling,
    )
    return after, expected, changes


def dead(rule: CounterRule, state: CounterState, hour: int, count: float) -> bool:
    """Whether a counter that counted nobody is at fault: many pass at this hour on the quietest day of the week too."""
    if count != 0 or (state.hour is not None and hour <= state.hour):
        return False
    state = _reached(rule, state, hour)
    middle = _of_the_week(rule, state.logs)
    expected = None if middle is None else _expected(rule, state, middle, _running(rule, state.unmoved))
    return expected is not None and expected.least_count >= rule.count


def _reached(rule: CounterRule, state: CounterState, hour: int) -> CounterState:
    """The state with the hours between its newest and this one filled with nothing."""
    skipped = 0 if state.hour is None else hour - state.hour - 1
    if skipped >= rule.hours:
        return NEW
    if skipped == 0:
        return state
    return replace(
        state,
        logs=_moved_on(state.logs, skipped, rule.hours),
        deviations=_moved_on(state.deviations, skipped, rule.hours),
        unmoved=_moved_on(state.unmoved, skipped, DAY),
    )


def _expected(rule: CounterRule, state: CounterState, middle: int, moved: int) -> Expected | None:
    scale = _scale(rule, state.deviations)
    if scale is None:
        return None
    least = min(middle, _quietest(rule, state.logs))
    return Expected(log=(middle + moved) / THOUSAND, least=(least + moved) / THOUSAND, scale=scale / THOUSAND)


def _judged(
    rule: CounterRule, before: CounterState, counted: tuple[int, float, int], expected: Expected | None
) -> tuple[Held, Held, tuple[CounterChange, ...]]:
    if expected is None:
        return before.rising, before.falling, ()
    hour, count, log = counted
    above = (log / THOUSAND - expected.log) / expected.scale
    hot = above >= rule.z and count >= rule.ratio * expected.count and count >= rule.count
    calm = above < rule.z / 2 or count < rule.count / 2
    rising, rise = held(HOLDS, before.rising, hour * 3_600, (hot,), calm)
    below = (log / THOUSAND - expected.least) / expected.scale
    empty = below <= -rule.z and rule.ratio * count <= expected.least_count and expected.least_count >= rule.count
    back = below > -rule.z / 2 or expected.least_count < rule.count / 2
    falling, fall = held(HOLDS, before.falling, hour * 3_600, (empty and count > 0,), back and count > 0)
    changes = tuple(
        CounterChange(change=change, fall=down, count=count, expected=expected.count, least=expected.least_count, z=z)
        for change, down, z in ((rise, False, above), (fall, True, below))
        if change is not None
    )
    return rising, falling, changes


def _quietest(rule: CounterRule, logs: bytes) -> int:
    """The lowest median of this hour on the six other days of the week, as far as they are known."""
    medians = (_median(_every(logs, WEEK, days * DAY), rule.least_weeks) for days in range(1, 7))
    return min((one for one in medians if one is not None), default=-MISSING)


def _of_the_week(rule: CounterRule, logs: bytes) -> int | None:
    """The median of this hour of the week in the weeks before."""
    return _median(_every(logs, WEEK), rule.least_weeks)


def _running(rule: CounterRule, unmoved: bytes) -> int:
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


def _every(packed: bytes, hours: int, first: int | None = None) -> NDArray[np.int16]:
    """The values of the hour to come, `first` hours ago (or `hours`) and every `hours` before that."""
    values = np.frombuffer(packed, dtype="<i2")
    start = len(values) - (first or hours)
    return values[start::-hours] if start >= 0 else values[:0]


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
