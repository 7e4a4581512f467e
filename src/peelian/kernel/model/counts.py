"""Counts in place of rows: what a run reads of a dataset whose rows are too many for one machine's memory.

A dataset in partitions has no table of rows. A capability that works with counts by cell and day asks for them, and
never sees a row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from peelian.errors import InputError
from peelian.measure.table import Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from peelian.kernel.model.capability import OpensPartitions

DUCKDB, SPARK = "duckdb", "spark"  # the engines that count, as the log names them
MISSING = -(2**31)
"""What an engine gives where a place or time is not known: GROUP BY treats it alike on every engine. In a narrower
column the least number of its type stands for it (`missing`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """What is counted together: half cells of a grid of `cell_metres`, and periods of `days` from the day `begins`.

    A half cell lies in one cell of the grid and in one cell of each copy moved by half a cell. `begins` is any day
    since 1970-01-01 on which a period begins.
    """

    cell_metres: float
    days: int = 1
    begins: int = 0

    @property
    def metres(self) -> float:
        """The side of a half cell."""
        return self.cell_metres / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CellCounts:
    """Incidents counted. Both tables are ordered by their columns, month by month. Each column of numbers is of the
    narrowest type that holds it.

    `counts`: category; `row` and `col` of the half cell; `start_hour` and `end_hour` since 1970 (both the noon of the
    period's last day for what happened within one period); `known_hour`, where a record became known after its period,
    the midnight after; `n`. `lags`: category, whole hours from an incident's end until it was known, `n`.
    """

    counts: Table
    lags: Table
    bins: Bins


def missing(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Where a column of whole numbers holds none: the least number of its type stands there. O(n).

    >>> import numpy as np
    >>> missing(np.array([-128, 0, 127], dtype=np.int8)).tolist()
    [True, False, False]
    """
    import numpy as np

    return np.asarray(values == np.iinfo(values.dtype).min)


Counts = Callable[[Bins], CellCounts]
"""Counts the incidents of one dataset, opening its partitions one after the other."""

Counter = Callable[["OpensPartitions", Bins], CellCounts]
"""Counts what is in partitions, with the engine that the office has for it."""


def no_counter(partitions: OpensPartitions, bins: Bins) -> CellCounts:
    """The counter of an office that has none: InputError."""
    raise InputError("this office counts nothing in partitions", accepted="an office with the extra: peelian[scale]")
