"""Rates with intervals: Wilson, Poisson, differences, ratios and the area under a curve, from counts.

Every function takes counts (scalars or arrays, broadcast together), costs O(cells) and returns arrays of float64.
Where there are no trials there is no interval: both ends are nan, and the caller says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from peelian.errors import InputError

Floats = NDArray[np.float64]


def wilson(k: ArrayLike, n: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """The score interval (low, high) of a share of k among n; Wilson 1927, without continuity correction.

    >>> low, high = wilson(805, 805 + 990)
    >>> round(float(low), 3), round(float(high), 3)
    (0.426, 0.472)
    """
    k, n = _counted(k, n)
    z2 = _z(level) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        p = k / n
        middle = (p + z2 / (2 * n)) / (1 + z2 / n)
        half = np.sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    # Rounding must not push an end past the share itself at 0 and 1.
    low, high = np.where(k == 0, 0.0, middle - half), np.where(k == n, 1.0, middle + half)
    return np.where(n > 0, low, np.nan), np.where(n > 0, high, np.nan)


def poisson_interval(k: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """The exact interval (low, high) of the expected count behind an observed count k; Garwood 1936.

    Divide both ends by the exposure for a rate.

    >>> low, high = poisson_interval([0, 10])
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.0, 4.795], [3.689, 18.39])
    """
    k = _whole(k)
    tail = (1 - _checked_level(level)) / 2
    low = np.where(k > 0, scipy.special.gammaincinv(np.maximum(k, 1), tail), 0.0)
    return low, np.asarray(scipy.special.gammaincinv(k + 1, 1 - tail), dtype=np.float64)


def rule_of_three(n: ArrayLike) -> Floats:
    """The 95 % upper bound 3/n of a rate of which none was seen in n trials (at most 1); Hanley, Lippman-Hand 1983.

    >>> rule_of_three([2, 300]).tolist()
    [1.0, 0.01]
    """
    n = _whole(n)
    with np.errstate(divide="ignore"):
        return np.where(n > 0, np.minimum(1.0, 3 / n), np.nan)


def difference_interval(
    k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike, level: float = 0.95
) -> tuple[Floats, Floats]:
    """The interval (low, high) of k1/n1 - k2/n2, independent groups; Newcombe 1998, hybrid of two Wilson intervals.

    >>> low, high = difference_interval(56, 70, 48, 80)
    >>> round(float(low), 4), round(float(high), 4)
    (0.0524, 0.3339)
    """
    (k1, n1), (k2, n2) = _counted(k1, n1), _counted(k2, n2)
    (low1, high1), (low2, high2) = wilson(k1, n1, level), wilson(k2, n2, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        p1, p2 = k1 / n1, k2 / n2
        low = p1 - p2 - np.hypot(p1 - low1, high2 - p2)
        high = p1 - p2 + np.hypot(high1 - p1, p2 - low2)
    return low, high


def ratio_interval(
    k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike, level: float = 0.95
) -> tuple[Floats, Floats]:
    """The interval (low, high) of (k1/n1)/(k2/n2), independent groups, on the log scale; Katz and others 1978.

    Where a numerator is 0 a half is added to every count (Walter 1975); the end that is then unknowable is 0 or inf.

    >>> low, high = ratio_interval(805, 1795, 349, 1488)
    >>> round(float(low), 3), round(float(high), 3)
    (1.721, 2.124)
    """
    (k1, n1), (k2, n2) = _counted(k1, n1), _counted(k2, n2)
    half = np.where((k1 == 0) | (k2 == 0), 0.5, 0.0)
    a, b, c, d = k1 + half, n1 + half, k2 + half, n2 + half
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = np.log(a / b) - np.log(c / d)
        spread = _z(level) * np.sqrt(np.maximum(1 / a - 1 / b + 1 / c - 1 / d, 0.0))
        low = np.where(k1 == 0, 0.0, np.exp(middle - spread))
        high = np.where(k2 == 0, np.inf, np.exp(middle + spread))
    known = (n1 > 0) & (n2 > 0) & ((k1 > 0) | (k2 > 0))
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Areas under ROC curves with DeLong's variance; arrays of one shape. Without both classes: nan."""

    value: Floats
    variance: Floats
    events: Floats
    others: Floats

    def interval(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """(low, high), the normal interval of DeLong and others 1988, kept within [0, 1]."""
        half = _z(level) * np.sqrt(self.variance)
        return np.maximum(self.value - half, 0.0), np.minimum(self.value + half, 1.0)


def delong(events: ArrayLike, others: ArrayLike) -> Area:
    """The area under the ROC curve and DeLong's variance from counts per ascending score, last axis = score.

    Ties count one half. DeLong, DeLong, Clarke-Pearson 1988 in the placement form of Sun and Xu 2014, on counts:
    O(scores) whatever the number of people. With one member in a class its variance is unknown: nan.

    >>> area = delong([1, 2, 7], [6, 3, 1])
    >>> round(float(area.value), 3), round(float(area.variance), 5)
    (0.845, 0.00788)
    """
    first, second = placements(events, others)
    a, b = np.asarray(events, dtype=np.float64), np.asarray(others, dtype=np.float64)
    n1, n0 = a.sum(axis=-1), b.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = (a * first).sum(axis=-1) / n1
        s10 = (a * (first - value[..., None]) ** 2).sum(axis=-1) / np.where(n1 > 1, n1 - 1, np.nan)
        s01 = (b * (second - value[..., None]) ** 2).sum(axis=-1) / np.where(n0 > 1, n0 - 1, np.nan)
        variance = s10 / n1 + s01 / n0
    return Area(value=value, variance=variance, events=n1, others=n0)


def placements(events: ArrayLike, others: ArrayLike) -> tuple[Floats, Floats]:
    """For each score: the share of others below it, and the share of events above it, ties as one half.

    Counts per ascending score, last axis = score; the mean of either over its own class is the area.

    >>> [part.tolist() for part in placements([0, 2], [2, 2])]
    [[0.25, 0.75], [1.0, 0.5]]
    """
    a, b = np.asarray(events, dtype=np.float64), np.asarray(others, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        below = (np.cumsum(b, axis=-1) - b / 2) / b.sum(axis=-1, keepdims=True)
        above = 1 - (np.cumsum(a, axis=-1) - a / 2) / a.sum(axis=-1, keepdims=True)
    return below, above


def two_sided_p(difference: ArrayLike, variance: ArrayLike) -> Floats:
    """The two-sided probability of a difference at least this large by chance, normal approximation.

    >>> round(float(two_sided_p(1.96, 1.0)), 4)
    0.05
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.abs(np.asarray(difference, dtype=np.float64)) / np.sqrt(np.asarray(variance, dtype=np.float64))
    return np.asarray(2 * scipy.special.ndtr(-z), dtype=np.float64)


def _z(level: float) -> float:
    return float(scipy.special.ndtri(0.5 + _checked_level(level) / 2))


def _checked_level(level: float) -> float:
    if not 0 < level < 1:
        raise InputError("an interval's level must lie between 0 and 1", accepted="for example 0.95")
    return level


def _counted(k: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats]:
    a, b = np.broadcast_arrays(_whole(k), _whole(n))
    if bool(np.any(a > b)):
        raise InputError("a count is larger than the number of trials it is a share of", accepted="0 <= k <= n")
    return a, b


def _whole(values: ArrayLike) -> Floats:
    """Counts as float64. Weighted counts may be fractions; only negative and non-finite ones are refused."""
    array: NDArray[Any] = np.asarray(values, dtype=np.float64)
    if not bool(np.all(np.isfinite(array)) and np.all(array >= 0)):
        raise InputError("a count is negative or not a number", accepted="finite numbers >= 0")
    return array
