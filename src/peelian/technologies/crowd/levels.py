"""Levels in decibels: energy mean (Leq) and exceedance levels (L10, L90)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from peelian.errors import NotEnoughData

Floats = NDArray[np.float64]
QUIETEST_DB = -100.0  # what silence is given as: no signal has a level of minus infinity in a record


def energy_mean(levels_db: ArrayLike) -> float:
    """The level of the mean energy of levels of equally long stretches: LAeq of the whole (ISO 1996-1, 3.6.1).

    NotEnoughData where there is none.

    >>> round(energy_mean([60.0, 70.0]), 2)
    67.4
    """
    levels = _some(levels_db)
    return float(10 * np.log10(np.mean(10 ** (levels / 10))))


def exceeded(levels_db: ArrayLike, percent: float) -> float:
    """The level exceeded for `percent` of the time: L10 with 10, L90 with 90 (ISO 1996-1, 3.3), in dB.

    >>> exceeded(list(range(50, 61)), 90.0)
    51.0
    """
    return float(np.percentile(_some(levels_db), 100.0 - percent))


def decibels(mean_square: ArrayLike, full_scale_db: float = 0.0) -> Floats:
    """Levels of mean squares of a signal whose mean square 1 has the level `full_scale_db`."""
    squares = np.asarray(mean_square, dtype=np.float64)
    floor = 10 ** ((QUIETEST_DB - full_scale_db) / 10)
    found: Floats = 10 * np.log10(np.maximum(squares, floor)) + full_scale_db
    return found


def _some(levels_db: ArrayLike) -> Floats:
    levels = np.asarray(levels_db, dtype=np.float64)
    if not levels.size:
        raise NotEnoughData("no levels given")
    return levels
