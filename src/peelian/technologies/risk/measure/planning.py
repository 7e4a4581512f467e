"""Sample size that a validation needs for each kind of figure."""

from __future__ import annotations

import math

import numpy as np
import scipy
from numpy.typing import ArrayLike

from peelian.errors import InputError
from peelian.measure.rates import wilson
from peelian.technologies.risk.measure.counts import Floats
from peelian.technologies.risk.shared import FEWEST_EVENTS


def people_for_events(base_rate: float, *, fewest: int = FEWEST_EVENTS) -> int:
    """People needed so that `fewest` events and as many others are expected.

    >>> people_for_events(0.25)
    400
    """
    p = _between(base_rate, "base_rate")
    return math.ceil(round(fewest / min(p, 1 - p), 9))


def people_for_rate(rate: float, *, half_width: float, share: float = 1.0, level: float = 0.95) -> int:
    """People needed so that the Wilson interval of a rate is no wider than ± `half_width`.

    `share` is the share of people the rate is taken over: 1 - base rate for FPR, the base rate for FNR.

    >>> people_for_rate(0.3, half_width=0.05, share=0.5)
    640
    """
    p, share = _between(rate, "rate"), _between(share, "share", whole=True)
    low, high = 1, 10_000_000_000
    while low < high:
        n = (low + high) // 2
        ends = wilson(p * n, n, level)
        low, high = (low, n) if float(ends[1] - ends[0]) <= 2 * half_width else (n + 1, high)
    return math.ceil(low / share)


def people_for_ratio(base_rate: float, *, error: float, level: float = 0.95) -> int:
    """People needed so that observed over expected has an interval from about 1/(1 + error) to 1 + error.

    se(ln O/E) = sqrt((1 - p) / (n p)): Riley and others 2021, Minimum sample size for external validation, eq. 3.

    >>> people_for_ratio(0.4, error=0.2)
    174
    """
    p = _between(base_rate, "base_rate")
    target = math.log(1 + error) / _z(level)
    return math.ceil((1 - p) / (p * target**2))


def people_for_area(area: float, *, half_width: float, base_rate: float, level: float = 0.95) -> int:
    """People needed so that the area under the curve is known to ± `half_width`.

    Variance by Newcombe 2006, method 4 (Confidence intervals for an effect size measure based on Mann-Whitney).

    >>> people_for_area(0.7, half_width=0.05, base_rate=0.4)
    434
    """
    c, p = _between(area, "area"), _between(base_rate, "base_rate")
    low, high = 4, 10_000_000_000
    while low < high:
        n = (low + high) // 2
        extra = (n / 2 - 1) * (1 - c) / (2 - c) + (n / 2 - 1) * c / (1 + c)
        variance = c * (1 - c) * (1 + extra) / (n * n * p * (1 - p))
        low, high = (low, n) if _z(level) * math.sqrt(variance) <= half_width else (n + 1, high)
    return low


def people_for_slope(shares: ArrayLike, probability: ArrayLike, *, half_width: float, level: float = 0.95) -> int:
    """People needed so that the calibration slope is known to ± `half_width`, from how the town's scores are spread.

    `shares` [S] of people per level and the `probability` [S] each promises: Fisher's information of one person,
    inverted (Riley and others 2021, eq. 7).

    >>> people_for_slope([0.5, 0.5], [0.3, 0.6], half_width=0.2)
    1093
    """
    w = np.asarray(shares, dtype=np.float64) / np.sum(shares)
    p: Floats = np.clip(np.asarray(probability, dtype=np.float64), 1e-9, 1 - 1e-9)
    x = np.log(p) - np.log1p(-p)
    v = w * p * (1 - p)
    a, b, c = v.sum(), (v * x).sum(), (v * x * x).sum()
    information = c - b * b / a
    if information <= 1e-12:
        raise InputError(
            "all scores have the same expected share, so no slope exists",
            accepted="at least two different expected shares",
        )
    return math.ceil((_z(level) / half_width) ** 2 / float(information))


def _between(value: float, name: str, *, whole: bool = False) -> float:
    if not (0 < value < 1 or (whole and value == 1)):
        raise InputError("share not between 0 and 1", column=name, accepted="for example 0.4")
    return value


def _z(level: float) -> float:
    return float(scipy.special.ndtri(0.5 + level / 2))
