"""Is a count unusual: what the periods before let expect, with season, drift and the spread they show themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.stats
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ROUNDS, ENOUGH = 40, 1e-9
SEASON_YEARS = 2.0  # from this many years on a season is fitted
Z95 = 1.959963984540054
MOST_CHANGE = 50.0  # of the logarithm: a drift of nearly no incidents is not known


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trend:
    """The last period against those before.

    `expected`, `low`, `high`: mean and 95 % prediction interval of the last count; `p` two-sided, how unusual it is.
    `fitted` is the mean of every period, the last included. `change` is the drift as a ratio per year with its 95 %
    interval (nan where there is next to nothing). `spread` is the dispersion (1: Poisson).
    """

    count: float
    expected: float
    low: float
    high: float
    p: float
    fitted: Floats
    spread: float
    change: float
    change_low: float
    change_high: float


def trend_of(counts: Floats, periods_a_year: float) -> Trend:
    """Fit all periods but the last by a quasi-Poisson regression and judge the last. O(periods).

    Level, drift and, from two years on, one annual wave (log link, iteratively reweighted least squares; McCullagh &
    Nelder 1989, chapters 6 and 9). The last count is judged by a negative binomial whose variance also knows that the
    mean is an estimate.
    """
    y, n = counts[:-1], len(counts)
    causes = _causes(n, periods_a_year)
    fit, covariance = _fitted(y, causes[:-1])
    mean = np.exp(np.clip(causes @ fit, -30, 30))
    degrees = max(n - 1 - causes.shape[1], 1)
    spread = max(float(((y - mean[:-1]) ** 2 / np.maximum(mean[:-1], 1e-9)).sum() / degrees), 1.0)
    last = causes[-1]
    unsure = spread * float(last @ covariance @ last)  # the variance of the logarithm of the mean
    expected = float(mean[-1])
    variance = spread * expected + unsure * expected**2
    low, high, p = _judged(float(counts[-1]), expected, max(variance, expected * (1 + 1e-6)))
    wide = Z95 * np.sqrt(spread * covariance[1, 1])
    ends = np.array([fit[1] - wide, fit[1], fit[1] + wide])
    change = np.exp(ends) if float(np.abs(ends).max()) < MOST_CHANGE else np.full(3, np.nan)
    return Trend(
        count=float(counts[-1]),
        expected=expected,
        low=low,
        high=high,
        p=p,
        fitted=mean,
        spread=spread,
        change=float(change[1]),
        change_low=float(change[0]),
        change_high=float(change[2]),
    )


def _causes(n: int, periods_a_year: float) -> Floats:
    """Level, years since the last period, and from two years on an annual wave: float64[periods, 2 or 4]."""
    years = (np.arange(n) - (n - 1)) / periods_a_year
    columns = [np.ones(n), years]
    if n / periods_a_year >= SEASON_YEARS:
        columns += [np.sin(2 * np.pi * years), np.cos(2 * np.pi * years)]
    return np.stack(columns, axis=1)


def _fitted(y: Floats, causes: Floats) -> tuple[Floats, Floats]:
    """Coefficients of a Poisson regression and their covariance at a dispersion of 1."""
    fit = np.zeros(causes.shape[1])
    fit[0] = np.log(max(float(y.mean()), 1e-3))
    weak = 1e-6 * np.eye(causes.shape[1])  # keeps a solution where all counts are 0
    for _ in range(ROUNDS):
        mean = np.exp(np.clip(causes @ fit, -30, 30))
        information = causes.T @ (causes * mean[:, None]) + weak
        step = np.linalg.solve(information, causes.T @ (y - mean))
        fit = fit + np.clip(step, -2, 2)
        if float(np.abs(step).max()) < ENOUGH:
            break
    return fit, np.asarray(np.linalg.inv(information), dtype=np.float64)


def _judged(count: float, mean: float, variance: float) -> tuple[float, float, float]:
    """The 95 % interval and the two-sided p of a count under a negative binomial of this mean and variance.

    The p counts half of the chance of the count itself (mid-p, Lancaster 1961), so that it is even under no effect.
    """
    shape = mean**2 / (variance - mean)
    chance = scipy.stats.nbinom(shape, shape / (shape + mean))
    low, high = chance.ppf((0.025, 0.975)).tolist()
    whole = np.floor(count)
    below, here, above = float(chance.cdf(whole - 1)), float(chance.pmf(whole)), float(chance.sf(whole))
    return low, high, min(1.0, 2 * min(above + here / 2, below + here / 2))
