"""Made events at counted gates: how full a zone was, what counters with known errors made of it, and who was called."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from gate_counters import Counts, counted

from peelian.kernel.model.capacity import bars_at
from peelian.kernel.model.occupancy import Passed, below_zero, occupancy
from peelian.kernel.model.watch import Level
from peelian.technologies.crowd import capacity
from peelian.technologies.crowd.holding import CALM

CAPACITY, ERROR = 1_800, 0.05
LEVELS = (Level.NOTICE, Level.WARNING, Level.URGENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """What an event came to: its highest level ("" for none), and minutes from its fullest minute to urgent."""

    level: str
    minutes: int | None


def course(rng: np.random.Generator, peak: float, *, minutes: int, churn: float) -> tuple[Counts, Counts]:
    """True passages in and out, float64[gates, minutes], of an event that comes to `peak` of its capacity, and stays.

    It fills in the first half and never holds more. `churn`: the share of those inside who leave in a minute and are
    made up for by others; each gate has its own part of both ways.
    """
    gates = int(rng.integers(1, 7))
    share_in, share_out = (rng.dirichlet(np.full(gates, 2.0)) for _ in range(2))
    aim = np.minimum(1.0, np.arange(1, minutes + 1) / (minutes * rng.uniform(0.2, 0.5))) * peak * CAPACITY
    into, out = np.zeros((gates, minutes)), np.zeros((gates, minutes))
    inside = 0
    for minute in range(minutes):
        leaving = int(rng.binomial(inside, churn))
        coming = max(0, int(aim[minute]) - (inside - leaving))
        into[:, minute], out[:, minute] = rng.multinomial(coming, share_in), rng.multinomial(leaving, share_out)
        inside += coming - leaving
    return into, out


def emptied(rng: np.random.Generator, into: Counts, out: Counts) -> tuple[Counts, Counts]:
    """The same event, and then everybody leaves and it fills anew: where the correction below zero begins to matter."""
    left = np.zeros((len(out), 20))
    inside = int(into.sum() - out.sum())
    for minute in range(20):
        leaving = inside if minute == 19 else int(rng.binomial(inside, 0.15))
        left[:, minute] = rng.multinomial(leaving, np.full(len(out), 1 / len(out)))
        inside -= leaving
    return np.hstack([into, np.zeros_like(left), into]), np.hstack([out, left, out])


def called(rng: np.random.Generator, into: Counts, out: Counts, *, error: float = ERROR) -> Called:
    """What the capacity alarm made of an event, by what its counters told each minute."""
    ins, outs = (np.cumsum(counted(rng, true, error=error), axis=1) for true in (into, out))
    inside = np.cumsum(into.sum(axis=0) - out.sum(axis=0))
    fullest = int(np.argmax(inside >= inside.max() - 1))
    bars, held, corrected, highest, urgent = bars_at(CAPACITY), CALM, 0.0, 0, None
    for minute in range(into.shape[1]):
        passed = [Passed(entered=float(a), left=float(b)) for a, b in zip(ins[:, minute], outs[:, minute], strict=True)]
        corrected += below_zero(0, passed, corrected)
        held, _ = capacity.step(bars, held, 60 * minute, [occupancy(0, passed, corrected=corrected)])
        highest = max(highest, held.open)
        if urgent is None and held.open == len(LEVELS):
            urgent = minute - fullest
    return Called(level=str(LEVELS[highest - 1]) if highest else "", minutes=urgent)


def over(seed: int, share: float) -> Called:
    """An event that holds `share` of its capacity for an hour and more."""
    rng = np.random.default_rng([46, seed])
    into, out = course(rng, share, minutes=150, churn=float(rng.uniform(0.001, 0.01)))
    return called(rng, into, out)


def within(seed: int) -> Called:
    """An event that never exceeds its capacity: half of them come to .9 to .99 of it, a third are long with much coming
    and going, and a fifth empty and fill anew."""
    rng = np.random.default_rng([47, seed])
    peak = rng.uniform(0.9, 0.99) if seed % 2 else rng.uniform(0.3, 0.9)
    long = seed % 3 == 0
    into, out = course(
        rng, float(peak), minutes=480 if long else 150, churn=float(rng.uniform(0.01, 0.05) if long else 0.003)
    )
    if seed % 5 == 0:
        into, out = emptied(rng, into, out)
    assert (np.cumsum(into.sum(axis=0) - out.sum(axis=0)) <= CAPACITY).all()
    return called(rng, into, out)
