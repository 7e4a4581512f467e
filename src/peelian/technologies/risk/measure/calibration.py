"""Calibration by group: intercept, slope, observed over expected and Brier score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from peelian.technologies.risk.measure.counts import Floats

STEPS = 25
CLOSE = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalibration:
    """Outcomes against expected probabilities, per group: arrays of one shape, nan where it cannot be fitted.

    `intercept`: the logit shift that makes observed and expected agree (slope held at 1), 0 is ideal. `slope`: of the
    logit of the expected probability, 1 is ideal; under 1 the score separates outcomes less than expected. `ratio`:
    events observed over expected. `brier`: mean squared distance of probability and outcome.
    Cox 1958, Two further applications of a model for binary regression; Van Calster and others 2019, Calibration: the
    Achilles heel of predictive analytics.
    """

    intercept: Floats
    intercept_error: Floats
    slope: Floats
    slope_error: Floats
    observed: Floats
    expected: Floats
    brier: Floats
    brier_error: Floats

    @property
    def ratio(self) -> Floats:
        """Observed over expected."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.observed / self.expected, dtype=np.float64)


def pooled_rates(cells: Floats) -> Floats:
    """The share of events at each score, counts [..., S, 2] -> [..., S]: the expected share of a rank score.

    Where nobody, or everybody, at a score had the outcome, a half is added to each side so that its logit exists.
    Where nobody has the score, the overall share is used.

    >>> pooled_rates(np.array([[[30.0, 10.0], [9.0, 0.0]]])).round(3).tolist()
    [[0.25, 0.05]]
    """
    events, n = cells[..., 1], cells.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        edge = (events <= 0) | (events >= n)
        share = np.where(edge, (events + 0.5) / (n + 1), events / n)
        overall = events.sum(axis=-1, keepdims=True) / n.sum(axis=-1, keepdims=True)
    return np.asarray(np.where(n > 0, share, overall), dtype=np.float64)


def recalibrated(cells: Floats, probability: Floats, *, steps: int = STEPS) -> Recalibration:
    """Logistic recalibration of counts [..., S, 2] against expected probabilities [..., S] (broadcast together).

    Newton's method on all groups at once, O(steps x cells). Errors are the model's standard errors.

    >>> r = recalibrated(np.array([[30.0, 10.0], [20.0, 20.0]]), np.array([0.25, 0.5]))
    >>> abs(float(r.intercept)) < 1e-9, round(float(r.slope), 6), round(float(r.ratio), 6)
    (True, 1.0, 1.0)
    """
    clipped = np.clip(probability, 1e-9, 1 - 1e-9)
    logit = np.log(clipped) - np.log1p(-clipped)
    events, n = cells[..., 1], cells.sum(axis=-1)
    intercept, intercept_error = _shift(events, n, logit, steps)
    slope, slope_error = _slope(events, n, logit, steps)
    total = n.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        brier = (events * (1 - probability) ** 2 + (n - events) * probability**2).sum(axis=-1) / total
        fourth = (events * (1 - probability) ** 4 + (n - events) * probability**4).sum(axis=-1) / total
        brier_error = np.sqrt(np.maximum(fourth - brier**2, 0) / total)
    return Recalibration(
        intercept=intercept,
        intercept_error=intercept_error,
        slope=slope,
        slope_error=slope_error,
        observed=events.sum(axis=-1),
        expected=(n * probability).sum(axis=-1),
        brier=brier,
        brier_error=brier_error,
    )


def _shift(events: Floats, n: Floats, logit: Floats, steps: int) -> tuple[Floats, Floats]:
    """The logit shift and its error: one parameter, Newton."""
    a = np.zeros(events.shape[:-1])
    information = np.full(a.shape, np.nan)
    with np.errstate(all="ignore"):
        for _ in range(steps):
            p = _logistic(logit + a[..., None])
            information = (n * p * (1 - p)).sum(axis=-1)
            step = np.clip((events - n * p).sum(axis=-1) / information, -2, 2)
            a = a + step
            if not bool((np.abs(step) > CLOSE).any()):
                break
        one_class = (events.sum(axis=-1) <= 0) | (events.sum(axis=-1) >= n.sum(axis=-1))
        return np.where(one_class, np.nan, a), np.where(one_class, np.nan, 1 / np.sqrt(information))


def _slope(events: Floats, n: Floats, logit: Floats, steps: int) -> tuple[Floats, Floats]:
    """The slope (its intercept left free) and its error: two parameters, Newton."""
    x = np.broadcast_to(logit, n.shape)
    a, b = np.zeros(events.shape[:-1]), np.ones(events.shape[:-1])
    inverse = np.full(a.shape, np.nan)
    with np.errstate(all="ignore"):
        for _ in range(steps):
            p = _logistic(a[..., None] + b[..., None] * x)
            w = n * p * (1 - p)
            left = events - n * p
            s0, s1, s2 = w.sum(axis=-1), (w * x).sum(axis=-1), (w * x * x).sum(axis=-1)
            g0, g1 = left.sum(axis=-1), (left * x).sum(axis=-1)
            determinant = s0 * s2 - s1 * s1
            da, db = (s2 * g0 - s1 * g1) / determinant, (s0 * g1 - s1 * g0) / determinant
            a, b = a + np.clip(da, -2, 2), b + np.clip(db, -2, 2)
            inverse = s0 / determinant
            if not bool((np.abs(db) + np.abs(da) > CLOSE).any()):
                break
    # A fit that runs away is a perfect separation: there is no finite slope.
    fails = (np.abs(b) > 25) | ~np.isfinite(b) | (determinant <= 1e-9)
    with np.errstate(invalid="ignore"):
        return np.where(fails, np.nan, b), np.where(fails, np.nan, np.sqrt(inverse))


def _logistic(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-x)), dtype=np.float64)
