"""A start is taken from whole tiles, always the same ones, and a bandwidth that the whole model likes."""

from __future__ import annotations

import numpy as np
from simulation import Town, simulate

from peelian.technologies.mapping.kernels.background import FLAT, Scales
from peelian.technologies.mapping.kernels.process import OMEGAS, SIGMAS
from peelian.technologies.mapping.kernels.starting import START_EVENTS, TILE_METRES, best_start, some_tiles


def test_a_sample_is_made_of_whole_tiles() -> None:
    points, _ = simulate(Town(incidents=40_000, side_metres=10_000.0))
    rows = some_tiles(points)
    assert START_EVENTS <= len(rows) < 30_000
    tile = np.floor(points.east / TILE_METRES) * 1000 + np.floor(points.north / TILE_METRES)
    assert not np.isin(np.delete(tile, rows), tile[rows]).any()
    assert np.array_equal(rows, some_tiles(points))


def test_a_small_town_is_its_own_sample() -> None:
    points, _ = simulate(Town(incidents=500))
    assert len(some_tiles(points)) == len(points.days)


def test_an_even_town_gets_a_wide_background_and_a_clustered_one_a_narrow() -> None:
    even, extent = simulate(Town(incidents=3000, side_metres=10_000.0, theta=0.2, even=1.0))
    clustered, _ = simulate(Town(incidents=3000, side_metres=10_000.0, theta=0.2, even=0.0, centres=20))
    start, wide, _ = best_start(even, extent, Scales(FLAT))
    _, narrow, _ = best_start(clustered, extent, Scales(400.0))
    assert narrow.bandwidth_metres < 600.0
    assert wide.bandwidth_metres > 600.0 or wide.even > 0.5
    assert start.theta > 0 and OMEGAS[0] <= start.omega <= OMEGAS[1] and SIGMAS[0] <= start.sigma_metres <= SIGMAS[1]
