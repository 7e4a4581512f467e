"""A change over time: one figure by quarter, tested for a lasting shift and for single quarters that stand out.

Under no change every quarter's figure varies around one value with a known variance. The largest of all standardized
differences (before and after each quarter; each quarter and the others) is compared with its distribution under no
change, which is simulated. A whole series therefore has one chance of a false alarm, however long it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from peelian.technologies.risk.counts import Floats
from peelian.technologies.risk.detectable import POWER

DRAWS = 5_000
FEWEST_QUARTERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a series shows: `at` is the first quarter (by its place) after the largest shift.

    `lasting`: that shift stands out more than any single quarter.
    `low` and `high` [Q] are control limits: a quarter outside is an alarm by itself. `detectable`: the lasting shift
    from the middle of the series on that would be found with a probability of 80%.
    """

    mean: float
    at: int
    lasting: bool
    before: float
    after: float
    error: float
    p: float
    low: Floats
    high: Floats
    detectable: float


def change(values: Floats, variances: Floats, *, seed: int, level: float) -> Change:
    """Test a series [Q] whose quarters have these variances [Q] under no change. O(draws x quarters).

    `level` is the chance of a false alarm that the control limits allow for the whole series.
    """
    weights = 1 / variances
    total = weights.sum()
    mean = float((weights * values).sum() / total)
    noise = np.random.default_rng(seed).standard_normal((DRAWS, len(values))) * np.sqrt(variances)
    largest = _largest(noise, weights)
    shifts, singles = _standardized(values[None, :], weights)
    at = int(np.argmax(np.abs(shifts[0]))) + 1
    limit = float(np.quantile(largest, 1 - level))
    half = limit * np.sqrt(variances * (1 - weights / total))
    before, after = (
        (weights[part] * values[part]).sum() / weights[part].sum() for part in (slice(at), slice(at, None))
    )
    middle = len(values) // 2
    return Change(
        mean=mean,
        at=at,
        lasting=bool(np.abs(shifts).max() >= np.abs(singles).max()),
        before=float(before),
        after=float(after),
        error=_error(weights, at),
        p=float((1 + (largest >= _largest(values[None, :], weights)[0]).sum()) / (DRAWS + 1)),
        low=mean - half,
        high=mean + half,
        detectable=(limit + float(scipy.special.ndtri(POWER))) * _error(weights, middle),
    )


def _error(weights: Floats, at: int) -> float:
    return float(np.sqrt(1 / weights[:at].sum() + 1 / weights[at:].sum()))


def _standardized(values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Shifts [D, Q - 1] before and after each inner quarter, and single quarters [D, Q], in standard errors."""
    total = weights.sum()
    left = weights * (values - (values @ weights / total)[:, None])
    share = np.cumsum(weights)[:-1] / total
    shifts = -np.cumsum(left, axis=1)[:, :-1] / np.sqrt(total * share * (1 - share))
    return shifts, left / np.sqrt(weights * (1 - weights / total))


def _largest(values: Floats, weights: Floats) -> Floats:
    shifts, singles = _standardized(values, weights)
    return np.asarray(np.maximum(np.abs(shifts).max(axis=1), np.abs(singles).max(axis=1)), dtype=np.float64)
