"""Many tests at once: Holm's correction, so that chance alone rarely passes any of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def holm(p: ArrayLike, weight: ArrayLike = 1.0) -> Floats:
    """Adjusted p-values, in the shape given: reject those of at most `level`, whatever their dependence.

    The chance of rejecting any true null hypothesis is then at most `level`. `weight` (of that shape) gives a test a
    larger share of it. A nan is no test and stays nan. Holm 1979, A simple sequentially rejective multiple test
    procedure (weights: its section 5). O(tests log tests).

    >>> holm([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.06, 0.06]
    >>> holm([0.02, 0.5], weight=[2, 1]).round(3).tolist()
    [0.03, 0.5]
    """
    shape = np.shape(p)
    values = np.asarray(p, dtype=np.float64).ravel()
    share = np.broadcast_to(np.asarray(weight, dtype=np.float64), shape).ravel()
    tested = np.flatnonzero(np.isfinite(values))
    order = tested[np.argsort(values[tested] / share[tested], kind="stable")]
    left = share[order][::-1].cumsum()[::-1]
    adjusted = np.full(values.shape, np.nan)
    adjusted[order] = np.maximum.accumulate(np.minimum(values[order] / share[order] * left, 1.0))
    return adjusted.reshape(shape)


def false_discovery(p: ArrayLike) -> Floats:
    """Adjusted p: at most `q` of those at or below `q` are false in expectation (Benjamini & Hochberg 1995).

    float64[n], in the order of `p`. O(n log n).

    >>> false_discovery([0.01, 0.04, 0.03, 0.5]).round(4).tolist()
    [0.04, 0.0533, 0.0533, 0.5]
    """
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values)[::-1]
    ranks = np.arange(len(values), 0, -1)
    adjusted = np.empty(len(values))
    adjusted[order] = np.minimum.accumulate(np.minimum(values[order] * len(values) / ranks, 1.0))
    return adjusted
