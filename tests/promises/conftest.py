"""What costs most of all promises is done once for them."""

from __future__ import annotations

from functools import cache

import pytest

from peelian.technologies.footage import detector_trial
from peelian.technologies.footage.generality_sheet import Page, pages


@cache
def _drawn(seed: int) -> tuple[Page, ...]:
    return tuple(pages(seed))


@pytest.fixture(autouse=True)
def one_sheet(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The forty pictures of a detector trial are drawn once for a seed, but where equal answers are promised."""
    if "same_answer" not in request.node.name:
        monkeypatch.setattr(detector_trial, "pages", _drawn)
