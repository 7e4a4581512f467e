"""Borders between areas on a map of cells: straight lines along the sides where one area's cells meet another's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Lines = NDArray[np.float64]  # one a row: east, north, east, north in metres
Whole = NDArray[np.int64]


def no_lines() -> Lines:
    """Of a map without areas."""
    return np.zeros((0, 4))


def borders(row: Whole, col: Whole, area: Whole, cell_metres: float) -> Lines:
    """Lines (float64[n, 4]: east, north, east, north in metres) between cells of different areas. O(bounding box).

    `area` numbers the area of each cell. Sides that continue one another are one line. The town's own edge is no
    border.

    >>> borders(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), np.array([0, 1, 0, 1]), 10.0).tolist()
    [[10.0, 0.0, 10.0, 20.0]]
    """
    south, west = int(row.min()), int(col.min())
    plane = np.full((int(np.ptp(row)) + 1, int(np.ptp(col)) + 1), -1, dtype=np.int64)
    plane[row - south, col - west] = area
    across = _runs(_differ(plane[:, :-1], plane[:, 1:]).T)  # columns: the side between col and col + 1
    along = _runs(_differ(plane[:-1, :], plane[1:, :]))
    upright = np.column_stack(
        [across[:, 0] + 1 + west, across[:, 1] + south, across[:, 0] + 1 + west, across[:, 2] + south]
    )
    level = np.column_stack([along[:, 1] + west, along[:, 0] + 1 + south, along[:, 2] + west, along[:, 0] + 1 + south])
    return np.concatenate([upright, level]).astype(np.float64) * cell_metres


def numbered(areas: Sequence[str]) -> tuple[list[str], Whole]:
    """The different areas in order of the alphabet, and which one each cell is in. O(cells)."""
    import pyarrow as pa  # heavy, and quick: a town may have a million cells

    made = pa.array(areas, type=pa.string()).dictionary_encode()
    words = np.array(made.dictionary.to_pylist(), dtype=str)
    names, number = np.unique(words, return_inverse=True)
    return names.tolist(), number[made.indices.to_numpy()].astype(np.int64)


def _differ(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.asarray((one != other) & (one >= 0) & (other >= 0))


def _runs(sides: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Runs of true values in each row: (row, first, one past the last)."""
    padded = np.pad(sides.astype(np.int8), ((0, 0), (1, 1)))
    step = np.diff(padded, axis=1)
    line, first = np.nonzero(step == 1)
    _, last = np.nonzero(step == -1)
    return np.column_stack([line, first, last])
