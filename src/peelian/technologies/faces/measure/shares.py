"""Verdicts on shares: against a limit and against the rest, and how many trials a verdict takes."""

from __future__ import annotations

import math

from peelian.measure.exact import at_least, at_most

SURE = 0.03
"""How often chance alone may make one or more of all the verdicts of a page."""
HIGHER, LOWER, NO_DIFFERENCE, NOT_COMPARED = (
    "higher than the rest",
    "lower than the rest",
    "no difference found",
    "not compared",
)
AGAINST_REST = (HIGHER, LOWER, NO_DIFFERENCE, NOT_COMPARED)
POWER = 0.8
HALF = 0.5  # of the limit: the true share at which a trial should be able to say that the limit is kept
MOST_TRIALS = 10**12


def against(k: float, n: float, limit: float) -> float:
    """The two-sided probability of k errors in n trials at the limit: twice the smaller tail. k and n may be fractions.

    >>> round(against(0, 100, 0.05), 4)
    0.0118
    """
    return float(min(1.0, 2 * min(float(at_most(k, n, limit)), float(at_least(k, n, limit)))))


def most_errors(n: int, limit: float, sure: float) -> int:
    """The most errors in n trials that still show a share under the limit; -1 where not even none does. O(log n).

    >>> most_errors(100, 0.05, 0.03), most_errors(50, 0.05, 0.03)
    (0, -1)
    """
    low, high = -1, max(0, math.ceil(n * limit))
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if 2 * float(at_most(middle, n, limit)) <= sure else (low, middle)
    return low


def power(n: int, limit: float, sure: float, *, share: float | None = None) -> float:
    """The probability that n trials show a share under the limit where the true one is `share` (half the limit).

    >>> round(power(3000, 0.01, 0.03), 2)
    0.82
    """
    return float(at_most(most_errors(n, limit, sure), n, HALF * limit if share is None else share))


def needed_without_error(limit: float, sure: float) -> int:
    """Trials that show a share under the limit where no error occurs.

    >>> needed_without_error(0.001, 0.03)
    4198
    """
    return math.ceil(math.log(sure / 2) / math.log1p(-limit))


def needed(limit: float, sure: float) -> int:
    """Trials that show the limit kept with 80% power where the true share is half of it. O(log of the answer squared).

    >>> needed(0.01, 0.03)
    2961
    """
    low = high = needed_without_error(limit, sure)
    while power(high, limit, sure) < POWER and high < MOST_TRIALS:
        low, high = high, 2 * high
    while high - low > max(1, low // 1000):
        middle = (low + high) // 2
        low, high = (low, middle) if power(middle, limit, sure) >= POWER else (middle, high)
    return high


def stop_number(n: int, limit: float) -> int:
    """Stop once so many errors occurred: a share at the limit reaches it in n trials in at most 3% of trials.

    Errors only add up, so the rule holds however often one looks (a bound on the last look bounds them all).

    >>> stop_number(20_000, 0.001)
    30
    """
    low, high = 0, n + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if float(at_least(middle, n, limit)) <= SURE else (middle, high)
    return high
