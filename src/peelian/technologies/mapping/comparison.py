"""Which model is better, and how sure that is: paired block bootstrap, and Holm's correction for many comparisons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peelian.errors import NotEnoughData, sentence
from peelian.measure.sums import inners

Floats = NDArray[np.float64]

REPLICATES = 2_000
LEAST_BLOCKS = 10
FEW_BLOCKS = "Not enough data: incidents in %(n)d blocks of area and time, %(needed)d needed"
MOST_AT_ONCE = 8_000_000  # draws held in memory at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A figure with its 95 % interval and, for a difference, the two-sided probability of one so large by chance."""

    value: float
    low: float
    high: float
    p: float = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draws:
    """How often each block was drawn in each replicate: replicates x blocks, the same for all figures (paired)."""

    times: Floats


def draws(n: Floats, seed: int, replicates: int = REPLICATES) -> tuple[Draws, NDArray[np.intp]]:
    """Draws with replacement among the blocks that hold incidents (`n` > 0), and which blocks those are.

    NotEnoughData below ten such blocks. O(replicates x blocks).
    """
    used = np.flatnonzero(n > 0)
    if len(used) < LEAST_BLOCKS:
        raise NotEnoughData(
            sentence(FEW_BLOCKS, n=len(used), needed=LEAST_BLOCKS),
            accepted="more windows, or a wider category",
        )
    generator = np.random.default_rng(seed)
    replicates = min(replicates, max(MOST_AT_ONCE // len(used), 200))
    times = generator.multinomial(len(used), np.full(len(used), 1 / len(used)), size=replicates)
    return Draws(times=times.astype(np.float64)), used


def ratio(drawn: Draws, above: Floats, below: Floats) -> Interval:
    """Σ above / Σ below over blocks, with its percentile interval (Efron and Tibshirani 1993). O(replicates x blocks).

    Blocks, not incidents, are drawn, because incidents close in space and time are not independent (Künsch 1989).

    >>> drawn, used = draws(np.ones(50), seed=1)
    >>> found = ratio(drawn, np.ones(50), np.ones(50))
    >>> found.value, found.low, found.high
    (1.0, 1.0, 1.0)
    """
    value = float(above.sum() / below.sum())
    many = inners(drawn.times, above) / inners(drawn.times, below)
    low, high = (float(q) for q in np.quantile(many, (0.025, 0.975)))
    return Interval(value=value, low=low, high=high, p=_two_sided(many))


def _two_sided(many: Floats) -> float:
    """Twice the smaller share of replicates on either side of 0, (1 + #)/(n + 1): never 0. nan for no difference."""
    if not bool(np.any(many != 0)):
        return float("nan")
    sides = ((1 + np.count_nonzero(side)) / (len(many) + 1) for side in (many <= 0, many >= 0))
    return float(min(1.0, 2 * min(sides)))
