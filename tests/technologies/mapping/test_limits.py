"""The frontier is exact at its ends, never dearer than it need be, and honours every limit it states."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from peelian.errors import InputError
from peelian.technologies.mapping.areas import Areas
from peelian.technologies.mapping.limits import (
    LIMITS,
    NO_LIMIT,
    Ground,
    beside,
    exposure_ratios,
    frontier,
    ground_of,
)


def ground(cells: int = 30, seed: int = 0, areas: int = 5) -> tuple[np.ndarray, Ground]:
    chance = np.random.default_rng(seed)
    residents = chance.uniform(50, 500, cells)
    share = np.clip(chance.beta(0.5, 0.8, cells), 0.02, 0.98)
    within = np.zeros((areas, cells))
    within[np.arange(cells) % areas, np.arange(cells)] = 1.0
    made = Ground(
        residents=residents,
        members={"a": residents * share, "b": residents * (1 - share) * 0.5},
        within=csr_array(within),
        spent=np.zeros(areas),
    )
    return chance.gamma(0.4, 1.0, cells) + share, made


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 999), st.integers(1, 20))
def test_every_limit_is_honoured_and_prices_only_rise(seed: int, places: int) -> None:
    expected, land = ground(seed=seed)
    points = frontier(expected, land, places)
    assert [point.limit for point in points] == list(LIMITS)
    for point in points:
        assert point.worst <= point.limit * (1 + 1e-5) + 1e-9
        assert point.places <= places + 1e-6 and (point.advised >= 0).all() and (point.advised <= 1).all()
        assert point.expected == pytest.approx(float(expected @ point.advised))
        assert point.price == pytest.approx(points[0].expected - point.expected, abs=1e-9)
    assert all(later.price >= earlier.price - 1e-6 for earlier, later in pairwise(points))


def test_without_limits_it_is_the_places_with_the_highest_expected_counts() -> None:
    expected, land = ground()
    free = frontier(expected, land, 7)[0]
    assert sorted(np.flatnonzero(free.advised).tolist()) == sorted(np.argsort(-expected)[:7].tolist())
    assert free.price == 0.0


def test_no_whole_choice_of_places_beats_the_frontier() -> None:
    expected, land = ground(cells=10)
    for limit in (1.5, 1.1):
        best = frontier(expected, land, 3, limits=(limit,))[-1].expected
        for choice in product((0.0, 1.0), repeat=10):
            advised = np.array(choice)
            ratios = exposure_ratios(advised, land).values()
            if advised.sum() <= 3 and all(1 / limit <= ratio <= limit for ratio in ratios if not np.isnan(ratio)):
                assert expected @ advised <= best + 1e-9


def test_a_budget_holds_in_every_area_with_what_was_spent_before() -> None:
    expected, land = ground()
    spent = np.array([0.0, 1.5, 5.0, 0.0, 0.0])
    point = frontier(expected, Ground(**{**_fields(land), "spent": spent}), 12, limits=(), budget=2.0)[-1]
    used = land.within @ point.advised
    assert (used + np.minimum(spent, 2.0) <= 2.0 + 1e-6).all()
    assert used[2] == pytest.approx(0.0)
    assert point.budget == 2.0 and point.limit == NO_LIMIT


def _fields(land: Ground) -> dict[str, object]:
    return {name: getattr(land, name) for name in ("residents", "members", "within", "spent")}


def test_another_map_is_judged_by_the_same_forecast() -> None:
    expected, land = ground()
    count_map = beside(np.arange(30.0), expected, land, 5)
    assert np.flatnonzero(count_map.advised).tolist() == [25, 26, 27, 28, 29]
    assert count_map.price == pytest.approx(np.sort(expected)[-5:].sum() - expected[25:].sum())


def test_residents_are_spread_evenly_over_their_area() -> None:
    overlap = csr_array(np.array([[1.0, 0.5, 0.0], [0.0, 0.5, 2.0]]))
    areas = Areas(
        names=("x", "y"),
        outlines=np.array([None, None]),
        residents=np.array([300.0, 500.0]),
        members={"a": np.array([30.0, 250.0])},
    )
    made = ground_of(areas, overlap)
    assert made.residents.tolist() == [200.0, 200.0, 400.0]
    assert made.members["a"].tolist() == [20.0, 60.0, 200.0]
    assert made.within.toarray().tolist() == [[1.0, 0.5, 0.0], [0.0, 0.5, 1.0]]


def test_a_group_that_is_everybody_or_nobody_binds_nothing() -> None:
    expected, land = ground()
    all_of = Ground(**{**_fields(land), "members": {"all": land.residents, "none": np.zeros(30)}})
    points = frontier(expected, all_of, 5)
    assert points[-1].price == pytest.approx(0.0) and points[-1].ratios == {} and points[-1].worst == 1.0


@pytest.mark.parametrize(
    ("places", "limits", "said"),
    [(0, LIMITS, "number of cells"), (31, LIMITS, "number of cells"), (3, (0.5,), "below 1")],
)
def test_what_cannot_be_is_named(places: int, limits: tuple[float, ...], said: str) -> None:
    expected, land = ground()
    with pytest.raises(InputError, match=said):
        frontier(expected, land, places, limits=limits)


def test_counts_that_are_none_are_named() -> None:
    expected, land = ground()
    with pytest.raises(InputError, match="negative"):
        frontier(-expected, land, 3)
    with pytest.raises(InputError, match="differ in cells"):
        frontier(expected[:5], land, 3)
