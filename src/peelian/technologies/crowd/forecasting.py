"""Expected counts an hour and a week ahead: the usual count of the hour of the week, moved by how counts ran lately.

Three numbers and no more: the median of the same hour over eight weeks; how far the last hour and the last day ran from
it (hour ahead), or the last week (week ahead); and the errors of sixteen weeks, whose quantiles are the interval. A
holiday is expected to be as quiet as the quietest day of the week, the day of an event as the earlier day it is like.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peelian.technologies.crowd.counters import DAY, WEEK
from peelian.technologies.crowd.declarations.forecast import HOUR_AHEAD

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LEVELS = (0.80, 0.95)
MICRO = 6  # persons are rounded to millionths: a logarithm there and back is no difference


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastRule:
    """The forecast's fixed numbers: weeks of memory, least of them, and how much of a recent deviation lasts.

    With sixteen weeks of errors one New Year's Eve is not the end of the 95% interval; with eight it was.
    """

    weeks: int = 8
    least_weeks: int = 5
    error_weeks: int = 16
    least_errors: int = 40  # of 112 at this hour of the day: an 95% interval needs 39
    last_hour: float = 0.6
    last_day: float = 0.2
    last_week: float = 0.6


RULE = ForecastRule()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calendar:
    """What is known of hours before they come: `holiday` bool[hours]; `alike` int64[hours], the number of the earlier
    hour that an hour of an event is expected to be like, -1 where there is none."""

    holiday: Flags
    alike: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ahead:
    """One counter's forecast of every hour, in persons; NaN while learning.

    `low` and `high` are float64[levels, hours].
    """

    expected: Floats
    low: Floats
    high: Floats


def ahead(counts: Floats, calendar: Calendar, horizon: str, rule: ForecastRule = RULE) -> Ahead:
    """Forecast every hour of one counter from what was counted before.

    `counts` is float64[hours], NaN where nothing was counted, whole weeks, the last of them still to come. An hour
    ahead rests on the hours before it. A week ahead rests on the hours before its week began.
    O(hours · weeks log weeks).
    """
    logs: Floats = np.log1p(counts)
    usual = _usual(logs, calendar, rule)
    deviation = logs - usual
    logged = usual + (_last_hours(deviation, rule) if horizon == HOUR_AHEAD else _last_week(deviation, rule))
    low, high = _bands(logs - logged, rule)
    return Ahead(expected=_persons(logged), low=_persons(logged + low), high=_persons(logged + high))


def _persons(logged: Floats) -> Floats:
    counts: Floats = np.expm1(logged)
    found: Floats = np.clip(counts, 0.0, None).round(MICRO)
    return found


def last_weeks(counts: Floats) -> Floats:
    """The rival: the count of the same hour last week, NaN where there is none."""
    return np.concatenate([np.full(WEEK, np.nan), counts[:-WEEK]])


def _usual(logs: Floats, calendar: Calendar, rule: ForecastRule) -> Floats:
    weeks = logs.reshape(-1, WEEK)
    usual = np.full_like(weeks, np.nan)
    for week in range(rule.least_weeks, len(weeks)):
        usual[week] = _median(weeks[max(0, week - rule.weeks) : week], rule.least_weeks)
    by_day = usual.reshape(len(weeks), 7, DAY)
    quietest = np.broadcast_to(_least(by_day)[:, None, :], by_day.shape)
    found: Floats = np.where(calendar.holiday, quietest.reshape(-1), usual.reshape(-1))
    like = np.where(calendar.alike < 0, np.nan, logs[calendar.alike])
    return np.where(np.isnan(like), found, like)


def _last_hours(deviation: Floats, rule: ForecastRule) -> Floats:
    """What of the last hour's and the last day's deviation is expected to last; nothing where they are unknown."""
    padded = np.concatenate([np.full(DAY, np.nan), deviation])
    day = np.lib.stride_tricks.sliding_window_view(padded, DAY)[: len(deviation)]
    found: Floats = rule.last_hour * np.nan_to_num(day[:, -1]) + rule.last_day * np.nan_to_num(_median(day.T, 12))
    return found


def _last_week(deviation: Floats, rule: ForecastRule) -> Floats:
    weeks = deviation.reshape(-1, WEEK)
    level = np.nan_to_num(_median(weeks.T, WEEK // 2))
    moved = np.concatenate([[0.0], level[:-1]])
    return np.repeat(rule.last_week * moved, WEEK)


def _bands(errors: Floats, rule: ForecastRule) -> tuple[Floats, Floats]:
    """Order statistics of the errors at this hour of the day in the weeks before: float64[levels, hours] each.

    An error as yet to come lies between them with at least that probability if errors may be exchanged (conformal
    prediction, Vovk et al. 2005).
    """
    by_hour = errors.reshape(-1, 7, DAY)
    low, high = (np.full((len(LEVELS), *by_hour.shape), np.nan) for _ in range(2))
    for week in range(1, len(by_hour)):
        known = np.sort(by_hour[max(0, week - rule.error_weeks) : week].reshape(-1, DAY), axis=0)  # NaN last
        n = np.isfinite(known).sum(axis=0)
        for at, level in enumerate(LEVELS):
            first = np.floor((n + 1) * (1 - level) / 2).astype(np.int64)
            enough = (n >= rule.least_errors) & (first >= 1)
            first = np.maximum(first, 1)
            hours = np.arange(DAY)
            low[at, week] = np.where(enough, known[first - 1, hours], np.nan)
            high[at, week] = np.where(enough, known[np.maximum(n - first, 0), hours], np.nan)
    return low.reshape(len(LEVELS), -1), high.reshape(len(LEVELS), -1)


def _median(values: Floats, least: int) -> Floats:
    """The median of each column's known values; NaN where fewer than `least` are known."""
    ordered = np.sort(values, axis=0)  # NaN last
    n = np.isfinite(values).sum(axis=0)
    columns = np.arange(values.shape[1])
    low, high = (ordered[np.clip(at, 0, len(ordered) - 1), columns] for at in ((n - 1) // 2, n // 2))
    return np.where(n >= max(least, 1), (low + high) / 2, np.nan)


def _least(by_day: Floats) -> Floats:
    """The quietest day's value by hour: float64[weeks, 24]; NaN where none is known."""
    found = np.where(np.isnan(by_day), math.inf, by_day).min(axis=1)
    return np.where(np.isfinite(found), found, np.nan)
