"""Hot spots: none where incidents are strewn by chance, those that are there, and what became of them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom
from sizes import size

from peelian.measure.grid import square_grid
from peelian.technologies.mapping.diagnostics.hotspots import PLANTED, SURE, Spot, classes, hot_spots, least_found

GRID = square_grid(cell_metres=250.0, rows=40, cols=40)
TOWNS = size(12, 40)


@pytest.mark.parametrize(
    "draw",
    [
        lambda generator: generator.poisson(0.05, len(GRID)),
        lambda generator: generator.poisson(2, len(GRID)),
        lambda generator: generator.poisson(generator.gamma(0.3, 3, len(GRID))),
    ],
    ids=["few", "many", "uneven-cells"],
)
def test_chance_alone_has_a_hot_spot_in_few_towns(draw):
    """In 5 % in expectation: in no more of so many than chance has in 99 of 100 trials. Without its correction for
    many cells, the test has one in every town."""
    towns = [hot_spots(GRID, draw(np.random.default_rng(k)).astype(float), k) for k in range(TOWNS)]
    assert sum(town.hot.any() for town in towns) <= binom.ppf(0.99, TOWNS, SURE)
    assert np.mean([town.p <= 0.05 for town in towns]) <= 0.055


def test_a_place_where_incidents_gather_is_found():
    east, north = GRID.centres()
    there = np.hypot(east - 4_000, north - 4_000) < 1_000
    counts = np.random.default_rng(1).poisson(np.where(there, 3.0, 0.5)).astype(float)
    found = hot_spots(GRID, counts, 1)
    assert found.hot[there].mean() > 0.6
    assert found.hot[~there].sum() <= 0.1 * found.hot.sum()


def test_what_the_test_could_have_found_is_what_it_finds_when_it_is_planted():
    counts = np.random.default_rng(3).poisson(2.0, len(GRID)).astype(float)
    times = least_found(GRID, counts, 1)
    assert times in (2.0, 3.0)
    east, north = GRID.centres()
    square = (np.abs(east - east[820]) < 300) & (np.abs(north - north[820]) < 300)
    assert square.sum() == 9 and hot_spots(GRID, np.where(square, times * counts.mean(), counts), 1).hot[820]


def test_one_mall_blinds_the_test_and_that_is_said():
    counts = np.random.default_rng(3).poisson(0.3, len(GRID)).astype(float)
    seen = least_found(GRID, counts, 1)
    counts[[5, 400, 820, 1_300]] = 5_000
    blind = least_found(GRID, counts, 1)
    assert seen in PLANTED and blind is None


def test_one_busy_cell_alone_is_no_hot_spot():
    counts = np.ones(len(GRID))
    counts[820] = 500
    assert not hot_spots(GRID, counts, 1).hot[820]


def test_equal_cells_have_none():
    assert not hot_spots(GRID, np.ones(len(GRID)), 1).hot.any()


@pytest.mark.parametrize(
    ("periods", "spot"),
    [
        ("0000000001", Spot.NEW),
        ("0010000001", Spot.NEW),
        ("0000011011", Spot.EMERGING),
        ("1111111111", Spot.PERSISTENT),
        ("1111011111", Spot.PERSISTENT),
        ("1110010001", Spot.OCCASIONAL),
        ("1111110000", Spot.RECEDING),
        ("1000000000", None),
        ("0000000000", None),
    ],
)
def test_what_became_of_a_spot(periods, spot):
    assert classes([np.array([flag == "1"]) for flag in periods]) == [spot]
