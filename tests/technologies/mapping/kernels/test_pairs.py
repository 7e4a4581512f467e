"""Near pairs are exactly those that comparing everything with everything finds."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.technologies.mapping.kernels.pairs import (
    Near,
    _squares,
    count_bands,
    count_loop,
    near_loop,
    near_pairs,
    permuted_counts,
)

BANDS = np.array([0.0, 0.1, 50.0, 120.0])
WEEKS = np.array([0.0, 7.0, 14.0])


def brute(east: np.ndarray, north: np.ndarray, days: np.ndarray, manhattan: bool) -> list[list[int]]:
    one, other = np.triu_indices(len(east), 1)
    dx, dy = abs(east[one] - east[other]), abs(north[one] - north[other])
    away = dx + dy if manhattan else np.hypot(dx, dy)
    apart = abs(days[one] - days[other])
    return [
        [int(((away >= a) & (away < b) & (apart >= s) & (apart < t)).sum()) for s, t in pairwise(WEEKS)]
        for a, b in pairwise(BANDS)
    ]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 120), st.integers(0, 99), st.booleans(), st.sampled_from([200.0, 1000.0, 1e6]))
def test_counts_are_those_of_comparing_everything_with_everything(
    n: int, seed: int, manhattan: bool, side: float
) -> None:
    chance = np.random.default_rng(seed)
    east, north = np.round(chance.uniform(-side, side, (2, n)), -1)  # rounded: repeats at the same place
    days = np.floor(chance.uniform(0, 30, n))
    near = near_pairs(east, north, BANDS, manhattan)
    assert count_bands(near, days, (3, WEEKS)).tolist() == brute(east, north, days, manhattan)


def test_every_pair_is_found_once() -> None:
    chance = np.random.default_rng(1)
    near = near_pairs(*chance.uniform(0, 300, (2, 100)), BANDS)
    pairs = {frozenset(pair) for pair in zip(near.one.tolist(), near.other.tolist(), strict=True)}
    assert len(pairs) == len(near.one) and all(len(pair) == 2 for pair in pairs)


def test_one_far_point_costs_no_memory() -> None:
    near = near_pairs(np.array([0.0, 1.0, 9e9]), np.array([0.0, 0.0, 9e9]), BANDS)
    assert near.band.tolist() == [1]


def test_compiled_and_plain_loops_agree() -> None:
    chance = np.random.default_rng(2)
    east, north = chance.uniform(0, 400, (2, 60))
    near = near_pairs(east, north, BANDS)
    order, first, shape = _squares(east, north, 120.0)
    places = np.stack([east[order], north[order]], axis=1)
    rows = (np.empty(len(near.band), np.int32), np.empty(len(near.band), np.int32))
    band = np.empty(len(near.band), np.uint8)
    assert near_loop(places, first, (BANDS, False, shape), rows, band) == len(near.band)
    assert np.array_equal(order[rows[0]], near.one) and np.array_equal(band, near.band)
    counts = np.zeros((3, 2), np.int64)
    days = chance.uniform(0, 20, 60)
    count_loop(near, days, WEEKS, counts)
    assert np.array_equal(counts, count_bands(near, days, (3, WEEKS)))


def test_permutations_come_from_the_seed_alone_and_keep_the_number_of_near_pairs() -> None:
    chance = np.random.default_rng(3)
    near = near_pairs(*chance.uniform(0, 400, (2, 80)), BANDS)
    days = chance.uniform(0, 14, 80)  # every pair falls in one of the two weeks
    made = permuted_counts(near, days, (3, WEEKS), (50, 7))
    assert np.array_equal(made, permuted_counts(near, days, (3, WEEKS), (50, 7)))
    assert (made.sum(axis=(1, 2)) == len(near.band)).all()
    assert len(np.unique(made.reshape(50, -1), axis=0)) > 30


def test_progress_is_told() -> None:
    told: list[float] = []
    near = near_pairs(np.zeros(5), np.zeros(5), BANDS)
    permuted_counts(near, np.arange(5.0), (3, WEEKS), (201, 0), told.append)
    assert told == [0.0, 100 / 201, 200 / 201]


@pytest.mark.parametrize("bands", [[0.0], [0.0, 0.0], [5.0, 1.0], [-1.0, 1.0], [0.0, float("nan")]])
def test_bands_that_do_not_rise_are_refused(bands: list[float]) -> None:
    with pytest.raises(InputError, match="edges"):
        near_pairs(np.zeros(3), np.zeros(3), np.array(bands))


def test_places_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(InputError, match="not a number"):
        near_pairs(np.array([np.nan, 0.0]), np.zeros(2), BANDS)


def test_no_pairs_is_an_answer() -> None:
    assert near_pairs(np.zeros(1), np.zeros(1), BANDS) == Near(*(pytest.approx([]) for _ in range(3)))
