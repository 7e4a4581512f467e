"""The pass over a lattice gives the sums over all pairs; compiled or plain, rebased or not."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.technologies.mapping.kernels.lattice import Lattice, lattice_over, positions
from peelian.technologies.mapping.kernels.state_grid import (
    Base,
    Events,
    Kernel,
    excitation,
    rebase,
    rebase_loop,
    stencil,
    sweep,
    sweep_loop,
    variance_metres2,
)

SIGMA, BIN = 120.0, 50.0


def some_events(n: int, days: float, seed: int = 0) -> tuple[Events, Lattice]:
    chance = np.random.default_rng(seed)
    lattice = lattice_over((0.0, 0.0, 2000.0, 1500.0), BIN)
    spots = positions(chance.uniform(0, 2000, n), chance.uniform(0, 1500, n), lattice)
    when = np.sort(np.round(chance.uniform(0, days, n), 1))  # rounded: some at the same instant
    return Events(when, spots, chance.uniform(0.5, 2, n).astype(np.float32)), lattice


def over_pairs(events: Events, base: Base, omega: float, theta: float) -> tuple[np.ndarray, ...]:
    """The same by the definition: every later event against every earlier one, Gaussian of exact distances."""
    gap = events.days[:, None] - events.days[None, :]
    away2 = ((events.spots[:, None] - events.spots[None, :]).astype(float) ** 2).sum(axis=2)
    spread2 = (SIGMA / BIN) ** 2
    pull = np.exp(-omega * np.maximum(gap, 0)) * np.exp(-0.5 * away2 / spread2) / (2 * np.pi * spread2)
    pull = np.where(gap > 0, pull, 0.0) * events.weight * theta * omega
    rate = base.rate[0, 0] + base.flat + pull.sum(axis=1)
    chance = events.weight[:, None] * pull / rate[:, None]
    return chance.sum(), (chance * gap).sum(), (chance * away2).sum(), (events.weight * np.log(rate)).sum()


@pytest.mark.parametrize("omega", [0.1, 5.0])  # 5 per day over 200 days: five rebases
def test_the_pass_gives_the_sums_over_all_pairs(omega: float) -> None:
    events, lattice = some_events(800, 200.0)
    base = Base(np.full((1, 1), 3e-5), 40, 0.0, 1e-6)
    share = np.ones(800, dtype=np.float32)
    found = sweep(events, base, Kernel(0.3 * omega, omega, stencil(SIGMA, BIN)), lattice, share)
    triggered, days, away2, log_rate = over_pairs(events, base, omega, 0.3)
    assert found.triggered == pytest.approx(triggered, rel=0.01)
    assert found.days == pytest.approx(days, rel=0.02)
    assert variance_metres2(found, BIN) == pytest.approx(away2 / (2 * triggered) * BIN**2, rel=0.02)
    assert found.log_rate == pytest.approx(log_rate, rel=2e-3)
    assert 1 - (share * events.weight).sum() / events.weight.sum() == pytest.approx(
        found.triggered / events.weight.sum(), rel=1e-5
    )


def test_compiled_and_plain_loops_agree() -> None:
    events, lattice = some_events(150, 30.0)
    base = Base(np.full((2, 2), 2e-5), 20, 1e-5, 1e-6)
    kernel = Kernel(0.03, 0.1, stencil(SIGMA, BIN))
    radius = kernel.table.shape[1] // 2
    plain_share, fast_share = np.full(150, 0.8, np.float32), np.full(150, 0.8, np.float32)
    state = np.zeros((lattice.rows + 2 * radius, lattice.cols + 2 * radius, 3))
    shifted = events._replace(days=events.days - events.days[0])
    plain = sweep_loop(shifted, base, kernel, state, plain_share)
    fast = sweep(events, base, kernel, lattice, fast_share)
    assert np.allclose(plain, fast, rtol=1e-6)
    assert np.allclose(plain_share, fast_share, rtol=1e-6)


def test_moving_the_origin_of_time_changes_nothing() -> None:
    chance = np.random.default_rng(1)
    age = chance.uniform(0, 50, 20)  # days of events before now = 50, scaled by e^{ωt} from origin 0
    omega, now = 0.2, 50.0
    state = np.zeros((1, 1, 3))
    for day in now - age:
        up = np.exp(omega * day)
        state[0, 0] += [up, up * day, up * 4.0]
    rebase(state, now, omega)
    plain = np.zeros((1, 1, 3))
    for day in now - age:
        up = np.exp(omega * day)
        plain[0, 0] += [up, up * day, up * 4.0]
    rebase_loop(plain, now, float(np.exp(-omega * now)))
    assert np.allclose(plain, state, rtol=1e-12)
    decayed = np.exp(-omega * age)
    assert np.allclose(state[0, 0], [decayed.sum(), -(decayed * age).sum(), 4 * decayed.sum()])


def test_events_at_the_same_instant_do_not_excite_one_another() -> None:
    lattice = lattice_over((0.0, 0.0, 1000.0, 1000.0), BIN)
    spots = positions(np.full(50, 500.0), np.full(50, 500.0), lattice)
    events = Events(np.full(50, 3.0), spots, np.ones(50, np.float32))
    base = Base(np.full((1, 1), 1e-3), 20, 0.0, 1e-9)
    found = sweep(events, base, Kernel(0.03, 0.1, stencil(SIGMA, BIN)), lattice, np.ones(50, np.float32))
    assert found.triggered == 0.0


def test_the_excitation_now_is_the_sum_over_events() -> None:
    events, lattice = some_events(300, 60.0)
    plane = excitation(events, (0.3 * 0.1, 0.1, SIGMA), lattice, 61.0)
    middle_row, middle_col = np.mgrid[0 : lattice.rows, 0 : lattice.cols] + 0.5
    exact = np.zeros_like(plane)
    for day, (col, row), weight in zip(*events, strict=True):
        away2 = (middle_col - col) ** 2 + (middle_row - row) ** 2
        exact += weight * 0.03 * np.exp(-0.1 * (61.0 - day)) * np.exp(-0.5 * away2 / 2.4**2) / (2 * np.pi * 2.4**2)
    inside = (slice(3, -3), slice(3, -3))  # at the edge, places move onto the middle of the last bin
    assert np.abs(plane - exact)[inside].max() < 0.02 * exact.max()
    assert plane.sum() == pytest.approx(exact.sum(), rel=0.01)
