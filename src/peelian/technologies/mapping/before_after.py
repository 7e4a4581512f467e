"""Descriptions of a change at treated areas: difference in differences, weighted displacement, synthetic control.

They describe; none of them gives the verdict (`placebos`), since their formulas take chance for the only reason that
counts change.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

Floats = NDArray[np.float64]
Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure with its 95 % interval; nan where there is none."""

    value: float
    low: float
    high: float


NOTHING = Estimate(value=float("nan"), low=float("nan"), high=float("nan"))


def relative_difference(treated: tuple[float, float], control: tuple[float, float]) -> Estimate:
    """The ratio (treated after / before) / (control after / before), each pair (before, after); interval by counts.

    nan where a count is 0.

    >>> round(relative_difference((100.0, 60.0), (200.0, 240.0)).value, 3)
    0.5
    """
    if min(*treated, *control) <= 0:
        return NOTHING
    middle = float(np.log(treated[1] / treated[0]) - np.log(control[1] / control[0]))
    wide = Z95 * float(np.sqrt(sum(1 / count for count in (*treated, *control))))
    low, value, high = np.exp((middle - wide, middle, middle + wide)).tolist()
    return Estimate(value=value, low=low, high=high)


def weighted_displacement(
    treated: tuple[float, float],
    control: tuple[float, float],
    nearby: tuple[float, float] = (0.0, 0.0),
    nearby_control: tuple[float, float] = (0.0, 0.0),
    *,
    length: float = 1.0,
) -> Estimate:
    """Incidents prevented (below 0) in treated and nearby areas together (Wheeler & Ratcliffe 2018, WDD).

    Pairs are (before, after); `length` is how many times as long as the period before the one after is. The interval
    takes all counts for Poisson.

    >>> weighted_displacement((30.0, 10.0), (30.0, 28.0)).value
    -18.0
    """
    signed = ((treated, 1), (control, -1), (nearby, 1), (nearby_control, -1))
    value = sum(sign * (after - length * before) for (before, after), sign in signed)
    wide = Z95 * float(np.sqrt(sum(after + length**2 * before for (before, after), _ in signed)))
    return Estimate(value=value, low=value - wide, high=value + wide)


def synthetic_weights(treated: Floats, donors: Floats) -> Floats:
    """Weights (none negative, sum 1) with which the donors' courses come nearest to the treated one before the action.

    `treated` is float64[periods], `donors` float64[areas, periods] (Abadie, Diamond & Hainmueller 2010, on outcomes
    only). Least squares with the sum held by a heavy row. O(areas² × periods).
    """
    scale = max(float(np.abs(treated).max()), float(np.abs(donors).max()), 1.0)
    heavy = 1e4
    matrix = np.vstack([donors.T / scale, np.full(len(donors), heavy)])
    found, _ = nnls(matrix, np.append(treated / scale, heavy))
    return np.asarray(found / found.sum(), dtype=np.float64)
