"""Simulated towns have the truth they are given, and the same seed the same incidents."""

from __future__ import annotations

import numpy as np
import pytest
from simulation import Town, simulate

from peelian.errors import InputError


def test_incidents_lie_inside_the_town_in_order_of_time() -> None:
    points, extent = simulate(Town(incidents=2000, side_metres=4000.0, days=100.0))
    assert (np.diff(points.days) >= 0).all() and points.days[-1] < 100.0
    assert points.east.min() >= 0 and points.north.max() < extent.north == 4000.0


def test_the_same_seed_gives_the_same_town_and_another_does_not() -> None:
    one, same, other = (simulate(Town(incidents=500, seed=seed))[0] for seed in (1, 1, 2))
    assert np.array_equal(one.east, same.east)
    assert not np.array_equal(one.east[:100], other.east[:100])


def test_followers_are_the_share_asked_for() -> None:
    calm, _ = simulate(Town(incidents=20_000, theta=0.0, seed=4))
    assert len(calm.days) == pytest.approx(20_000, rel=0.03)
    stirred, _ = simulate(Town(incidents=20_000, theta=0.5, days=5000.0, seed=4))
    assert len(stirred.days) == pytest.approx(20_000, rel=0.05)  # 1/(1 - θ) times the background


def test_a_town_that_never_calms_down_is_refused() -> None:
    with pytest.raises(InputError, match="below 1"):
        simulate(Town(theta=1.0))
