"""Summary measures of the differences in error rates between groups, with simultaneous intervals.

Sources: Grother, Ngan, Hanaoka, NISTIR 8280 (2019) and NISTIR 8429 (2022) (max/min, max/geometic mean, inequity ratio,
Gini); Howard and others 2022 (GARBE); de Freitas Pereira, Marcel 2022 (fairness discrepancy rate, FDR).

A ratio of the largest to a mean is above its true value by chance alone: with equal groups it is above 1 in every
audit. Its bootstrap interval excludes 1 as surely. So every group's deviation from the geometric mean gets an interval,
all of which hold together (max-t; Hothorn, Bretz, Westfall 2008), and a measure's interval is the range of its values
over them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from peelian.errors import InputError
from peelian.technologies.faces.measure.scores import Floats

MAX_MIN, MAX_GEOMEAN, MAX_MEAN, GINI = "max/min", "max/geometric mean", "max/mean", "Gini"
GARBE, FDR, INEQUITY = "GARBE", "FDR", "inequity ratio"
RATIOS = (MAX_MIN, MAX_GEOMEAN, MAX_MEAN)
OF_ONE, OF_BOTH = (MAX_MIN, MAX_GEOMEAN, MAX_MEAN, GINI), (GARBE, FDR, INEQUITY)
NAMES = OF_ONE + OF_BOTH

LEVEL = 0.975  # of each error rate's deviations: those of both rates hold together in 95 %
DRAWS = 20_000
STEPS = 257  # levels tried for the most equal rates within the intervals
Range = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summaries:
    """The measures of one set of rates over groups; see `of_rates`."""

    max_min: float
    max_geomean: float
    max_mean: float
    gini: float

    def named(self) -> dict[str, float]:
        """The measures by their names."""
        return dict(zip(OF_ONE, (self.max_min, self.max_geomean, self.max_mean, self.gini), strict=True))


def of_rates(rates: ArrayLike) -> Summaries:
    """Max/min, max/geometric mean, max/mean and Gini (n/(n-1)) of one kind of error rate over two or more groups.

    Rates must be above 0: a rate without errors enters as its 3/n bound. O(groups^2).

    >>> made = of_rates([1e-5, 2e-5, 8e-5, 4e-4])
    >>> round(made.max_min, 4), round(made.max_geomean, 4), round(made.max_mean, 3), round(made.gini, 4)
    (40.0, 7.9527, 3.137, 0.8039)
    """
    x = _rates(rates)
    return Summaries(
        max_min=float(x.max() / x.min()),
        max_geomean=float(x.max() / np.exp(np.log(x).mean())),
        max_mean=float(x.max() / x.mean()),
        gini=gini(x),
    )


def gini(rates: ArrayLike) -> float:
    """The Gini coefficient with the small-sample factor n/(n-1): 0 for equal rates, 1 if one group has all errors.

    >>> round(gini([0.012, 0.010, 0.015, 0.020]), 4)
    0.193
    """
    x = _rates(rates)
    n = len(x)
    spread = float(np.abs(x[:, None] - x[None, :]).sum())
    return n / (n - 1) * spread / (2 * n * n * float(x.mean()))


def garbe(fmr: ArrayLike, fnmr: ArrayLike, weight: float = 0.5) -> float:
    """Gini aggregation rate: the weighted mean of both errors' Gini coefficients.

    >>> round(garbe([1e-5, 2e-5, 8e-5, 4e-4], [0.012, 0.010, 0.015, 0.020]), 4)
    0.4985
    """
    return weight * gini(fmr) + (1 - weight) * gini(fnmr)


def fairness_discrepancy_rate(fmr: ArrayLike, fnmr: ArrayLike, weight: float = 0.5) -> float:
    """1 less the weighted greatest differences. For comparison only: it can show a 40-fold gap as 0.995.

    >>> round(fairness_discrepancy_rate([1e-5, 2e-5, 8e-5, 4e-4], [0.012, 0.010, 0.015, 0.020]), 4)
    0.9948
    """
    return 1 - weight * float(np.ptp(_rates(fmr))) - (1 - weight) * float(np.ptp(_rates(fnmr)))


def inequity_ratio(fmr: ArrayLike, fnmr: ArrayLike, weight: float = 0.5) -> float:
    """(max/min of FMR)^weight x (max/min of FNMR)^(1 - weight).

    >>> round(inequity_ratio([1e-5, 2e-5, 8e-5, 4e-4], [0.012, 0.010, 0.015, 0.020]), 3)
    8.944
    """
    return float(of_rates(fmr).max_min ** weight * of_rates(fnmr).max_min ** (1 - weight))


def of_both(fmr: ArrayLike, fnmr: ArrayLike) -> dict[str, float]:
    """GARBE, FDR and the inequity ratio by name."""
    return dict(
        zip(
            OF_BOTH,
            (garbe(fmr, fnmr), fairness_discrepancy_rate(fmr, fnmr), inequity_ratio(fmr, fnmr)),
            strict=True,
        )
    )


def _rates(rates: ArrayLike | Sequence[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    x = np.asarray(rates, dtype=np.float64).ravel()
    if len(x) < 2 or not bool(np.all((x > 0) & (x <= 1))):
        raise InputError(
            "fewer than two groups, or a rate not above 0 and at most 1",
            accepted="two or more rates above 0 (use the bound 3/n where there is no error)",
        )
    return x


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviations:
    """Each group's log rate less the mean of all, with simultaneous bounds."""

    value: Floats
    low: Floats
    high: Floats


def deviations(rates: Floats, relative: Floats, subjects: int, level: float = LEVEL) -> Deviations:
    """Simultaneous intervals of the groups' log-rate deviations.

    `rates` above 0, `relative` the squared relative standard errors (variance / rate^2), groups independent of each
    other; `subjects` of the smallest group set the degrees of freedom. O(draws x groups), with a seed of its own.

    >>> made = deviations(np.array([0.02, 0.01]), np.array([0.01, 0.01]), 100)
    >>> round(float(np.exp(made.value[0])), 3), bool(made.low[0] > 0)
    (1.414, True)
    """
    groups = len(rates)
    log = np.log(rates)
    centred = np.eye(groups) - 1 / groups
    error = np.sqrt(((centred**2) * relative).sum(axis=1))
    rng = np.random.default_rng(2008)
    draws = (rng.standard_normal((DRAWS, groups)) * np.sqrt(relative)) @ centred.T / error
    scale = np.sqrt(rng.chisquare(max(subjects - 1, 1), DRAWS) / max(subjects - 1, 1))
    reach = float(np.quantile(np.abs(draws).max(axis=1) / scale, level)) * error
    value = log - log.mean()
    return Deviations(value=value, low=value - reach, high=value + reach)


def projected(one: Deviations) -> dict[str, Range]:
    """The range of each summary measure of one error rate over the intervals; the estimate always lies inside.

    >>> made = projected(deviations(np.array([0.02, 0.01]), np.array([0.09, 0.09]), 50))
    >>> made["max/geometric mean"][0]
    1.0
    """
    low, high = one.low, one.high
    top, least = float(low.max()), float(high.min())
    floor = np.exp(np.minimum(high, top))
    others = np.exp(np.where(np.eye(len(low), dtype=np.bool_), high, low))
    return {
        MAX_GEOMEAN: (max(1.0, math.exp(top)), math.exp(float(high.max()))),
        MAX_MIN: (max(1.0, math.exp(top - least)), math.exp(float(high.max() - low.min()))),
        MAX_MEAN: (math.exp(top) / float(floor.mean()), float((np.exp(high) / others.mean(axis=1)).max())),
        GINI: _gini(one),
    }


def together(fmr: dict[str, Range], fnmr: dict[str, Range]) -> dict[str, Range]:
    """The ranges of the measures that join both error rates with equal weight; FDR has none."""
    return {
        GARBE: _pair(fmr[GINI], fnmr[GINI], lambda a, b: (a + b) / 2),
        INEQUITY: _pair(fmr[MAX_MIN], fnmr[MAX_MIN], lambda a, b: math.sqrt(a * b)),
    }


def _pair(first: Range, second: Range, join: Callable[[float, float], float]) -> Range:
    return join(first[0], second[0]), join(first[1], second[1])


def _gini(one: Deviations) -> Range:
    """The least Gini within the intervals is that of rates drawn to one level; the greatest lies at their ends."""
    low, high = one.low, one.high
    levels = np.linspace(low.min(), high.max(), STEPS)
    equal = np.clip(levels[:, None], low, high)
    order = np.argsort(-one.value, kind="stable")
    ends = np.array([np.where(np.isin(np.arange(len(low)), order[:j]), high, low) for j in range(1, len(low))])
    least = min(float(_ginis(np.exp(equal)).min()), float(_ginis(np.exp(one.value[None]))[0]))
    most = max(float(_ginis(np.exp(ends)).max()), float(_ginis(np.exp(one.value[None]))[0]))
    return least, most


def _ginis(rates: Floats) -> Floats:
    """The Gini coefficient (n/(n-1)) of each row of rates. O(rows x groups log groups)."""
    n = rates.shape[1]
    ordered = np.sort(rates, axis=1)
    weight = 2 * np.arange(1, n + 1) - n - 1
    made: Floats = (ordered @ weight) / (n * ordered.sum(axis=1)) * n / (n - 1)
    return made
