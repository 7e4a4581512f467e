"""Run workers of tests: they know a technology of the tests alone."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import peelian.operations.office
import peelian.technologies
from peelian.child_process import end_with
from peelian.intake.child import begins
from peelian.operations.run_worker import work

FOLDER = "PEELIAN_TEST_TECHNOLOGIES"


def toy(tells: Any, order: Any) -> None:
    """A worker that knows the toy."""
    from toy import TOY

    peelian.operations.office.technologies = lambda: (TOY,)
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


def slow_toy(tells: Any, order: Any) -> None:
    """A worker that knows the toy whose run waits."""
    from slow_toy import SLOW

    peelian.operations.office.technologies = lambda: (SLOW,)
    work(tells, order)
