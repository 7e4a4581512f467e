"""The level of a forecast: what the average of the last weeks missed at this time of year, and the days of the week."""

from __future__ import annotations

import numpy as np

from peelian.measure.sums import inner
from peelian.technologies.mapping.history import Floats, History
from peelian.technologies.mapping.hour_profile import hour_of_week, sums
from peelian.technologies.mapping.models.base import Window
from peelian.technologies.mapping.models.shares import LEVEL_HALF_LIFE_HOURS, shrunk

WEEK_HOURS = 168.0
YEAR_WEEKS = 365.2425 / 7
TESTED_WEEKS = 104  # the newest two years choose how far the correction counts
LEAST_WEEKS = TESTED_WEEKS + 104  # a season must have come twice before it is tested
PARTS = (0.0, 0.5, 1.0)
PRECISION = 100.0  # coefficients are drawn to 0 as by a prior of standard deviation 0.1
DECAY = 0.5 ** (WEEK_HOURS / LEVEL_HALF_LIFE_HOURS)
LARGEST = 0.4  # on the log scale


def level_factor(history: History, window: Window) -> float:
    """Expected incidents of a window over those by the average of the last weeks (`shares.recent_level`).

    A penalised Poisson regression of weekly totals on that average as it stood as long before, a constant (a trend
    makes an average lag behind; it is carried no further ahead, so the trend is damped) and two annual harmonics. The
    newest two years, predicted by what was before them, choose whether all, half or nothing of it counts. Without four
    years only the days of the week count, shrunk to alike. O(rows + weeks + hours of the window).
    """
    ahead = (window.start_hour + window.hours / 2 - history.until_hour) / WEEK_HOURS
    days = sums(hour_of_week(history.hour) // 24, history.weight, 7)
    by_day = 7 * shrunk(days, np.full(7, 1 / 7))[0][hour_of_week(window.each_hour()) // 24].mean()
    totals, lead = _weekly(history), max(int(ahead), 0)
    if len(totals) < LEAST_WEEKS + lead or not bool((totals > 0).all()):
        return float(by_day)
    average = _average(totals)[8 : len(totals) - lead]  # from the ninth week on, as it stood `lead` weeks before
    seen, design = totals[8 + lead :], _design(np.arange(8.5 + lead - len(totals), 0))
    past = len(seen) - TESTED_WEEKS
    tried = _fitted(design[:past], seen[:past], average[:past])

    def cost(part: float) -> float:
        expected = average[past:] * np.exp(part * np.einsum("wk,k->w", design[past:], tried))
        return float(expected.sum()) - inner(seen[past:], np.log(expected))

    beta = min(PARTS, key=cost) * _fitted(design, seen, average)
    return float(by_day * np.exp(np.clip(inner(_design(np.array([ahead]))[0], beta), -LARGEST, LARGEST)))


def _weekly(history: History) -> Floats:
    """Incidents in each whole week before the end: float64[weeks]."""
    weeks = int(history.hours // WEEK_HOURS)
    ago = np.ceil((history.until_hour - history.hour) / WEEK_HOURS).astype(np.intp) - 1
    return sums(ago, history.weight, weeks)[:weeks][::-1]


def _average(totals: Floats) -> Floats:
    """The fading average of the weeks before each week; nan for the first."""
    made, mass, total = np.full(len(totals), np.nan), 0.0, 0.0
    for week in range(1, len(totals)):
        mass, total = mass * DECAY + 1, total * DECAY + float(totals[week - 1])
        made[week] = total / mass
    return made


def _design(weeks: Floats) -> Floats:
    """A constant, then cosine and sine of two annual harmonics, by week (0: now): float64[weeks, 5]."""
    turn = 2 * np.pi * weeks[:, None] / YEAR_WEEKS * np.array([1, 2])
    return np.concatenate([np.ones((len(weeks), 1)), np.cos(turn), np.sin(turn)], axis=1)


def _fitted(design: Floats, seen: Floats, average: Floats) -> Floats:
    """Coefficients that make `seen` likeliest given `average`, by Newton's steps; weeks vary more than Poisson."""
    beta = np.zeros(design.shape[1])
    penalty = PRECISION * max(float(np.mean((seen - average) ** 2 / average)), 1.0)
    for _ in range(8):
        mean = average * np.exp(np.einsum("wk,k->w", design, beta))
        slope = np.einsum("wk,w->k", design, seen - mean) - penalty * beta
        beta = beta + np.linalg.solve(np.einsum("wk,w,wj->kj", design, mean, design) + penalty * np.eye(5), slope)
    return beta
