"""A change over time: one figure by quarter, tested for a lasting shift and for single quarters that stand out.

Under no change every quarter's figure varies around one value with a known variance. The largest of all standardized
differences (before and after each quarter; each quarter and the others) is compared with its distribution under no
change, which is simulated. A whole series therefore has one chance of a false alarm, however long it is.

Where some person has several assessments, in one quarter or in several, variances are larger and quarters vary
together. By how much is estimated from what each replicate group of persons adds, over all quarters (`covariance`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from peelian.technologies.risk.measure.counts import Floats
from peelian.technologies.risk.measure.jackknife import POWER, quantile

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


def covariance(variances: Floats, each: Floats | None) -> Floats:
    """The covariance [Q, Q] of a series whose quarters have these variances [Q] where each person has one assessment.

    `each` [F, Q] is what each replicate group of persons adds to the distances from the whole period's figure.
    Variances grow by one factor, at least 1, and the correlation depends on how many quarters lie between: single
    quarters tell too little of their own, least of all rare outcomes. O(F x quarters^2 + quarters^3).
    """
    if each is None:
        return np.diag(variances)
    count, size = each.shape
    centred = each - each.mean(axis=0)
    cross = centred.T @ centred * count / (count - 1)
    error = np.sqrt(variances * max(1.0, float((np.diag(cross) / variances).mean())))
    apart = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
    alike = np.bincount(apart.ravel(), weights=(cross / np.outer(error, error)).ravel()) / np.bincount(apart.ravel())
    alike[0] = 1.0
    values, vectors = np.linalg.eigh(alike[apart] * np.outer(error, error))
    return np.asarray(vectors * np.maximum(values, 1e-6 * values.max()) @ vectors.T, dtype=np.float64)


def change(values: Floats, spread: Floats, *, seed: int, level: float, groups: float = np.inf) -> Change:
    """Test a series [Q] that has this covariance [Q, Q] under no change. O(draws x quarters^2).

    The covariance was estimated from so many replicate `groups` of persons, or is known. `level` is the chance of a
    false alarm that the control limits allow for the whole series.
    """
    rng, weights = np.random.default_rng(seed), 1 / np.diag(spread)
    mean, size = float((weights * values).sum() / weights.sum()), len(values)
    differences = _differences(weights)
    errors = np.sqrt(np.einsum("kq,qr,kr->k", differences, spread, differences))
    drawn = rng.standard_normal((DRAWS, size)) @ np.linalg.cholesky(spread).T @ differences.T / errors
    largest = np.abs(drawn).max(axis=1)
    if np.isfinite(groups):
        largest /= np.sqrt(rng.chisquare(groups - 1, DRAWS) / (groups - 1))
    found = np.abs(differences @ values / errors)
    limit = float(np.quantile(largest, 1 - level))
    at, middle = int(np.argmax(found[: size - 1])) + 1, size // 2
    before, after = (
        (weights[part] * values[part]).sum() / weights[part].sum() for part in (slice(at), slice(at, None))
    )
    return Change(
        mean=mean,
        at=at,
        lasting=bool(found[: size - 1].max() >= found[size - 1 :].max()),
        before=float(before),
        after=float(after),
        half=float(quantile(np.array(groups), 0.95)) * float(errors[at - 1]),
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
