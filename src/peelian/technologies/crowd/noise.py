"""Noise detector: raises an alarm when a level stays well above its last hour. Bangs and sirens raise none."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError
from peelian.technologies.crowd.declarations.noise_rules import NoiseRule
from peelian.technologies.crowd.holding import CALM, Change, Held, broken_off, held

SPREAD = 1.4826  # the median absolute deviation of a normal distribution, in standard deviations
LOWEST_DB, HIGHEST_DB = -50.0, 200.0  # beyond it, a reading is no sound level
CLOCK_SET_BACK_SECONDS = 3_600  # an older reading than that is no late one: the meter's clock was set


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseState:
    """What the detector remembers of one meter: levels in hundredths of a dB, packed as int16; under 1 kB.

    `window` holds the readings since the last gap, `steps` what is kept for the last baseline and lag. `above` is the
    last step's excess in hundredths of a dB, or None where there was too little to compare with.
    """

    last: int | None = None  # seconds of the newest reading
    stepped: int = 0  # seconds of the newest step
    window: bytes = b""
    steps: bytes = b""
    holding: Held = CALM
    above: int | None = None
    baseline: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseChange:
    """An alarm raised or cleared, with the figures a person judges it by: dB above the background, both levels."""

    change: Change
    above_db: float
    level_db: float
    background_db: float


QUIET = NoiseState()


def step(rule: NoiseRule, state: NoiseState, at: int, level_db: float) -> tuple[NoiseState, NoiseChange | None]:
    """Take in one level at `at` seconds (any epoch): the new state and the alarm raised or cleared, if any.

    A reading as old as the newest one, or older, changes nothing; after a gap the window fills anew, and after an hour
    the background is learnt anew. InputError where the level is none. O(1); every step O(baseline).
    """
    if not LOWEST_DB <= level_db <= HIGHEST_DB:
        raise InputError("reading not a sound level", accepted="decibels from -50 to 200")
    if state.last is not None:
        if state.last - CLOCK_SET_BACK_SECONDS <= at <= state.last:
            return state, None
        gap = at - state.last
        if gap < 0 or gap > rule.longest_gap_seconds:
            state = _after_gap(rule, state, gap)
    packed = round(level_db * 100).to_bytes(2, "little", signed=True)
    window = (state.window + packed)[-2 * rule.window :]
    if len(window) < 2 * rule.window or at - state.stepped < rule.step_seconds:
        return NoiseState(
            last=at, stepped=state.stepped, window=window, steps=state.steps, holding=state.holding,
            above=state.above, baseline=state.baseline,
        ), None  # fmt: skip
    return _stepped(rule, state, at, window)


def _after_gap(rule: NoiseRule, state: NoiseState, gap: int) -> NoiseState:
    forgotten = gap < 0 or gap > rule.forgotten_seconds
    return NoiseState(
        last=state.last,
        stepped=min(state.stepped, state.stepped + gap),
        steps=b"" if forgotten else state.steps,
        holding=broken_off(state.holding),
    )


def _stepped(rule: NoiseRule, state: NoiseState, at: int, window: bytes) -> tuple[NoiseState, NoiseChange | None]:
    feature = _exceeded_90(window[-2 * rule.judged :])
    known = state.steps[: max(0, len(state.steps) - 2 * rule.lag)]
    steps = state.steps
    if at // rule.remembered_seconds != state.stepped // rule.remembered_seconds:
        steps = (steps + feature.to_bytes(2, "little", signed=True))[-2 * (rule.baseline + rule.lag) :]
    holding, above, baseline, change = state.holding, None, 0, None
    if len(known) >= 2 * rule.least:
        baseline, scale = _background(rule, known)
        above = feature - baseline
        # sound is never still: equal readings for a whole window come from a stuck meter, and raise nothing
        far = above >= rule.z * scale and not _stuck(window)
        conditions = tuple(far and above >= db * 100 for _, db, _ in rule.bars)
        # "under half" of what opened the alarm; one that rose clears under half of the bar it rose to
        half = 50 * rule.bars[max(holding.open, 1) - 1][1]
        holding, change = held(rule.holds, holding, at, conditions, above < half)
    after = NoiseState(last=at, stepped=at, window=window, steps=steps, holding=holding, above=above, baseline=baseline)
    if change is None or above is None:
        return after, None
    return after, NoiseChange(change=change, above_db=above / 100, level_db=feature / 100, background_db=baseline / 100)


def _stuck(window: bytes) -> bool:
    return len(window) > 2 and window == window[:2] * (len(window) // 2)


def _exceeded_90(window: bytes) -> int:
    """The level exceeded for 90 % of these readings, between two of them where it falls there."""
    levels = np.frombuffer(window, dtype="<i2")
    if len(levels) == 1:
        return int(levels[0])
    at = 0.1 * (len(levels) - 1)
    low = math.floor(at)
    ordered = np.partition(levels, (low, low + 1))
    return round(float(ordered[low]) + (at - low) * (float(ordered[low + 1]) - float(ordered[low])))


def _background(rule: NoiseRule, known: bytes) -> tuple[int, float]:
    """The median of the earlier steps and their robust spread, in hundredths of a dB."""
    levels = np.frombuffer(known, dtype="<i2")
    middle = _median(levels)
    spread = SPREAD * _median(np.abs(levels - np.int16(middle)))
    return middle, max(spread, rule.floor_db * 100)


def _median(values: NDArray[np.int16]) -> int:
    middle = len(values) // 2
    if len(values) % 2:
        return int(np.partition(values, middle)[middle])
    pair = np.partition(values, (middle - 1, middle))
    return round((int(pair[middle - 1]) + int(pair[middle])) / 2)
