"""The network of streets: where they meet, how they are cut, and what bad drawings become."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from peelian.technologies.mapping.street_network import (
    REACH_METRES,
    Network,
    Spots,
    coordinates,
    counted_network,
    distances,
    network_of,
    node_distances,
    snapped,
)


def streets(*drawn: list[tuple[float, float]]):  # type: ignore[no-untyped-def]
    return network_of(np.array([shapely.LineString(one) for one in drawn]))


def way(network, one: tuple[float, float], other: tuple[float, float], within: float = 1_000.0) -> float:  # type: ignore[no-untyped-def]
    """Metres along the network between the two places."""
    spots, _ = snapped(network, *np.array([one, other]).T)
    found = distances(network, node_distances(network, within), spots.take(np.array([0])), spots.take(np.array([1])))
    return float(found[0])


def test_streets_that_end_at_another_or_share_a_vertex_meet():
    end = streets([(0, 0), (200, 0)], [(70, 0.6), (70, 90)])
    assert way(end, (0, 0), (70, 90)) == pytest.approx(70 + 89.4, abs=1.5)
    crossed = streets([(0, 0), (50, 0), (100, 0)], [(50, -50), (50, 0), (50, 50)])
    assert way(crossed, (0, 0), (50, 50)) == pytest.approx(100)


def test_a_bridge_does_not_meet_what_it_crosses():
    bridge = streets([(0, 0), (100, 0)], [(50, -50), (50, 50)])
    assert way(bridge, (10, 0), (50, 40)) == np.inf
    assert bridge.largest_part() == pytest.approx(0.5)


def test_segments_are_equal_parts_of_at_most_100_m_and_keep_their_bends():
    bent = [(0, 0), (120, 50), (240, 0)]
    made = streets(bent)
    assert made.metres.sum() == pytest.approx(260, abs=0.5) and len(made) == 3
    assert made.metres.max() <= 100 and shapely.union_all(made.line).hausdorff_distance(shapely.LineString(bent)) < 1e-6


@pytest.mark.parametrize(
    ("drawn", "metres"),
    [
        ([[(0, 0), (90, 0)], [(0, 0), (90, 0)]], 90),  # twice
        ([[(0, 0), (90, 0)], [(90, 0), (0, 0)]], 90),  # twice, the other way round
        ([[(0, 0), (90, 0)], [(5, 5), (5, 5)]], 90),  # without a length
        ([[(0, 0), (90, 0)], [(90.4, 0), (180, 0)]], 180),  # a gap of 40 cm
        ([[(0, 0), (60, 0), (60, 60), (0, 60), (0, 0)]], 240),  # round
        ([[(0, 0), (90, 0)], [(0, 0), (45, 40), (90, 0)]], 90 + 2 * np.hypot(45, 40)),  # two ways between two places
    ],
)
def test_bad_drawings_become_streets_once(drawn, metres):
    assert streets(*drawn).metres.sum() == pytest.approx(metres, abs=0.5)


def test_the_shorter_of_two_ways_counts():
    two = streets([(0, 0), (60, 0)], [(0, 0), (30, 30), (60, 0)], [(60, 0), (150, 0)], [(-50, 0), (0, 0)])
    assert way(two, (-50, 0), (150, 0)) == pytest.approx(200)
    small = streets([(0, 0), (20, 0), (20, 20), (0, 20), (0, 0)], [(0, 0), (-50, 0)])
    assert way(small, (15, 0), (0, 15)) == pytest.approx(30)
    ring = streets([(0, 0), (60, 0), (60, 60), (0, 60), (0, 0)])
    assert way(ring, (50, 0), (0, 50)) == pytest.approx(100)


def test_no_line_is_shorter_than_the_straight_way():
    generator = np.random.default_rng(1)
    made = streets(*(np.cumsum(generator.normal(0, 60, (6, 2)), axis=0).tolist() for _ in range(60)))
    straight = np.hypot(*(made.node[made.start] - made.node[made.end]).T)
    assert (straight <= made.metres + 1e-9).all()


def test_points_beyond_100_m_belong_to_no_street():
    made = streets([(0, 0), (300, 0)])
    spots, which = snapped(made, np.array([150.0, 150.0]), np.array([REACH_METRES - 1, REACH_METRES + 1]))
    assert which.tolist() == [0]
    assert coordinates(made, spots) == pytest.approx(np.array([[150.0, 0.0]]))


def test_ways_over_tiles_and_up_to_the_reach_are_found_and_none_beyond():
    made = streets([(float(x), 0.0) for x in range(0, 5_001, 250)])
    assert way(made, (900, 0), (1_750, 0), within=1_000.0) == pytest.approx(850)
    assert way(made, (0, 0), (2_000, 0), within=1_000.0) == np.inf


def test_nothing_is_a_network_without_segments():
    made = streets([(0, 0), (0.2, 0)])
    assert len(made) == 0
    assert len(Spots(segment=np.zeros(0, np.int64), along=np.zeros(0))) == 0


def lanes(apart: float, n: int = 20, shift: float = 0.0, length: float = 400.0) -> Network:
    """Straight lanes beside one another, each begun `shift` metres farther than the one before."""
    rows = [[(shift * k, apart * k), (shift * k + length, apart * k)] for k in range(n)]
    return counted_network(shapely.linestrings(rows))


@pytest.mark.parametrize("shift", [0.0, 12.0, 50.0])
@pytest.mark.parametrize("apart", [6.0, 12.0, 24.0])
def test_no_two_counted_segments_run_beside_one_another(apart: float, shift: float) -> None:
    made = lanes(apart, shift=shift)
    assert made.metres.sum() == pytest.approx(20 * 400), "no lane is lost"
    longest = [max(shapely.get_parts(one), key=shapely.length) for one in made.line]
    middle = shapely.line_interpolate_point(longest, 0.5, normalized=True)
    far = shapely.distance(middle[:, None], np.array(longest, dtype=object)[None])
    assert np.sort(far, axis=1)[:, 1].min() >= min(25.0, 24.0 + apart) or len(made) < 40
    assert len(made) <= 20 * 400 / 100 / 2


def test_streets_a_block_apart_stay_as_they_are() -> None:
    assert len(lanes(60.0)) == 40 and lanes(60.0).metres.tolist() == [200.0] * 40


def test_both_ways_of_a_road_are_one_segment_with_its_side_streets_joined() -> None:
    ways = [
        [(0, 0), (150, 0), (300, 0)],
        [(0, 14), (150, 14), (300, 14)],
        [(150, 14), (150, 150)],
        [(150, 0), (150, -150)],
    ]
    made = counted_network(np.array([shapely.LineString(one) for one in ways], dtype=object))
    assert sorted(made.metres.round().tolist()) == [136.0, 150.0, 300.0, 300.0]
    assert made.largest_part() == 1.0
