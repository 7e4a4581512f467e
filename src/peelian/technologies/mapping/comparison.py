"""Which model is better, and how sure that is: a jackknife that leaves out one region of the ground after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Groups = NDArray[np.intp]

SQUARE_METRES = 2_000.0  # sums are kept for squares of this side; regions are made of whole ones
REGION_SQUARES = (2, 3, 4)  # squares along the side of a region: 4, 6 and 8 km
LEAST_REGIONS = 6
LEAST_YEARS = 4
SURE = 0.05  # of p after Holm's correction for the number of models
SEEN = 0.0005  # bits: what would be printed as 0.000 is no difference
ROUNDING = 1e-9  # a share this near to 0 or 1 is none or all


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A figure with its 95 % interval and, for a difference, the two-sided probability of one so large by chance.

    Both ends are nan where the incidents lie in too few regions to tell.
    """

    value: float
    low: float
    high: float
    p: float = float("nan")


def sure_sign(bits: float, p_holm: float) -> int:
    """1 where a model is surely better than the long-run average, -1 where surely worse, 0 where neither or no p.

    The one rule of all verdicts between models; `p_holm` allows for all models that were tested together.

    >>> sure_sign(0.02, 0.01), sure_sign(-0.29, 0.01), sure_sign(-0.29, 0.069), sure_sign(0.02, float("nan"))
    (1, -1, 0, 0)
    """
    return int(np.sign(bits)) if p_holm < SURE and abs(bits) >= SEEN else 0


def regions_of(rows: int, cols: int) -> tuple[Groups, ...]:
    """For regions of 4, 6 and 8 km: the region of each square of a `rows` x `cols` rectangle of squares, row by row.

    >>> [groups.tolist() for groups in regions_of(1, 5)]
    [[0, 0, 1, 1, 2], [0, 0, 0, 1, 1], [0, 0, 0, 0, 1]]
    """
    row, col = np.divmod(np.arange(rows * cols), cols)
    return tuple(((row // side) * (-(-cols // side)) + col // side).astype(np.intp) for side in REGION_SQUARES)


def effective(groups: Groups, below: Floats) -> float:
    """How many groups of equal weight would be as unequal as these: (Σ n)² / Σ n² (Kish 1965). O(squares).

    >>> effective(np.array([0, 0, 1, 2]), np.array([1.0, 1.0, 2.0, 2.0])), effective(np.array([0, 1]), np.ones(2))
    (3.0, 2.0)
    """
    n = np.bincount(groups, weights=below)
    return float(n.sum() ** 2 / (n**2).sum())


def ratio(groupings: Sequence[Groups], above: Floats, below: Floats, least: float = LEAST_REGIONS) -> Interval:
    """Σ above / Σ below with the widest of the delete-one-group jackknife intervals over the groupings.

    Each grouping names the group of every element; one of fewer than `least` effective groups cannot tell. Student's
    t on one degree less than the effective groups (Efron and Stein 1981; Carter and others 2017). O(elements).

    >>> ratio((np.arange(8),), np.ones(8), np.ones(8))
    Interval(value=1.0, low=1.0, high=1.0, p=0.0)
    >>> ratio((np.arange(5),), np.ones(5), np.ones(5)).low
    nan
    """
    value = float(above.sum() / below.sum())
    found = [(effective(groups, below), groups) for groups in groupings]
    errors = [(_error(groups, above, below), count - 1) for count, groups in found if count >= least]
    if not errors:
        return Interval(value=value, low=float("nan"), high=float("nan"))
    half = max(error * float(scipy.special.stdtrit(free, 0.975)) for error, free in errors)
    p = float("nan")
    if value or half:
        p = max(2 * float(scipy.special.stdtr(free, -abs(value) / error)) if error else 0.0 for error, free in errors)
    return Interval(value=value, low=value - half, high=value + half, p=p)


def share(groupings: Sequence[Groups], above: Floats, below: Floats) -> Interval:
    """`ratio` of a part to its whole: the interval has its width on the logit scale, so that it lies within 0 to 1.

    The standard error is carried over by the delta method (Agresti 2013, 16.1). All or nothing in the part shows no
    variation between regions: such a share has no interval. O(elements).

    >>> found = share((np.arange(8),), np.array([6.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]), np.full(8, 10.0))
    >>> round(found.low, 3), found.value, round(found.high, 3)
    (0.015, 0.1, 0.447)
    >>> share((np.arange(8),), np.zeros(8), np.ones(8)).low
    nan
    """
    found = ratio(groupings, above, below)
    if not ROUNDING < found.value < 1 - ROUNDING:
        return replace(found, low=float("nan"), high=float("nan"))
    middle = float(scipy.special.logit(found.value))
    half = (found.high - found.value) / (found.value * (1 - found.value))
    low, high = scipy.special.expit([middle - half, middle + half]).tolist()
    return replace(found, low=low, high=high)


def _error(groups: Groups, above: Floats, below: Floats) -> float:
    """The standard error of Σ above / Σ below: the ratio again without each group in turn."""
    a, b = np.bincount(groups, weights=above), np.bincount(groups, weights=below)
    some = (a != 0) | (b != 0)
    without = (a.sum() - a[some]) / (b.sum() - b[some])
    return float(np.sqrt((len(without) - 1) * np.mean((without - without.mean()) ** 2)))
