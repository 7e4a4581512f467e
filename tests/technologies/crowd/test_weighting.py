"""Proves the weighting is stable, has gain one at 1 kHz, follows its formula, and is refused where it cannot be."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from peelian.errors import InputError
from peelian.technologies.crowd.weighting import a_weighting, a_weighting_db, class_of


@pytest.mark.parametrize("rate", [32_000, 44_100, 48_000, 96_000])
def test_the_filter_is_stable_and_has_gain_one_at_1_khz(rate: int) -> None:
    sections = a_weighting(rate)
    poles = np.concatenate([np.roots(section[3:]) for section in sections])
    zeros = np.concatenate([np.roots(section[:3]) for section in sections])
    assert np.abs(poles).max() < 1 and np.abs(zeros).max() <= 1 + 1e-9
    _, gain = signal.freqz_sos(sections, worN=np.array([1_000.0]), fs=rate)
    assert abs(gain[0]) == pytest.approx(1)


def test_the_filter_follows_the_formula_closely_below_8_khz() -> None:
    frequency = np.geomspace(10, 8_000, 60)
    for rate in (44_100, 48_000):
        _, gain = signal.freqz_sos(a_weighting(rate), worN=frequency, fs=rate)
        assert np.abs(20 * np.log10(np.abs(gain)) - a_weighting_db(frequency)).max() < 0.08


@pytest.mark.parametrize("rate", [0, -48_000, 8_000, 16_000, 31_999, 10_000_000])
def test_a_rate_that_meets_no_class_is_refused_with_the_ones_that_do(rate: int) -> None:
    with pytest.raises(InputError, match="32,000 Hz or more for class 2"):
        a_weighting(rate)


def test_the_class_is_named() -> None:
    assert [class_of(rate) for rate in (32_000, 44_099, 44_100, 48_000)] == [2, 2, 1, 1]
