"""Proves that silence and full scale have the levels they should."""

from __future__ import annotations

import pytest

from peelian.technologies.crowd.levels import QUIETEST_DB, decibels


def test_silence_has_a_level() -> None:
    assert decibels([0.0], 94.0)[0] == pytest.approx(QUIETEST_DB)
    assert decibels([1.0], 94.0)[0] == pytest.approx(94.0)
