"""The red-team suite runs twice: as it is, and with the word heuristics switched off, which are a second line only."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

HEURISTICS = ("are_names", "are_homes")
OF_WORDS = {"test_labels", "test_releases", "test_sensors", "test_try"}  # what the heuristics might stop


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Attempts with words run both ways, all others once, without the heuristics."""
    both = metafunc.module.__name__.rpartition(".")[2] in OF_WORDS
    runs = ["with heuristics", "structure alone"] if both else ["structure alone"]
    metafunc.parametrize("heuristics", runs, indirect=True)


@pytest.fixture(autouse=True)
def heuristics(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whether lists of given names and the shapes of addresses are looked at. What structure alone does not stop is
    marked `second_line`, and counted in `test_the_suite.py`."""
    if request.param == "structure alone":
        if request.node.get_closest_marker("second_line"):
            pytest.skip("a word heuristic alone stops this, as docs/limits.md says")
        for name, module in list(sys.modules.items()):
            if name.startswith("peelian."):
                for heuristic in HEURISTICS:
                    if hasattr(module, heuristic):
                        monkeypatch.setattr(module, heuristic, lambda labels: False)
    yield
