"""Exact tests and intervals of shares, for counts of any size: Clopper-Pearson, binomial, Fisher."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
_TIES = 1 + 1e-7  # two tables of one probability differ by rounding


def clopper_pearson(k: ArrayLike, n: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """The exact interval (low, high) of a share of k among n; k and n may be fractions. nan where n is 0.

    Clopper and Pearson 1934. It holds the true share at least as often as it says. O(cells).

    >>> low, high = clopper_pearson([0, 10], [30, 2077])
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.0, 0.0023], [0.1157, 0.0088])
    """
    k, n = (np.asarray(a, dtype=np.float64) for a in np.broadcast_arrays(k, n))
    tail, known = (1 - level) / 2, n > 0
    some, rest = known & (k > 0), known & (k < n)
    low = scipy.special.betaincinv(np.where(some, k, 1.0), np.where(some, n - k + 1, 1.0), tail)
    high = scipy.special.betaincinv(np.where(rest, k + 1, 1.0), np.where(rest, n - k, 1.0), 1 - tail)
    low, high = np.where(some, low, 0.0), np.where(rest, high, 1.0)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def at_most(k: ArrayLike, n: ArrayLike, share: ArrayLike) -> Floats:
    """The probability of at most k among n trials at this share; k and n may be fractions. O(cells).

    >>> round(float(at_most(1, 3, 0.5)), 3)
    0.5
    """
    k, n, share = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (k, n, share)))
    inside = k < n
    found = scipy.special.betainc(np.where(inside, n - k, 1.0), np.maximum(k, 0.0) + 1, 1 - share)
    return np.where(k < 0, 0.0, np.where(inside, found, 1.0))


def at_least(k: ArrayLike, n: ArrayLike, share: ArrayLike) -> Floats:
    """The probability of at least k among n trials at this share; k and n may be fractions. O(cells).

    >>> round(float(at_least(2, 3, 0.5)), 3)
    0.5
    """
    k, n, share = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (k, n, share)))
    some = k > 0
    found = scipy.special.betainc(np.where(some, k, 1.0), n - np.where(some, k, 1.0) + 1, share)
    return np.where(some, found, 1.0)


def fisher(k1: int, n1: int, k2: int, n2: int) -> float:
    """Fisher's exact two-sided probability that k1 of n1 and k2 of n2 have one share; nan where n1 or n2 is 0.

    The sum over all tables of the same margins that are no likelier (Fisher 1935). O(the smallest margin).

    >>> round(fisher(8, 10, 1, 6), 5)
    0.03497
    """
    if not n1 or not n2:
        return float("nan")
    if k1 + k2 > (n1 + n2) / 2:  # the same test of the complements, over fewer tables
        k1, k2 = n1 - k1, n2 - k2
    drawn, gammaln = k1 + k2, scipy.special.gammaln
    first = np.arange(max(0, drawn - n2), min(drawn, n1) + 1, dtype=np.float64)
    second = drawn - first
    weights = -(gammaln(first + 1) + gammaln(n1 - first + 1) + gammaln(second + 1) + gammaln(n2 - second + 1))
    chances = np.exp(weights - weights.max())
    return float(min(1.0, chances[chances <= chances[first == k1] * _TIES].sum() / chances.sum()))
