"""Calibration of expected counts: deciles, slope and the histogram of probability transforms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BINS_PER_DOUBLING = 4
FIRST_DOUBLING = -30
BINS = 4 * 50  # expected counts from 2^-30 to 2^20
PIT_BINS = 10
LEAST_SPREAD = 1e-3  # of log expected counts: a per mille more or less cannot be told to be right


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calibration:
    """Sums over cells and windows by narrow bins of the expected count (four to a doubling), and the PIT histogram.

    Adding two calibrations adds all sums, so that any number of windows is kept in one small object.
    """

    cells: Floats
    expected: Floats
    observed: Floats
    pit: Floats

    def plus(self, other: Calibration) -> Calibration:
        """Both together."""
        return Calibration(
            cells=self.cells + other.cells,
            expected=self.expected + other.expected,
            observed=self.observed + other.observed,
            pit=self.pit + other.pit,
        )


def calibration_of(expected: Floats, counts: Floats, below: Floats, upto: Floats) -> Calibration:
    """The sums of one window. `below` and `upto` are P(count < observed) and P(count <= observed). O(cells)."""
    doubling = np.log2(np.maximum(expected, 2.0**FIRST_DOUBLING)) - FIRST_DOUBLING
    where = np.minimum((doubling * BINS_PER_DOUBLING).astype(np.intp), BINS - 1)
    cells, means, seen = (np.bincount(where, weights=w, minlength=BINS) for w in (None, expected, counts))
    return Calibration(
        cells=cells.astype(np.float64),
        expected=means.astype(np.float64),
        observed=seen.astype(np.float64),
        pit=_pit(below, upto),
    )


def deciles(calibration: Calibration, groups: int = 10) -> tuple[Floats, Floats, Floats]:
    """(cells, expected, observed) of ten groups from low to high expected counts, about equal in expected incidents.

    A bin that holds more than its tenth takes its group alone, so that there may be fewer groups.
    """
    some = calibration.cells > 0
    cells, expected, observed = calibration.cells[some], calibration.expected[some], calibration.observed[some]
    middle = np.cumsum(expected) - expected / 2
    group = np.minimum((middle / expected.sum() * groups).astype(np.intp), groups - 1)
    sums = [np.bincount(group, weights=part, minlength=groups) for part in (cells, expected, observed)]
    kept = sums[0] > 0
    first, second, third = (np.asarray(part[kept], dtype=np.float64) for part in sums)
    return first, second, third


def calibration_error(calibration: Calibration) -> float:
    """The share of incidents that the ten groups have too many or too few: Σ|observed - expected| / Σ observed.

    >>> expected, observed = np.array([1.0, 3.0]), np.array([2.0, 2.0])
    >>> calibration_error(Calibration(cells=np.ones(2), expected=expected, observed=observed, pit=np.zeros(1)))
    0.5
    """
    _, expected, observed = deciles(calibration)
    return float(np.abs(observed - expected).sum() / observed.sum()) if observed.sum() > 0 else float("nan")


def slope(calibration: Calibration) -> float:
    """The slope of log observed on log expected counts (Poisson regression over the bins): 1 is right.

    Below 1 the forecast is too sharp: high places are set too high, low ones too low (Cox 1958). nan where all places
    expect as good as the same: there is nothing to rise with.
    """
    some = (calibration.cells > 0) & (calibration.expected > 0)
    if int(some.sum()) < 2 or calibration.observed.sum() <= 0:
        return float("nan")
    cells, seen = calibration.cells[some], calibration.observed[some]
    x = np.log(calibration.expected[some] / cells)
    middle = float(np.average(x, weights=calibration.expected[some]))
    if float(np.abs(x - middle).max()) < LEAST_SPREAD:
        return float("nan")
    design = np.stack((np.ones(len(x)), x - middle), axis=1)
    beta = np.array([middle, 1.0])
    for _ in range(50):
        mean = cells * np.exp(np.clip(design @ beta, -50, 50))
        gradient = design.T @ (seen - mean)
        curvature = (design * mean[:, None]).T @ design + 1e-12 * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        beta = beta + step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        if float(np.abs(step).max()) < 1e-10:
            break
    return float(beta[1])


def pit_shares(calibration: Calibration) -> Floats:
    """The histogram of probability transforms as shares of ten bins: flat (0.1 each) where the intervals are right."""
    total = calibration.pit.sum()
    return calibration.pit / total if total > 0 else np.full(PIT_BINS, np.nan)


def _pit(below: Floats, upto: Floats) -> Floats:
    """The non-randomised histogram for counts (Czado, Gneiting and Held 2009): cells per bin. O(cells x bins)."""
    edges = np.arange(PIT_BINS + 1) / PIT_BINS
    width = np.maximum(upto - below, 1e-12)
    reached = np.array([np.clip((edge - below) / width, 0.0, 1.0).sum() for edge in edges])
    reached[-1] = len(below)
    return np.diff(reached)
