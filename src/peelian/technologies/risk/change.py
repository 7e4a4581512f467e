"""A change over time: one figure by quarter, tested for a lasting shift and for single quarters that stand out.

Under no change every quarter's figure varies around one value with a known variance. The largest of all standardized
differences (before and after each quarter; each quarter and the others) is compared with its distribution under no
change, which is simulated. A whole series therefore has one chance of a false alarm, however long it is.

Where some person has several assessments, in one quarter or in several, quarters vary together. The distribution is
then that of what each replicate group of persons adds, with random signs (Hemerik, Goeman, Finos 2020, Robust testing
in generalized linear models by sign flipping score contributions).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from peelian.technologies.risk.counts import Floats
from peelian.technologies.risk.detectable import POWER
from peelian.technologies.risk.jackknife import quantile

DRAWS = 5_000
FEWEST_QUARTERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a series shows: `at` is the first quarter (by its place) after the largest shift.

    `lasting`: that shift stands out more than any single quarter. `half`: half the width of its 95% interval.
    `low` and `high` [Q] are control limits: a quarter outside is an alarm by itself. `detectable`: the lasting shift
    from the middle of the series on that would be found with a probability of 80%.
    """

    mean: float
    at: int
    lasting: bool
    before: float
    after: float
    half: float
    p: float
    low: Floats
    high: Floats
    detectable: float


def change(values: Floats, variances: Floats, *, seed: int, level: float, each: Floats | None = None) -> Change:
    """Test a series [Q] whose quarters have these variances [Q] under no change. O(draws x quarters^2).

    `each` [F, Q] is what each replicate group of persons adds to the quarters' distances from the whole period's
    figure. `level` is the chance of a false alarm that the control limits allow for the whole series.
    """
    rng, weights = np.random.default_rng(seed), 1 / variances
    mean, size = float((weights * values).sum() / weights.sum()), len(values)
    differences = _differences(weights)
    if each is None:
        errors = np.sqrt(differences**2 @ variances)
        drawn = rng.standard_normal((DRAWS, size)) * np.sqrt(variances) @ differences.T / errors
    else:
        sums = each @ differences.T
        errors = np.sqrt(_spread(sums.sum(axis=0), sums))
        flipped = rng.choice([-1.0, 1.0], (DRAWS, len(each))) @ sums
        with np.errstate(divide="ignore", invalid="ignore"):
            drawn = np.nan_to_num(flipped / np.sqrt(_spread(flipped, sums)), nan=0.0)
    largest, found = np.abs(drawn).max(axis=1), np.abs(differences @ values / errors)
    limit = float(np.quantile(largest, 1 - level))
    at, middle = int(np.argmax(found[: size - 1])) + 1, size // 2
    before, after = (
        (weights[part] * values[part]).sum() / weights[part].sum() for part in (slice(at), slice(at, None))
    )
    normal = np.array(np.inf if each is None else len(each))
    return Change(
        mean=mean,
        at=at,
        lasting=bool(found[: size - 1].max() >= found[size - 1 :].max()),
        before=float(before),
        after=float(after),
        half=float(quantile(normal, 0.95)) * float(errors[at - 1]),
        p=float((1 + (largest >= found.max()).sum()) / (DRAWS + 1)),
        low=mean - limit * errors[size - 1 :],
        high=mean + limit * errors[size - 1 :],
        detectable=(limit + float(scipy.special.ndtri(POWER))) * float(errors[middle - 1]),
    )


def _differences(weights: Floats) -> Floats:
    """Weights of the quarters [2 Q - 1, Q] in the mean after less that before each inner quarter, and in each quarter's
    distance from the mean of all.
    """
    size = len(weights)
    later = np.arange(size) >= np.arange(1, size)[:, None]
    after, before = later * weights, ~later * weights
    shifts = after / after.sum(axis=1, keepdims=True) - before / before.sum(axis=1, keepdims=True)
    return np.concatenate([shifts, np.eye(size) - weights / weights.sum()])


def _spread(total: Floats, each: Floats) -> Floats:
    """The variance of totals [..., K] of what F groups add, `each` [F, K], whatever signs their parts have."""
    count = len(each)
    return np.asarray(((each**2).sum(axis=0) - total**2 / count) * count / (count - 1), dtype=np.float64)
