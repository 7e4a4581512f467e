"""Simulated truth is recovered: the parameters that made a town come back from its incidents."""

from __future__ import annotations

import numpy as np
import pytest
from simulation import Town, simulate

from peelian.technologies.mapping.kernels.continuous import fit_continuous
from peelian.technologies.mapping.kernels.grid_recursion import by_cell, fit_grid


@pytest.mark.parametrize("seed", range(6))
def test_the_continuous_process_comes_back_from_ten_thousand_incidents(seed: int) -> None:
    town, extent = simulate(Town(incidents=10_000, seed=seed))
    theta, omega, sigma = fit_continuous(town, extent).parameters
    assert theta == pytest.approx(0.3, rel=0.1)
    assert 1 / omega == pytest.approx(7.0, rel=0.1)
    assert sigma == pytest.approx(120.0, rel=0.05)


@pytest.mark.parametrize(("theta", "delay", "sigma"), [(0.1, 3.0, 60.0), (0.5, 20.0, 300.0)])
def test_other_truths_come_back_too(theta: float, delay: float, sigma: float) -> None:
    town, extent = simulate(Town(incidents=15_000, theta=theta, delay_days=delay, sigma_metres=sigma, seed=11))
    found = fit_continuous(town, extent).parameters
    assert found.theta == pytest.approx(theta, rel=0.15)
    assert 1 / found.omega == pytest.approx(delay, rel=0.2)
    assert found.sigma_metres == pytest.approx(sigma, rel=0.1)


@pytest.mark.parametrize("seed", [1, 2, 11])
def test_where_nothing_follows_next_to_nothing_is_found(seed: int) -> None:
    """Clusters of places that stay are background, also where one bandwidth cannot follow all of them."""
    town, extent = simulate(Town(incidents=15_000, theta=0.0, seed=seed))
    assert fit_continuous(town, extent).parameters.theta < 0.05


def test_the_grid_process_comes_back_where_followers_stay_in_the_cell() -> None:
    chance = np.random.default_rng(5)
    cells, span, rate = 100, 730.0, 0.15
    cell, days = [], []
    for c in range(cells):
        new = chance.uniform(0, span, chance.poisson(rate * span))
        while len(new):
            days.append(new)
            cell.append(np.full(len(new), c))
            followers = np.repeat(new, chance.poisson(0.25, len(new)))
            new = followers + chance.exponential(9.0, len(followers))
            new = new[new < span]
    when, where = np.concatenate(days), np.concatenate(cell)
    order = np.argsort(when)
    events = by_cell(where[order].astype(np.int32), when[order], np.ones(len(when)), (cells, span))
    found = fit_grid(events, span)
    assert found.theta == pytest.approx(0.25, abs=0.05)
    assert 1 / found.omega == pytest.approx(9.0, rel=0.2)
    assert found.background.mean() == pytest.approx(rate, rel=0.07)
