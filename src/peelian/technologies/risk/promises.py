"""What the scores promise each group, and what came of it: calibration figures with bootstrap intervals.

A score of ranks promises nothing by itself. It is taken to promise what it meant for everyone: the share of events at
each level. Each group is then held against that promise. A score that is a probability is held to its word.
"""

from __future__ import annotations

import numpy as np

from peelian.errors import InputError
from peelian.measure.rates import wilson
from peelian.technologies.risk.bootstrap import RATES, Draws, bounds
from peelian.technologies.risk.calibration import Recalibration, pooled_rates, recalibrated
from peelian.technologies.risk.counts import Floats, Mask
from peelian.technologies.risk.errors_at import quadrants, shares
from peelian.technologies.risk.rows import Figure
from peelian.technologies.risk.study import Study

COMPARABLE = 100  # denominators from which bootstrap and formula are compared with one another


def promised(study: Study, *, probability: bool) -> Floats:
    """What each level promises: [levels]. InputError where a probability lies outside 0 to 1. O(scores)."""
    if not probability:
        return pooled_rates(study.effective[0])
    scores = study.counts.scores * study.counts.sign
    if bool((scores < 0).any() or (scores > 1).any()):
        raise InputError("a score lies outside 0 to 1", column="score", accepted="probabilities, or probability=no")
    starts = np.searchsorted(study.counts.scores, study.levels.scores)
    n = study.fine[0].sum(axis=1)
    total = np.add.reduceat(n, starts)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.add.reduceat(n * scores, starts) / total
    return np.asarray(np.where(total > 0, mean, scores[starts]), dtype=np.float64)


def held(study: Study, promise: Floats, *, probability: bool) -> Recalibration:
    """How every group's outcomes lie against the promise. Probabilities are held to their word score by score."""
    if probability:
        return recalibrated(study.fine, study.counts.scores * study.counts.sign)
    return recalibrated(study.effective, promise)


def calibrations(study: Study, found: Recalibration, draws: Draws, *, probability: bool) -> list[Figure]:
    """Intercept, slope, observed over expected and Brier score per group.

    Intervals are bootstrap percentiles, because the promise is learnt from the same people; `_error` is the model's own
    standard error. Everyone's calibration against everyone's own promise is perfect by construction and not printed.
    """
    may = study.whole.copy()
    kept = np.ones(len(may), dtype=np.bool_)
    if not probability:
        kept[0] = False
    none = np.full(len(may), np.nan)
    figures = []
    for name, value, drawn in (
        ("calibration_intercept", found.intercept, draws.intercept),
        ("calibration_slope", found.slope, draws.slope),
        ("observed_over_expected", found.ratio, draws.ratio),
        ("brier", found.brier, draws.brier),
    ):
        low, high = bounds(drawn, study.level)
        if name == "brier":
            # Learning the promise from the same people flatters it; replicates, flattered twice, tell by how much.
            with np.errstate(invalid="ignore"):  # a group that no replicate has
                flattery = np.nansum(drawn, axis=-1) / np.isfinite(drawn).sum(axis=-1) - value
            low, high = low - 2 * flattery, high - 2 * flattery
        there = np.ones(len(may), dtype=np.bool_) if name == "brier" else kept
        figures.append(Figure(metric=name, value=value, low=low, high=high, open_=may, kept=there))
    for name, error in (
        ("calibration_intercept_error", found.intercept_error),
        ("calibration_slope_error", found.slope_error),
    ):
        figures.append(Figure(metric=name, value=error, low=none, high=none, open_=may, kept=kept))
    return figures


NOTICEABLE = 0.1
"""How far a slope, or observed over expected, must lie from 1 to be called different: what is merely measurable in a
large group may not matter to anybody."""


def calibration_differs(study: Study, found: Recalibration, draws: Draws) -> Mask:
    """Groups whose calibration differs from 1 measurably (its interval) and noticeably (by more than a tenth)."""
    differs = np.zeros(len(study.nodes.group), dtype=np.bool_)
    for value, drawn in ((found.slope, draws.slope), (found.ratio, draws.ratio)):
        low, high = bounds(drawn, study.level)
        with np.errstate(invalid="ignore"):
            differs |= ((low > 1) | (high < 1)) & (np.abs(value - 1) > NOTICEABLE)
    return differs


def disagreement(study: Study, draws: Draws) -> float:
    """The largest distance between an end of a bootstrap interval and of its formula, among rates over 100 or more.

    Two ways to the same interval: where they part, one of them is wrong. nan where there is nothing to compare.
    """
    low, high = bounds(draws.rates[:, study.place - 1], study.level)
    found = shares(quadrants(study.effective, study.place))
    largest = np.nan
    for i, metric in enumerate(RATES):
        num, den = found[metric]
        ends = wilson(np.minimum(num, den), den, study.level)
        there = (den >= COMPARABLE) & study.whole
        gap = np.maximum(np.abs(ends[0] - low[:, i]), np.abs(ends[1] - high[:, i]))[there]
        if np.isfinite(gap).any():
            largest = float(np.fmax(largest, np.nanmax(gap)))
    return largest


def nij_index(study: Study, brier: Floats) -> list[Figure]:
    """NIJ's fairness-and-accuracy index per pair of groups: (1 - Brier) · (1 - |difference of FPR|), NIJ 2021.

    Printed for comparability only and never ranked by: entrants of the challenge raised it by predictions under the
    cut that make FPR zero for everybody (Mohler, Porter 2021, A note on the multiplicative fairness score).
    """
    num, den = shares(quadrants(study.effective, study.place))["fpr"]
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.abs(num / den - study.other(num / den))
    value = (1 - brier[0]) * (1 - gap)
    none = np.full(len(value), np.nan)
    both = study.pair(study.whole)
    return [
        Figure(
            metric="nij_index",
            value=value,
            low=none,
            high=none,
            open_=both,
            at=study.cut,
            against=study.names,
            kept=both,
        )
    ]
