"""Summary measures of the differences in error rates between groups.

Sources: Grother, Ngan, Hanaoka, NISTIR 8280 (2019) and NISTIR 8429 (2022) (max/min, max/geometic mean, inequity ratio,
Gini); Howard and others 2022 (GARBE); de Freitas Pereira, Marcel 2022 (fairness discrepancy rate, FDR).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from peelian.errors import InputError

MAX_MIN, MAX_GEOMEAN, MAX_MEAN, GINI = "max/min", "max/geometric mean", "max/mean", "Gini"
GARBE, FDR, INEQUITY = "GARBE", "FDR", "inequity ratio"
RATIOS = (MAX_MIN, MAX_GEOMEAN, MAX_MEAN)
OF_ONE, OF_BOTH = (MAX_MIN, MAX_GEOMEAN, MAX_MEAN, GINI), (GARBE, FDR, INEQUITY)
NAMES = OF_ONE + OF_BOTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Summaries:
    """The measures of one set of rates over groups; see `of_rates`."""

    max_min: float
    max_geomean: float
    max_mean: float
    gini: float

    def named(self) -> dict[str, float]:
        """The measures by their names."""
        return dict(zip(OF_ONE, (self.max_min, self.max_geomean, self.max_mean, self.gini), strict=True))


def of_rates(rates: ArrayLike) -> Summaries:
    """Max/min, max/geometric mean, max/mean and Gini (n/(n-1)) of one kind of error rate over two or more groups.

    Rates must be above 0: a rate without errors enters as its 3/n bound. O(groups^2).

    >>> made = of_rates([1e-5, 2e-5, 8e-5, 4e-4])
    >>> round(made.max_min, 4), round(made.max_geomean, 4), round(made.max_mean, 3), round(made.gini, 4)
    (40.0, 7.9527, 3.137, 0.8039)
    """
    x = _rates(rates)
    return Summaries(
        max_min=float(x.max() / x.min()),
        max_geomean=float(x.max() / np.exp(np.log(x).mean())),
        max_mean=float(x.max() / x.mean()),
        gini=gini(x),
    )


def gini(rates: ArrayLike) -> float:
    """The Gini coefficient with the small-sample factor n/(n-1): 0 for equal rates, 1 if one group has all errors.

    >>> round(gini([0.012, 0.010, 0.015, 0.020]), 4)
    0.193
    """
    x = _rates(rates)
    n = len(x)
    spread = float(np.abs(x[:, None] - x[None, :]).sum())
    return n / (n - 1) * spread / (2 * n * n * float(x.mean()))


def garbe(fmr: ArrayLike, fnmr: ArrayLike, weight: float = 0.5) -> float:
    """Gini aggregation rate: the weighted mean of both errors' Gini coefficients.

    >>> round(garbe([1e-5, 2e-5, 8e-5, 4e-4], [0.012, 0.010, 0.015, 0.020]), 4)
    0.4985
    """
    return weight * gini(fmr) + (1 - weight) * gini(fnmr)


def fairness_discrepancy_rate(fmr: ArrayLike, fnmr: ArrayLike, weight: float = 0.5) -> float:
    """1 less the weighted greatest differences. For comparison only: it can show a 40-fold gap as 0.995.

    >>> round(fairness_discrepancy_rate([1e-5, 2e-5, 8e-5, 4e-4], [0.012, 0.010, 0.015, 0.020]), 4)
    0.9948
    """
    return 1 - weight * float(np.ptp(_rates(fmr))) - (1 - weight) * float(np.ptp(_rates(fnmr)))


def inequity_ratio(fmr: ArrayLike, fnmr: ArrayLike, weight: float = 0.5) -> float:
    """(max/min of FMR)^weight x (max/min of FNMR)^(1 - weight).

    >>> round(inequity_ratio([1e-5, 2e-5, 8e-5, 4e-4], [0.012, 0.010, 0.015, 0.020]), 3)
    8.944
    """
    return float(of_rates(fmr).max_min ** weight * of_rates(fnmr).max_min ** (1 - weight))


def of_both(fmr: ArrayLike, fnmr: ArrayLike) -> dict[str, float]:
    """GARBE, FDR and the inequity ratio by name."""
    return dict(
        zip(
            OF_BOTH,
            (garbe(fmr, fnmr), fairness_discrepancy_rate(fmr, fnmr), inequity_ratio(fmr, fnmr)),
            strict=True,
        )
    )


def _rates(rates: ArrayLike | Sequence[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    x = np.asarray(rates, dtype=np.float64).ravel()
    if len(x) < 2 or not bool(np.all((x > 0) & (x <= 1))):
        raise InputError(
            "fewer than two groups, or a rate not above 0 and at most 1",
            accepted="two or more rates above 0 (use the bound 3/n where there is no error)",
        )
    return x
