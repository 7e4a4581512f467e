"""Each figure is what its definition says, by brute force and at its edges."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from peelian.technologies.mapping.metrics import (
    AREA_SHARES,
    brier,
    chance_of_any,
    crps_and_ends,
    flagged,
    hits,
    jaccard,
    log_rri,
    pai,
    pei,
    place_bits,
    possible_hits,
    ranked,
    shares_of,
)

SCORES = hnp.arrays(np.float64, 30, elements=st.sampled_from([0.0, 0.5, 1.0, 2.0, 7.0]))
COUNTS = hnp.arrays(np.float64, 30, elements=st.integers(0, 5).map(float))
AREAS = hnp.arrays(np.float64, 30, elements=st.floats(0.01, 1.0))


@given(SCORES, AREAS, st.floats(0.01, 0.99))
def test_exactly_the_asked_area_is_named(scores: np.ndarray, areas: np.ndarray, share: float) -> None:
    member = flagged(ranked(scores, areas), share)
    assert (member >= 0).all() and (member <= 1 + 1e-9).all()
    assert float((member * areas).sum()) == pytest.approx(share * areas.sum())


@given(SCORES, AREAS, COUNTS)
def test_by_lot_lies_between_the_orders_and_below_the_possible(
    scores: np.ndarray, areas: np.ndarray, counts: np.ndarray
) -> None:
    possible = possible_hits(counts, areas)
    for share, most in zip(AREA_SHARES, possible, strict=True):
        found = hits(ranked(scores, areas), counts, share)
        assert found.worst - 1e-9 <= found.by_lot <= found.best + 1e-9 <= most + 1e-6 * (1 + most)


def test_by_lot_is_the_mean_over_random_orders() -> None:
    chance = np.random.default_rng(0)
    counts = chance.poisson(1.0, 40).astype(float)
    found = hits(ranked(np.ones(40), np.ones(40)), counts, 0.10)
    drawn = [counts[chance.permutation(40)[:4]].sum() for _ in range(20_000)]
    assert found.by_lot == pytest.approx(np.mean(drawn), abs=0.03)
    assert (found.best, found.worst) == (np.sort(counts)[-4:].sum(), np.sort(counts)[:4].sum())


def test_equal_densities_in_cells_of_different_size_tie() -> None:
    areas = np.array([0.0625, 0.0123456789, 0.04, 0.0625])
    assert flagged(ranked(areas / areas.sum() * 0.7, areas), 0.5) == pytest.approx(np.full(4, 0.5))


def test_bits_are_the_logarithm_of_shares_and_never_infinite() -> None:
    shares, counts = shares_of(np.array([0.0, 1.0, 3.0])), np.array([1.0, 0.0, 2.0])
    bits = place_bits(shares, counts) + shares / math.log(2)
    assert bits[1] == 0 and bits[2] == pytest.approx(2 * math.log2(0.75))
    assert bits[0] == pytest.approx(math.log2(1e-12))


@given(COUNTS, AREAS, AREAS)
def test_the_scores_of_places_differ_in_sum_by_the_ratio_of_shares(
    counts: np.ndarray, one: np.ndarray, two: np.ndarray
) -> None:
    n, first, second = counts.sum(), shares_of(one), shares_of(two)
    gain = (place_bits(n * first, counts) - place_bits(n * second, counts)).sum()
    assert gain == pytest.approx((counts * np.log2(first / second)).sum(), abs=1e-9)


def test_the_score_of_a_place_is_the_poisson_likelihood_of_what_came_there() -> None:
    from scipy.stats import poisson

    counts, one, two = np.array([0.0, 1.0, 7.0]), np.array([0.2, 1.5, 3.0]), np.array([0.3, 1.0, 6.0])
    gain = (place_bits(one, counts) - place_bits(two, counts)) * math.log(2)
    np.testing.assert_allclose(gain, poisson(one).logpmf(counts) - poisson(two).logpmf(counts), rtol=1e-12)


@pytest.mark.parametrize("shape", [math.inf, 0.4, 5.0])
def test_the_chance_of_any_is_one_minus_none(shape: float) -> None:
    from scipy.stats import nbinom, poisson

    means = np.array([1e-9, 0.01, 1.0, 30.0])
    law = poisson(means) if math.isinf(shape) else nbinom(shape, shape / (shape + means))
    np.testing.assert_allclose(chance_of_any(means, shape), 1 - law.pmf(0), rtol=1e-6, atol=1e-15)
    assert brier(means[:1], shape, np.zeros(1)) < 1e-15


def test_an_observation_far_beyond_the_forecast_ends() -> None:
    score, below, upto = crps_and_ends(np.array([1e-6]), math.inf, np.array([4.0]))
    assert score[0] == pytest.approx(4.0, abs=1e-3) and below[0] == pytest.approx(1) == upto[0]


@pytest.mark.parametrize("shape", [math.inf, 0.3, 4.0, 500.0])
@pytest.mark.parametrize("mean", [0.01, 3.0, 37.0, 599.0, 700.0, 5000.0])
def test_crps_and_ends_agree_with_the_sum_over_the_distribution(mean: float, shape: float) -> None:
    from scipy.stats import nbinom, poisson

    law = poisson(mean) if math.isinf(shape) else nbinom(shape, shape / (shape + mean))
    k = np.arange(int(mean * 3 + 400 if shape > 1 else mean * 60 + 400))
    near = [int(law.ppf(q)) for q in (0.05, 0.5, 0.95)]
    score, below, upto = crps_and_ends(np.full(3, mean), shape, np.array(near, dtype=float))
    if mean > 600 and shape < 100:
        return  # a normal stands for so skewed a law only roughly, and no town expects that in one cell
    for i, seen in enumerate(near):
        exact = ((law.cdf(k) - (seen <= k)) ** 2).sum()
        assert score[i] == pytest.approx(exact, rel=0.02 if mean > 600 else 1e-3, abs=1e-8)
        assert upto[i] == pytest.approx(law.cdf(seen), abs=0.01 if mean > 600 else 1e-8)
        assert below[i] == pytest.approx(law.cdf(seen - 1), abs=0.01 if mean > 600 else 1e-8)


def test_small_figures() -> None:
    assert pai(0.2, 0.05) == 4.0
    assert math.isnan(pei(0.0, 0.0)) and pei(2.0, 4.0) == 0.5
    assert log_rri(0.2, 0.2) == 0.0 and math.isnan(log_rri(0.0, 0.2))
    assert math.isnan(jaccard(np.zeros(2), np.zeros(2))) and jaccard(np.ones(2), np.ones(2)) == 1.0
