"""The background keeps its mass, leaves an event out of its own density, and picks a width that held-out data like."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.technologies.mapping.kernels.background import (
    FLAT,
    LEAST_SHARE,
    Scales,
    base_rate,
    held_out_bandwidth,
    plane_of,
    smooth,
)
from peelian.technologies.mapping.kernels.lattice import lattice_over, positions
from peelian.technologies.mapping.kernels.state_grid import Events

LATTICE = lattice_over((0.0, 0.0, 5000.0, 4000.0), 50.0)


def scattered(n: int, spread: float | None, seed: int = 0) -> Events:
    chance = np.random.default_rng(seed)
    place = chance.uniform(0, 1, (2, n)) * [[5000.0], [4000.0]]
    if spread is not None:
        middle = chance.uniform(500, 3500, (2, 8))
        place = np.clip(middle[:, chance.integers(0, 8, n)] + chance.normal(0, spread, (2, n)), 0, [[5000.0], [4000.0]])
    return Events(np.sort(chance.uniform(0, 365, n)), positions(*place, LATTICE), np.ones(n, np.float32))


@pytest.mark.parametrize("bandwidth", [100.0, 400.0, 2500.0, FLAT])
def test_a_density_holds_the_weight_it_was_given(bandwidth: float) -> None:
    events = scattered(500, None)
    base, _ = base_rate(events.spots, events.weight, LATTICE, (Scales(bandwidth), 365.0))
    assert plane_of(base, LATTICE).sum() * 365 == pytest.approx(500, rel=0.02)


@pytest.mark.parametrize("bandwidth", [100.0, 400.0])
def test_own_is_what_one_event_adds_to_its_own_block(bandwidth: float) -> None:
    one = positions(np.array([2510.0]), np.array([2010.0]), LATTICE)
    made = smooth(one, None, LATTICE, bandwidth)
    assert made.density.max() == pytest.approx(made.own, rel=1e-3)


def shares_for(events: Events) -> Scales:
    scales = Scales(200.0)
    for _ in range(30):
        _, scales = base_rate(events.spots, events.weight, LATTICE, (scales, 365.0))
    return scales


def test_the_shares_of_the_parts_go_where_the_events_are() -> None:
    tight, loose, even = (shares_for(scattered(3000, spread)) for spread in (150.0, 900.0, None))
    assert tight.narrow > 0.8
    assert loose.wide > tight.wide
    assert even.narrow < 0.7 < tight.narrow
    for scales in (tight, loose, even):
        assert sum(scales[1:]) == pytest.approx(1.0) and min(scales[1:]) > 0.9 * LEAST_SHARE


def test_no_rate_is_zero_even_far_from_any_event() -> None:
    one = positions(np.array([10.0]), np.array([10.0]), LATTICE)
    base, _ = base_rate(one, np.ones(1), LATTICE, (Scales(100.0), 30.0))
    assert plane_of(base, LATTICE).min() > 0


def test_held_out_events_prefer_a_narrow_width_where_places_cluster_and_none_where_they_do_not() -> None:
    assert held_out_bandwidth(scattered(2000, 150.0), LATTICE) <= 250.0
    assert held_out_bandwidth(scattered(2000, None), LATTICE) >= 1600.0
