"""Run workers of tests: they know a technology of the tests alone."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import peelian.operations.office
import peelian.technologies
from peelian.child_process import end_with
from peelian.intake.confined_child import begins
from peelian.kernel.model.technology import Technology
from peelian.operations.run_worker import work

FOLDER = "PEELIAN_TEST_TECHNOLOGIES"
WELLS = "PEELIAN_TEST_WELLS"


def known() -> tuple[Technology, ...]:
    """The toy; where a test names a folder, the one that waits, and boxes; where it has a stream, its wells."""
    from boxes import BOXES
    from slow_toy import HERE, SLOW
    from toy import TOY

    if WELLS in os.environ:
        from stream_process import PLAIN_WELLS

        return (PLAIN_WELLS,)
    return (SLOW, BOXES) if HERE in os.environ else (TOY,)


def toy(tells: Any, order: Any) -> None:
    """A worker that knows these."""
    peelian.operations.office.technologies = known
    work(tells, order)


def of_a_folder(tells: Any, order: Any) -> None:
    """A worker that finds technologies in the folder that a test names, too."""
    peelian.technologies.__path__ = [*peelian.technologies.__path__, os.environ[FOLDER]]
    work(tells, order)


def reads_for_a_folder(connection: Any, seen: Any) -> None:
    """An intake child that finds technologies in the folder that a test put first."""
    peelian.technologies.__path__ = [*peelian.technologies.__path__, sys.path[0]]
    begins(connection, seen)


def waiting(tells: Any, order: Any) -> None:
    """A worker whose run never ends."""
    end_with(tells)
    time.sleep(600)
