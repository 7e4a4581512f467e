"""Sound level meter: takes samples in pieces and returns levels only, never sound."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import scipy
from numpy.typing import NDArray

from peelian.errors import InputError
from peelian.technologies.crowd.levels import decibels
from peelian.technologies.crowd.weighting import a_weighting, class_of

FAST_SECONDS, SLOW_SECONDS = 0.125, 1.0  # IEC 61672-1, 5.8
LOOKS_PER_SECOND = 100  # how often the fast level is looked at for L10 and L90
LONGEST_PERIOD_SECONDS = 3_600

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Meter:
    """A meter set up: sampling rate, length of a period, and the level of a scipy.signal whose mean square is 1.

    `full_scale_db` comes from a calibrator: record 94 dB at 1 kHz, and it is 94 minus what the meter shows with 0.
    InputError where the rate meets no class or the period is no whole number of seconds from 1 to 3,600.
    """

    rate_hz: int = 48_000
    period_seconds: int = 1
    full_scale_db: float = 0.0
    sections: Floats = field(init=False)

    def __post_init__(self) -> None:
        class_of(self.rate_hz)
        if not 1 <= self.period_seconds <= LONGEST_PERIOD_SECONDS:
            raise InputError("meter period out of range", accepted="1 to 3,600 whole seconds")
        if not math.isfinite(self.full_scale_db):
            raise InputError("full-scale level not a number", accepted="decibels from a calibrator")
        object.__setattr__(self, "sections", a_weighting(self.rate_hz))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Running:
    """Memory of a meter between pieces: filter states and sums of the current period. No samples."""

    filters: Floats  # the weighting's memory
    fast: Floats  # the time weightings' memories
    slow: Floats
    seen: int = 0  # samples of the period under way
    energy: float = 0.0  # their sum of squares
    fast_most: float = 0.0
    slow_most: float = 0.0
    looks: tuple[float, ...] = ()  # fast mean squares, a hundred a second


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """One period: A-weighted levels in dB. `la10_db` and `la90_db` are of the fast level."""

    laeq_db: float
    lafmax_db: float
    lasmax_db: float
    la10_db: float
    la90_db: float


def started(meter: Meter) -> Running:
    """A meter before its first sample."""
    return Running(filters=np.zeros((len(meter.sections), 2)), fast=np.zeros(1), slow=np.zeros(1))


def metered(meter: Meter, running: Running, samples: NDArray[np.floating]) -> tuple[Running, tuple[Levels, ...]]:
    """Take in the next samples (one channel, any length): the meter's new memory and the periods that are now full.

    Cutting a scipy.signal into other pieces changes nothing. InputError where a sample is no number. O(samples).
    """
    heard = np.asarray(samples, dtype=np.float64)
    if heard.ndim != 1:
        raise InputError("more than one channel of sound", accepted="an array of one dimension")
    if not np.isfinite(heard).all():
        raise InputError("sample not a number", accepted="finite samples")
    if not heard.size:
        return running, ()
    weighted, filters = scipy.signal.sosfilt(meter.sections, heard, zi=running.filters)
    squares = weighted * weighted
    fast, fast_memory = _weighted_in_time(squares, FAST_SECONDS * meter.rate_hz, running.fast)
    slow, slow_memory = _weighted_in_time(squares, SLOW_SECONDS * meter.rate_hz, running.slow)
    whole, found, at = meter.rate_hz * meter.period_seconds, [], 0
    now = running
    while at < len(squares):
        take = min(whole - now.seen, len(squares) - at)
        now = _summed(meter, now, (squares[at : at + take], fast[at : at + take], slow[at : at + take]))
        at += take
        if now.seen == whole:
            found.append(_levels(meter, now))
            now = Running(filters=filters, fast=fast_memory, slow=slow_memory)
    kept = Running(
        filters=filters, fast=fast_memory, slow=slow_memory, seen=now.seen, energy=now.energy,
        fast_most=now.fast_most, slow_most=now.slow_most, looks=now.looks,
    )  # fmt: skip
    return kept, tuple(found)


def _weighted_in_time(squares: Floats, constant: float, memory: Floats) -> tuple[Floats, Floats]:
    """Exponential averaging of squares; `constant` in samples."""
    keep = math.exp(-1 / constant)
    averaged, after = scipy.signal.lfilter([1 - keep], [1.0, -keep], squares, zi=memory)
    return averaged, after


def _summed(meter: Meter, before: Running, piece: tuple[Floats, Floats, Floats]) -> Running:
    squares, fast, slow = piece
    every = meter.rate_hz // LOOKS_PER_SECOND
    first = (every - 1 - before.seen) % every  # looks fall on the same samples, however the scipy.signal was cut
    return Running(
        filters=before.filters,
        fast=before.fast,
        slow=before.slow,
        seen=before.seen + len(squares),
        energy=before.energy + float(squares.sum()),
        fast_most=max(before.fast_most, float(fast.max())),
        slow_most=max(before.slow_most, float(slow.max())),
        looks=before.looks + tuple(fast[first::every].tolist()),
    )


def _levels(meter: Meter, full: Running) -> Levels:
    tenth, ninetieth = np.percentile(full.looks, [90, 10])
    squares = [full.energy / full.seen, full.fast_most, full.slow_most, tenth, ninetieth]
    laeq, fast, slow, high, low = decibels(squares, meter.full_scale_db).tolist()
    return Levels(laeq_db=laeq, lafmax_db=fast, lasmax_db=slow, la10_db=high, la90_db=low)
