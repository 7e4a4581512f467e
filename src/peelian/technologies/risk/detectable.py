"""The chance of a wrong verdict that a report may have, and the difference that one of its tests would have found."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import ArrayLike

from peelian.technologies.risk.counts import Floats

NOMINAL = 0.03
"""Chance, at most, that a report without any true difference says one; the rest to 5% is left to approximations."""
POWER = 0.8


def detectable(error: ArrayLike, tests: int, *, level: float = NOMINAL) -> Floats:
    """The true difference that one of `tests` tests with this standard error finds with a probability of 80%.

    >>> round(float(detectable(0.01, 1)), 4)
    0.0301
    """
    wanted = scipy.special.ndtri(1 - level / (2 * max(tests, 1))) + scipy.special.ndtri(POWER)
    return np.asarray(wanted * np.asarray(error, dtype=np.float64), dtype=np.float64)
