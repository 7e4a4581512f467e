"""Windows and grids add up to what one pass over everything gives."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.measure.grid import Grid, square_grid
from peelian.technologies.mapping.history import history
from peelian.technologies.mapping.metrics import place_bits, shares_of
from peelian.technologies.mapping.models.base import forecast_from
from peelian.technologies.mapping.tally import (
    Outcome,
    common_of,
    merged,
    merged_common,
    outcome_of,
    scored,
    squares_of,
)

GRID = square_grid(cell_metres=250.0, rows=20, cols=20)
CHANCE = np.random.default_rng(0)
EXPECTED = CHANCE.gamma(0.5, 0.4, len(GRID))


def outcome(counts: np.ndarray, grid: Grid = GRID) -> Outcome:
    past = history(grid, (np.arange(5.0), np.zeros(5), np.zeros(5)), until_hour=9.0)
    return outcome_of(grid, squares_of(grid, (0.0, 0.0, 5000.0, 5000.0)), counts, past, 168.0)


def counts() -> np.ndarray:
    return CHANCE.poisson(EXPECTED).astype(float)


def test_squares_of_ground_are_numbered_alike_on_shifted_grids() -> None:
    extent = (-250.0, -250.0, 5250.0, 5250.0)
    plain = squares_of(GRID, extent)
    moved = squares_of(square_grid(cell_metres=250.0, rows=21, cols=21, first_row=-1, first_col=-1), extent)
    assert plain.shape == moved.shape == (3, 3)
    assert plain.sums(np.ones(len(GRID))).sum() == len(GRID)
    assert plain.of_cell[0] == 0 and plain.of_cell[-1] == 8


def test_sums_of_squares_keep_the_whole() -> None:
    seen = counts()
    tally = scored(forecast_from(EXPECTED), outcome(seen))
    assert tally.bits.sum() == pytest.approx(place_bits(seen.sum() * shares_of(EXPECTED), seen).sum())
    assert (tally.hits.sum(axis=0) <= seen.sum()).all() and (np.diff(tally.hits.sum(axis=0)) >= 0).all()
    assert common_of(outcome(seen)).n.sum() == seen.sum()


def test_windows_and_grids_add() -> None:
    first, second = (scored(forecast_from(EXPECTED), outcome(counts())) for _ in range(2))
    tally = merged([first, second])
    np.testing.assert_allclose(tally.bits, first.bits + second.bits)
    np.testing.assert_allclose(tally.hits, first.hits + second.hits)
    assert tally.brier == pytest.approx(first.brier + second.brier)
    assert tally.windows == 2
    assert tally.calibration.observed.sum() == first.calibration.observed.sum() + second.calibration.observed.sum()
    one, two = (common_of(outcome(counts())) for _ in range(2))
    np.testing.assert_allclose(merged_common([one, two]).n, one.n + two.n)
    assert merged_common([one, two]).cells == 2 * len(GRID)


def test_stability_compares_with_the_window_before() -> None:
    first = scored(forecast_from(EXPECTED), outcome(counts()))
    again = scored(forecast_from(EXPECTED), outcome(counts()), first.last_named)
    other = scored(forecast_from(EXPECTED[::-1].copy()), outcome(counts()), first.last_named)
    assert first.compared == 0 and again.alike == 1.0 and other.alike < 0.5
