"""The red-team suite runs twice: as it is, and with the word heuristics switched off, which are a second line only."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

HEURISTICS = ("are_names", "are_homes")


@pytest.fixture(autouse=True, params=["with heuristics", "structure alone"])
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
