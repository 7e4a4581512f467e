"""Hot spots among cells: Gi* and local Moran, with chance by exchange of cells and the false discovery rate held.

A cell's neighbours are the up to eight cells that touch it. Under chance the neighbours of a cell are any other cells:
what their sum then is depends on how many there are, so that it is drawn once for each number of neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from peelian.measure.grid import Grid
from peelian.measure.multiplicity import false_discovery

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SURE = 0.05
DRAWS = 99_999
AT_ONCE = 20_000
PERSISTENT_SHARE = 0.9  # of the periods in which a persistent spot was hot (as in emerging hot spot analysis)
PLANTED = (2.0, 3.0, 5.0, 10.0, 20.0, 50.0)
FEW = 2  # earlier periods: a spot that was hot in no more is new


class Spot(StrEnum):
    """What became of a hot spot over the periods."""

    NEW = "new"
    EMERGING = "emerging"
    PERSISTENT = "persistent"
    OCCASIONAL = "occasional"
    RECEDING = "receding"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spots:
    """Per cell: Gi* (a z value), local Moran's I, the p of its neighbours' sum (upper tail), and whether it is hot.

    Hot: the cell is above the mean, and so are its neighbours, at a false discovery rate of 5 % over all cells.
    """

    gi_star: Floats
    moran: Floats
    p: Floats
    hot: Flags


def hot_spots(grid: Grid, counts: Floats, seed: int) -> Spots:
    """Gi* (Getis & Ord 1992, Ord & Getis 1995) and local Moran (Anselin 1995) of counts by cell.

    O(cells + draws × neighbours × kinds of cell by number of neighbours).
    """
    around, many = _around(grid, counts)
    mean, n = float(counts.mean()), len(counts)
    spread = float(counts.std())
    if n < 2 or spread == 0:
        nothing = np.zeros(n)
        return Spots(gi_star=nothing, moran=nothing, p=np.ones(n), hot=np.zeros(n, dtype=bool))
    weights = many + 1.0
    expected = weights * mean
    unit = spread * np.sqrt((n * weights - weights**2) / (n - 1))
    z = counts - mean
    lag = np.divide(around, many, out=np.full(n, mean), where=many > 0) - mean
    p = _chance(counts, around, many, np.random.default_rng(seed))
    return Spots(
        gi_star=np.divide(counts + around - expected, unit, out=np.zeros(n), where=unit > 0),
        moran=np.where(many > 0, (n - 1) * z * lag / float(z @ z), 0.0),
        p=p,
        hot=(z > 0) & (false_discovery(p) <= SURE),
    )


def least_found(grid: Grid, counts: Floats, seed: int) -> float | None:
    """How many times the mean each of nine cells in a square must hold for the test to find it among these counts: the
    least of `PLANTED`; None where it would find none of them, or no cell has eight neighbours.

    The square is planted where the counts are in the middle of all. O(planted × what `hot_spots` costs).
    """
    around, many = _around(grid, counts)
    inner = np.flatnonzero(many == 8)
    if not len(inner) or counts.mean() == 0:
        return None
    order = inner[np.argsort((around + counts)[inner], kind="stable")]
    middle = int(order[len(order) // 2])
    square = (np.abs(grid.row - grid.row[middle]) <= 1) & (np.abs(grid.col - grid.col[middle]) <= 1)
    for times in PLANTED:
        if hot_spots(grid, np.where(square, np.maximum(counts, times * counts.mean()), counts), seed).hot[middle]:
            return times
    return None


def classes(hot: Sequence[Flags]) -> list[Spot | None]:
    """What became of each cell's hot spot: `hot` holds a flag per cell for each period, the oldest first.

    - new: hot in the last period, and in at most two before;
    - emerging: hot in the last period, and more often in the later half than in the earlier;
    - persistent: hot in the last period and in nine of ten periods;
    - occasional: hot in the last period, otherwise;
    - receding: not hot in the last period, but in at least half of those before.
    None: none of these. O(cells × periods).
    """
    flags = np.asarray(hot, dtype=bool)
    last, before = flags[-1], flags[:-1]
    times, half = before.sum(axis=0), len(flags) // 2
    share = flags.mean(axis=0)
    later = flags[half:].mean(axis=0) > flags[:half].mean(axis=0)
    found: list[Spot | None] = []
    for k in range(flags.shape[1]):
        if not last[k]:
            found.append(Spot.RECEDING if len(before) and times[k] * 2 >= len(before) else None)
        elif share[k] >= PERSISTENT_SHARE:
            found.append(Spot.PERSISTENT)
        elif times[k] <= FEW:
            found.append(Spot.NEW)
        else:
            found.append(Spot.EMERGING if later[k] else Spot.OCCASIONAL)
    return found


def _around(grid: Grid, counts: Floats) -> tuple[Floats, Floats]:
    """The sum of the cells that touch each cell, and how many they are."""
    rows, cols = grid.shape
    planes = [np.zeros((rows + 2, cols + 2)) for _ in range(2)]
    for plane, values in zip(planes, (counts, np.ones(len(counts))), strict=True):
        plane[1:-1, 1:-1] = grid.raster(values)
    sums = []
    for plane in planes:
        steps = [(a, b) for a in range(3) for b in range(3) if (a, b) != (1, 1)]
        sums.append(grid.cells(np.sum([plane[a : a + rows, b : b + cols] for a, b in steps], axis=0)))
    return sums[0], sums[1]


def _chance(counts: Floats, around: Floats, many: Floats, generator: np.random.Generator) -> Floats:
    """(1 + sums as high) / (1 + draws) for each cell's neighbours, drawn among all cells without repetition."""
    p = np.ones(len(counts))
    for k in np.unique(many[many > 0]).astype(int).tolist():
        own = many == k
        sums = np.sort(_sums(counts, k, generator))
        as_high = len(sums) - np.searchsorted(sums, around[own] - 1e-9, side="left")
        p[own] = (1 + as_high) / (1 + len(sums))
    return p


def _sums(counts: Floats, k: int, generator: np.random.Generator) -> Floats:
    """DRAWS sums of `k` different cells' counts."""
    if k >= len(counts):
        return np.full(DRAWS, counts.sum())
    parts = []
    for first in range(0, DRAWS, AT_ONCE):
        drawn = generator.integers(0, len(counts), (min(AT_ONCE, DRAWS - first), k))
        for row in np.flatnonzero(np.diff(np.sort(drawn, axis=1), axis=1).min(axis=1, initial=1) == 0).tolist():
            drawn[row] = generator.choice(len(counts), k, replace=False)  # rare: the same cell twice
        parts.append(counts[drawn].sum(axis=1))
    return np.concatenate(parts)
