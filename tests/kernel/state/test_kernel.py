"""The kernel bundles what the verbs work with, and names what there is where somebody asks for what is not."""

from __future__ import annotations

import pytest
from desk import desk
from toy import TOY

from peelian.errors import OutOfOrder


def test_an_unknown_capability_names_the_known_ones() -> None:
    with pytest.raises(OutOfOrder, match=r"toy\.count, toy\.prove"):
        desk((TOY,)).kernel.capability("toy.dig")
