"""The counter detector over a whole record at once, with the same results as hour by hour, for long trials."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peelian.technologies.crowd.counters import DAY, HOLDS, MISSING, RULE, THOUSAND, WEEK, CounterRule

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """Every hour of a record: its expected logarithm and scale (NaN while learning), in thousandths as kept.

    `least` is what is expected at that hour on the quietest day of the week.
    """

    logs: Ints  # MISSING where there is no count
    expected: Floats
    least: Floats
    scale: Floats

    @property
    def known(self) -> Flags:
        """The hours that were counted and judged."""
        found: Flags = (self.logs != MISSING) & np.isfinite(self.expected)
        return found

    @property
    def expected_counts(self) -> Floats:
        """The expected number of persons of each hour."""
        found: Floats = np.expm1(self.expected / THOUSAND)
        return found

    @property
    def least_counts(self) -> Floats:
        """The number of persons expected at each hour on the quietest day of the week."""
        found: Floats = np.expm1(self.least / THOUSAND)
        return found


def judged(counts: Floats, rule: CounterRule = RULE) -> Judged:
    """Judge every hour of one counter's record (float64[hours], NaN for a missing hour). O(hours · days log days)."""
    missing = np.isnan(counts)
    logs = np.where(missing, MISSING, np.round(np.log1p(np.where(missing, 0, counts)) * THOUSAND)).astype(np.int64)
    ahead = np.concatenate([logs, np.full(WEEK, MISSING, dtype=np.int64)])
    weekly = _medians(_before(ahead, WEEK, rule.weeks), rule.least_weeks)  # also of the week after the record
    middle = weekly[: len(logs)]
    unmoved = np.where((logs == MISSING) | (middle == MISSING), MISSING, logs - middle)
    moved = _medians(_before(unmoved, 1, DAY), rule.least_hours)
    moved = np.where(moved == MISSING, 0, moved)
    deviations = np.where(unmoved == MISSING, MISSING, unmoved - moved)
    scale = _scales(_before(deviations, DAY, rule.hours // DAY), rule)
    week = np.stack([weekly[DAY * day : DAY * day + len(logs)] for day in range(7)])  # today and the six days to come
    least = np.where(week == MISSING, -MISSING, week).min(axis=0)
    unknown = (middle == MISSING) | np.isnan(scale)
    expected, least = (np.where(unknown, np.nan, one + moved) for one in (middle, least))
    return Judged(logs=logs, expected=expected, least=least, scale=scale)


def hot(found: Judged, counts: Floats, *, fall: bool = False, rule: CounterRule = RULE) -> Flags:
    """Which hours would be raised, as a rise or as a fall, if these had been their counts (float64[hours])."""
    with np.errstate(invalid="ignore"):
        logs = np.round(np.log1p(counts) * THOUSAND)
        above = ((logs - found.expected) / found.scale >= rule.z) & (counts >= rule.ratio * found.expected_counts)
        below = ((logs - found.least) / found.scale <= -rule.z) & (rule.ratio * counts <= found.least_counts)
        rise: Flags = above & (counts >= rule.count)
        emptied: Flags = below & (found.least_counts >= rule.count) & (counts > 0)
    return emptied if fall else rise


def calm(found: Judged, counts: Floats, *, fall: bool = False, rule: CounterRule = RULE) -> Flags:
    """Which hours count towards clearing an alarm."""
    with np.errstate(invalid="ignore"):
        logs = np.round(np.log1p(counts) * THOUSAND)
        under: Flags = ((logs - found.expected) / found.scale < rule.z / 2) | (counts < rule.count / 2)
        back = ((logs - found.least) / found.scale > -rule.z / 2) | (found.least_counts < rule.count / 2)
        filled: Flags = back & (counts > 0)
    return (filled if fall else under) & found.known


def raised(found: Judged, counts: Floats, *, fall: bool = False, rule: CounterRule = RULE) -> Ints:
    """The hours at which an alarm was raised: one stays open until it was calm for an hour. O(hours)."""
    at_hours = np.flatnonzero(found.known)
    is_hot = hot(found, counts, fall=fall, rule=rule)[at_hours]
    is_calm = calm(found, counts, fall=fall, rule=rule)[at_hours]
    opened: list[int] = []
    is_open, calm_since = False, -1
    for at, now, over in zip(at_hours.tolist(), is_hot.tolist(), is_calm.tolist(), strict=True):
        if not is_open:
            if now:
                opened.append(at)
                is_open, calm_since = True, -1
        elif not over:
            calm_since = -1
        elif calm_since < 0:
            calm_since = at
        else:
            is_open = (at - calm_since) * 3_600 < HOLDS.clear_seconds
    return np.array(opened, dtype=np.int64)


def _before(values: Ints, lag: int, times: int) -> Ints:
    """int64[hours, times]: the values `lag`, 2 `lag`, … hours before each hour, sorted, the missing first."""
    padded = np.concatenate([np.full(lag * times, MISSING, dtype=np.int64), values])
    n = len(values)
    stacked = np.stack([padded[lag * k : lag * k + n] for k in range(times)], axis=1)
    return np.sort(stacked, axis=1)


def _medians(ordered: Ints, least: int) -> Ints:
    times = ordered.shape[1]
    first = (ordered == MISSING).sum(axis=1)
    n = times - first
    rows = np.arange(len(ordered))
    low, high = (ordered[rows, np.minimum(first + at, times - 1)] for at in (np.maximum(n - 1, 0) // 2, n // 2))
    return np.where(n >= max(least, 1), np.round((low + high) / 2), MISSING).astype(np.int64)


def _scales(ordered: Ints, rule: CounterRule) -> Floats:
    size = np.where(ordered == MISSING, MISSING, np.abs(ordered))
    size = np.sort(size, axis=1)
    times = size.shape[1]
    first = (size == MISSING).sum(axis=1)
    n = times - first
    at = np.minimum(first + np.round(rule.quartile * np.maximum(n - 1, 0)).astype(np.int64), times - 1)
    quartile = size[np.arange(len(size)), at] / rule.normal
    return np.where(n >= rule.least_days, np.maximum(quartile, rule.floor * THOUSAND), np.nan)
