"""Two scores of the same people: paired differences of areas, of rates and of expected shares, with p-values.

Where some person has several assessments, `fold` [C] says in which replicate group of persons each cell is. To first
order a difference is a sum over people. Its variance is then that of the sums of replicate groups, the delete-a-group
jackknife of a sum (for areas: Obuchowski 1997, Nonparametric analysis of clustered ROC curve data), and its quantiles
are Student's t with one degree of freedom less than groups.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy

from peelian.measure.rates import placements
from peelian.technologies.risk.measure.counts import Floats, Mask, Wholes
from peelian.technologies.risk.measure.jackknife import p_value, quantile

STEPS = 60  # halvings of the range from -1 to 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A figure under the first and the second score, and second minus first with interval, error and p-value.

    `groups` are the replicate groups of persons that it rests on, infinite where nobody has several assessments.
    """

    first: float
    second: float
    low: float
    high: float
    error: float
    p: float
    groups: float = np.inf

    @property
    def value(self) -> float:
        """Second minus first."""
        return self.second - self.first


def _difference(
    ends: tuple[float, float], influence: Floats, people: Floats, fold: Wholes | None, members: Floats | None = None
) -> Difference:
    """A difference from what each person adds to it: `influence` [C, K], of mean 0 over `people` [C, K]. O(cells).

    `members` [C, K] are those whose figure it is, where others have an influence, too. Equal scores have no error and
    no p-value.
    """
    groups, variance = np.inf, float((people * influence**2).sum())
    if fold is not None:
        there = (people if members is None else members).T
        groups = float(min((np.unique(fold[part > 0]).size for part in there if part.any()), default=0))
        sums = np.bincount(fold, weights=(people * influence).sum(axis=1))
        variance = float((sums**2).sum()) * groups / max(groups - 1, 1)
    gap, error = ends[1] - ends[0], float(np.sqrt(variance))
    half = float(quantile(np.array(groups), 0.95)) * error
    p = float(p_value(np.array(gap), np.array(variance), np.array(groups))) if error > 1e-12 else float("nan")
    return Difference(first=ends[0], second=ends[1], low=gap - half, high=gap + half, error=error, p=p, groups=groups)


def area_difference(first: Floats, second: Floats, people: Floats, fold: Wholes | None = None) -> Difference:
    """The difference of the areas under two ROC curves over the same people: scores [C], people [C, 2].

    DeLong, DeLong, Clarke-Pearson 1988: the covariance comes from the placements of the same people under both scores.
    O(cells log cells).

    >>> found = area_difference(np.arange(4.0), np.array([0.0, 2, 1, 3]), np.array([[1, 0], [0, 1], [1, 0], [0, 1]]))
    >>> found.first, found.second
    (0.75, 1.0)
    """
    placed = [_placed(score, people) for score in (first, second)]
    n = people.sum(axis=0)
    one, two = (float((people[:, 1] * below).sum() / n[1]) for below, _ in placed)
    gap = np.stack([placed[1][k] - placed[0][k] for k in (1, 0)], axis=1)  # of people without and with the outcome
    with np.errstate(divide="ignore", invalid="ignore"):
        influence = (gap - (people * gap).sum(axis=0) / n) / np.sqrt(n * (n - 1))
    return _difference((one, two), influence, people, fold)


def _placed(score: Floats, people: Floats) -> tuple[Floats, Floats]:
    """Of each cell: the share of others below it, and of events above it, ties as one half."""
    where = np.unique(score, return_inverse=True)[1]
    below, above = placements(np.bincount(where, weights=people[:, 1]), np.bincount(where, weights=people[:, 0]))
    return below[where], above[where]


def rate_difference(first: Mask, second: Mask, n: Floats, fold: Wholes | None = None) -> Difference:
    """The difference of two shares of the same people `n` [C]: those whom the `first` [C] and the `second` score count.

    Interval: the score interval of Tango 1998, which holds with few discordant people. p-value: McNemar's test in its
    mid-p form (Fagerland, Lydersen, Laake 2013). O(cells).

    >>> first, second = np.array([True, False, True, False]), np.array([False, True, True, False])
    >>> found = rate_difference(first, second, np.array([7.0, 1.0, 1.0, 12.0]))
    >>> round(found.low, 3), round(found.high, 3)
    (-0.517, -0.026)
    """
    total, (b, c) = float(n.sum()), (float(n[one & ~two].sum()) for one, two in ((second, first), (first, second)))
    ends = float(n[first].sum() / total), float(n[second].sum() / total)
    influence = (second.astype(np.float64) - first - (b - c) / total) / total
    found = _difference(ends, influence[:, None], n[:, None], fold)
    if fold is None:
        low, high = tango(b, c, total)
        return replace(found, low=low, high=high, p=mid_p(c, b))
    if found.error <= 1e-12:  # nobody is discordant: each replicate group counts as one person
        low, high = tango(0, 0, max(found.groups, 1))
        return replace(found, low=low, high=high)
    return found


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
    level: Wholes | None = None


def promise_difference(
    first: Promise, second: Promise, people: Floats, mine: Mask, fold: Wholes | None = None
) -> Difference:
    """The difference of the expected shares of a group: `people` [C, 2] of everyone's cells, `mine` [C] the group's.

    Variance: the sum of squared influences, to which expected shares estimated from the same people add their own
    (delta method). O(cells).
    """
    n = people.sum(axis=1)
    size = float(n[mine].sum())
    gap = np.where(mine, second.share - first.share, 0.0)
    influence = np.stack(
        [gap + _estimated(second, n, mine, outcome) - _estimated(first, n, mine, outcome) for outcome in (0, 1)], axis=1
    )
    influence = (influence - (people * influence).sum() / n.sum()) / size
    ends = float((n * first.share)[mine].sum()) / size, float((n * second.share)[mine].sum()) / size
    return _difference(ends, influence, people, fold, people * mine[:, None])


def _estimated(promise: Promise, n: Floats, mine: Mask, outcome: int) -> Floats:
    """How one more person with this outcome in each cell moves the group's expected total by moving its level."""
    if promise.level is None:
        return np.zeros(len(n))
    whole = np.bincount(promise.level, weights=n)
    part = np.bincount(promise.level, weights=n * mine, minlength=len(whole))
    return np.asarray((part / whole)[promise.level] * (outcome - promise.share), dtype=np.float64)
