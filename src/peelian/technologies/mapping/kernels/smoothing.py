"""Maps from recent incidents: quartic kernel density, kernel × time, and ProHotspot's weights.

Each costs less than a second for any town.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError
from peelian.technologies.mapping.kernels.compiled import compiled, refuse_slow

Floats = NDArray[np.float64]

SHAPES = ("even", "linear", "quartic", "exponential")


class Raster(NamedTuple):
    """A rectangle of square cells: west and south edges (metres), the cells' side, rows (to the north) and columns."""

    west: float
    south: float
    cell_metres: float
    rows: int
    cols: int


def quartic_map(places: tuple[Floats, Floats], weight: Floats, raster: Raster, bandwidth_metres: float) -> Floats:
    """Quartic kernel density (weight per m²) at the middle of every cell: Σ w 3/(π b²) (1 - d²/b²)², exact.

    O(n × cells within the bandwidth). With `weight` falling with age this is the kernel × time map. Silverman 1986,
    4.5; the map of most crime analysts' tools (Chainey & Ratcliffe 2005).

    >>> made = quartic_map((np.array([125.0]), np.array([125.0])), np.ones(1), Raster(0.0, 0.0, 250.0, 1, 2), 500.0)
    >>> np.round(made * np.pi * 500.0**2, 6).tolist()
    [[3.0, 1.6875]]
    """
    _check(bandwidth_metres, "a bandwidth")
    reach = bandwidth_metres / raster.cell_metres
    refuse_slow(len(weight) * (2 * reach + 1) ** 2, "the quartic map")
    east = np.asarray((places[0] - raster.west) / raster.cell_metres, dtype=np.float64)
    north = np.asarray((places[1] - raster.south) / raster.cell_metres, dtype=np.float64)
    made = np.zeros((raster.rows, raster.cols))
    compiled(quartic_loop)(east, north, np.asarray(weight, dtype=np.float64), reach, made)
    return made * (3.0 / (np.pi * bandwidth_metres**2))


def quartic_loop(east: Floats, north: Floats, weight: Floats, reach: float, made: Floats) -> None:
    """Add w (1 - d²/reach²)² to the cells of `made` whose middle is within reach; places in cells from the corner."""
    rows, cols = made.shape
    for k in range(len(weight)):
        low_row = max(int(np.ceil(north[k] - 0.5 - reach)), 0)
        high_row = min(int(np.floor(north[k] - 0.5 + reach)), rows - 1)
        low_col = max(int(np.ceil(east[k] - 0.5 - reach)), 0)
        high_col = min(int(np.floor(east[k] - 0.5 + reach)), cols - 1)
        for row in range(low_row, high_row + 1):
            up = (row + 0.5 - north[k]) / reach
            for col in range(low_col, high_col + 1):
                across = (col + 0.5 - east[k]) / reach
                rest = 1.0 - up * up - across * across
                if rest > 0.0:
                    made[row, col] += weight[k] * rest * rest


def time_weights(age_days: Floats, days: float, shape: str = "quartic") -> Floats:
    """What an incident of this age (days, ≥ 0) still counts: even, quartic, linear or exponential; 0 beyond `days`.

    The exponential halves every `days` and is never cut.

    >>> time_weights(np.array([0.0, 30.0, 60.0]), 60.0, "linear").tolist()
    [1.0, 0.5, 0.0]
    """
    _check(days, "a memory in days")
    part: Floats = np.asarray(age_days, dtype=np.float64) / days
    if shape not in SHAPES:
        raise InputError("unknown decay", accepted=", ".join(SHAPES))
    if shape == "exponential":
        return np.exp2(-part)
    left: Floats = np.clip(1 - part ** (2 if shape == "quartic" else 1), 0.0, None)
    return np.ceil(left) if shape == "even" else left ** (2 if shape == "quartic" else 1)


def prohotspot_map(
    cell: tuple[NDArray[np.intp], NDArray[np.intp]],
    weeks: Floats,
    weight: Floats,
    shape: tuple[int, int],
    reach: tuple[int, int] = (8, 8),
) -> Floats:
    """ProHotspot: Σ w 1/((1 + d)(1 + age)) at every cell, d in whole cells between cells, age in whole weeks.

    `cell` gives (row, col) of each incident, `weeks` its age (≥ 0, rounded down). `reach` is how many cells (along the
    longer side) and weeks count. Because a weight depends on the two cells and the week only, incidents are summed by
    cell first: O(n + cells × reach²), exact. Bowers, Johnson & Pease 2004 (Brit. J. Criminology 44).

    >>> one = (np.array([0]), np.array([0]))
    >>> prohotspot_map(one, np.array([1.5]), np.ones(1), (1, 3)).tolist()
    [[0.5, 0.25, 0.16666666666666666]]
    """
    far, old = reach
    age = np.floor(np.asarray(weeks, dtype=np.float64))
    if bool(np.any(age < 0)):
        raise InputError("incident after the map's day")
    counted = age <= old
    flat = np.asarray(cell[0])[counted] * shape[1] + np.asarray(cell[1])[counted]
    mass = np.bincount(flat, weights=weight[counted] / (1 + age[counted]), minlength=shape[0] * shape[1])
    padded = np.pad(mass.astype(np.float64).reshape(shape), far)
    made = np.zeros(shape)
    inner = _square_sums(padded, shape, far)
    for distance in range(far + 1):
        ring = inner[distance] - (inner[distance - 1] if distance else 0.0)
        made += np.maximum(ring, 0.0) / (1 + distance)  # rounding may leave -1e-15 where nothing is
    return made


def _square_sums(padded: Floats, shape: tuple[int, int], far: int) -> list[Floats]:
    """Sums over the squares of half-width 0..far around every cell, by widening strips: O(cells × far) adds each."""
    rows, cols = shape
    sums = []
    across = padded[:, far : far + cols].copy()
    for half in range(far + 1):
        if half:
            across += padded[:, far - half : far - half + cols] + padded[:, far + half : far + half + cols]
        total = across[far : far + rows].copy()
        for step in range(1, half + 1):
            total += across[far - step : far - step + rows] + across[far + step : far + step + rows]
        sums.append(total)
    return sums


def _check(size: float, what: str) -> None:
    if not (np.isfinite(size) and size > 0):
        raise InputError(f"{what} is not a positive number")
