"""A run whose workers wait, each with a partition open and its data key in memory, until a test says so."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from peelian.integrations import counting_workers
from peelian.kernel.model.fan_out import Progress
from peelian.kernel.verbs import kept_parts
from peelian.operations.run_worker import work

HERE = "PEELIAN_SLOW_PARTITIONS"  # names a folder of the test
counts_of = counting_workers.counts_of


def counts_slowly(shared: None, order: Any, progress: Progress) -> Any:
    """In a worker: count one partition; all but the first of all wait once their data key was used."""
    folder, listed = Path(os.environ[HERE]), counting_workers.as_listed

    def waits(*read: Any) -> Any:
        if (folder / "first").exists():
            (folder / f"at {os.getpid()}").touch()
            while not (folder / "go").exists():
                time.sleep(0.02)
        (folder / "first").touch()
        return listed(*read)

    counting_workers.as_listed = waits
    try:
        return counts_of(shared, order, progress)
    finally:
        counting_workers.as_listed = listed


def works(tells: Any, order: Any) -> None:
    """A run worker whose workers count so, and which keeps each finished part at once."""
    counting_workers.counts_of = counts_slowly
    kept_parts.EVERY, kept_parts.SHARE = 0.0, 1e9
    work(tells, order)
