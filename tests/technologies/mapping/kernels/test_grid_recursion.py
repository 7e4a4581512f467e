"""The recursion gives what the textbook's sums over pairs give; compiled or plain."""

from __future__ import annotations

import numpy as np
import pytest
from simulation import Town, simulate

from peelian.errors import InputError, NotEnoughData
from peelian.technologies.mapping.kernels.compiled import compiled
from peelian.technologies.mapping.kernels.grid_recursion import by_cell, expected_counts, fit_grid, grid_loop, sort_loop

CELLS, DAYS = 12, 200.0


def some(n: int = 400, seed: int = 0, decimals: int = 1) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    days = np.sort(np.round(chance.uniform(0, DAYS, n), decimals))  # rounded: ties within a cell
    return chance.integers(0, CELLS - 2, n).astype(np.int32), days  # two cells stay empty


def textbook(cell: np.ndarray, days: np.ndarray, steps: int) -> tuple[float, float, np.ndarray]:
    """Mohler et al. 2015 by their sums over pairs of incidents of one cell, with the end of recording corrected."""
    theta, omega = 0.3, 0.1
    calm = np.bincount(cell, minlength=CELLS) * (1 - theta) / DAYS
    for _ in range(steps):
        gap = days[:, None] - days[None, :]
        paired = (gap > 0) & (cell[:, None] == cell[None, :])
        pull = np.where(paired, theta * omega * np.exp(-omega * np.where(paired, gap, 0)), 0.0)
        rate = calm[cell] + pull.sum(axis=1)
        chance = pull / rate[:, None]
        left = DAYS - days
        theta = chance.sum() / (1 - np.exp(-omega * left)).sum()
        omega = chance.sum() / ((chance * gap).sum() + theta * (left * np.exp(-omega * left)).sum())
        calm = np.bincount(cell, weights=calm[cell] / rate, minlength=CELLS) / DAYS
    return theta, omega, calm


@pytest.mark.parametrize("decimals", [0, 1, 6])
def test_the_recursion_equals_the_textbook(decimals: int) -> None:
    cell, days = some(decimals=decimals)
    fit = fit_grid(by_cell(cell, days, np.ones(len(days)), (CELLS, DAYS)), DAYS, iterations=20, tolerance=0.0)
    theta, omega, calm = textbook(cell, days, 20)
    assert (fit.theta, fit.omega) == pytest.approx((theta, omega), rel=1e-9)
    assert np.allclose(fit.background, calm, rtol=1e-9)
    assert fit.background[-1] == fit.state[-1] == 0.0


def test_the_state_is_the_excitation_at_the_end_of_recording() -> None:
    cell, days = some()
    fit = fit_grid(by_cell(cell, days, np.ones(len(days)), (CELLS, DAYS)), DAYS, iterations=1, tolerance=0.0)
    assert np.allclose(fit.state, np.bincount(cell, np.exp(-0.1 * (DAYS - days)), CELLS))


def test_compiled_and_plain_loops_agree() -> None:
    cell, days = some(120)
    weight = np.linspace(0.5, 2, 120)
    made = by_cell(cell, days, weight, (CELLS, DAYS))
    gap, mass, last = np.zeros(120), np.empty(120), np.full(CELLS, DAYS)
    sort_loop((cell, days, weight), made.first[:-1].copy(), gap, mass, last)
    assert np.array_equal(gap, made.gap) and np.array_equal(mass, made.weight)
    calm, state = np.zeros(CELLS), np.zeros(CELLS)
    base = np.full(CELLS, 0.05)
    sums = grid_loop(made, np.exp(-0.1 * made.gap), (0.3, 0.1), base, (calm, state))
    assert calm.sum() + sums[0] == pytest.approx(weight.sum())
    fast = np.zeros((2, CELLS))
    again = compiled(grid_loop)(made, np.exp(-0.1 * made.gap), (0.3, 0.1), base, (fast[0], fast[1]))
    assert np.allclose(sums, again, rtol=1e-12) and np.allclose([calm, state], fast, rtol=1e-12)


def test_weights_count_like_so_many_incidents_where_nothing_excites() -> None:
    cell, days = np.array([0, 1], np.int32), np.array([1.0, 2.0])
    fit = fit_grid(by_cell(cell, days, np.array([3.0, 1.0]), (2, 10.0)), 10.0)
    assert fit.theta == 0.0
    assert fit.background.tolist() == pytest.approx([0.3, 0.1])


def test_a_warm_start_ends_where_the_cold_one_does() -> None:
    town, _ = simulate(Town(incidents=3000, side_metres=5000.0, days=DAYS, sigma_metres=20.0))
    cell = (town.north // 250 * 20 + town.east // 250).astype(np.int32)
    events = by_cell(cell, town.days, town.weight, (400, DAYS))
    cold = fit_grid(events, DAYS)
    warm = fit_grid(events, DAYS, start=cold)
    assert cold.converged and cold.iterations > 4
    assert warm.converged and warm.iterations <= 3
    assert warm.theta == pytest.approx(cold.theta, rel=1e-2)


def test_forecasts_add_background_and_followers() -> None:
    cell, days = some(2000, seed=1)
    fit = fit_grid(by_cell(cell, days, np.ones(2000), (CELLS, DAYS)), DAYS)
    calm, excited = expected_counts(fit, 7.0)
    assert (calm + excited).sum() == pytest.approx(2000 / DAYS * 7, rel=0.2)
    far_calm, far_excited = expected_counts(fit, 7.0, lead=1e5)
    assert np.allclose(far_calm + far_excited, fit.background * 7 / (1 - fit.theta))


def test_bad_input_is_named() -> None:
    cell, days = some(20)
    with pytest.raises(InputError, match="outside the grid"):
        by_cell(cell + 10, days, np.ones(20), (CELLS, DAYS))
    with pytest.raises(InputError, match="in time order"):
        by_cell(cell, days[::-1], np.ones(20), (CELLS, DAYS))
    with pytest.raises(NotEnoughData, match="1 incidents"):
        fit_grid(by_cell(cell[:1], days[:1], np.ones(1), (CELLS, DAYS)), DAYS)
