"""Two scores of the same people: paired differences of rates and of expected shares, with intervals and p-values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from peelian.measure.rates import placements
from peelian.technologies.risk.counts import Floats

STEPS = 60  # halvings of the range from -1 to 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A figure under the first and the second score, and second minus first with interval, error and p-value."""

    first: float
    second: float
    low: float
    high: float
    error: float
    p: float

    @property
    def value(self) -> float:
        """Second minus first."""
        return self.second - self.first


def area_difference(first: Floats, second: Floats, people: Floats) -> Difference:
    """The difference of the areas under two ROC curves over the same people: scores [C], people [C, 2].

    DeLong, DeLong, Clarke-Pearson 1988: the covariance comes from the placements of the same people under both scores.
    The interval is normal, at 95%. Equal scores have no error and no p-value. O(cells log cells).

    >>> found = area_difference(np.arange(4.0), np.array([0.0, 2, 1, 3]), np.array([[1, 0], [0, 1], [1, 0], [0, 1]]))
    >>> found.first, found.second
    (0.75, 1.0)
    """
    placed = [_placed(score, people) for score in (first, second)]
    n = people.sum(axis=0)
    areas = [float((people[:, 1] * below).sum() / n[1]) for below, _ in placed]
    variance = 0.0
    for outcome, values in ((1, placed[1][0] - placed[0][0]), (0, placed[1][1] - placed[0][1])):
        mean = (people[:, outcome] * values).sum() / n[outcome]
        variance += (people[:, outcome] * (values - mean) ** 2).sum() / (n[outcome] - 1) / n[outcome]
    error, gap = float(np.sqrt(variance)), areas[1] - areas[0]
    half = float(scipy.special.ndtri(0.975)) * error
    p = float(2 * scipy.special.ndtr(-abs(gap) / error)) if error > 1e-12 else float("nan")
    return Difference(first=areas[0], second=areas[1], low=gap - half, high=gap + half, error=error, p=p)


def _placed(score: Floats, people: Floats) -> tuple[Floats, Floats]:
    """Of each cell: the share of others below it, and of events above it, ties as one half."""
    where = np.unique(score, return_inverse=True)[1]
    below, above = placements(np.bincount(where, weights=people[:, 1]), np.bincount(where, weights=people[:, 0]))
    return below[where], above[where]


def rate_difference(only_first: float, only_second: float, both: float, n: float, level: float = 0.95) -> Difference:
    """The difference of two shares of the same n people, from how many are counted by one score only, and by both.

    Interval: the score interval of Tango 1998, which holds with few discordant people. p-value: McNemar's test in its
    mid-p form (Fagerland, Lydersen, Laake 2013).

    >>> found = rate_difference(7, 1, 1, 21)
    >>> round(found.low, 3), round(found.high, 3)
    (-0.517, -0.026)
    """
    low, high = tango(only_second, only_first, n, level)
    change, gap = (only_first + only_second) / n, (only_second - only_first) / n
    return Difference(
        first=(both + only_first) / n,
        second=(both + only_second) / n,
        low=low,
        high=high,
        error=float(np.sqrt(max(change - gap * gap, 0.0) / n)),
        p=mid_p(only_first, only_second),
    )


def tango(b: float, c: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """(low, high) of (b - c)/n: all differences that the score test does not reject; Tango 1998. O(1)."""
    z = float(scipy.special.ndtri(0.5 + level / 2))
    return _end(b, c, n, z), _end(b, c, n, -z)


def _end(b: float, c: float, n: float, z: float) -> float:
    """The difference at which the score statistic is z; it falls as the difference grows."""
    low, high = -1.0, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _score(b, c, n, middle) > z else (low, middle)
    return (low + high) / 2


def _score(b: float, c: float, n: float, difference: float) -> float:
    """Tango's statistic of a difference; the share of c is the most likely one under it."""
    half = -b - c + (2 * n - b + c) * difference
    share = (np.sqrt(half * half + 8 * n * c * difference * (1 - difference)) - half) / (4 * n)
    spread = n * (2 * share + difference * (1 - difference))
    gap = b - c - n * difference
    return float(gap / np.sqrt(spread)) if spread > 1e-12 else float(np.sign(gap) * np.inf if gap else 0.0)


def mid_p(b: float, c: float) -> float:
    """McNemar's two-sided mid-p-value of b against c discordant people.

    >>> mid_p(5, 5)
    1.0
    """
    n, least = b + c, min(b, c)
    if b == c:
        return 1.0
    return float(2 * scipy.stats.binom.cdf(least, n, 0.5) - scipy.stats.binom.pmf(least, n, 0.5))


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What one score promises to each cell: expected shares [C], and where they were estimated from these people.

    `level` [C] is the cell's score level, None for scores that are probabilities.
    """

    share: Floats
    level: np.ndarray[tuple[int], np.dtype[np.int64]] | None = None


def promise_difference(
    first: Promise, second: Promise, people: Floats, mine: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> Difference:
    """The difference of the expected shares of a group: `people` [C, 2] of everyone's cells, `mine` [C] the group's.

    Variance: the sum of squared influences, to which expected shares estimated from the same people add their own
    (delta method). The interval is normal, at 95%. O(cells).
    """
    n = people.sum(axis=1)
    size = float(n[mine].sum())
    gap = np.where(mine, second.share - first.share, 0.0)
    total = float((n * gap).sum())
    squares = mean = 0.0
    for outcome in (0, 1):
        influence = gap + _estimated(second, n, mine, outcome) - _estimated(first, n, mine, outcome)
        squares += float((people[:, outcome] * influence**2).sum())
        mean += float((people[:, outcome] * influence).sum())
    error = float(np.sqrt(max(squares - mean * mean / n.sum(), 0.0))) / size
    half = float(scipy.special.ndtri(0.975)) * error
    value = total / size
    p = float(2 * scipy.special.ndtr(-abs(value) / error)) if error > 1e-12 else np.nan
    return Difference(
        first=float((n * first.share)[mine].sum()) / size,
        second=float((n * second.share)[mine].sum()) / size,
        low=value - half,
        high=value + half,
        error=error,
        p=p,
    )


def _estimated(promise: Promise, n: Floats, mine: np.ndarray[tuple[int], np.dtype[np.bool_]], outcome: int) -> Floats:
    """How one more person with this outcome in each cell moves the group's expected total by moving its level."""
    if promise.level is None:
        return np.zeros(len(n))
    whole = np.bincount(promise.level, weights=n)
    part = np.bincount(promise.level, weights=n * mine, minlength=len(whole))
    return np.asarray((part / whole)[promise.level] * (outcome - promise.share), dtype=np.float64)
