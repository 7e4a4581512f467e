"""The counter of an office: counts partitions with the engine that its operator names, or with DuckDB."""

from __future__ import annotations

import os
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from peelian.kernel.model.counts import Bins, CellCounts

if TYPE_CHECKING:
    from peelian.kernel.model.capability import OpensPartitions

ENGINE = "PEELIAN_COUNTS"


def counted_here(partitions: OpensPartitions, bins: Bins) -> CellCounts:
    """Count the partitions month by month with the engine at `PEELIAN_COUNTS` (unset: DuckDB in this process).

    InputError where that engine is unknown, not installed or not safe. O(rows), memory of a partition and the counts.
    """
    from peelian.integrations.count_engines import engine_at  # heavy, and most runs count nothing
    from peelian.integrations.incident_counts import counted

    with engine_at(os.environ.get(ENGINE, "")) as engine:
        months = (partitions.opened(tuple(of)) for _, of in groupby(partitions.listed, key=attrgetter("month")))
        return counted(months, bins, engine)
