"""Simulated evenings of gate counters with known errors: how often an interval holds the truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peelian.kernel.model.occupancy import (
    MISCOUNT,
    Occupancy,
    Passed,
    below_zero,
    occupancy,
    time_to_capacity,
)

GATES, SEED = 4, 28
Counts = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share of runs with its 95% interval (Wilson)."""

    hits: int
    n: int

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's score interval."""
        z, p = 1.96, self.hits / self.n
        middle = (p + z * z / (2 * self.n)) / (1 + z * z / self.n)
        half = z / (1 + z * z / self.n) * (p * (1 - p) / self.n + z * z / (4 * self.n**2)) ** 0.5
        return middle - half, middle + half

    def __str__(self) -> str:
        low, high = self.interval
        return f"{100 * self.hits / self.n:5.1f} % (95% interval {100 * low:.1f} to {100 * high:.1f}, n = {self.n:,})"


def counted(rng: np.random.Generator, true: Counts, *, error: float) -> Counts:
    """What counters make of true passages (float64[gates, minutes]): a share of each gate's own, and misses and doubles
    by chance with a variance of MISCOUNT for each passage."""
    share = 1 + error * rng.standard_normal((len(true), 1))
    missed = rng.binomial(true.astype(np.int64), MISCOUNT / 2)
    doubled = rng.binomial(true.astype(np.int64), MISCOUNT / 2)
    found: Counts = np.maximum(0, (true - missed + doubled) * share)
    return found


def evening(rng: np.random.Generator, minutes: int, *, error: float) -> tuple[Counts, Counts, Counts, Counts]:
    """True and counted passages in and out, float64[gates, minutes]; the zone is empty at first and never below."""
    into = rng.poisson(rng.uniform(5, 30, (GATES, 1)), (GATES, minutes)).astype(np.float64)
    out = np.zeros_like(into)
    inside = 0.0
    for minute in range(minutes):
        inside += into[:, minute].sum()
        leaving = rng.binomial(int(inside), 0.012)
        out[:, minute] = rng.multinomial(leaving, np.full(GATES, 1 / GATES))
        inside -= leaving
    return into, out, counted(rng, into, error=error), counted(rng, out, error=error)


def estimated(into: Counts, out: Counts) -> Occupancy:
    """The occupancy at the end as the product tells it, minute by minute, with its correction below zero."""
    corrected = 0.0
    ins, outs = np.cumsum(into, axis=1), np.cumsum(out, axis=1)
    for minute in range(into.shape[1]):
        passed = [Passed(entered=float(a), left=float(b)) for a, b in zip(ins[:, minute], outs[:, minute], strict=True)]
        corrected += below_zero(0, passed, corrected)
    return occupancy(0, passed, corrected=corrected)


def covers_people(rng: np.random.Generator, *, minutes: int, error: float) -> bool:
    """Whether the interval of one evening's end holds the people who are really inside."""
    into, out, seen_in, seen_out = evening(rng, minutes, error=error)
    found = estimated(seen_in, seen_out)
    return bool(found.low <= into.sum() - out.sum() <= found.high)


def covers_emptying(rng: np.random.Generator, *, error: float) -> bool:
    """The same of an evening whose zone fills, is full and empties again: where drift falls below zero, if anywhere."""
    into = rng.poisson(20, (GATES, 120)).astype(np.float64)
    into[:, 40:] = 0
    out = np.zeros_like(into)
    inside = into.sum()
    for minute in range(80, 120):
        leaving = rng.binomial(int(inside), min(1.0, 0.05 + 0.02 * (minute - 80)))
        out[:, minute] = rng.multinomial(leaving, np.full(GATES, 1 / GATES))
        inside -= leaving
    found = estimated(counted(rng, into, error=error), counted(rng, out, error=error))
    return bool(found.low <= inside <= found.high)


def covers_time(rng: np.random.Generator, *, error: float) -> bool:
    """Whether the interval of the time to capacity holds the minute in which a zone is really full (or two hours)."""
    rate = rng.uniform(5, 30, GATES)
    past = rng.poisson(rate[:, None], (GATES, 40)).astype(np.float64)
    share = 1 + error * rng.standard_normal((GATES, 1))
    seen = np.maximum(0, past * share + np.sqrt(MISCOUNT * past) * rng.standard_normal(past.shape))
    inside = occupancy(0, [Passed(entered=float(n)) for n in seen.sum(axis=1)])
    capacity = past.sum() + rate.sum() * rng.uniform(5, 110)
    found = time_to_capacity(inside, capacity, [Passed(entered=float(n)) for n in seen[:, -10:].sum(axis=1)], 10)
    future = past.sum() + np.cumsum(rng.poisson(rate.sum(), 240))
    full = int(np.argmax(future >= capacity)) + 1
    low, high = found.low if found.low is not None else np.inf, found.high if found.high is not None else np.inf
    return bool(low <= full <= high)


def share_of(runs: int, one: Callable[[np.random.Generator], bool]) -> Share:
    """How often it holds in so many runs, each from a seed of its own."""
    return Share(hits=sum(one(np.random.default_rng([SEED, run])) for run in range(runs)), n=runs)
