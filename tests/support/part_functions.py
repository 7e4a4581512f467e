"""Parts that tests have done by workers: functions of a module that every process finds."""

from __future__ import annotations

import os
import resource
import signal
import time
from contextlib import suppress
from pathlib import Path

from peelian.errors import NotEnoughData
from peelian.kernel.model.fan_out import Progress


def doubled(shared: int, part: int, progress: Progress) -> int:
    progress("half", 0.5)
    return shared * part


def killed_once(shared: str, part: int, progress: Progress) -> int:
    """Part 1 kills its own process the first time."""
    if part == 1 and not os.path.exists(shared):
        Path(shared).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return part


def always_killed(shared: None, part: int, progress: Progress) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return part


def too_little(shared: None, part: int, progress: Progress) -> int:
    raise NotEnoughData("Not enough data: no incident of this category")


def slow(shared: float, part: int, progress: Progress) -> int:
    time.sleep(shared)
    return os.getpid()


def pid(shared: None, part: None, progress: Progress) -> int:
    return os.getpid()


def slow_here(shared: str, part: int, progress: Progress) -> tuple[int, int]:
    """The first process that comes is slow in all it does; each part leaves a file whenever it is done."""
    with suppress(FileExistsError):
        os.mkdir(f"{shared}/slow")
        Path(f"{shared}/slow/{os.getpid()}").touch()
    time.sleep(2.5 if os.path.exists(f"{shared}/slow/{os.getpid()}") else 0.02)
    Path(f"{shared}/{part} {os.getpid()}").touch()
    return part, os.getpid()


def limits(shared: None, part: int, progress: Progress) -> tuple[int, int]:
    return resource.getrlimit(resource.RLIMIT_CORE)
