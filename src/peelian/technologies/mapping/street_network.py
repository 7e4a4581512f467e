"""A town's streets as a network of short segments: joined at their ends, points put on them, distances along them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Lines = NDArray[Any]

SNAP_METRES = 1.0  # ends so near to one another, or to another street, meet
SEGMENT_METRES = 100.0
LEAST_METRES = 100.0  # of a segment that an office counts on: shorter ones are joined
LANE_METRES = 25.0  # streets nearer than this beside one another are one
BESIDE = (0.3, 0.5, 0.7)  # where along a segment it is looked whether another one runs beside it
REACH_METRES = 100.0  # a point farther from every street belongs to none
TILE_METRES, TILE_NODES = 1_000.0, 1_000
AT_ONCE = 4_000  # points whose surroundings are looked at together


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Network:
    """Segments between nodes, arrays of one length: ends (numbers of nodes), metres, and the lines themselves.

    `node` is float64[nodes, 2]: metres east and north. No line is shorter than the straight way between its ends,
    where none was `joined`.
    """

    start: Ints
    end: Ints
    metres: Floats
    line: Lines
    node: Floats

    def __len__(self) -> int:
        return len(self.metres)

    def middle(self) -> Floats:
        """The middle of each segment: float64[segments, 2]."""
        at: Floats = shapely.get_coordinates(shapely.line_interpolate_point(self.line, 0.5, normalized=True))
        return at

    def largest_part(self) -> float:
        """The share of the length that the largest connected part holds. O(segments)."""
        n = len(self.node)
        joins = coo_array((np.ones(len(self)), (self.start, self.end)), shape=(n, n))
        _, part = connected_components(joins, directed=False)
        return float(np.bincount(part[self.start], weights=self.metres).max() / self.metres.sum())

    def take(self, kept: NDArray[Any]) -> Network:
        """The chosen segments; nodes keep their numbers."""
        return Network(
            start=self.start[kept], end=self.end[kept], metres=self.metres[kept], line=self.line[kept], node=self.node
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spots:
    """Points on a network: the segment each lies on, and metres from the segment's start."""

    segment: Ints
    along: Floats

    def __len__(self) -> int:
        return len(self.segment)

    def take(self, chosen: NDArray[Any]) -> Spots:
        """The chosen points (mask or indices)."""
        return Spots(segment=self.segment[chosen], along=self.along[chosen])


def network_of(lines: Lines, longest_metres: float = SEGMENT_METRES) -> Network:
    """The network of lines (shapely, in metres): cut where they meet, then into equal parts of at most `longest`.

    Streets meet where an end lies within 1 m of another street, or where they share a vertex. Lines that cross without
    either do not meet: one is a bridge. A street drawn twice counts once; lines of less than 1 m are passed over.
    O(vertices log vertices).

    >>> made = network_of(shapely.linestrings([[[0, 0], [150, 0]], [[75, 0.5], [75, 90]]]))
    >>> made.metres.round().tolist(), len(made.node)
    ([75.0, 75.0, 90.0], 4)
    """
    lines = lines[shapely.length(lines) > SNAP_METRES]
    if not len(lines):
        nothing = np.zeros(0, np.int64)
        return Network(start=nothing, end=nothing, metres=np.zeros(0), line=lines, node=np.zeros((0, 2)))
    node = _meetings(lines)
    line, low, high, start, end = _pieces(lines, node)
    return _cut(lines, node, (line, low, high, start, end), longest_metres)


def joined(network: Network, least_metres: float) -> Network:
    """The network whose segments shorter than `least` are joined with the shortest that meets them, until none is.

    One that meets no other is left out. A joined segment has the ends of its longest part, all its parts' length, and
    all of them as its line; between the ends of its other parts there is no way left. O(segments log segments).

    >>> streets = [[[0, 0], [90, 0]], [[90, 0], [190, 0]], [[90, 0], [90, 80]]]
    >>> made = network_of(np.array([shapely.LineString(street) for street in streets]))
    >>> [joined(made, least).metres.tolist() for least in (30.0, 85.0, 500.0)]
    [[90.0, 100.0, 80.0], [170.0, 100.0], []]
    """
    group = _groups(network, least_metres)
    other = np.setdiff1d(np.flatnonzero(group >= 0), _longest_of(network, group))
    return _grouped(network, group, (network.start[other], network.end[other]))


def lanes_joined(network: Network, apart_metres: float = LANE_METRES) -> Network:
    """The network where each segment that runs beside longer ones, nearer than `apart`, is one with the nearest.

    Else a hundred metres of a lane behind another one would be the houses between. O(segments log segments).

    >>> streets = [[[0, at], [120, at]] for at in (0, 12, 60)]
    >>> lanes_joined(network_of(np.array([shapely.LineString(one) for one in streets]), 120)).metres.tolist()
    [240.0, 120.0]
    """
    group = _beside(network, apart_metres)
    other = np.flatnonzero(group != np.arange(len(network)))
    into, node = group[other], network.node
    links = []
    for ends in (network.start[other], network.end[other]):
        far = [np.hypot(*(node[ends] - node[of[into]]).T) for of in (network.start, network.end)]
        links.append((ends, np.where(far[0] <= far[1], network.start[into], network.end[into])))
    return _grouped(network, group, (np.concatenate([a for a, _ in links]), np.concatenate([b for _, b in links])))


def counted_network(lines: Lines) -> Network:
    """The network of lines (metres) that an office counts on: segments of 100 to 200 m, short ones and lanes joined."""
    return lanes_joined(joined(network_of(lines, 2 * LEAST_METRES), LEAST_METRES))


def _beside(network: Network, apart: float) -> Ints:
    """For each segment the one that it runs beside, itself for those that run beside no longer one."""
    found = np.arange(len(network))
    if not len(network):
        return found
    at = np.stack([shapely.line_interpolate_point(network.line, part, normalized=True) for part in BESIDE])
    order = np.lexsort((found, -network.metres))
    turn = np.argsort(order)
    point, line = shapely.STRtree(network.line).query(at.ravel(), predicate="dwithin", distance=apart)
    of, part = point % len(network), point // len(network)
    longer = turn[line] < turn[of]
    of, part, line = of[longer], part[longer], line[longer]
    near: dict[int, list[tuple[int, int]]] = {}
    for k, which, other in zip(of.tolist(), part.tolist(), line.tolist(), strict=True):
        near.setdefault(k, []).append((which, other))
    for k in sorted(near, key=lambda one: int(turn[one])):
        kept = [(which, other) for which, other in near[k] if found[other] == other]
        if len({which for which, _ in kept}) == len(BESIDE):
            others = sorted({other for _, other in kept})
            far = shapely.distance(at[len(BESIDE) // 2, k], network.line[others])
            found[k] = others[int(np.argmin(far))]
    return found


def _longest_of(network: Network, group: Ints) -> Ints:
    """The longest segment of each group."""
    kept = np.flatnonzero(group >= 0)
    order = kept[np.lexsort((kept, -network.metres[kept], group[kept]))]
    return order[np.append(True, np.diff(group[order]) > 0)] if len(order) else order


def _grouped(network: Network, group: Ints, one_place: tuple[Ints, Ints]) -> Network:
    """The segments of each group (-1: none) as one, with the ends of its longest; the nodes of the pairs `one_place`
    are one from then on."""
    kept = np.flatnonzero(group >= 0)
    order = kept[np.lexsort((kept, -network.metres[kept], group[kept]))]  # the longest part of each group first
    first = np.flatnonzero(np.append(True, np.diff(group[order]) > 0)) if len(order) else order
    main = order[first]
    n = len(network.node)
    gone = coo_array((np.ones(len(one_place[0])), one_place), shape=(n, n))
    _, same = connected_components(gone, directed=False)
    _, one = np.unique(same, return_index=True)  # the node that stands for those that are one now
    line = network.line[main]
    parts = np.split(order, first[1:])
    for k in np.flatnonzero([len(part) > 1 for part in parts]):
        line[k] = shapely.line_merge(shapely.multilinestrings(shapely.get_parts(network.line[parts[k]])))
    metres = np.add.reduceat(network.metres[order], first) if len(order) else np.zeros(0)
    start, end = one[same[network.start[main]]], one[same[network.end[main]]]
    back = np.argsort(main)
    made = Network(start=start, end=end, metres=metres, line=line, node=network.node)
    return made.take(back)


def _groups(network: Network, least: float) -> Ints:
    """The group of each segment, by the number of one in it; -1 where all that meet it are shorter together."""
    total = dict(enumerate(network.metres.tolist()))
    ends = {k: {*nodes} for k, nodes in enumerate(np.stack([network.start, network.end], axis=1).tolist())}
    at: dict[int, set[int]] = {}
    for k, node in ((k, node) for k, nodes in ends.items() for node in nodes):
        at.setdefault(node, set()).add(k)
    joins = list[tuple[int, int]]()
    short = [(metres, k) for k, metres in total.items() if metres < least]
    heapify(short)
    while short:
        metres, k = heappop(short)
        near = set[int]().union(*(at[node] for node in ends.get(k, ()))) - {k}
        if total.get(k) != metres or not near:  # joined meanwhile, or alone
            continue
        into = min(near, key=lambda one: (total[one], one))
        joins.append((k, into))
        for node in ends[k]:
            at[node] = at[node] - {k} | {into}
        ends[into] |= ends.pop(k)
        total[into] += total.pop(k)
        if total[into] < least:
            heappush(short, (total[into], into))
    found = np.full(len(network), -1, dtype=np.int64)
    long = [k for k, metres in total.items() if metres >= least]
    found[long] = long
    for k, into in reversed(joins):
        found[k] = found[into]
    return found


def snapped(network: Network, east: Floats, north: Floats) -> tuple[Spots, Ints]:
    """Points (metres) put on their nearest segment, and which they are; those beyond 100 m are left out.

    O(points log segments).
    """
    at = shapely.points(east, north)
    tree = shapely.STRtree(network.line)
    which, segment = tree.query_nearest(at, max_distance=REACH_METRES, all_matches=False)
    along = shapely.line_locate_point(network.line[segment], at[which])
    return Spots(segment=segment.astype(np.int64), along=along), which.astype(np.int64)


def strewn(network: Network, n: int, generator: np.random.Generator) -> Spots:
    """`n` points drawn evenly along the network."""
    ends = np.cumsum(network.metres)
    at = generator.uniform(0, ends[-1], n)
    segment = np.minimum(np.searchsorted(ends, at, side="right"), len(ends) - 1)
    return Spots(segment=segment.astype(np.int64), along=at - (ends - network.metres)[segment])


def coordinates(network: Network, spots: Spots) -> Floats:
    """Where the points lie: float64[points, 2]."""
    at: Floats = shapely.get_coordinates(shapely.line_interpolate_point(network.line[spots.segment], spots.along))
    return at


def node_distances(network: Network, within: float) -> csr_array:
    """Metres + 1 from node to node along the network, where they are at most `within`; no entry beyond.

    A shortest way of `within` metres stays as near in a straight line: tiles of 1 km (or 1,000 nodes) are searched with
    their surroundings, O(nodes × nodes in a tile's surroundings).
    """
    n = len(network.node)
    tile = np.floor(network.node / TILE_METRES).astype(np.int64)
    order = np.lexsort((tile[:, 1], tile[:, 0]))
    breaks = np.flatnonzero(np.diff(tile[order], axis=0).any(axis=1)) + 1
    breaks = np.union1d(breaks, np.arange(TILE_NODES, n, TILE_NODES))
    tree = cKDTree(network.node)
    graph = _graph(network)
    found = list(_by_tile(network.node, graph, tree, np.split(order, breaks), within))
    row, col, metres = (np.concatenate(part) for part in zip(*found, strict=True))
    made = csr_array((metres + 1.0, (row, col)), shape=(n, n))
    made.sort_indices()
    return made


def distances(network: Network, reach: csr_array, one: Spots, other: Spots) -> Floats:
    """Metres along the network from each point to the other one of its pair; infinite beyond `reach`. O(pairs)."""
    found = np.full(len(one), np.inf)
    same = one.segment == other.segment
    found[same] = np.abs(one.along - other.along)[same]
    for first, to_first in _ends(network, one):
        for second, to_second in _ends(network, other):
            between = np.asarray(reach[first, second], dtype=np.float64).ravel()
            way = np.where(between > 0, to_first + between - 1.0 + to_second, np.inf)
            found = np.minimum(found, way)
    return found


def nearby(network: Network, reach: csr_array, spots: Spots, metres: float) -> Iterator[tuple[Ints, Ints, Floats]]:
    """Point, segment, and metres along the network to the segment's middle, where `metres` apart at most; in parts.

    `metres` is at most what `reach` holds. O(pairs of points and segments within it in a straight line).
    """
    middle = Spots(segment=np.arange(len(network)), along=network.metres / 2)
    tree = cKDTree(coordinates(network, middle))
    for first in range(0, len(spots), AT_ONCE):
        some = spots.take(np.arange(first, min(first + AT_ONCE, len(spots))))
        pairs = cKDTree(coordinates(network, some)).sparse_distance_matrix(tree, metres, output_type="ndarray")
        far = distances(network, reach, some.take(pairs["i"]), middle.take(pairs["j"]))
        yield first + pairs["i"], pairs["j"], far


def _ends(network: Network, spots: Spots) -> tuple[tuple[Ints, Floats], tuple[Ints, Floats]]:
    """Both ends of each point's segment, with the metres to them."""
    start, end = network.start[spots.segment], network.end[spots.segment]
    return (start, spots.along), (end, np.maximum(network.metres[spots.segment] - spots.along, 0.0))


def _meetings(lines: Lines) -> Floats:
    """Where streets end or share a vertex, those within 1 m of one another as one: float64[nodes, 2]."""
    at, owner = shapely.get_coordinates(lines, return_index=True)
    last = np.append(np.diff(owner) > 0, True)
    ends = last | np.append(True, np.diff(owner) > 0)
    _, key = np.unique(np.round(at, 1), axis=0, return_inverse=True)
    key = np.asarray(key).ravel()
    pairs = np.unique(np.stack([key, owner], axis=1), axis=0)
    shared = np.bincount(pairs[:, 0], minlength=key.max() + 1) > 1
    found = np.unique(at[ends | shared[key]], axis=0)
    close = cKDTree(found).query_pairs(SNAP_METRES, output_type="ndarray")
    joins = coo_array((np.ones(len(close)), (close[:, 0], close[:, 1])), shape=(len(found), len(found)))
    many, part = connected_components(joins, directed=False)
    n = np.bincount(part, minlength=many)
    return np.stack([np.bincount(part, weights=found[:, k]) / n for k in (0, 1)], axis=1)


def _pieces(lines: Lines, node: Floats) -> tuple[Ints, Floats, Floats, Ints, Ints]:
    """Each stretch between two meetings: its line, from and to which metre of it, and the nodes there."""
    points, length = shapely.points(node), shapely.length(lines)
    which, line = shapely.STRtree(lines).query(points, predicate="dwithin", distance=SNAP_METRES)
    tree = cKDTree(node)
    first, last = (tree.query(shapely.get_coordinates(shapely.get_point(lines, k)))[1] for k in (0, -1))
    position = shapely.line_locate_point(lines[line], points[which])
    inner = (position > 0) & (position < length[line])
    own = np.arange(len(lines))
    line = np.concatenate([own, line[inner], own]).astype(np.int64)
    position = np.concatenate([np.zeros(len(lines)), position[inner], length])
    at = np.concatenate([first, which[inner], last]).astype(np.int64)
    order = np.lexsort((position, line))
    line, position, at = line[order], position[order], at[order]
    low, high = position[:-1], position[1:]
    kept = (line[:-1] == line[1:]) & ((at[:-1] != at[1:]) | (high - low > 2 * SNAP_METRES))
    made = (line[:-1][kept], low[kept], high[kept], at[:-1][kept], at[1:][kept])
    once = _once(lines, made)
    return made[0][once], made[1][once], made[2][once], made[3][once], made[4][once]


def _once(lines: Lines, pieces: tuple[Ints, Floats, Floats, Ints, Ints]) -> Ints:
    """The pieces without those drawn a second time: between the same nodes, with the same middle, in order."""
    line, low, high, start, end = pieces
    middle = shapely.get_coordinates(shapely.line_interpolate_point(lines[line], (low + high) / 2))
    ends = np.sort(np.stack([start, end], axis=1), axis=1)
    order = np.lexsort((high - low, ends[:, 1], ends[:, 0]))
    same = (np.diff(ends[order], axis=0) == 0).all(axis=1)
    same &= np.hypot(*np.diff(middle[order], axis=0).T) <= 2 * SNAP_METRES
    return np.sort(order[np.append(True, ~same)])


def _cut(lines: Lines, node: Floats, pieces: tuple[Ints, Floats, Floats, Ints, Ints], longest: float) -> Network:
    """The pieces in equal parts of at most `longest` metres."""
    line, low, high, start, end = pieces
    parts = np.maximum(np.ceil((high - low) / longest - 1e-9).astype(np.int64), 1)
    piece = np.repeat(np.arange(len(line)), parts)
    k = np.arange(len(piece)) - np.repeat(np.cumsum(parts) - parts, parts)
    step = ((high - low) / parts)[piece]
    low, high, line = low[piece] + k * step, low[piece] + (k + 1) * step, line[piece]
    final = k == parts[piece] - 1
    between = np.cumsum(~final) - 1 + len(node)  # the node at the end of a part that is not its piece's last one
    ends = np.where(final, end[piece], between)
    starts = np.where(k == 0, start[piece], np.append(0, between)[:-1])
    new = shapely.get_coordinates(shapely.line_interpolate_point(lines[line[~final]], high[~final]))
    node = np.concatenate([node, new])
    drawn = _drawn(lines, (line, low, high), node[starts], node[ends])
    return Network(start=starts, end=ends, metres=shapely.length(drawn), line=drawn, node=node)


def _drawn(lines: Lines, parts: tuple[Ints, Floats, Floats], first: Floats, last: Floats) -> Lines:
    """The parts as lines: from node to node, through the vertices between. O(vertices log parts)."""
    line, low, high = parts
    at, owner = shapely.get_coordinates(lines, return_index=True)
    steps = np.append(0.0, np.where(np.diff(owner) > 0, 0.0, np.hypot(*np.diff(at, axis=0).T)))
    total = np.cumsum(steps)
    beginning = np.flatnonzero(np.append(True, np.diff(owner) > 0))
    position = total - total[beginning][owner]
    offset = 2.0 * np.arange(len(lines)) + np.append(0.0, np.cumsum(shapely.length(lines)))[:-1]
    order = np.argsort(offset[line] + low, kind="stable")
    part = order[np.searchsorted((offset[line] + low)[order], offset[owner] + position, side="right") - 1]
    inside = (line[part] == owner) & (position > low[part] + 1e-6) & (position < high[part] - 1e-6)
    n = np.arange(len(line))
    which = np.concatenate([n, part[inside], n])
    place = np.concatenate([np.full(len(n), -np.inf), position[inside], np.full(len(n), np.inf)])
    points = np.concatenate([first, at[inside], last])
    order = np.lexsort((place, which))
    made: Lines = shapely.linestrings(points[order], indices=which[order])
    return made


def _graph(network: Network) -> csr_array:
    """The segments as a graph; of several between two nodes the shortest."""
    n = len(network.node)
    ends = np.sort(np.stack([network.start, network.end], axis=1), axis=1)
    order = np.lexsort((network.metres, ends[:, 1], ends[:, 0]))
    first = order[np.append(True, np.diff(ends[order], axis=0).any(axis=1))]
    first = first[ends[first, 0] != ends[first, 1]]
    return csr_array((network.metres[first], (ends[first, 0], ends[first, 1])), shape=(n, n))


def _by_tile(
    node: Floats, graph: csr_array, tree: cKDTree, tiles: list[NDArray[np.intp]], within: float
) -> Iterator[tuple[Ints, Ints, Floats]]:
    """From, to and metres of the nodes of each tile."""
    both = (graph + graph.T).tocsr()
    for tile in tiles:
        low, high = node[tile].min(axis=0), node[tile].max(axis=0)
        around = np.sort(tree.query_ball_point((low + high) / 2, float(np.hypot(*(high - low))) / 2 + within + 1.0))
        around = np.asarray(around, dtype=np.int64)
        part = both[around][:, around]
        metres = dijkstra(part, directed=True, indices=np.searchsorted(around, np.sort(tile)), limit=within)
        row, col = np.nonzero(np.isfinite(metres))
        yield np.sort(tile)[row].astype(np.int64), around[col], metres[row, col]
