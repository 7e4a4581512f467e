"""Many tests at once: p-values adjusted by Holm's procedure, and the difference that a test would have found."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import ArrayLike

from peelian.technologies.risk.counts import Floats

NOMINAL = 0.03
"""Chance, at most, that a report without any true difference says one; the rest to 5% is left to approximations."""
POWER = 0.8


def holm(p: ArrayLike) -> Floats:
    """Adjusted p-values: all at most `NOMINAL` are findings together. nan (not tested) stays nan. O(n log n).

    Holm 1979, A simple sequentially rejective multiple test procedure.

    >>> holm([0.01, 0.04, float("nan"), 0.03]).round(2).tolist()
    [0.03, 0.06, nan, 0.06]
    """
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    tested = order[: int(np.isfinite(values).sum())]
    raised = values[tested] * np.arange(len(tested), 0, -1)
    made = np.full(values.shape, np.nan)
    made[tested] = np.minimum(np.maximum.accumulate(raised), 1.0) if len(tested) else raised
    return made


def detectable(error: ArrayLike, tests: int, *, level: float = NOMINAL) -> Floats:
    """The true difference that one of `tests` tests with this standard error finds with a probability of 80%.

    >>> round(float(detectable(0.01, 1)), 4)
    0.0301
    """
    wanted = scipy.special.ndtri(1 - level / (2 * max(tests, 1))) + scipy.special.ndtri(POWER)
    return np.asarray(wanted * np.asarray(error, dtype=np.float64), dtype=np.float64)
