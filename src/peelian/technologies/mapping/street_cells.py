"""Street segments in the place of square cells: models and scores take them as they take a grid."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from peelian.errors import InputError, sentence
from peelian.measure.grid import Grid
from peelian.technologies.mapping.history import History
from peelian.technologies.mapping.street_network import (
    LEAST_METRES,
    Lines,
    Network,
    Spots,
    joined,
    lanes_joined,
    nearby,
    network_of,
    node_distances,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

FEWEST_SEGMENTS, MOST_SEGMENTS = 10, 300_000
MOST_FAR = 0.5  # more of the incidents than this far from every street: streets of another town


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StreetCells(Grid):
    """The segments of a street network on a ground, each one a cell.

    `area_km2` holds **kilometres of street**: what is a share of area on squares is a share of length here. A point is
    in the segment nearest to it, at most `reach_metres` away; of equally near ones, in one of them, always the same.
    `tree` holds also the segments around the ground, which are no cells (`number` -1), so that a point near one of them
    is not moved into the ground. There is no lattice: `index` is empty, and models that need neighbours on one fail.
    """

    network: Network
    reach_metres: float
    tree: shapely.STRtree
    number: Ints

    def centres(self) -> tuple[Floats, Floats]:
        """Metres (east, north) of each segment's middle."""
        east, north = self.network.middle().T
        return east, north

    def extent(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the segments' middles, in metres."""
        middle = self.network.middle()
        (west, south), (east, north) = middle.min(axis=0).tolist(), middle.max(axis=0).tolist()
        return west, south, east, north

    def ids(self) -> NDArray[Any]:
        """The segments' names, `street:1` and on, in the order of the file."""
        return np.array([f"street:{k + 1}" for k in range(len(self))], dtype=object)

    def locate(self, east: Floats, north: Floats) -> Ints:
        """The number of each point's segment; -1 where that is no cell, or too far. O(points log segments)."""
        line = self.nearest(east, north)
        return np.where(line < 0, -1, self.number[line]).astype(np.int32)

    def far(self, east: Floats, north: Floats) -> NDArray[np.bool_]:
        """Which points lie farther than the reach from every street. O(points log segments)."""
        return np.asarray(self.nearest(east, north) < 0)

    def nearest(self, east: Floats, north: Floats) -> NDArray[np.int64]:
        """The number of the nearest line of the tree, -1 beyond the reach. Places that recur are looked up once."""
        if not len(east):
            return np.zeros(0, dtype=np.int64)
        places, back = np.unique(np.stack([east, north], axis=1), axis=0, return_inverse=True)
        which, line = self.tree.query_nearest(shapely.points(places), max_distance=self.reach_metres, all_matches=False)
        found = np.full(len(places), -1, dtype=np.int64)
        found[which] = line
        return found[np.asarray(back).ravel()]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StreetKernel:
    """How the mass in each segment is spread along the streets: segments x segments, each column sums to 1."""

    weights: csr_array

    def empty(self) -> Floats:
        """No mass in any segment."""
        return np.zeros(self.weights.shape[0])

    def plane(self, part: History, weight: Floats) -> Floats:
        """Incidents (by weight) per segment. O(rows)."""
        return np.bincount(part.cell, weights=weight, minlength=self.weights.shape[0]).astype(np.float64, copy=False)

    def cells(self, plane: Floats) -> Floats:
        """The masses spread; their sum stays. O(pairs of near segments)."""
        return np.asarray(self.weights @ plane)


def street_cells(
    lines: Lines, ground: Any, *, longest_metres: float, reach_metres: float, least_metres: float = 0.0
) -> StreetCells:
    """The segments whose middle lies on a ground (a polygon in metres), from lines in metres.

    Lines are cut where they meet, then into equal parts of at most `longest_metres`; parts shorter than `least_metres`
    are joined with others that they meet, and where that is 100 m, lanes beside one another, too. InputError: fewer
    than 10 or more than 300,000 segments. O(vertices log vertices).
    """
    west, south, east, north = ground.bounds
    around = longest_metres + reach_metres
    box = shapely.box(west - around, south - around, east + around, north + around)
    near = np.sort(shapely.STRtree(lines).query(box, predicate="intersects"))
    whole = joined(network_of(lines[near], longest_metres), least_metres)
    whole = lanes_joined(whole) if least_metres >= LEAST_METRES else whole
    shapely.prepare(ground)
    inside = shapely.contains_xy(ground, *whole.middle().T) if len(whole) else np.zeros(0, dtype=bool)
    network = whole.take(inside)
    refuse_segments(len(network))
    middle = np.floor(network.middle() / longest_metres).astype(np.int32)
    return StreetCells(
        cell_metres=longest_metres,
        row=middle[:, 1],
        col=middle[:, 0],
        area_km2=network.metres / 1_000,
        first_row=0,
        first_col=0,
        index=np.zeros((0, 0), dtype=np.int32),
        network=network,
        reach_metres=reach_metres,
        tree=shapely.STRtree(whole.line),
        number=np.where(inside, np.cumsum(inside) - 1, -1).astype(np.int32),
    )


@lru_cache(maxsize=1)  # a challenge fits a model for each of its windows on the same streets
def street_kernels(cells: StreetCells, bandwidths: tuple[float, ...]) -> tuple[StreetKernel, ...]:
    """A quartic kernel of the distance along the streets, for each bandwidth (metres at which it ends).

    From the middle of a segment to the middles of others (Xie and Yan 2008), times their length, divided by the sum
    over the segments in reach: no mass leaves the ground (Diggle 1985). O(pairs of segments within the widest).
    """
    network, widest = cells.network, max(bandwidths)
    middle = Spots(segment=np.arange(len(network)), along=network.metres / 2)
    reach = node_distances(network, widest)
    parts = [
        (source[near].astype(np.int32), target[near].astype(np.int32), far[near])
        for source, target, far in nearby(network, reach, middle, widest)
        for near in [far < widest]
    ]
    source, target, far = (np.concatenate(part) for part in zip(*parts, strict=True))
    return tuple(_kernel(network.metres, (source, target, far), metres) for metres in bandwidths)


def _kernel(length: Floats, pairs: tuple[Ints, Ints, Floats], metres: float) -> StreetKernel:
    near = pairs[2] < metres
    source, target = pairs[0][near], pairs[1][near]
    mass = (1 - (pairs[2][near] / metres) ** 2) ** 2 * length[target]
    whole = np.bincount(source, weights=mass, minlength=len(length))
    shape = (len(length), len(length))
    return StreetKernel(weights=coo_array((mass / whole[source], (target, source)), shape=shape).tocsr())


def refuse_segments(n: int, fewest: int = FEWEST_SEGMENTS) -> None:
    """InputError where so few segments lie on the ground that the streets are of another town, or too many."""
    if n < fewest:
        says = sentence("only %(n)d street segments lie on the ground of the incidents", n=n)
        accepted = sentence("the streets of this town, at least %(n)d segments of them", n=fewest)
        raise InputError(says, accepted=accepted)
    if n > MOST_SEGMENTS:
        raise InputError("more streets than allowed", accepted=sentence("%(n)d segments", n=MOST_SEGMENTS))


def refuse_far(far: int, n: int, reach_metres: float) -> None:
    """InputError where most incidents lie beyond the reach of every street: streets of another town."""
    if far > MOST_FAR * n:
        says = "%(far)d of %(n)d incidents lie more than %(metres)d m from every street"
        says = sentence(says, far=far, n=n, metres=round(reach_metres))
        raise InputError(says, accepted="the streets of this town")
