"""Maps by counting first are the maps by summing over incidents: exactly, or within a stated error."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.technologies.mapping.kernels.smoothing import (
    Raster,
    prohotspot_map,
    quartic_loop,
    quartic_map,
    time_weights,
)

RASTER = Raster(1000.0, -500.0, 250.0, 12, 9)


def some(n: int, seed: int = 0) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    chance = np.random.default_rng(seed)
    places = (1000 + chance.uniform(0, 9 * 250, n), -500 + chance.uniform(0, 12 * 250, n))
    return places, chance.uniform(0.1, 2, n)


def distances2(places: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Squared metres from the middle of each cell to each place: [rows, cols, n]."""
    east = RASTER.west + (np.arange(RASTER.cols) + 0.5) * 250
    north = RASTER.south + (np.arange(RASTER.rows) + 0.5) * 250
    return (north[:, None, None] - places[1]) ** 2 + (east[None, :, None] - places[0]) ** 2


@pytest.mark.parametrize("bandwidth", [100.0, 500.0, 5000.0])
def test_the_quartic_map_is_the_exact_sum(bandwidth: float) -> None:
    places, weight = some(200)
    rest = np.clip(1 - distances2(places) / bandwidth**2, 0, None)
    exact = (weight * 3 / (np.pi * bandwidth**2) * rest**2).sum(axis=2)
    assert np.allclose(quartic_map(places, weight, RASTER, bandwidth), exact, rtol=1e-9, atol=1e-15)


def test_compiled_and_plain_quartic_loops_agree() -> None:
    places, weight = some(40)
    east, north = (places[0] - RASTER.west) / 250, (places[1] - RASTER.south) / 250
    plain = np.zeros((RASTER.rows, RASTER.cols))
    quartic_loop(east, north, weight, 3.0, plain)
    assert np.allclose(quartic_map(places, weight, RASTER, 750.0), plain * 3 / (np.pi * 750.0**2))


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 60), st.integers(0, 99), st.integers(0, 9), st.integers(0, 9))
def test_prohotspot_is_the_sum_over_incidents(n: int, seed: int, far: int, old: int) -> None:
    chance = np.random.default_rng(seed)
    row, col, weeks = chance.integers(0, 7, n), chance.integers(0, 5, n), chance.uniform(0, 12, n)
    weight = chance.uniform(0.1, 2, n)
    made = prohotspot_map((row, col), weeks, weight, (7, 5), (far, old))
    rows, cols = np.mgrid[0:7, 0:5]
    exact = np.zeros((7, 5))
    for k in range(n):
        away = np.maximum(abs(rows - row[k]), abs(cols - col[k]))
        age = np.floor(weeks[k])
        if age <= old:
            exact += np.where(away <= far, weight[k] / ((1 + away) * (1 + age)), 0)
    assert np.abs(made - exact).max() < 1e-9


def test_memory_falls_to_nothing_at_its_end() -> None:
    age = np.array([0.0, 15.0, 30.0, 40.0])
    assert time_weights(age, 30.0, "even").tolist() == [1, 1, 0, 0]
    assert time_weights(age, 30.0, "quartic").tolist() == [1, 0.5625, 0, 0]
    assert time_weights(age, 30.0, "exponential")[2] == 0.5


def test_bad_settings_are_named() -> None:
    places, weight = some(3)
    for size in (0.0, -1.0, float("nan")):
        with pytest.raises(InputError, match="positive"):
            quartic_map(places, weight, RASTER, size)
    with pytest.raises(InputError, match="Expected: even"):
        time_weights(np.zeros(1), 1.0, "sudden")
    with pytest.raises(InputError, match="after the map"):
        prohotspot_map((np.zeros(1, int), np.zeros(1, int)), np.array([-0.1]), np.ones(1), (2, 2))
