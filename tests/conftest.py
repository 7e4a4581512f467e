"""Fixtures shared by all tests."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import labels
import pytest
from ended_early import tell_where
from hypothesis import HealthCheck, settings
from lock_order import Order, watch
from on_registrar import on_registrar
from own_keys import give_passphrases
from postgres import Server, on_postgresql, postgresql
from sizes import FULL, size
from unwraps import Unwraps
from years import clock as clock  # where a test makes none of its own: an office of years
from years import folder as folder
from years import town as town

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of data that may be used here but not shipped; the test is skipped where it is missing."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the folder ../shared/data is missing: data that may be used here only, not shipped")
    return SHARED_DATA


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A real PostgreSQL server, for as long as tests last; each office has a schema of its own."""
    with postgresql() as server:
        yield server


@pytest.fixture
def numbers_typed() -> Iterator[None]:
    """The numbers that a test types for its sensors are taken for drawn ones."""
    with labels.numbers_typed():
        yield


# machines are noisy, and what is first used is first loaded; the same tree has the same examples, others at full size
settings.register_profile(
    "untimed",
    deadline=None,
    max_examples=size(50, 100),
    derandomize=not FULL,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("untimed")
WATCHED, LOCKS = Unwraps(), Order()
TESTS = count()
PARTS = ("installed", "Debian package")
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # Spark lives for seconds here: to compile it well takes longer


ON = os.environ.get("PEELIAN_TESTS_ON", "sqlite")  # "postgresql": every office of this process lies on a server


def pytest_configure(config: pytest.Config) -> None:
    """From here on every unwrapping of a data key is counted and held against the log; everybody's key has the tests'
    passphrase; and where it is asked for, every office has its database on a real PostgreSQL, or is divided."""
    gc.set_threshold(20_000, 20, 50)  # from here on: modules are loaded while tests are collected
    os.environ.setdefault("SPARK_SUBMIT_OPTS", JAVA)
    os.environ["XDG_CONFIG_HOME"] = os.devnull  # nobody's own list of offices is read or written
    tell_where()
    watch(LOCKS)
    WATCHED.watch()
    give_passphrases()
    if ON == "postgresql":
        closing = ExitStack()
        on_postgresql(closing.enter_context(postgresql()))
        config.add_cleanup(closing.close)
    if os.environ.get("PEELIAN_TESTS_DIVIDED"):
        on_registrar()


def pytest_collection_finish() -> None:
    """What was imported stays until the end; the collector of garbage need not look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def own_configuration(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's configuration of each test's own: an office that is founded in one is on no other's list."""
    folder = tmp_path_factory.getbasetemp() / f"configuration-{next(TESTS)}"  # made where something is written
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def nothing_is_unwrapped_unlogged() -> Any:
    """A test in which a key was unwrapped that the log does not permit has failed, whatever else it shows."""
    yield
    faults, WATCHED.faults[:] = WATCHED.faults[:], []
    assert not faults, faults


def pytest_sessionfinish(session: pytest.Session) -> None:
    """As many keys were unwrapped as openings are in the logs, over all tests; no two locks were taken both ways round;
    and CI had every program it needs."""
    lacking = os.environ.get("PEELIAN_ALL_PARTS") and _without_a_part(session.config)
    if WATCHED.raw != WATCHED.shown or LOCKS.both_ways() or lacking:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say how many there were, and what was not there."""
    says = f"data keys unwrapped: {WATCHED.raw:,}; logged and permitted openings for them: {WATCHED.shown:,}"
    terminalreporter.write_line(says, red=WATCHED.raw != WATCHED.shown)
    for circle in LOCKS.both_ways():
        terminalreporter.write_line(circle, red=True)
    for reason in sorted(set(_without_a_part(config))):
        terminalreporter.write_line(f"not tested: {reason}", red=True)


def _without_a_part(config: pytest.Config) -> list[str]:
    """Why tests were skipped for want of a program; data that may not be shipped is another matter."""
    reporter: Any = config.pluginmanager.getplugin("terminalreporter")
    reasons = [str(report.longrepr[2]) for report in reporter.stats.get("skipped", ())]
    return [reason for reason in reasons if any(word in reason for word in PARTS)]
