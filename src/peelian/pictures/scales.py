"""Scales of a chart: from data to drawing units, with ticks people can read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from peelian.errors import InputError
from peelian.pictures.panels import Say
from peelian.pictures.words import amount, mark

Kind = Literal["linear", "log", "probit", "time"]
Numbers = NDArray[np.float64]

PROBITS = (1e-6, 1e-5, 1e-4, 0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99, 0.999, 0.9999)
"""Probabilities at which a normal-deviate axis is marked (as on detection error trade-off plots, ISO/IEC 19795-1)."""

_HOUR, _DAY = 3600.0, 86400.0
_STEPS = (
    60.0,
    120.0,
    300.0,
    900.0,
    1800.0,
    _HOUR,
    2 * _HOUR,
    3 * _HOUR,
    6 * _HOUR,
    12 * _HOUR,
    _DAY,
    2 * _DAY,
    7 * _DAY,
    14 * _DAY,
)
_MONTHS = (1, 3, 6, 12, 24, 60, 120, 240)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Data from `low` to `high` drawn from `start` to `end`; what a scale cannot show (log of 0) becomes NaN."""

    kind: Kind
    low: float
    high: float
    start: float
    end: float
    percent: bool = False

    def at(self, values: ArrayLike) -> Numbers:
        """Positions in drawing units; NaN where the value cannot be shown."""
        low, high = forward(self.kind, np.array([self.low, self.high]))
        share = (forward(self.kind, plain(values)) - low) / (high - low)
        return np.asarray(self.start + share * (self.end - self.start), dtype=np.float64)

    def clipped(self, values: ArrayLike) -> Numbers:
        """As `at`, but values beyond the ends lie on the ends: for the bounds of intervals."""
        numbers = plain(values)
        return self.at(np.where(np.isnan(numbers), np.nan, np.clip(numbers, self.low, self.high)))

    def one(self, value: float) -> float:
        """The position of one value."""
        return float(self.at(np.array([value]))[0])

    def ticks(self, say: Say, most: int = 6) -> tuple[tuple[float, str], ...]:
        """At most about `most` ticks: (value, text)."""
        if self.kind == "time":
            return _time_ticks(self.low, self.high, most)
        if self.kind == "linear":
            step = nice_step((self.high - self.low) / max(most - 1, 1))
            values = np.arange(math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9) + 1) * step
            shown = step * 100 if self.percent else step
            decimals = next(d for d in range(12) if abs(round(shown, d) - shown) < 1e-9 * shown)
            return tuple((float(v), amount(say, float(v), percent=self.percent, decimals=decimals)) for v in values)
        marks = PROBITS if self.kind == "probit" else _decades(self.low, self.high)
        within = [v for v in marks if self.low * (1 - 1e-9) <= v <= self.high * (1 + 1e-9)]
        every = math.ceil(len(within) / max(most, 1))
        return tuple((v, mark(say, v, percent=self.percent)) for v in within[::every])


def plain(values: ArrayLike) -> Numbers:
    """Any numbers or dates as floats; dates become seconds since 1970."""
    array: NDArray[Any] = np.asarray(values)
    if array.dtype.kind == "M":
        seconds = array.astype("datetime64[s]")
        return np.where(np.isnat(seconds), np.nan, seconds.astype(np.int64).astype(np.float64))
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError):
        raise InputError("a chart's values must be numbers or dates", accepted="numbers, dates, NaN") from None


def forward(kind: Kind, values: Numbers) -> Numbers:
    """Values on the straightened scale: as they are, log10, or normal deviates; NaN outside the scale's domain."""
    if kind == "log":
        return np.log10(np.where(values > 0, values, np.nan))
    if kind == "probit":
        inverse = NormalDist().inv_cdf
        return np.array([inverse(v) if 0 < v < 1 else math.nan for v in values.tolist()])
    return values


def fitted(kind: Kind, values: Numbers, low: float | None, high: float | None) -> tuple[float, float]:
    """The ends of a scale that shows `values`: the given ends, else the data's, widened to the next mark."""
    shown = values[np.isfinite(forward(kind, values))]
    if not len(shown) and (low is None or high is None):
        raise InputError(f"no value can be shown on a {kind} scale", accepted=_ACCEPTED[kind])
    least = float(shown.min()) if low is None else low
    most = float(shown.max()) if high is None else high
    if not np.isfinite(forward(kind, np.array([least, most]))).all() or least > most:
        raise InputError("a scale's ends are beyond it, or the lower lies above the upper", accepted=_ACCEPTED[kind])
    wide = {"linear": _linear_ends, "log": _log_ends, "probit": _probit_ends, "time": _time_ends}[kind](least, most)
    ends = (wide[0] if low is None else low, wide[1] if high is None else high)
    if not ends[0] < ends[1]:
        raise InputError("a scale's ends are one", accepted=_ACCEPTED[kind])
    return ends


_ACCEPTED: dict[str, str] = {
    "linear": "finite numbers",
    "log": "numbers above 0",
    "probit": "numbers above 0 and below 1",
    "time": "dates",
}


def nice_step(about: float) -> float:
    """The next 1, 2, 2.5 or 5 times a power of ten that is at least `about`.

    >>> nice_step(0.7), nice_step(21), nice_step(3.1)
    (1.0, 25.0, 5.0)
    """
    power = 10.0 ** math.floor(math.log10(about))
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= about * (1 - 1e-9))


def _linear_ends(least: float, most: float) -> tuple[float, float]:
    if 0 <= least <= most / 2:
        least = 0.0
    if least == most:
        pad = abs(least) / 2 or 1.0
        least, most = least - pad, most + pad
    step = nice_step((most - least) / 5)
    return math.floor(least / step + 1e-9) * step, math.ceil(most / step - 1e-9) * step


def _log_ends(least: float, most: float) -> tuple[float, float]:
    marks = _decades(10.0 ** math.floor(math.log10(least)), 10.0 ** math.ceil(math.log10(most) + 1e-12) * 10)
    low = max(mark for mark in marks if mark <= least * (1 + 1e-9))
    return low, min(mark for mark in marks if mark >= most * (1 - 1e-9) and mark > low)


def _decades(low: float, high: float) -> list[float]:
    """Powers of ten between the ends, with 2 and 5 times them where there are fewer than three decades."""
    first, last = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
    between = (1, 2, 5) if last - first < 3 else (1,)
    return [float(f"{m}e{power}") for power in range(first, last + 1) for m in between]


def _probit_ends(least: float, most: float) -> tuple[float, float]:
    return (
        max((p for p in PROBITS if p <= least), default=least / 2),
        min((p for p in PROBITS if p >= most and p > least), default=(1 + most) / 2),
    )


def _time_ends(least: float, most: float) -> tuple[float, float]:
    return (least, most) if least < most else (least - _DAY / 2, most + _DAY / 2)


def _time_ticks(low: float, high: float, most: int) -> tuple[tuple[float, str], ...]:
    """Round hours, days, months or years, as ISO 8601 writes them: the same in every language."""
    hours = high - low <= 1.5 * _DAY  # over longer spans the clock time alone would not tell the day
    step = next((s for s in _STEPS if (high - low) / s <= most and (hours or s >= _DAY)), None)
    if step is not None:
        shown = slice(11, 16) if step < _DAY else slice(0, 10)
        # 1970-01-01 was a Thursday: weeks are marked on Mondays.
        origin = 4 * _DAY if step >= 7 * _DAY else 0.0
        first = math.ceil((low - origin) / step) * step + origin
        stamps = np.arange(first, high + 1, step)
        return tuple((float(s), str(np.datetime64(int(s), "s"))[shown]) for s in stamps)
    start, stop = (np.datetime64(int(end), "s").astype("datetime64[M]").astype(int) for end in (low, high))
    months = next((m for m in _MONTHS if (stop - start) / m <= most), _MONTHS[-1])
    marks = [np.datetime64(int(m), "M") for m in range(-(-int(start) // months) * months, int(stop) + 1, months)]
    seconds = [float(m.astype("datetime64[s]").astype(int)) for m in marks]
    length = 7 if months < 12 else 4
    return tuple((s, str(m)[:length]) for s, m in zip(seconds, marks, strict=True) if low <= s <= high)
