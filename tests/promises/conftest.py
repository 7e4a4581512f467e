"""What costs most of all promises is done once for them."""

from __future__ import annotations

import pytest
from sheets import drawn

from peelian.technologies.footage import detector_trial


@pytest.fixture(autouse=True)
def one_sheet(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The forty pictures of a detector trial are drawn once for a seed, but where equal answers are promised."""
    if "same_answer" not in request.node.name:
        monkeypatch.setattr(detector_trial, "pages", drawn)
