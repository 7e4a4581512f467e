"""Intervals that allow for repeated subjects, and adequacy labels by number of errors."""

from __future__ import annotations

import math
from dataclasses import dataclass

import scipy

from peelian.measure.rates import rule_of_three, wilson

MEASURED, INDICATIVE, NOT_DETERMINABLE = "measured", "indicative", "undetermined"
ENOUGH_ERRORS = 30
"""Rule of 30 (Doddington and others 2000): 30 errors put the true rate within 30 % of the observed one, 90 % sure."""
FEW_ERRORS = 10
"""Below, not even the order of a difference is known: six false matches are compatible with two and with thirteen."""

DYADIC, CLUSTERED, WILSON, THREE, UNKNOWN = (
    "dyadic",
    "subject clusters",
    "Wilson",
    "rule of three",
    "none: subjects unknown",
)
METHODS = (DYADIC, CLUSTERED, WILSON, THREE, UNKNOWN)
EXACT, AT_MOST, AT_LEAST = "exact", "at most", "at least"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A rate with its 95% interval, the method of the interval, and its adequacy.

    `bound` is "at most" where there is no error: `high` is then 3/n, and the rate of 0 must not be quoted alone.
    """

    errors: int
    n: int
    rate: float
    low: float
    high: float
    method: str
    bound: str
    adequacy: str

    @property
    def substituted(self) -> float:
        """The rate, or its 3/n bound if there is no error: the value used in ratios."""
        return self.high if self.bound == AT_MOST else self.rate

    @property
    def seen(self) -> float:
        """The rate; nan if there is no error, which says nothing of what to expect."""
        return math.nan if self.bound == AT_MOST else self.rate


def estimate(
    errors: int, n: int, *, variance: float, method: str, single: bool, known: bool, subjects: int = 0
) -> Estimate:
    """The rate `errors`/`n` with its interval.

    `variance` is the cluster-robust one, of `subjects` people; `single` says that no subject recurs (then Wilson's
    interval holds); `known` says whether subjects are known. Without them no interval is given: it would be too narrow.

    >>> one = estimate(0, 3000, variance=0.0, method=DYADIC, single=False, known=True)
    >>> one.high, one.bound, one.adequacy
    (0.001, 'at most', 'undetermined')
    """
    nan = float("nan")
    if n == 0:
        return Estimate(
            errors=0, n=0, rate=nan, low=nan, high=nan, method=UNKNOWN, bound=EXACT, adequacy=NOT_DETERMINABLE
        )
    rate, adequacy = errors / n, adequacy_of(errors)
    if not known:
        adequacy = INDICATIVE if adequacy == MEASURED else adequacy
    bound, low, high = EXACT, nan, nan
    if errors in (0, n):
        three = float(rule_of_three(n))
        method, low, high = THREE, (0.0 if errors == 0 else 1 - three), (three if errors == 0 else 1.0)
        bound = AT_MOST if errors == 0 else EXACT
    elif single and known:
        method, (lower, upper) = WILSON, wilson(errors, n)
        low, high = float(lower), float(upper)
    elif known:
        low, high = logit_interval(errors, n, variance, subjects=subjects)
    else:
        method = UNKNOWN
    return Estimate(errors=errors, n=n, rate=rate, low=low, high=high, method=method, bound=bound, adequacy=adequacy)


def logit_interval(errors: int, n: int, variance: float, level: float = 0.95, subjects: int = 0) -> tuple[float, float]:
    """The interval on the log-odds scale with a cluster-robust variance; 0 < errors < n.

    A cluster-robust variance can fall below that of independent comparisons by chance: the larger one is used.
    Student's t with `subjects` - 1 degrees of freedom; the normal deviate where their number is not given.

    >>> low, high = logit_interval(45, 44_850, 6e-8)
    >>> round(low, 5), round(high, 5)
    (0.00062, 0.00162)
    """
    p = errors / n
    plain = p * (1 - p) / n
    largest = max(variance, plain) if math.isfinite(variance) else plain
    tail = 0.5 + level / 2
    deviate = scipy.special.stdtrit(subjects - 1, tail) if subjects > 1 else scipy.special.ndtri(tail)
    half = float(deviate) * math.sqrt(largest) / (p * (1 - p))
    middle = math.log(p / (1 - p))
    return float(scipy.special.expit(middle - half)), float(scipy.special.expit(middle + half))


def design_effect(errors: int, n: int, variance: float) -> float:
    """How many times larger the variance is than with independent comparisons; nan where that is not known.

    n divided by it is the number of independent comparisons that would tell as much.
    """
    if n == 0 or errors in (0, n) or not math.isfinite(variance):
        return float("nan")
    p = errors / n
    return max(1.0, variance / (p * (1 - p) / n))


def adequacy_of(errors: int) -> str:
    """Adequacy of a number of errors: measured (30 or more), indicative (10 or more), else undetermined.

    >>> [adequacy_of(k) for k in (6, 29, 30)]
    ['undetermined', 'indicative', 'measured']
    """
    if errors >= ENOUGH_ERRORS:
        return MEASURED
    return INDICATIVE if errors >= FEW_ERRORS else NOT_DETERMINABLE


def weakest(words: list[str]) -> str:
    """The weakest of several adequacies; "undetermined" of none."""
    order = (NOT_DETERMINABLE, INDICATIVE, MEASURED)
    return min(words, key=order.index) if words else NOT_DETERMINABLE
