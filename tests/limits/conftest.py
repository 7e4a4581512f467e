"""The red-team suite runs with the word heuristics switched off: they are a second line only.

An attempt that a heuristic alone stops is marked `second_line`, runs with them on, and is counted in
`test_the_suite.py`.
"""

from __future__ import annotations

import sys

import pytest

HEURISTICS = ("are_names", "are_homes", "is_personal")


@pytest.fixture(autouse=True)
def heuristics(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether lists of given names, the shapes of addresses and names of fields are looked at."""
    if request.node.get_closest_marker("second_line") is None:
        for name, module in list(sys.modules.items()):
            if name.startswith("peelian."):
                for heuristic in HEURISTICS:
                    if hasattr(module, heuristic):
                        monkeypatch.setattr(module, heuristic, lambda labels: False)
