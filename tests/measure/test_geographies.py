"""Ground that counts: what an opening leaves of an outline, checked against areas worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from peelian.measure.geographies import counted_ground, first_overlap, same_ground


@pytest.mark.parametrize(("side", "counts"), [(50, False), (99.9, False), (100, True), (400, True)])
def test_a_square_of_public_ground_counts_from_a_hectare_on(side: float, counts: bool) -> None:
    assert counted_ground(shapely.box(0, 0, side, side), homes=0, public=True).ground.is_empty is not counts


@pytest.mark.parametrize(("width", "kept"), [(49, 68), (51, 500)])
def test_a_strip_is_counted_as_far_as_it_is_wide_or_fifty_metres_from_there(width: float, kept: float) -> None:
    """A yard of 200 m with a strip 500 m long: narrower than 50 m, what is near the yard alone is counted."""
    outline = shapely.union_all([shapely.box(0, 0, 200, 200), shapely.box(200, 0, 700, width)])
    found = counted_ground(outline, homes=0, public=True)
    assert found.ground.bounds[2] == pytest.approx(200 + kept, abs=2)
    assert found.left_out == pytest.approx(outline.area - found.ground.area)


def test_homes_are_spread_over_the_ground_that_is_wide() -> None:
    outline = shapely.union_all([shapely.box(0, 0, 900, 100), shapely.box(2_000, 0, 2_100, 100)])
    assert counted_ground(outline, homes=201, public=False).left_out == 0
    assert counted_ground(outline, homes=180, public=False).ground.bounds[2] == pytest.approx(900)


@pytest.mark.parametrize(("shared", "overlaps"), [(0, False), (9.9, False), (10.1, True)])
def test_ten_metres_are_an_overlap(shared: float, overlaps: bool) -> None:
    pair = np.array([shapely.box(0, 0, 500, 500), shapely.box(500 - shared, 0, 1_000, 500)])
    assert (first_overlap(pair) is not None) is overlaps
    assert (first_overlap(pair[:1], pair[1:]) is not None) is overlaps


def test_a_redrawn_outline_is_the_same_ground_and_one_without_a_house_is_not() -> None:
    whole = shapely.box(0, 0, 500, 500)
    assert same_ground(whole, shapely.box(2, 3, 501, 498))
    assert not same_ground(whole, shapely.difference(whole, shapely.box(100, 100, 115, 112)))
