"""Incidents along streets: counts and density by segment, the K function of the network, and hot streets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from peelian.technologies.mapping.street_network import Network, Spots, coordinates, distances, nearby, strewn

Floats = NDArray[np.float64]

MOST_PAIRED = 2_000  # points whose pairs are measured: K is the same of a part that is drawn by lot
SHARES = (0.25, 0.5)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clustering:
    """The network K function at `radii` (metres): observed, and the mean and 95 % envelope of chance.

    `n` points were compared; `p` is that of the largest excess over chance, at the radius number `at`.
    """

    radii: Floats
    k: Floats
    chance: Floats
    low: Floats
    high: Floats
    n: int
    p: float
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HotStreets:
    """The fewest segments that hold `share` of the incidents: how many, their part of the length, and that by chance.

    `p`: how often points strewn evenly lie on as small a part of the length.
    """

    share: float
    segments: int
    length: float
    chance: float
    chance_low: float
    chance_high: float
    p: float


def incidents_by_segment(network: Network, spots: Spots) -> NDArray[np.int64]:
    """Incidents by segment. O(points)."""
    return np.bincount(spots.segment, minlength=len(network)).astype(np.int64)


def density(network: Network, reach: csr_array, spots: Spots, metres: float) -> Floats:
    """Incidents per km at the middle of each segment: a quartic kernel of the distance along the network.

    `metres` is the bandwidth, at most what `reach` holds. The kernel is not divided among the streets of a crossing
    (Xie & Yan 2008), so busy crossings weigh more than under an equal split. O(pairs of points and segments nearby).
    """
    total = np.zeros(len(network))
    points, weight = _alike(spots)
    for point, segment, far in nearby(network, reach, points, metres):
        near = np.clip(1 - (far / metres) ** 2, 0, None) ** 2
        total += np.bincount(segment, weights=near * weight[point], minlength=len(network))
    return total * 15 / (16 * metres) * 1_000


def network_k(network: Network, reach: csr_array, spots: Spots, radii: Floats) -> Floats:
    """Okabe & Yamada's K (2001) at `radii`, rising and within `reach`: length × ordered pairs within each / n².

    O(pairs within the largest radius in a straight line).
    """
    i, j = cKDTree(coordinates(network, spots)).query_pairs(float(radii[-1]), output_type="ndarray").T
    far = np.sort(distances(network, reach, spots.take(i), spots.take(j)))
    pairs = 2 * np.searchsorted(far, radii, side="right")
    return pairs * float(network.metres.sum()) / len(spots) ** 2


def clustering(
    network: Network,
    reach: csr_array,
    spots: Spots,
    radii: Floats,
    *,
    draws: int,
    generator: np.random.Generator,
    progress: Callable[[float], None] = lambda share: None,
) -> Clustering:
    """K of the points against `draws` sets of as many points strewn evenly along the network.

    Of more than 2,000 points, 2,000 are drawn by lot. The p is exact: under chance the points are one set more. The
    excess is in standard deviations of all sets together. O(draws × pairs).
    """
    if len(spots) > MOST_PAIRED:
        spots = spots.take(generator.choice(len(spots), MOST_PAIRED, replace=False))
    sets = [network_k(network, reach, spots, radii)]
    for draw in range(draws):
        progress(draw / draws)
        sets.append(network_k(network, reach, strewn(network, len(spots), generator), radii))
    every = np.array(sets)
    spread = every.std(axis=0)
    each = np.divide(every - every.mean(axis=0), spread, out=np.zeros_like(every), where=spread > 0)
    excess = each.max(axis=1)
    low, high = np.quantile(every[1:], (0.025, 0.975), axis=0)
    return Clustering(
        radii=radii,
        k=every[0],
        chance=every[1:].mean(axis=0),
        low=low,
        high=high,
        n=len(spots),
        p=float((excess >= excess[0]).mean()),
        at=int(each[0].argmax()),
    )


def hot_streets(
    network: Network, counts: NDArray[np.int64], draws: int, generator: np.random.Generator
) -> tuple[HotStreets, ...]:
    """The fewest segments with a quarter and a half of the incidents, against points strewn evenly.

    O(draws × (points + segments log segments)).
    """
    n = int(counts.sum())
    sets = [counts, *(incidents_by_segment(network, strewn(network, n, generator)) for _ in range(draws))]
    found = []
    for share in SHARES:
        fewest = [fewest_segments(one, network.metres, share) for one in sets]
        length = np.array([float(network.metres[one].sum()) for one in fewest]) / float(network.metres.sum())
        low, high = np.quantile(length[1:], (0.025, 0.975)).tolist()
        found.append(
            HotStreets(
                share=share,
                segments=len(fewest[0]),
                length=float(length[0]),
                chance=float(length[1:].mean()),
                chance_low=low,
                chance_high=high,
                p=float((length <= length[0] + 1e-12).mean()),
            )
        )
    return tuple(found)


def fewest_segments(counts: NDArray[np.int64], metres: Floats, share: float) -> NDArray[np.intp]:
    """The fewest segments with at least `share` of the incidents, the fullest first; of equal ones the shortest.

    >>> fewest_segments(np.array([1, 5, 0, 2]), np.ones(4), 0.75).tolist()
    [1, 3]
    """
    order = np.lexsort((metres, -counts))
    held = np.cumsum(counts[order])
    return order[: int(np.searchsorted(held, share * held[-1] - 1e-9, side="left")) + 1]


def at_crossings(network: Network, places: Floats, metres: float) -> float:
    """The share of places (float64[n, 2], metres) within so many metres of where three segments or more meet.

    O(places log nodes).
    """
    meet = np.bincount(np.concatenate([network.start, network.end]), minlength=len(network.node)) > 2
    if not bool(meet.any()):
        return 0.0
    return float(np.isfinite(cKDTree(network.node[meet]).query(places, distance_upper_bound=metres)[0]).mean())


def at_one_point(places: Floats) -> float:
    """The share of places (float64[n, 2], metres) where another one lies. O(places log places).

    >>> at_one_point(np.array([[1.0, 1.0], [1.0, 1.0], [2.0, 1.0], [3.0, 1.0]]))
    0.5
    """
    _, n = np.unique(places, axis=0, return_counts=True)
    return float(n[n > 1].sum() / n.sum())


def _alike(spots: Spots) -> tuple[Spots, Floats]:
    """The different points (to 1 cm), and how many are at each."""
    key = np.stack([spots.segment, np.round(spots.along * 100).astype(np.int64)], axis=1)
    _, first, n = np.unique(key, axis=0, return_index=True, return_counts=True)
    return spots.take(first), n.astype(np.float64)
