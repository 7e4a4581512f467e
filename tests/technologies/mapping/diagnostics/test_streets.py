"""Incidents along streets: equal to a search from every incident, even p under chance, and what is bad input."""

from __future__ import annotations

import heapq

import numpy as np
import pytest
import scipy.stats
import shapely
from sizes import size

from peelian.technologies.mapping.diagnostics.streets import (
    at_crossings,
    clustering,
    density,
    fewest_segments,
    hot_streets,
    incidents_by_segment,
    network_k,
)
from peelian.technologies.mapping.street_network import (
    Network,
    Spots,
    network_of,
    node_distances,
    snapped,
    strewn,
)

RADII = np.arange(50.0, 301.0, 50.0)


def lattice(n: int = 6, step: float = 120.0) -> Network:
    """n × n crooked crossings, with a ring road and an island of its own."""
    steps = np.arange(n) * step
    at = np.stack(np.meshgrid(steps, steps), axis=-1) + np.random.default_rng(4).uniform(-25, 25, (n, n, 2))
    turn = np.linspace(0, 2 * np.pi, 25)
    ring = at[0, -1] + 60 * np.stack([1 - np.cos(turn), np.sin(turn)], axis=1)
    ring[-1] = ring[0]
    island = np.array([[2_000.0, 0.0], [2_250.0, 0.0]])
    return network_of(np.array([shapely.LineString(one) for one in [*at, *at.swapaxes(0, 1), ring, island]]))


def from_everywhere(network: Network, spots: Spots) -> np.ndarray:
    """Metres from each point to each node, by Dijkstra's search from the point itself."""
    ways: dict[int, list[tuple[int, float]]] = {k: [] for k in range(len(network.node))}
    for a, b, metres in zip(network.start.tolist(), network.end.tolist(), network.metres.tolist(), strict=True):
        ways[a].append((b, metres))
        ways[b].append((a, metres))
    found = np.full((len(spots), len(network.node)), np.inf)
    for k, (segment, along) in enumerate(zip(spots.segment.tolist(), spots.along.tolist(), strict=True)):
        left = network.metres[segment] - along
        heap = [(along, int(network.start[segment])), (left, int(network.end[segment]))]
        while heap:
            far, node = heapq.heappop(heap)
            if far < found[k, node]:
                found[k, node] = far
                for other, metres in ways[node]:
                    heapq.heappush(heap, (far + metres, other))
    return found


def between(network: Network, one: Spots, other: Spots) -> np.ndarray:
    """Metres from each point of `one` to each of `other`."""
    nodes = from_everywhere(network, one)
    start, end = network.start[other.segment], network.end[other.segment]
    far = np.minimum(nodes[:, start] + other.along, nodes[:, end] + network.metres[other.segment] - other.along)
    same = one.segment[:, None] == other.segment
    return np.where(same, np.minimum(far, np.abs(one.along[:, None] - other.along)), far)


def test_density_is_that_of_a_search_from_every_incident():
    network = lattice()
    spots = strewn(network, 150, np.random.default_rng(1))
    spots = spots.take(np.append(np.arange(150), [3, 3, 3]))  # several at one place
    found = density(network, node_distances(network, 250.0), spots, 250.0)
    middle = Spots(segment=np.arange(len(network)), along=network.metres / 2)
    far = between(network, spots, middle)
    kernel = 15 / (16 * 250) * np.clip(1 - (far / 250) ** 2, 0, None) ** 2
    assert found == pytest.approx(1_000 * kernel.sum(axis=0), abs=1e-9)


def test_k_is_that_of_a_search_from_every_incident():
    network = lattice()
    spots = strewn(network, 120, np.random.default_rng(2))
    far = between(network, spots, spots)
    np.fill_diagonal(far, np.inf)
    wanted = [(far <= radius).sum() * network.metres.sum() / 120**2 for radius in RADII]
    assert network_k(network, node_distances(network, 300.0), spots, RADII) == pytest.approx(wanted)


def test_p_is_even_where_incidents_are_strewn_by_chance():
    """200 seeds: a p of 19 draws is .05 or less as often as one of 39. It is not even where the points at the radius
    that stands out are compared with draws at any one radius."""
    draws = size(19, 39)
    network = lattice()
    reach, p, hot = node_distances(network, 300.0), [], []
    for seed in range(200):
        generator = np.random.default_rng(seed)
        spots = strewn(network, 60, generator)
        p.append(clustering(network, reach, spots, RADII, draws=draws, generator=generator).p)
        hot.append([one.p for one in hot_streets(network, incidents_by_segment(network, spots), draws, generator)])
    for values in (np.array(p), *np.array(hot).T):
        assert scipy.stats.kstest(values, "uniform").pvalue > 0.001
        assert 0.01 <= np.mean(values <= 0.05) <= 0.10


def test_incidents_that_gather_are_found():
    network, generator = lattice(), np.random.default_rng(5)
    spots = strewn(network, 200, generator)
    gathered = spots.take(np.where(spots.segment < 8, np.arange(200), generator.choice(200, 200)))
    gathered = Spots(segment=np.where(np.arange(200) < 100, 4, gathered.segment), along=gathered.along * 0 + 30.0)
    reach = node_distances(network, 300.0)
    assert clustering(network, reach, gathered, RADII, draws=99, generator=generator).p == pytest.approx(0.01)
    quarter, half = hot_streets(network, incidents_by_segment(network, gathered), 99, generator)
    assert (quarter.segments, half.segments, half.p) == (1, 1, pytest.approx(0.01))
    assert half.length < 0.02 < half.chance_low


def test_the_fewest_segments_hold_at_least_the_share():
    counts, metres = np.array([3, 0, 5, 3, 1]), np.array([90.0, 10.0, 50.0, 20.0, 30.0])
    assert fewest_segments(counts, metres, 0.5).tolist() == [2, 3]  # of equal ones the shorter
    assert fewest_segments(counts, metres, 0.25).tolist() == [2]


def test_points_at_a_crossing_are_told():
    cross = network_of(shapely.linestrings([[[-90, 0], [0, 0], [90, 0]], [[0, -90], [0, 0], [0, 90]]]))
    places = np.array([[4.0, 3.0], [4.0, 50.0], [89.0, 0.0], [0.0, 0.0]])
    assert at_crossings(cross, places, 10.0) == 0.5  # a street's end is none


def test_a_network_of_one_street_has_figures():
    network = network_of(shapely.linestrings([[[0, 0], [250, 0]]]))
    spots, which = snapped(network, np.array([10.0, 20.0, 240.0, 50.0]), np.array([5.0, -5.0, 0.0, 150.0]))
    assert (
        len(network) == 3 and which.tolist() == [0, 1, 2] and incidents_by_segment(network, spots).tolist() == [2, 0, 1]
    )
    found = clustering(
        network, node_distances(network, 300.0), spots, RADII, draws=19, generator=np.random.default_rng(1)
    )
    assert found.k[0] == pytest.approx(2 * 250 / 9) and 0 < found.p <= 1
