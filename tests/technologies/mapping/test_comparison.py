"""Intervals hold as often as they say where incidents cluster in regions; few regions tell nothing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from peelian.technologies.mapping.comparison import LEAST_REGIONS, effective, ratio, regions_of, share

REGIONS = regions_of(12, 12)  # a town of 24 km


def test_regions_are_whole_squares_of_four_six_and_eight_kilometres() -> None:
    assert [len(np.unique(groups)) for groups in REGIONS] == [36, 16, 9]
    assert [int(np.bincount(groups).min()) for groups in REGIONS] == [4, 9, 16]
    for groups, side in zip(REGIONS, (2, 3, 4), strict=True):
        square = groups.reshape(12, 12)
        assert all(
            (square[r : r + side, c : c + side] == square[r, c]).all() for r in range(0, 12, side) for c in (0, side)
        )
    assert [len(np.unique(groups)) for groups in regions_of(7, 3)] == [8, 3, 2], "a rest is a region of its own"


def test_it_is_the_widest_interval_of_leaving_each_region_out_in_turn() -> None:
    chance = np.random.default_rng(2)
    n, gain = chance.poisson(20, 144).astype(float), chance.normal(2, 9, 144)
    ends = []
    for groups in REGIONS:
        left = np.array([gain[groups != g].sum() / n[groups != g].sum() for g in np.unique(groups)])
        error = np.sqrt((len(left) - 1) / len(left) * ((left - left.mean()) ** 2).sum())
        size = np.array([n[groups == g].sum() for g in np.unique(groups)])
        free = size.sum() ** 2 / (size**2).sum() - 1
        value = gain.sum() / n.sum()
        ends.append((error * stats.t.ppf(0.975, free), 2 * stats.t.sf(abs(value) / error, free)))
    found = ratio(REGIONS, gain, n)
    assert found.value == pytest.approx(gain.sum() / n.sum())
    assert found.high - found.value == pytest.approx(max(half for half, _ in ends)) == found.value - found.low
    assert found.p == pytest.approx(max(p for _, p in ends))


def test_it_covers_where_whole_regions_move_together_for_the_whole_period() -> None:
    chance = np.random.default_rng(0)
    covered = 0
    for _ in range(300):
        n = chance.poisson(30, 144) + 1.0
        shared = chance.normal(0, 0.5, (6, 6)).repeat(2, axis=0).repeat(2, axis=1).ravel()
        found = ratio(REGIONS, n * (0.3 + shared), n)
        covered += found.low <= 0.3 <= found.high
    assert 0.92 <= covered / 300 <= 1.0


def test_an_interval_excludes_zero_where_the_probability_is_below_a_twentieth() -> None:
    chance = np.random.default_rng(3)
    for _ in range(50):
        found = ratio(REGIONS, chance.normal(0.4, 2, 144), np.ones(144))
        assert (found.low > 0 or found.high < 0) == (found.p < 0.05)


def test_no_difference_has_no_probability() -> None:
    found = ratio(REGIONS, np.zeros(144), np.ones(144))
    assert (found.value, found.low, found.high) == (0, 0, 0) and np.isnan(found.p)


@pytest.mark.parametrize(
    "n",
    [
        np.eye(1, 144, 5)[0],  # one region
        np.where(np.arange(144) % 29 == 0, 1.0, 0.0),  # five squares far apart
        np.where(np.arange(144) == 0, 900.0, 1.0),  # many regions, nearly all incidents in one
    ],
)
def test_too_few_regions_tell_nothing(n: np.ndarray) -> None:
    assert effective(REGIONS[0], n) < LEAST_REGIONS
    found = ratio(REGIONS, 0.3 * n, n)
    assert found.value == pytest.approx(0.3) and np.isnan([found.low, found.high, found.p]).all()


def test_sizes_with_too_few_regions_are_passed_over() -> None:
    small = regions_of(6, 6)  # 12 km: nine regions of 4 km, four of 6 km
    chance = np.random.default_rng(4)
    gain, n = chance.normal(0, 1, 36), np.ones(36)
    assert ratio(small, gain, n) == ratio(small[:1], gain, n) and np.isfinite(ratio(small, gain, n).low)


def test_the_interval_of_a_share_is_possible_and_holds_at_least_as_often_as_a_symmetric_one() -> None:
    chance = np.random.default_rng(1)
    small = regions_of(6, 6)
    for rate, least in ((0.05, 0.75), (0.2, 0.9), (0.8, 0.9)):
        held = []
        for _ in range(200):  # regions of 4 km that differ as much as they can
            hits = chance.binomial(40, np.kron(chance.beta(rate, 1 - rate, (3, 3)), np.ones((2, 2))).ravel())
            if hits.any():
                now, before = share(small, hits, np.full(36, 40.0)), ratio(small, hits, np.full(36, 40.0))
                assert 0 <= now.low < now.value < now.high <= 1 and now.value == before.value
                held.append((now.low <= rate <= now.high, before.low <= rate <= before.high))
        covered, symmetric = np.mean(held, axis=0)
        assert covered >= max(symmetric, least)


def test_where_it_is_narrow_the_interval_of_a_share_is_that_of_the_ratio() -> None:
    hits = np.random.default_rng(2).binomial(10_000, 0.5, 144) * 1.0
    now, before = share(REGIONS, hits, np.full(144, 1e4)), ratio(REGIONS, hits, np.full(144, 1e4))
    assert (now.low, now.high) == pytest.approx((before.low, before.high), abs=1e-5)


@pytest.mark.parametrize("hits", [np.zeros(144), np.full(144, 30.0), np.full(144, 30.0 + 1e-12)])
def test_none_and_all_of_the_incidents_have_no_interval(hits: np.ndarray) -> None:
    assert np.isnan([share(REGIONS, hits, np.full(144, 30.0)).low, share(REGIONS, hits, np.full(144, 30.0)).high]).all()
