"""Verdicts on a limit: bounds that rest on people, never on the number of comparisons alone.

A rule of three over comparisons takes them as independent. A few look-alikes who were not in the sample would change
the rate many times over. So a bound counts subjects where errors are few.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import scipy

from peelian.technologies.faces.measure.uncertainty import (
    ENOUGH_ERRORS,
    FEW_ERRORS,
    NOT_DETERMINABLE,
    Estimate,
    design_effect,
)

MEETS, FAILS = "meets limit", "exceeds limit"
ENOUGH_ERRING = 10
"""Subjects that the errors must rest on before a cluster-robust interval is believed."""
LEVEL = 0.95  # of each one-sided Clopper-Pearson bound: 3/S where nothing was seen
MOST_SUBJECTS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """The people behind a rate.

    `subjects` have a trial (S). `erring` are those that the errors rest on: a false match counts for the one of its
    two subjects who errs more. `events` of `units` are what Clopper-Pearson counts: the subjects' error shares and S
    for FNMR, half of both for FMR, because an impostor comparison takes two people. `above` and `below` are bounds
    from a neighbouring threshold (nan: none): FMR only falls as a threshold rises, FNMR only rises.
    """

    subjects: int
    erring: int = 0
    events: float = math.nan
    units: float = 0.0
    above: float = math.nan
    below: float = math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The bounds that a verdict rests on, and the verdict; `needed` subjects might settle an undetermined one."""

    verdict: str
    low: float
    high: float
    subjects: int
    needed: int


def meets_limit(one: Estimate, support: Support | None, limit: float, *, pairs: bool) -> Judgement:
    """Whether a rate meets its limit: only where its upper bound does. It exceeds it only from ten errors.

    `pairs`: comparisons are of two people (FMR). Without subjects nothing is determined.
    """
    if support is None or one.n == 0:
        return Judgement(verdict=NOT_DETERMINABLE, low=math.nan, high=math.nan, subjects=0, needed=0)
    low, high = bounds(one, support)
    verdict = NOT_DETERMINABLE
    if high <= limit:
        verdict = MEETS
    elif low > limit and one.adequacy != NOT_DETERMINABLE:
        verdict = FAILS
    needed = subjects_needed(one, support, limit, pairs=pairs) if verdict == NOT_DETERMINABLE else 0
    return Judgement(verdict=verdict, low=low, high=high, subjects=support.subjects, needed=needed)


def bounds(one: Estimate, support: Support) -> tuple[float, float]:
    """The lower and upper bound of a rate, from its subjects.

    The cluster-robust interval (t with S - 1 degrees of freedom) from 30 errors over 10 subjects; else Clopper-Pearson
    over subjects, or a neighbouring threshold's bound where that is tighter. People who were not met can only make the
    rate higher: the interval's lower end is believed from ten errors over ten subjects.

    >>> from peelian.technologies.faces.measure.uncertainty import DYADIC, estimate
    >>> none = estimate(0, 44_850, variance=0.0, method=DYADIC, single=False, known=True)
    >>> bounds(none, Support(subjects=300, events=0.0, units=150.0))[1] > 0.019  # not 3 / 44,850
    True
    """
    if firm(one, support):
        return one.low, one.high
    low, high = clopper_pearson(support.events, support.units)
    if spread_out(one, support):
        low = one.low
    elif support.units and support.erring < 2:  # one person's errors prove nothing about others
        low = 0.0
    lows = [value for value in (low, support.below) if not math.isnan(value)]
    highs = [value for value in (high, support.above) if not math.isnan(value)]
    return max(lows, default=math.nan), min(highs, default=math.nan)


def firm(one: Estimate, support: Support) -> bool:
    """Whether enough errors rest on enough subjects for a cluster-robust interval."""
    return ENOUGH_ERRORS <= one.errors < one.n and support.erring >= ENOUGH_ERRING and math.isfinite(one.low)


def spread_out(one: Estimate, support: Support) -> bool:
    """Whether ten errors or more rest on ten subjects or more."""
    return FEW_ERRORS <= one.errors < one.n and support.erring >= ENOUGH_ERRING and math.isfinite(one.low)


def clopper_pearson(k: float, n: float, level: float = LEVEL) -> tuple[float, float]:
    """One-sided exact bounds, below and above, of a share; k and n may be fractions. nan where n is 0.

    >>> round(clopper_pearson(0, 300)[1] * 300, 1)
    3.0
    """
    if not n > 0 or math.isnan(k):
        return math.nan, math.nan
    low = float(scipy.special.betaincinv(k, n - k + 1, 1 - level)) if k > 0 else 0.0
    return low, float(scipy.special.betaincinv(k + 1, n - k, level)) if k < n else 1.0


def unseen_share(subjects: int) -> float:
    """The largest share of people of whom, with 95% confidence, a sample of S would hold at least one: about 3/S.

    >>> round(unseen_share(300), 4)
    0.0099
    """
    return clopper_pearson(0, subjects)[1] if subjects else 1.0


def subjects_needed(one: Estimate, support: Support, limit: float, *, pairs: bool) -> int:
    """About how many subjects would settle the verdict if rate and dependence stay as seen; 0 where none would.

    The lesser of two: 30 errors or more with an interval on one side of the limit, or Clopper-Pearson over subjects.
    """
    share = min(one.rate, 1.0)
    # FMR has a bound from a lower threshold too: one with errors at half the limit will do.
    expected = max(share, limit / 2) if share < limit and pairs else share
    gap = abs(math.log(limit / expected)) if expected else math.inf
    per = one.n / (support.subjects * (support.subjects - 1) / 2 if pairs else support.subjects)
    settles = expected > 0 and gap > 0.01 and support.subjects > 1
    ways = [_with_errors(expected, gap, one, support, per, pairs=pairs)] if settles else []
    if share < limit:
        ways.append(_with_people(support.events / support.units if support.units else share, limit, pairs=pairs))
    least = min([way for way in ways if math.isfinite(way)], default=0)
    if not 0 < least <= MOST_SUBJECTS:
        return 0
    return rounded_up(max(least, support.subjects + 1))


def _with_errors(expected: float, gap: float, one: Estimate, support: Support, per: float, *, pairs: bool) -> float:
    effect = design_effect(one.errors, one.n, _variance(one))
    errors = max(ENOUGH_ERRORS, (effect if math.isfinite(effect) else 1.0) * (2 / gap) ** 2)
    trials = errors / expected
    return 0.5 + math.sqrt(0.25 + 2 * trials / per) if pairs else trials / per


def _variance(one: Estimate) -> float:
    """The variance behind a printed interval on the log-odds scale; nan where there is none."""
    if not (0 < one.low < one.high < 1):
        return math.nan
    half = (scipy.special.logit(one.high) - scipy.special.logit(one.low)) / 2
    return float((half / 2 * one.rate * (1 - one.rate)) ** 2)


def _with_people(share: float, limit: float, *, pairs: bool) -> float:
    units = 3 / limit
    while units <= MOST_SUBJECTS and clopper_pearson(share * units, units)[1] > limit:
        units *= 1.1
    return 2 * units if pairs else units


def rounded_up(n: float) -> int:
    """A number rounded up to two significant digits.

    >>> rounded_up(347), rounded_up(60), rounded_up(7)
    (350, 60, 7)
    """
    whole = math.ceil(n)
    step = int(10 ** max(0, len(str(whole)) - 2))
    return -(-whole // step) * step
