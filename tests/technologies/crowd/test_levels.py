"""Proves levels are averaged by energy, and that what is exceeded is the upper share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import NotEnoughData
from peelian.technologies.crowd.levels import QUIETEST_DB, decibels, energy_mean, exceeded

LEVELS = st.lists(st.floats(min_value=0, max_value=140), min_size=1, max_size=50)


@given(LEVELS)
def test_the_energy_mean_lies_between_the_mean_and_the_most(levels: list[float]) -> None:
    assert np.mean(levels) - 1e-9 <= energy_mean(levels) <= max(levels) + 1e-9


@given(LEVELS)
def test_l10_is_never_below_l90(levels: list[float]) -> None:
    assert exceeded(levels, 10) >= exceeded(levels, 90)


def test_silence_has_a_level_and_nothing_has_none() -> None:
    assert decibels([0.0], 94.0)[0] == pytest.approx(QUIETEST_DB)
    assert decibels([1.0], 94.0)[0] == pytest.approx(94.0)
    with pytest.raises(NotEnoughData):
        energy_mean([])
