"""The Knox test finds repeats, finds none where there are none, and never says that chance is impossible."""

from __future__ import annotations

import numpy as np
import pytest
from simulation import Town, simulate

from peelian.errors import InputError, NotEnoughData
from peelian.measure.multiplicity import holm
from peelian.technologies.mapping.diagnostics.knox import KnoxPlan, _share_of_pairs, knox

PLAN = KnoxPlan(permutations=199)


def town(theta: float, n: int = 800) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    points, _ = simulate(Town(incidents=n, side_metres=8000.0, days=365.0, theta=theta, centres=5, seed=2))
    return (points.east, points.north), points.days


def test_repeats_are_found_and_p_is_never_zero() -> None:
    found = knox(*town(0.3), PLAN)
    assert found.ratio[1, 0] > 2
    assert found.p.min() == 1 / 200  # the smallest a test of 199 permutations can give
    assert (found.p_holm >= found.p).all()


def test_places_with_many_incidents_alone_are_no_repeats() -> None:
    found = knox(*town(0.0), PLAN)
    assert found.p_holm.min() > 0.05
    assert np.allclose(found.ratio[2:], 1.0, atol=0.2)


def test_expected_counts_are_those_of_chance() -> None:
    where, days = town(0.2, 300)
    found = knox(where, days, KnoxPlan(permutations=1))
    chance = np.random.default_rng(0)
    mean = np.mean(
        [knox(where, chance.permutation(days), KnoxPlan(permutations=1)).observed for _ in range(200)], axis=0
    )
    assert np.allclose(mean, found.expected, rtol=0.1, atol=0.3)


def test_the_share_of_pairs_in_a_band_is_counted_exactly() -> None:
    days = np.floor(np.random.default_rng(1).uniform(0, 40, 60))
    one, other = np.triu_indices(60, 1)
    apart = abs(days[one] - days[other])
    edges = np.array([0.0, 1.0, 7.0, 14.0])
    exact = np.histogram(apart, edges)[0] - np.array([0, 0, (apart == 14).sum()])
    assert np.allclose(_share_of_pairs(days, edges) * len(one), exact)


def test_the_same_seed_gives_the_same_answer() -> None:
    where, days = town(0.3, 200)
    assert np.array_equal(knox(where, days, PLAN).p, knox(where, days, PLAN).p)


def test_holm_never_lowers_and_never_exceeds_one() -> None:
    p = np.array([[0.2, 0.001], [0.5, 0.04]])
    assert holm(p).tolist() == [[0.4, 0.004], [0.5, 0.12]]
    assert holm(np.full(5, 0.9)).tolist() == [1.0] * 5


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (KnoxPlan(bands_days=(0.0,)), "delay bands"),
        (KnoxPlan(bands_days=(0.0, 7.0, 7.0)), "delay bands"),
        (KnoxPlan(bands_metres=(5.0, 1.0)), "band edges"),
        (KnoxPlan(permutations=0), "permutations"),
    ],
)
def test_bad_plans_are_named(plan: KnoxPlan, said: str) -> None:
    with pytest.raises(InputError, match=said):
        knox(*town(0.3, 100), plan)


def test_too_few_incidents_are_named() -> None:
    with pytest.raises(NotEnoughData, match="3 incidents, 20 needed"):
        knox((np.zeros(3), np.zeros(3)), np.zeros(3), PLAN)
    with pytest.raises(InputError, match="differ in length"):
        knox((np.zeros(30), np.zeros(29)), np.zeros(30), PLAN)
    with pytest.raises(InputError, match="not a number"):
        knox((np.zeros(30), np.zeros(30)), np.full(30, np.nan), PLAN)


def test_everything_in_one_place_and_on_one_day_is_an_answer() -> None:
    found = knox((np.zeros(30), np.zeros(30)), np.zeros(30), PLAN)
    assert found.observed[0].tolist() == [435, 0, 0] and found.p[0, 0] == 1.0
