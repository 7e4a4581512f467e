"""Simultaneous intervals of groups' log-rate deviations, projected onto summary measures over groups.

A ratio of the largest to a mean is above its true value by chance alone: with equal groups it is above 1 in every
audit. Its bootstrap interval excludes 1 as surely. So every group's deviation from the geometric mean gets an interval,
all of which hold together (max-t; Hothorn, Bretz, Westfall 2008), and a measure's interval is the range of its values
over them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from peelian.technologies.faces.equity import GARBE, GINI, INEQUITY, MAX_GEOMEAN, MAX_MEAN, MAX_MIN
from peelian.technologies.faces.reading import Floats

LEVEL = 0.975  # of each error rate's deviations: those of both rates hold together in 95 %
DRAWS = 20_000
STEPS = 257  # levels tried for the most equal rates within the intervals

Range = tuple[float, float]


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
