"""A right forecast has slope 1, no error and flat transforms; a too sharp one is found out."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.technologies.mapping.calibration import (
    Calibration,
    calibration_error,
    calibration_of,
    deciles,
    pit_shares,
    slope,
)
from peelian.technologies.mapping.metrics import crps_and_ends

CHANCE = np.random.default_rng(0)
TRUTH = CHANCE.gamma(0.3, 2.0, 40_000)
SEEN = CHANCE.poisson(TRUTH).astype(float)


def judged(expected: np.ndarray) -> Calibration:
    _, below, upto = crps_and_ends(expected, float("inf"), SEEN)
    return calibration_of(expected, SEEN, below, upto)


def test_the_truth_is_calibrated() -> None:
    right = judged(TRUTH)
    assert slope(right) == pytest.approx(1.0, abs=0.03)
    assert calibration_error(right) < 0.02
    np.testing.assert_allclose(pit_shares(right), 0.1, atol=0.005)


def test_too_sharp_is_below_one_and_too_flat_above() -> None:
    mean = TRUTH.mean()
    sharp, flat = TRUTH**1.5, mean * (TRUTH / mean) ** 0.5
    assert slope(judged(sharp)) < 0.8
    assert slope(judged(flat)) > 1.5
    assert calibration_error(judged(sharp)) > 0.15


def test_a_forecast_that_is_as_good_as_even_has_no_slope() -> None:
    even = np.full(40_000, TRUTH.mean())
    _, below, upto = crps_and_ends(even, float("inf"), SEEN)
    nearly = even * np.where(np.arange(40_000) % 2, 1.0, 1 + 1e-9) * 2**0.125
    both = calibration_of(nearly, SEEN, below, upto).plus(calibration_of(even * (1 + 1e-7), SEEN, below, upto))
    assert np.isnan(slope(both)) or abs(slope(both)) < 50


def test_windows_add_up() -> None:
    first, second = TRUTH[:20_000], TRUTH[20_000:]
    parts = []
    for expected, seen in ((first, SEEN[:20_000]), (second, SEEN[20_000:])):
        _, below, upto = crps_and_ends(expected, float("inf"), seen)
        parts.append(calibration_of(expected, seen, below, upto))
    both, whole = parts[0].plus(parts[1]), judged(TRUTH)
    np.testing.assert_allclose(both.observed, whole.observed)
    assert slope(both) == pytest.approx(slope(whole))


def test_groups_keep_all_incidents() -> None:
    cells, expected, observed = deciles(judged(TRUTH))
    assert cells.sum() == 40_000 and observed.sum() == SEEN.sum() and expected.sum() == pytest.approx(TRUTH.sum())
    assert (np.diff(expected / cells) > 0).all()


def test_without_incidents_there_is_no_figure() -> None:
    quiet = calibration_of(np.full(3, 0.1), np.zeros(3), np.zeros(3), np.full(3, 0.9))
    assert np.isnan(calibration_error(quiet)) and np.isnan(slope(quiet))
