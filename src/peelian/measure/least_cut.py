"""The least cut between two layers of areas: what of a second map of the same rows may be published beside the first.

Rows lie in cells of both layers. Published cells and one node for all that is not published form a graph, weighted by
the rows (and the ground) that two cells share. Every signed sum of published counts is about the rows on a cut of it,
so no combination of the two maps is about few rows or one home if no cut is (Cox, "Network models for complementary
cell suppression", JASA 1995, puts tables so; the least cut of a graph is Stoer and Wagner's, JACM 1997).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from peelian.measure.geographies import same_ground

ROWS = 11  # on every cut
GROUND = 10_000.0  # square metres under them
NOWHERE, NOT_SHOWN = -1, -2  # in no cell; in a cell of the layer that is not published
_SPECK = 1e-6  # square metres: a place of rows is never nothing

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Edges = Sequence[tuple[int, int, float]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Overlaps:
    """Where rows lie in two layers: one entry for each pair of cells that has rows, arrays of one length.

    `first` and `second` are numbers of cells, -1 for none, -2 for one that is not published whatever happens; `rows`
    how many lie there; `ground` square metres.
    """

    first: Ints
    second: Ints
    rows: Ints
    ground: Floats
    cells: tuple[int, int]  # of the first layer and of the second


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Cells of the second layer that are not published, and how many cuts stay too small whatever is left out."""

    cells: tuple[int, ...]
    open: int


def overlaps_of(first: NDArray[Any], second: NDArray[Any], points: NDArray[Any]) -> Overlaps:
    """Rows by pair of cells; outlines and points in metres. A row is in the first cell that it lies in.

    O(rows log cells + overlaps).
    """
    a, b = _located(first, points), _located(second, points)
    return overlaps_between(first, second, (a, b, np.ones(len(a), dtype=np.int64)))


def overlaps_between(first: NDArray[Any], second: NDArray[Any], rows: tuple[Ints, Ints, Ints]) -> Overlaps:
    """The same of rows whose cells are known: of the first layer, of the second (-1 for none), and how many lie there;
    none where nobody knows whether any do.

    O(rows + overlaps).
    """
    pairs_of, where = np.unique(np.stack(rows[:2]), axis=1, return_inverse=True)
    (i, j), n = pairs_of, np.bincount(np.asarray(where).ravel(), rows[2], pairs_of.shape[1]).astype(np.int64)
    one, other = shapely.STRtree(second).query(first, predicate="intersects")
    shared = shapely.area(shapely.intersection(first[one], second[other]))
    pairs = dict(zip(zip(one.tolist(), other.tolist(), strict=True), shared.tolist(), strict=True))
    alone = (
        shapely.area(first) - np.bincount(one, shared, len(first)),
        shapely.area(second) - np.bincount(other, shared, len(second)),
    )
    ground = [_ground(p, q, pairs, alone) for p, q in zip(i.tolist(), j.tolist(), strict=True)]
    return Overlaps(
        first=i.astype(np.int64),
        second=j.astype(np.int64),
        rows=n,
        ground=np.where(n > 0, np.array(ground, dtype=np.float64), 0.0),
        cells=(len(first), len(second)),
    )


def left_out(
    overlaps: Overlaps,
    shown: NDArray[np.bool_],
    *,
    ground: float = GROUND,
    fixed: NDArray[np.bool_] | None = None,
    counts: NDArray[Any] | None = None,
    total: bool = False,
) -> LeftOut:
    """What of the second layer is left out, beside its cells of fewer than 11 rows, where of the first the cells
    `shown` were published. O(overlaps log overlaps), and a least cut of what 11 rows do not tie together.

    `fixed`: cells of the second that are published already. `counts`: the rows of each, where the overlaps do not hold
    them all. `total`: whether the second layer's total is public, so that what is left out of it is a count, too.

    Two cells of 40 and 60 rows; then the same ground as one cell with a house of 3 rows more:

    >>> two = Overlaps(first=np.array([0, 1, -1]), second=np.array([0, 0, 0]), rows=np.array([40, 60, 3]),
    ...                ground=np.array([9e5, 9e5, 400.0]), cells=(2, 1))
    >>> left_out(two, np.array([True, True]))
    LeftOut(cells=(0,), open=0)
    >>> left_out(two, np.array([True, False]))
    LeftOut(cells=(), open=0)
    """
    some = overlaps.second >= 0
    mine = np.bincount(overlaps.second[some], overlaps.rows[some], overlaps.cells[1]) if counts is None else counts
    stays = np.zeros(overlaps.cells[1], np.bool_) if fixed is None else fixed
    keep = (mine >= ROWS) | stays
    dropped: list[int] = []
    while True:
        found = [
            cells
            for weight, least in ((overlaps.rows, float(ROWS)), (overlaps.ground, ground))
            for cells in _small_cuts(overlaps, (shown, keep), weight, least, apart=total)
        ]
        free = [[one for one in cells if not stays[one]] for cells in found]
        drop = {min(cells, key=lambda one: (mine[one], one)) for cells in free if cells}
        if not drop:
            return LeftOut(cells=tuple(sorted(dropped)), open=len(found))
        keep[list(drop)] = False
        dropped += drop


def _small_cuts(
    overlaps: Overlaps,
    published: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    weight: NDArray[Any],
    least: float,
    *,
    apart: bool,
) -> Iterator[list[int]]:
    """For each part of the graph the published cells of the second layer on its least cut, where that is too small.
    `apart`: what is left out of the second layer is a node of its own."""
    shown, keep = published
    n, m = overlaps.cells
    hidden = n + m + 1
    rest = np.where(overlaps.second != NOWHERE, hidden - 1, hidden) if apart else np.full(len(overlaps.second), hidden)
    u = np.where((overlaps.first >= 0) & np.append(shown, False)[overlaps.first], overlaps.first, hidden)
    v = np.where((overlaps.second >= 0) & np.append(keep, False)[overlaps.second], n + overlaps.second, rest)
    differ = u != v
    edges = list(zip(u[differ].tolist(), v[differ].tolist(), weight[differ].tolist(), strict=True))
    for side in _cuts(edges, hidden, least):
        yield [node - n for node in side if n <= node < n + m]


def _cuts(edges: Edges, hidden: int, least: float) -> Iterator[set[int]]:
    """The sides without `hidden` of cuts under `least`, one for each part. What is tied by `least` is joined first."""
    root = _tied(edges, hidden + 1, least)
    weights: dict[int, dict[int, float]] = {}
    for u, v, n in edges:
        a, b = root[u], root[v]
        if a != b:
            weights.setdefault(a, {})[b] = weights.setdefault(a, {}).get(b, 0.0) + n
            weights.setdefault(b, {})[a] = weights.setdefault(b, {}).get(a, 0.0) + n
    members: dict[int, set[int]] = {}
    for node in {end for u, v, _ in edges for end in (u, v)}:
        members.setdefault(root[node], set()).add(node)
    for part in _parts(weights):
        size, side = stoer_wagner({node: dict(weights[node]) for node in part})
        if size < least:
            other = part - side if root[hidden] in side else side
            yield {node for one in other for node in members[one]}


def _tied(edges: Edges, nodes: int, least: float) -> list[int]:
    """For each node the one that it is tied to by at least `least` in all, over and over."""
    up = list(range(nodes))

    def root(node: int) -> int:
        while up[node] != node:
            up[node] = up[up[node]]
            node = up[node]
        return node

    again = True
    while again:
        again, weight = False, dict[tuple[int, int], float]()
        for u, v, n in edges:
            a, b = sorted((root(u), root(v)))
            if a != b:
                weight[a, b] = weight.get((a, b), 0.0) + n
        for (a, b), n in weight.items():
            if n >= least and root(a) != root(b):
                up[root(a)] = root(b)
                again = True
    return [root(node) for node in range(nodes)]


def _parts(weights: Mapping[int, Mapping[int, float]]) -> Iterator[set[int]]:
    """The connected parts of a graph."""
    left = set(weights)
    while left:
        part, edge = set[int](), [left.pop()]
        while edge:
            node = edge.pop()
            part.add(node)
            edge += [other for other in weights[node] if other not in part]
        left -= part
        yield part


def stoer_wagner(graph: dict[int, dict[int, float]]) -> tuple[float, Set[int]]:
    """The least cut of a connected graph (weights by node and neighbour; it is used up): its weight, and one side.

    O(nodes · edges · log nodes).

    >>> stoer_wagner({0: {1: 3.0, 2: 1.0}, 1: {0: 3.0, 2: 1.0}, 2: {0: 1.0, 1: 1.0}})
    (2.0, {2})
    """
    joined = {node: {node} for node in graph}
    best: tuple[float, Set[int]] = (float("inf"), set())
    while len(graph) > 1:
        order, size = _phase(graph)
        last, before = order[-1], order[-2]
        if size < best[0]:
            best = size, set(joined[last])
        joined[before] |= joined.pop(last)
        for other, weight in graph.pop(last).items():
            del graph[other][last]
            if other != before:
                graph[before][other] = graph[other][before] = graph[before].get(other, 0.0) + weight
    return best


def _phase(graph: Mapping[int, Mapping[int, float]]) -> tuple[list[int], float]:
    """Nodes in the order of their ties to those before, and the ties of the last."""
    start = next(iter(graph))
    tie = dict.fromkeys(graph, 0.0)
    heap, order, taken = [(0.0, start)], list[int](), set[int]()
    size = 0.0
    while heap:
        negative, node = heapq.heappop(heap)
        if node in taken:
            continue
        taken.add(node)
        order.append(node)
        size = -negative
        for other, weight in graph[node].items():
            if other not in taken:
                tie[other] += weight
                heapq.heappush(heap, (-tie[other], other))
    return order, size


def _located(areas: NDArray[Any], points: NDArray[Any]) -> Ints:
    """The first area that each point lies in, -1 for none."""
    where = np.full(len(points), len(areas), dtype=np.int64)
    point, area = shapely.STRtree(areas).query(points, predicate="intersects")
    np.minimum.at(where, point, area)
    return np.where(where == len(areas), NOWHERE, where)


def _ground(p: int, q: int, pairs: Mapping[tuple[int, int], float], alone: tuple[Floats, Floats]) -> float:
    """Square metres that a cell of each layer share; of one alone, where the other is none."""
    if p >= 0 and q >= 0:
        return pairs.get((p, q), 0.0) + _SPECK
    return max(float(alone[0][p] if p >= 0 else alone[1][q] if q >= 0 else 0.0), 0.0) + _SPECK


def is_of_layer(cells: Iterable[Any], layer: NDArray[Any]) -> bool:
    """Whether each of some cells (metres) is a cell of a layer or a union of its cells, redrawn or not: then its counts
    are sums of that layer's, and no layer of their own. O(cells log layer).

    >>> layer = np.array([shapely.box(0, 0, 500, 500), shapely.box(500, 0, 900, 500)])
    >>> is_of_layer([shapely.box(0, 0, 900, 500)], layer), is_of_layer([shapely.box(0, 0, 700, 500)], layer)
    (True, False)
    """
    tree = shapely.STRtree(layer)
    for cell in cells:
        near = layer[tree.query(cell, predicate="intersects")]
        inside = near[shapely.area(shapely.intersection(near, cell)) * 2 >= shapely.area(near)]
        if not same_ground(shapely.union_all(inside), cell):
            return False
    return True
