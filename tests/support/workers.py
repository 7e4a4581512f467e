"""Run workers of tests: they know a technology of the tests alone."""

from __future__ import annotations

import threading
import time
from typing import Any

import peelian.operations.office
from peelian.operations.run_worker import _end_with_it, work


def toy(tells: Any, order: Any) -> None:
    """A worker that knows the toy."""
    from toy import TOY

    peelian.operations.office.technologies = lambda: (TOY,)
    work(tells, order)


def waiting(tells: Any, order: Any) -> None:
    """A worker whose run never ends."""
    threading.Thread(target=_end_with_it, daemon=True).start()
    time.sleep(600)


def slow_toy(tells: Any, order: Any) -> None:
    """A worker that knows the toy whose run waits."""
    from slow_toy import SLOW

    peelian.operations.office.technologies = lambda: (SLOW,)
    work(tells, order)
