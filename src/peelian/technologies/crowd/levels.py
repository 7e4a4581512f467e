"""Levels in decibels of a signal's mean squares."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
QUIETEST_DB = -100.0  # what silence is given as: no signal has a level of minus infinity in a record


def decibels(mean_square: ArrayLike, full_scale_db: float = 0.0) -> Floats:
    """Levels of mean squares of a signal whose mean square 1 has the level `full_scale_db`."""
    squares = np.asarray(mean_square, dtype=np.float64)
    floor = 10 ** ((QUIETEST_DB - full_scale_db) / 10)
    found: Floats = 10 * np.log10(np.maximum(squares, floor)) + full_scale_db
    return found
