"""The counter of an office: counts partitions with DuckDB, or with the Spark that two people adopted.

With workers, and DuckDB, each worker opens and counts partitions by itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from peelian.errors import InputError
from peelian.kernel.model.counts import DUCKDB, SPARK, Bins, CellCounts, Counter

if TYPE_CHECKING:
    from pathlib import Path

    from peelian.kernel.model.capability import OpensPartitions
    from peelian.kernel.vault.worker_keys import KeyRequest

FORMERLY = "PEELIAN_COUNTS"  # an engine was named here: whoever set it must hear that it names none now
AT_ONCE = 2  # partitions that DuckDB counts in this process while the next one is opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """How workers come by what they open: the folder of sealed files, and who answers with a data key."""

    objects: str
    key: Callable[[KeyRequest], bytes]


def counter_with(office: Path, key: Callable[[KeyRequest], bytes]) -> Counter:
    """The counter of an office on disk, whose workers read its sealed objects and get keys from there."""
    return partial(counted_here, handover=Handover(objects=str(office / "objects"), key=key))


def counted_here(partitions: OpensPartitions, bins: Bins, handover: Handover | None = None) -> CellCounts:
    """Count the partitions month by month with DuckDB, or with the Spark that two people of the office adopted.

    DuckDB counts in the workers that the process' settings name (`part_workers`), where `handover` says how they come
    by keys; otherwise in this process. Each opening is logged with the engine that gets its rows. InputError where it
    is not installed or not safe. O(rows), memory of a partition and the counts.
    """
    from peelian.integrations.count_engines import engine_at  # heavy, and most runs count nothing
    from peelian.integrations.counting_workers import counted_by
    from peelian.integrations.incident_counts import counted
    from peelian.integrations.part_workers import crew_here
    from peelian.kernel.verbs.partition_opening import SealedPartitions

    if os.environ.get(FORMERLY):
        raise InputError("PEELIAN_COUNTS names no engine any more", accepted="unset, and `peelian proposals counts`")
    sealed = partitions if isinstance(partitions, SealedPartitions) else None
    spark = sealed.kernel.state.adopted.whole("counts").spark if sealed else ""
    crew = crew_here() if handover and not spark and len(partitions.listed) > 1 else None
    if crew and handover and sealed:
        return counted_by(crew, sealed, bins, handover)
    if sealed:
        partitions = replace(sealed, engine=SPARK if spark else DUCKDB)
    with engine_at(spark, threads=1) as engine:  # DuckDB counts two partitions at once, each on one core
        months = (partitions.opened(tuple(of)) for _, of in groupby(partitions.listed, key=attrgetter("month")))
        return counted(months, bins, engine, at_once=1 if spark else AT_ONCE)
