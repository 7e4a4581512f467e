"""Intervals hold as often as they say, also where incidents cluster in blocks."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import NotEnoughData
from peelian.technologies.mapping.comparison import draws, ratio


def test_the_interval_covers_a_clustered_mean() -> None:
    chance = np.random.default_rng(0)
    covered = 0
    for trial in range(200):
        n = chance.poisson(5, 120) + 1.0
        gain = n * (0.3 + chance.normal(0, 0.5, 120))  # one draw per block: its incidents move together
        drawn, used = draws(n, seed=trial, replicates=300)
        found = ratio(drawn, gain[used], n[used])
        covered += found.low <= 0.3 <= found.high
    assert 0.88 <= covered / 200 <= 0.99


def test_the_same_seed_gives_the_same_interval() -> None:
    n = np.arange(1.0, 40.0)
    first, second = (ratio(draws(n, seed=5)[0], n * 0.1, n) for _ in range(2))
    assert first == second and first.value == pytest.approx(0.1)


def test_no_difference_has_no_probability_and_a_sure_one_is_never_zero() -> None:
    n = np.full(50, 2.0)
    drawn, used = draws(n, seed=1, replicates=999)
    assert np.isnan(ratio(drawn, np.zeros(50), n[used]).p)
    assert ratio(drawn, np.ones(50), n[used]).p == pytest.approx(2 / 1000)


def test_blocks_without_incidents_are_not_drawn_and_few_are_not_enough() -> None:
    n = np.array([0.0, 3.0] * 30)
    drawn, used = draws(n, seed=1, replicates=50)
    assert used.tolist() == list(range(1, 60, 2)) and (drawn.times.sum(axis=1) == 30).all()
    with pytest.raises(NotEnoughData, match="5 blocks"):
        draws(np.array([1.0] * 5 + [0.0] * 95), seed=1)
