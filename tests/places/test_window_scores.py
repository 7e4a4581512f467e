"""Whole cells for an area, and what they held: at most or at least the limit, ties by lot, a line in one cell."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from peelian.errors import InputError
from peelian.places.lengths import limits_of
from peelian.places.window_scores import Outcome, chosen, counted, scored

AREA = np.full(10, 0.3)
RISING = np.arange(10.0)


def test_the_lower_end_is_filled_and_the_upper_not_exceeded():
    low, high = limits_of(["0.7 km2..1.3 km2"])
    assert np.flatnonzero(chosen(RISING, AREA, low).member).tolist() == [7, 8, 9]
    assert np.flatnonzero(chosen(RISING, AREA, high).member).tolist() == [6, 7, 8, 9]
    exact = limits_of(["0.9 km2"])[0]
    assert chosen(RISING, AREA, exact).member.sum() == 3 and chosen(RISING, AREA, exact).tied == 0


def test_a_range_that_no_whole_cells_meet_is_told():
    for one in limits_of(["0.4 km2..0.5 km2"]):
        with pytest.raises(InputError, match="whole cells"):
            chosen(RISING, AREA, one)


def test_density_ranks_not_the_count():
    area = np.array([2.0, 0.5, 1.0])
    assert chosen(np.array([2.0, 1.5, 1.0]), area, limits_of(["1 cells"])[0]).member.tolist() == [False, True, False]


def test_a_lot_is_fair_and_repeats_with_its_seed():
    two = limits_of(["2 cells"])[0]
    times = sum(chosen(np.ones(10), AREA, two, seed=seed).member.astype(int) for seed in range(500))
    assert times.min() > 60 and times.max() < 150 and times.sum() == 1_000
    assert (chosen(np.ones(10), AREA, two, seed=7).member == chosen(np.ones(10), AREA, two, seed=7).member).all()


def test_a_point_on_a_line_counts_once():
    boxes = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    made = counted(boxes, np.array([1.0, 0.5, 1.5, 9.0]), np.full(4, 0.5), np.array([1.0, 1.0, 0.25, 1.0]))
    assert made.tolist() == [2.0, 0.25]


def test_a_window_without_incidents_has_no_rates():
    came = Outcome(counts=np.zeros(2), area=np.ones(2), incidents=0.0, whole=2.0)
    made = scored(np.array([True, False]), came)
    assert made.n == 0 and all(np.isnan([made.pai, made.pai_star, made.pei_star, made.hit_rate]))


def test_a_choice_without_its_other_cells_is_compared_with_the_best_among_ours():
    own = Outcome(counts=np.array([2.0]), area=np.ones(1), incidents=8.0, whole=4.0)
    ours = Outcome(counts=np.array([4.0, 2.0, 1.0, 1.0]), area=np.ones(4), incidents=8.0, whole=4.0)
    made = scored(np.array([True]), own, best_of=ours)
    assert (made.n_possible, made.pei_star, made.pai, made.pai_star) == (4.0, 0.5, 1.0, 2.0)
