"""Fixtures shared by all tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from unwraps import Unwraps

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of data that may be used here but not shipped; the test is skipped where it is missing."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the folder ../shared/data is missing: data that may be used here only, not shipped")
    return SHARED_DATA


WATCHED = Unwraps()


def pytest_configure() -> None:
    """From here on every unwrapping of a data key is counted and held against the log."""
    WATCHED.watch()


@pytest.fixture(autouse=True)
def nothing_is_unwrapped_unlogged() -> Any:
    """A test in which a key was unwrapped that the log does not permit has failed, whatever else it shows."""
    yield
    faults, WATCHED.faults[:] = WATCHED.faults[:], []
    assert not faults, faults


def pytest_sessionfinish(session: pytest.Session) -> None:
    """As many keys were unwrapped as openings are in the logs, over all tests together."""
    if WATCHED.raw != WATCHED.shown:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how many there were."""
    says = f"data keys unwrapped: {WATCHED.raw:,}; logged and permitted openings for them: {WATCHED.shown:,}"
    terminalreporter.write_line(says, red=WATCHED.raw != WATCHED.shown)
