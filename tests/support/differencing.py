"""The differencing attacker: works out what it can about the small counts of many tables, by linear programming.

Written apart from `peelian.measure.suppression`, for its tests and its benchmark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import block_diag, csr_array

from peelian.measure.suppression import Sum, small, two_way, with_margins

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Case = tuple[Ints, tuple[Sum, ...], Bools]
Release = tuple[Mapping[str, int], int | None]  # rows by what they are called, and the total where one is told


def _attacked(cases: Sequence[Case], cells: Sequence[int], sign: int) -> list[float]:
    """One linear program for many tables at once: the least (sign 1) or greatest (-1) value of one cell of each.

    Every cell is an unknown, shown ones are fixed by their bounds.
    """
    blocks, bounds, aim, starts = [], [], [], []
    for (counts, sums, mask), cell in zip(cases, cells, strict=True):
        matrix = np.zeros((len(sums), len(counts)))
        for row, each in enumerate(sums):
            matrix[row, each.total] = 1
            for part in each.parts:
                matrix[row, part] = -1
        blocks.append(matrix)
        bounds += [(c, c) if m else (0, None) for c, m in zip(counts.tolist(), mask.tolist(), strict=True)]
        starts.append(len(aim))
        aim += [sign * float(k == cell) for k in range(len(counts))]
        bounds[starts[-1] + cell] = (bounds[starts[-1] + cell][0], bounds[starts[-1] + cell][1] or 10**6)
    matrix = csr_array(block_diag(blocks))
    found = linprog(aim, A_eq=matrix, b_eq=np.zeros(matrix.shape[0]), bounds=bounds, method="highs")
    assert found.status == 0
    return [float(found.x[start + cell]) for start, cell in zip(starts, cells, strict=True)]


def recovered(cases: Sequence[Case], thresholds: Sequence[int]) -> tuple[int, int]:
    """How many small counts there are, and how many the attacker narrows to less than the whole span from 0 to k."""
    todo = [
        (case, int(cell), k)
        for case, k in zip(cases, thresholds, strict=True)
        for cell in np.flatnonzero(small(case[0], k))
    ]
    narrowed = 0
    for start in range(0, len(todo), 200):
        part = todo[start : start + 200]
        tables, cells = [case for case, _, _ in part], [cell for _, cell, _ in part]
        lows, highs = _attacked(tables, cells, 1), _attacked(tables, cells, -1)
        narrowed += sum(low > 1e-6 or high < k - 1e-6 for low, high, (_, _, k) in zip(lows, highs, part, strict=True))
    return len(todo), narrowed


def random_table(rng: np.random.Generator) -> tuple[Ints, tuple[Sum, ...]]:
    """A table of 2 to 4 rows and columns with its margins: few or many small counts, some zeros."""
    rows, columns = rng.integers(2, 5, 2)
    counts = rng.negative_binomial(rng.choice([0.4, 1, 3]), rng.choice([0.02, 0.05, 0.15]), size=(rows, columns))
    counts *= rng.random((rows, columns)) < 0.9
    return with_margins(counts), two_way(int(rows), int(columns))


def differenced(published: Sequence[Release], k: int) -> list[tuple[int, int, str]]:
    """What whoever kept all releases of one table finds by subtracting any two: rows, or what the total less the rows
    leaves, that differ by 1 to k - 1. Each with the numbers of both releases. A row that one of both lacks may have
    been nobody, or be nobody now."""
    found = []
    for (i, (before, then)), (j, (after, now)) in combinations(enumerate(published), 2):
        both = before.keys() & after.keys()
        found += [(i, j, row) for row in both if 0 < abs(after[row] - before[row]) < k]
        if then is None or now is None:
            continue
        rest = (now - then) - sum(after[row] - before[row] for row in both)
        new = sum(n for row, n in after.items() if row not in both)
        gone = sum(n for row, n in before.items() if row not in both)
        found += [(i, j, "rest") for left in {rest, rest - new, rest - new + gone} if 0 < abs(left) < k]
    return found
