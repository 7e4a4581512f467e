"""Calibration of each group against expected shares, with intervals.

A rank score states no probability. Its expected share is the overall share of events at each level, and each group is
compared with that. A probability score is compared with its own value.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from peelian.errors import InputError
from peelian.measure.rates import wilson
from peelian.technologies.risk.measure.bootstrap import RATES, Draws, bounds
from peelian.technologies.risk.measure.calibration import Recalibration, pooled_rates, recalibrated
from peelian.technologies.risk.measure.counts import Floats, quadrants, shares
from peelian.technologies.risk.measure.jackknife import LOG, around, interval
from peelian.technologies.risk.measure.study import Figure, Study

COMPARABLE = 100  # denominators from which bootstrap and formula are compared with one another


def promised(study: Study, *, probability: bool) -> Floats:
    """The expected share of events at each level: [levels]. InputError: a probability outside 0 to 1. O(scores)."""
    if not probability:
        return pooled_rates(study.effective[0])
    scores = study.counts.scores * study.counts.sign
    if bool((scores < 0).any() or (scores > 1).any()):
        raise InputError("score outside 0 to 1", column="score", accepted="probabilities, or probability=no")
    starts = np.searchsorted(study.counts.scores, study.levels.scores)
    n = study.fine[0].sum(axis=1)
    total = np.add.reduceat(n, starts)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.add.reduceat(n * scores, starts) / total
    return np.asarray(np.where(total > 0, mean, scores[starts]), dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """Groups against the expected shares, with an interval (low, high) for each figure."""

    found: Recalibration
    intercept: tuple[Floats, Floats]
    slope: tuple[Floats, Floats]
    ratio: tuple[Floats, Floats]
    brier: tuple[Floats, Floats]


def calibrated(study: Study, promise: Floats, draws: Draws, *, probability: bool) -> Calibrated:
    """Calibration with intervals: by formula for a probability, by bootstrap where expected shares are estimated.

    Expected shares estimated from the same people vary with them; the model's own errors ignore this and are too wide.
    O(nodes x scores + draws).
    """
    if probability:
        # Probabilities are compared score by score: nothing is estimated from the data, and the formulas hold.
        found = recalibrated(study.fine, study.counts.scores * study.counts.sign)
        n = study.fine.sum(axis=(1, 2))
        low, high = wilson(np.minimum(found.observed, n), n, study.level)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = low * n / found.expected, high * n / found.expected
        return Calibrated(
            found=found,
            intercept=around(found.intercept, found.intercept_error, study.level),
            slope=around(found.slope, found.slope_error, study.level),
            ratio=ratio,
            brier=around(found.brier, found.brier_error, study.level),
        )
    found = recalibrated(study.effective, promise)
    return Calibrated(
        found=found,
        intercept=bounds(draws.intercept, study.level),
        slope=bounds(draws.slope, study.level),
        ratio=bounds(draws.ratio, study.level),
        brier=_unflattered(found.brier, draws.brier, study.level),
    )


def _unflattered(value: Floats, drawn: Floats, level: float) -> tuple[Floats, Floats]:
    """Intervals corrected for optimism: expected shares are estimated from the same people, in replicates twice."""
    low, high = bounds(drawn, level)
    with np.errstate(invalid="ignore"):  # a group that no replicate has
        flattery = np.nansum(drawn, axis=-1) / np.isfinite(drawn).sum(axis=-1) - value
    return low - 2 * flattery, high - 2 * flattery


def calibrations(study: Study, held: Calibrated, *, probability: bool) -> list[Figure]:
    """Intercept, slope, observed over expected and Brier score per group; `_error` is the model's standard error.

    Overall calibration against overall shares is perfect by construction and not printed.
    """
    may, found = study.whole, held.found
    everywhere = np.ones(len(may), dtype=np.bool_)
    kept = everywhere if probability else np.arange(len(may)) > 0
    none = np.full(len(may), np.nan)
    figures = [
        Figure(metric=name, value=value, low=low, high=high, open_=may, kept=everywhere if name == "brier" else kept)
        for name, value, (low, high) in (
            ("calibration_intercept", found.intercept, held.intercept),
            ("calibration_slope", found.slope, held.slope),
            ("observed_over_expected", found.ratio, held.ratio),
            ("brier", found.brier, held.brier),
        )
    ]
    for name, error in (
        ("calibration_intercept_error", found.intercept_error),
        ("calibration_slope_error", found.slope_error),
    ):
        figures.append(Figure(metric=name, value=error, low=none, high=none, open_=may, kept=kept))
    return figures


def disagreement(study: Study, draws: Draws) -> float:
    """The largest distance between an end of a bootstrap interval and of its formula, among rates over 100 or more.

    A large distance means that one of the methods is wrong. nan where there is nothing to compare.
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


def dependent(study: Study, held: Calibrated, *, probability: bool) -> Calibrated:
    """The same figures with jackknife intervals; as they are where nobody has several assessments.

    The expected shares of a rank score are estimated anew without each replicate group. O(F x nodes x scores).
    """
    again = study.replicates
    if again is None:
        return held
    if probability:
        banded, without = (recalibrated(cells, again.scores) for cells in (again.whole, again.fine))
    else:
        banded, without = (_against_everyone(cells) for cells in (study.effective, again.levels))
    level, groups, found = study.level, again.groups, held.found
    # A figure estimated from the people it is judged on is too good; the jackknife measures by how much (Quenouille).
    flattery = (again.count - 1) * (without.brier.mean(axis=0) - banded.brier)
    return replace(
        held,
        intercept=interval(banded.intercept, without.intercept, groups, level=level, center=found.intercept),
        slope=interval(banded.slope, without.slope, groups, level=level, center=found.slope),
        ratio=interval(banded.ratio, without.ratio, groups, level=level, scale=LOG, center=found.ratio),
        brier=interval(banded.brier, without.brier, groups, level=level, center=found.brier - flattery),
    )


def _against_everyone(cells: Floats) -> Recalibration:
    """Each node of [..., N, S, 2] against the shares of node 0, everyone."""
    return recalibrated(cells, np.asarray(pooled_rates(cells[..., :1, :, :])))
