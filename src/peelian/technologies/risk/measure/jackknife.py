"""Intervals by the delete-a-group jackknife: a figure is recomputed without each replicate group of persons.

Several assessments of one person are alike, so that formulas for independent rows are too narrow: with 40 assessments
of each of 50 people, 48 to 78 of 100 such intervals hold the truth. The variance is (G - 1)/G times the sum of squared
changes, the quantile Student's t with G - 1 degrees of freedom (Kott 2001, The delete-a-group jackknife). G are the
groups that have members, so that a figure of eight persons has seven degrees of freedom.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import ArrayLike

from peelian.measure.multiplicity import holm
from peelian.measure.rates import difference_interval, ratio_interval, wilson
from peelian.technologies.risk.measure.counts import Floats, Share, Wholes

Interval = tuple[Floats, Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Where an interval is symmetric: a figure goes `there`, its ends come `back`."""

    there: Callable[[Floats], Floats]
    back: Callable[[Floats], Floats]


PLAIN = Scale(there=lambda x: x, back=lambda x: x)
LOG = Scale(there=np.log, back=np.exp)


def variance(value: Floats, without: Floats, groups: Wholes) -> Floats:
    """The jackknife variance of `value` [...] from the figures `without` [G, ...] each group. O(G x figures)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        total = ((without - value) ** 2).sum(axis=0) * (groups - 1) / groups
    return np.where(groups > 1, total, np.nan)


def interval(
    value: Floats, without: Floats, groups: Wholes, *, level: float, scale: Scale = PLAIN, center: Floats | None = None
) -> Interval:
    """(low, high) around `value` (or `center`), symmetric on `scale`; nan with fewer than two groups.

    >>> low, high = interval(np.array(2.0), np.array([1.5, 2.0, 2.5]), np.array(3), level=0.95)
    >>> round(float(low), 2), round(float(high), 2)
    (-0.48, 4.48)
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = scale.there(value)
        half = quantile(groups, level) * np.sqrt(variance(middle, scale.there(without), groups))
        middle = middle if center is None else scale.there(center)
        return scale.back(middle - half), scale.back(middle + half)


def around(value: Floats, error: Floats, level: float) -> Interval:
    """(low, high), the normal interval."""
    half = quantile(np.array(np.inf), level) * error
    return value - half, value + half


def quantile(groups: Wholes | Floats, level: float) -> Floats:
    """Student's t with one degree of freedom less than groups: nan with fewer than two, normal with infinitely many."""
    df, share = np.maximum(groups - 1, 1), 0.5 + level / 2
    found = np.where(np.isinf(df), scipy.special.ndtri(share), scipy.special.stdtrit(np.minimum(df, 1e9), share))
    return np.where(groups > 1, found, np.nan)


def p_value(gap: Floats, spread: Floats, groups: Wholes | Floats) -> Floats:
    """The two-sided probability of a difference as large as `gap`, `spread` being its variance, by the same law."""
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(gap) / np.sqrt(spread)
    df = np.maximum(groups - 1, 1)
    found = np.where(np.isinf(df), scipy.special.ndtr(-t), scipy.special.stdtr(np.minimum(df, 1e9), -t))
    return np.where(groups > 1, 2 * found, np.nan)


def share_ends(share: Share, left: Share | None, level: float = 0.95) -> Interval:
    """(low, high) of a share [N]: Wilson's, or the jackknife's where there are counts without each group, `left`.

    Sums of weights can overshoot by rounding: a numerator is never more than its denominator.
    """
    if left is None:
        return wilson(np.minimum(*share), share[1], level)
    return share_interval(share, left, level)


def share_interval(share: Share, left: Share, level: float) -> Interval:
    """(low, high) of a share [N] from its counts without each group, `left` [G, N]; symmetric on the logit scale.

    Where it is 0 or 1 nothing varies, and each replicate group counts as one trial of a Wilson interval.
    """
    num, den = np.minimum(share[0], share[1]), share[1]
    groups = members(den, left[1])
    middle, spread = logit((num, den), 0.0), variance(logit((num, den)), logit(left), groups)
    with np.errstate(invalid="ignore"):
        half = quantile(groups, level) * np.sqrt(spread)
        low, high = scipy.special.expit(middle - half), scipy.special.expit(middle + half)
    thin = wilson(*_thinned(num, den, groups), level)
    flat = (num <= 0) | (num >= den)
    return np.where(flat, thin[0], low), np.where(flat, thin[1], high)


def ratio_of_shares(one: tuple[Share, Share], two: tuple[Share, Share], level: float) -> Interval:
    """(low, high) of the ratio of two shares, each with its counts without each group; on the log scale."""
    groups, flat = _both(one, two)
    with np.errstate(invalid="ignore"):
        value, without = _log_rate(one[0]) - _log_rate(two[0]), _log_rate(one[1]) - _log_rate(two[1])
    low, high = interval(value, without, groups, level=level)
    thin = ratio_interval(*_thinned(*one[0], groups), *_thinned(*two[0], groups), level)
    return np.where(flat, thin[0], np.exp(low)), np.where(flat, thin[1], np.exp(high))


def difference_of_shares(one: tuple[Share, Share], two: tuple[Share, Share], level: float) -> Interval:
    """(low, high) of the difference of two shares, each with its counts without each group."""
    groups, flat = _both(one, two)
    value, without = _rate(one[0]) - _rate(two[0]), _rate(one[1]) - _rate(two[1])
    low, high = interval(value, without, groups, level=level)
    thin = difference_interval(*_thinned(*one[0], groups), *_thinned(*two[0], groups), level)
    return np.where(flat, thin[0], low), np.where(flat, thin[1], high)


def members(n: Floats, left: Floats) -> Wholes:
    """How many groups count among `n` [...], of which `left` [G, ...] are there without each."""
    return np.asarray((left < n - 1e-9 * np.maximum(n, 1)).sum(axis=0), dtype=np.int64)


def logit(share: Share, add: float = 0.5) -> Floats:
    """The log odds of a share, with `add` on each side so that replicates without a numerator have one (Haldane)."""
    num, den = np.minimum(share[0], share[1]), share[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log(num + add) - np.log(den - num + add), dtype=np.float64)


def _both(one: tuple[Share, Share], two: tuple[Share, Share]) -> tuple[Wholes, np.ndarray]:
    """(groups that count for both, where a share of 0 or 1 leaves the jackknife without variance)."""
    groups = np.minimum(members(one[0][1], one[1][1]), members(two[0][1], two[1][1]))
    flat = np.zeros(groups.shape, dtype=np.bool_)
    for num, den in (one[0], two[0]):
        flat |= (num <= 0) | (num >= den)
    return groups, flat


def _thinned(num: Floats, den: Floats, groups: Wholes) -> Share:
    """The same share of as many trials as there are replicate groups: the most cautious view of their likeness."""
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(den > 0, np.minimum(1.0, groups / den), 0.0)
    return np.minimum(num, den) * part, den * part


def _rate(share: Share) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(share[0] / share[1], dtype=np.float64)


def _log_rate(share: Share) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log(share[0]) - np.log(share[1]), dtype=np.float64)


# The verdicts of a report from its tests together, and the differences that they would have found.

NOMINAL = 0.03
"""Chance, at most, that a report without any true difference says one; the rest to 5% is left to approximations."""
POWER = 0.8
FEWEST_GROUPS = 20
"""Replicate groups of persons that a verdict needs: at least as many persons. With fewer, the variance is a guess."""


def detectable(error: ArrayLike, tests: int, groups: ArrayLike = np.inf) -> Floats:
    """The true difference that one of `tests` tests with this standard error finds with a probability of 80%.

    >>> round(float(detectable(0.01, 1)), 4)
    0.0301
    """
    wanted = quantile(np.asarray(groups), 1 - NOMINAL / max(tests, 1)) + scipy.special.ndtri(POWER)
    return np.asarray(wanted * np.asarray(error, dtype=np.float64), dtype=np.float64)


def judge(rows: Iterable[dict[str, Any]], words: tuple[str, str, str]) -> int:
    """Complete the rows that have a `p`: corrected for all (Holm), what would have been found, and the verdict.

    `words` say that the row is above, below or no different; `above`, `error` and `groups` are the row's. Returns how
    many tests there were. O(rows log rows).
    """
    tested = [row for row in rows if "p" in row]
    for row, p in zip(tested, holm([row["p"] for row in tested]).tolist(), strict=True):
        row["p"], row["detectable"] = p, float(detectable(row["error"], len(tested), row["groups"]))
        row["verdict"] = words[2] if p > NOMINAL else words[0] if row["above"] else words[1]
    return len(tested)
