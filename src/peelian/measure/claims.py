"""Claims: what a report says of a group, a place or a period against a reference, each in one of four words.

A claim is a ratio, difference or area with an interval for any chance of error. All claims of a page are decided
together, so that even one wrong "shown" is rare, and the interval a claim is printed with is the one that decides it:
it excludes "no effect" exactly where the procedure rejects. Silence is a verdict too: what is neither shown nor ruled
out says what would tell.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ends = Callable[[float], tuple[float, float]]
"""From a chance of error to the interval that misses the truth so often, both sides together."""

SHOWN, AT_LEAST, RULED_OUT, CANNOT_TELL = "shown", "at least", "ruled out beyond", "cannot tell"
WORDS = (SHOWN, AT_LEAST, RULED_OUT, CANNOT_TELL)
LEVEL = 0.04
"""The chance of even one wrong "shown" on a page, at most; the rest to 5% is left to approximations."""
RATIO, POINTS, AREA = (0.8, 1.25), (-0.05, 0.05), (0.47, 0.53)
"""The smallest gaps that matter where a board has declared none: a ratio, a difference of shares, an area from 0.5."""
POWER = 0.9
"""Planned for 0.9, a number of people told in at least 0.8 of equal groups; planned for 0.8, in 0.74 to 0.79."""
WIDE = 10.0
"""An interval of a ratio whose ends are this many times apart is read from its nearer end: "at least"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What would tell: this many more of the group, or `times` as many of both groups (1: of the group alone)."""

    more: int
    times: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a claim is about: the figure `kind` of the group `of` on `axis`, tested `against` a reference.

    `none` is the value without effect, `matters` are the ends of what is too small to matter, `weight` is its share of
    the page's chance of error.
    """

    kind: str
    of: str = ""
    against: str = ""
    axis: str = ""
    none: float = 1.0
    matters: tuple[float, float] = RATIO
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One question of a page, before it is decided.

    `p` is the least chance of error whose interval `ends` excludes "none"; nan: not tested. `needs` says for a chance
    of error what would tell if there is no gap, or one of twice the smallest that matters.
    """

    about: About
    value: float
    p: float
    ends: Ends
    needs: Callable[[float], Needs | None] = lambda step: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A claim with its word and the one interval that is printed; it misses the truth with a chance of `step`."""

    claim: Claim
    word: str
    low: float
    high: float
    step: float
    needs: Needs | None = None

    @property
    def shown(self) -> bool:
        """Whether there is an effect that is not ruled out to matter."""
        return self.word in (SHOWN, AT_LEAST)

    @property
    def above(self) -> bool:
        """Whether the effect lies above "none"."""
        return self.claim.value > self.claim.about.none


def decided(claims: Sequence[Claim], level: float = LEVEL) -> tuple[Decided, ...]:
    """All claims of a page, in their order, each in one of WORDS. O(claims log claims).

    Weighted Holm (Holm 1979, section 5): from the surest on, each claim has `level` times its weight over the weights
    of all that are left; the first that is not rejected stops the rest, whose intervals share what is left.

    >>> far, near = (ratio_of_rates(About(kind="fpr"), (k, 100), (100, 1_000)) for k in (60, 12))
    >>> [one.word for one in decided([far, near])]
    ['shown', 'cannot tell']
    """
    tested = [i for i, claim in enumerate(claims) if math.isfinite(claim.p) and claim.about.weight > 0]
    tested.sort(key=lambda i: claims[i].p / claims[i].about.weight)
    left = sum(claims[i].about.weight for i in tested)
    steps, open_ = {}, True
    for i in tested:
        step = level * claims[i].about.weight / left if left > 0 else level
        steps[i] = step = min(step, level)
        open_ = open_ and claims[i].p <= step
        if open_:
            left -= claims[i].about.weight
    return tuple(_decided(claim, steps.get(i, math.nan)) for i, claim in enumerate(claims))


def _decided(claim: Claim, step: float) -> Decided:
    low, high = claim.ends(step) if step > 0 else (math.nan, math.nan)
    word = worded(low, high, claim.about.none, claim.about.matters)
    needs = claim.needs(step) if word == CANNOT_TELL and step > 0 else None
    return Decided(claim=claim, word=word, low=low, high=high, step=step, needs=needs)


def worded(low: float, high: float, none: float = 1.0, matters: tuple[float, float] = RATIO) -> str:
    """The word of an interval.

    >>> worded(1.5, 4), worded(12, math.inf), worded(0.9, 1.1), worded(0.7, 3)
    ('shown', 'at least', 'ruled out beyond', 'cannot tell')
    """
    if math.isnan(low) or math.isnan(high):
        return CANNOT_TELL
    if matters[0] < low and high < matters[1]:
        return RULED_OUT
    if low > none or high < none:
        return AT_LEAST if none == 1 and (low <= 0 or high > WIDE * low) else SHOWN
    return CANNOT_TELL


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How far chance moves a figure: its standard error, with Student's `df`; `people` stand behind it (0: unknown).

    With `log` the figure is a ratio and `error` that of its logarithm. Ends are kept `within`.
    """

    error: float
    df: float = math.inf
    log: bool = False
    within: tuple[float, float] = (-math.inf, math.inf)
    people: float = 0.0


def around(about: About, value: float, spread: Spread) -> Claim:
    """The claim that a figure with a normal (or Student's t) error is not "none".

    >>> claim = around(About(kind="auc", none=0.5, matters=AREA), 0.54, Spread(error=0.0128))
    >>> [round(end, 3) for end in claim.ends(0.05)], round(claim.p, 4)
    ([0.515, 0.565], 0.0018)
    """
    there, back = (math.log, math.exp) if spread.log else (float, float)
    error = spread.error
    known = error > 0 and math.isfinite(error) and math.isfinite(value) and (not spread.log or value > 0)

    def ends(alpha: float) -> tuple[float, float]:
        if not known:
            return math.nan, math.nan
        half = _normal(_narrowed(alpha, spread.df)) * error
        return max(back(there(value) - half), spread.within[0]), min(back(there(value) + half), spread.within[1])

    def needs(step: float) -> Needs | None:
        low, high = about.matters
        edge = min(there(high) - there(about.none), there(about.none) - there(low))
        times = (error / _telling(edge, step)) ** 2
        return Needs(more=math.ceil((times - 1) * spread.people)) if spread.people > 0 and times > 1 else None

    z = abs(there(value) - there(about.none)) / error if known else math.nan
    p = _widened(float(2 * scipy.special.ndtr(-z)), spread.df)
    return Claim(about=about, value=value, p=p, ends=ends, needs=needs)


def _normal(alpha: float) -> float:
    """The normal quantile that is passed on either side with a chance of `alpha` together."""
    return -float(scipy.special.ndtri(alpha / 2))


def _telling(edge: float, step: float) -> float:
    """The standard error that tells no gap at this step with a chance of POWER, `edge` from what matters.

    Both one-sided tests must hold: each may fail with half of what is left (Schuirmann 1987, two one-sided tests).
    """
    return edge / (_normal(step) + _normal(1 - POWER))


# Ratios of two rates: the conditional odds ratio with mid-p, read as a ratio of rates.

LARGE = 1_000.0
"""From so many in each of the four cells on, the normal interval of the log odds ratio is used."""


Share = tuple[float, float]
"""Events and of how many: fractions are effective numbers."""


def ratio_of_rates(about: About, one: Share, other: Share, *, df: float = math.inf, size: float = 1.0) -> Claim:
    """The claim that `one` rate is not the `other`.

    Exact given both totals (mid-p, non-central hypergeometric; Agresti 2013, Categorical Data Analysis, 16.6.4): it
    holds for a handful of events. Counts may be fractions: effective numbers of weighted people, or of persons with
    several assessments, whose design effect rests on `df` degrees of freedom. `size` people stand behind one of them.

    >>> claim = ratio_of_rates(About(kind="fpr"), (265, 390), (1_700, 10_000))
    >>> [round(end, 2) for end in claim.ends(0.05)], claim.p < 1e-9
    ([3.69, 4.3], True)
    """
    return Claim(
        about=about,
        value=_over(_over(*one), _over(*other)),
        p=_widened(_midp(one, other), df),
        ends=lambda alpha: rate_ratio(one, other, _narrowed(alpha, df)),
        needs=lambda step: needed(one, other, step, about.matters, size=size),
    )


def _over(a: float, b: float) -> float:
    return a / b if b > 0 else math.inf if a > 0 and b == 0 else math.nan


def _widened(p: float, df: float) -> float:
    """A normal probability as one of Student's t with `df`."""
    return p if math.isinf(df) or not p < 1 else float(2 * scipy.special.stdtr(max(df, 1), -_normal(p)))


def _narrowed(alpha: float, df: float) -> float:
    """The normal chance of error whose quantile is Student's t at `alpha`."""
    return alpha if math.isinf(df) else float(2 * scipy.special.ndtr(scipy.special.stdtrit(max(df, 1), alpha / 2)))


def rate_ratio(one: Share, other: Share, alpha: float) -> tuple[float, float]:
    """The interval of the ratio of two rates that misses with a chance of `alpha`; 0 or inf where it has no bound.

    >>> [round(end, 2) for end in rate_ratio((0, 50), (10, 100), 0.05)]
    [0.0, 0.68]
    """
    if not _varies(one, other):
        return math.nan, math.nan
    low, high = odds_ratio(one, other, alpha)
    sizes, events = (one[1], other[1]), one[0] + other[0]
    return _as_rates(low, sizes, events), _as_rates(high, sizes, events)


def _varies(one: Share, other: Share) -> bool:
    return one[1] > 0 and other[1] > 0 and 0 < one[0] + other[0] < one[1] + other[1]


def odds_ratio(one: Share, other: Share, alpha: float) -> tuple[float, float]:
    """The mid-p interval of the conditional odds ratio of `one` share against the `other`.

    >>> [round(end, 3) for end in odds_ratio((9, 10), (3, 10), 0.05)]
    [1.789, 522.439]
    """
    cells = _cells(one, other)
    if min(cells) >= LARGE:
        middle, half = _log_odds(*cells), _normal(alpha) * math.sqrt(sum(1 / cell for cell in cells))
        return math.exp(middle - half), math.exp(middle + half)
    given = _Given.of(*cells)
    middle = _log_odds(*(cell + 0.5 for cell in cells))
    low = given.solved(lambda odds: given.tails(odds)[1] - alpha / 2, middle) if given.at > 0 else 0.0
    last = len(given.weight) - 1
    high = given.solved(lambda odds: alpha / 2 - given.tails(odds)[0], middle) if given.at < last else math.inf
    return low, high


def _cells(one: Share, other: Share) -> tuple[float, float, float, float]:
    return one[0], max(one[1] - one[0], 0.0), other[0], max(other[1] - other[0], 0.0)


def _log_odds(a: float, b: float, c: float, d: float) -> float:
    return math.log(a / b) - math.log(c / d)


def _midp(one: Share, other: Share) -> float:
    """The two-sided mid-p of equal rates: twice the smaller tail."""
    if not _varies(one, other):
        return math.nan
    cells = _cells(one, other)
    if min(cells) >= LARGE:
        z = abs(_log_odds(*cells)) / math.sqrt(sum(1 / cell for cell in cells))
        return float(2 * scipy.special.ndtr(-z))
    return min(1.0, 2 * min(_Given.of(*cells).tails(0.0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """How many of the events, given how many in all, fall into the first group: log weights at odds ratio 1.

    `step` [X] counts from the observed number, which stands at `at`. Far from it nothing is kept: each side reaches
    beyond fifteen standard deviations.
    """

    weight: Floats
    step: Floats
    at: int

    @classmethod
    def of(cls, a: float, b: float, c: float, d: float) -> _Given:
        reach = 100 + 15 * math.sqrt(min(a, b, c, d) + 100)
        down, up = (math.floor(min(*part, reach) + 1e-9) for part in ((a, d), (b, c)))
        step = np.arange(-down, up + 1, dtype=np.float64)
        weight = np.zeros(len(step))
        for part in (a + step, b - step, c - step, d + step):
            weight -= scipy.special.gammaln(np.maximum(part, 0.0) + 1)
        return cls(weight=weight - weight.max(), step=step, at=down)

    def tails(self, log_odds: float) -> tuple[float, float]:
        """The chances of fewer and of more than observed at this odds ratio, half of as many in both."""
        log = self.weight + self.step * log_odds
        share = np.exp(log - log.max())
        below, half = float(share[: self.at].sum()), float(share[self.at]) / 2
        above = float(share[self.at + 1 :].sum())
        total = below + above + 2 * half
        return (below + half) / total, (above + half) / total

    def solved(self, gap: Callable[[float], float], near: float) -> float:
        """The odds ratio at which the rising `gap` is 0."""
        low, high, reach = near, near, 1.0
        while gap(low) > 0 and reach < 1e3:
            low, reach = near - reach, 2 * reach
        reach = 1.0
        while gap(high) < 0 and reach < 1e3:
            high, reach = near + reach, 2 * reach
        if gap(low) > 0 or gap(high) < 0:
            return 0.0 if gap(low) > 0 else math.inf
        return math.exp(scipy.optimize.brentq(gap, low, high, xtol=1e-9))


def _as_rates(odds: float, sizes: tuple[float, float], events: float) -> float:
    """The ratio of rates at which both groups together have all events and the odds ratio is `odds`."""
    n, m = sizes
    if odds == 0:
        return max(0.0, (events - m) / n)
    if math.isinf(odds):
        return math.inf if events <= n else m / (events - n)
    a, b = m * (odds - 1), n * odds + m - events * (odds - 1)
    second = 2 * events / (b + math.sqrt(max(b * b + 4 * a * events, 0.0)))
    return odds / (1 + (odds - 1) * second)


def needed(
    one: Share, other: Share, step: float, matters: tuple[float, float] = RATIO, *, size: float = 1.0
) -> Needs | None:
    """How many more of the group, or of both groups, would tell at this step if both rates are one.

    A gap of twice the smallest that matters takes fewer. None where as many are there already: the gap lies about the
    smallest that matters, and no number tells for sure.

    >>> needed((2, 60), (30, 1_000), 0.04).times > 10, needed((30, 300), (5_000, 50_000), 0.04)
    (True, Needs(more=2301, times=1.0))
    """
    (k, n), (j, m) = one, other
    if not (n > 0 and m > 0):
        return None
    rate = (k + j + 0.5) / (n + m + 1)
    spread = _telling(min(math.log(matters[1]), -math.log(matters[0])), step) ** 2 * rate / (1 - rate)
    times = (1 / n + 1 / m) / spread
    alone = 1 / (spread - 1 / m) if spread > 1 / m else math.inf
    if times <= 1:
        return None
    if alone <= 4 * times * n:
        return Needs(more=math.ceil((alone - n) * size))
    return Needs(more=math.ceil((times - 1) * n * size), times=times)


def least_error(ends: Ends, none: float = 1.0) -> float:
    """The p of an interval: the least chance of error at which it excludes `none`; nan where it has no ends.

    >>> round(least_error(lambda alpha: rate_ratio((9, 10), (3, 10), alpha)), 4)
    0.0102
    """
    if any(map(math.isnan, ends(0.5))):
        return math.nan

    def holds(log: float) -> bool:
        low, high = ends(math.exp(log))
        return low <= none <= high

    low, high = math.log(1e-12), math.log(0.999)
    if holds(high):
        return 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return math.exp(high)
