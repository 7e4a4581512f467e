"""The red-team suite runs with the word heuristics switched off: they are a second line only.

An attempt that a heuristic alone stops is marked `second_line`, runs with them on, and is counted in
`test_the_suite.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from anyio.from_thread import start_blocking_portal
from authentication import ONE_LOOP
from living_office import Living, founded
from played_doors import Play, Typed, served, typed

HEURISTICS = ("are_names", "are_homes", "is_personal")


def _places() -> list[tuple[object, str]]:
    """Where each heuristic is named; looked up again where more of the product was loaded. O(modules)."""
    modules = [module for name, module in list(sys.modules.items()) if name.startswith("peelian.")]
    if len(modules) != KNOWN.get("modules"):
        KNOWN["modules"] = len(modules)
        PLACES[:] = [(module, one) for module in modules for one in HEURISTICS if hasattr(module, one)]
    return PLACES


KNOWN: dict[str, int] = {}
PLACES: list[tuple[object, str]] = []


@pytest.fixture(autouse=True)
def heuristics(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether lists of given names, the shapes of addresses and names of fields are looked at."""
    if request.node.get_closest_marker("second_line") is None:
        for module, heuristic in _places():
            monkeypatch.setattr(module, heuristic, lambda labels: False)


@pytest.fixture(scope="session")
def living(tmp_path_factory: pytest.TempPathFactory) -> Living:
    """An office at work, founded once."""
    return founded(tmp_path_factory.mktemp("living") / "office")


@pytest.fixture(scope="session")
def one_loop() -> Iterator[None]:
    """Requests of the living office share an event loop."""
    with start_blocking_portal() as portal:
        ONE_LOOP.append(portal)
        yield
        ONE_LOOP.clear()


@pytest.fixture(scope="session")
def alive(living: Living, one_loop: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """The office as it works."""
    with served(living, tmp_path_factory.mktemp("alive") / "office", stopped=False) as play:
        yield play


@pytest.fixture(scope="session")
def stopped(
    living: Living, one_loop: None, terminal: Typed, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Play]:
    """The same, every technology suspended."""
    with served(living, tmp_path_factory.mktemp("stopped") / "office", stopped=True) as play:
        play.copy = terminal.office
        yield play


@pytest.fixture(scope="session")
def played(living: Living, one_loop: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """The same, for whatever somebody sends."""
    with served(living, tmp_path_factory.mktemp("played") / "office", stopped=True) as play:
        yield play


@pytest.fixture(scope="session")
def terminal(living: Living, tmp_path_factory: pytest.TempPathFactory) -> Typed:
    """The same at the terminal."""
    return typed(living, tmp_path_factory.mktemp("terminal"))
