"""What people call a place: the two streets that meet nearest to it, for a cell's number says nothing to anybody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy  # its parts are imported where they are used first
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Texts = NDArray[Any]

MEETING_METRES = 6.0  # two simplified lines that end so near to one another meet
QUIET_METRES = 80.0  # a corner of a footpath has to be nearer by so much than one of streets
CORNERS = 8  # that are compared for a point
SHORT = {
    "st": "street", "ave": "avenue", "av": "avenue", "rd": "road", "blvd": "boulevard", "boul": "boulevard",
    "dr": "drive", "cres": "crescent", "cr": "crescent", "crt": "court", "ct": "court", "pl": "place", "ln": "lane",
    "sq": "square", "terr": "terrace", "trl": "trail", "pkwy": "parkway", "hwy": "highway", "gdns": "gardens",
    "ch": "chemin",
}  # fmt: skip
SIDES = frozenset([*"nsewo", "north", "south", "east", "west", "nord", "sud", "est", "ouest"])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Streets:
    """Named lines in metres, ready to be asked: `key` is a name's spelling for comparison, `corner` where two meet."""

    name: Texts
    key: Texts
    lines: shapely.STRtree
    corners: scipy.spatial.cKDTree
    pair: NDArray[np.int64]  # int64[corners, 2]: lines
    quiet: Floats  # float64[corners]: metres that a corner is put back by


def plain_street(name: str) -> str:
    """A street's name for comparison: its abbreviations written out, without its part of the town.

    >>> plain_street("Queen St W") == plain_street("QUEEN STREET WEST") == plain_street("Queen Street East")
    True
    """
    words = [SHORT.get(word, word) for word in name.casefold().replace(".", " ").split()]
    return " ".join(words[:-1] if len(words) > 1 and words[-1] in SIDES else words)


def streets_of(name: Texts, lines: Texts, quiet: NDArray[np.bool_]) -> Streets:
    """The streets from names, lines (metres) and which are paths, arrays of one length. O(n log n + corners)."""
    key = np.array([plain_street(one) for one in name.tolist()] + [None], dtype=object)[:-1]
    tree = shapely.STRtree(lines)
    one, other = tree.query(lines, predicate="dwithin", distance=MEETING_METRES)
    met = (one < other) & (key[one] != key[other])
    pair = np.stack([one[met], other[met]], axis=1)
    middle = shapely.centroid(shapely.shortest_line(lines[pair[:, 0]], lines[pair[:, 1]]))
    at = np.stack([shapely.get_x(middle), shapely.get_y(middle)], axis=1)
    back = np.where(quiet[pair].any(axis=1), QUIET_METRES, 0.0) if len(pair) else np.zeros(0)
    return Streets(name=name, key=key, lines=tree, corners=scipy.spatial.cKDTree(at), pair=pair, quiet=back)


def near(streets: Streets, east: Floats, north: Floats, reach_metres: float) -> list[str]:
    """The nearest corner of each point (metres) within reach, else the two nearest streets, one, or "".

    Two names are in the order of the alphabet. O(points log streets).

    >>> cross = shapely.linestrings([[[-99, 0], [99, 0]], [[0, -99], [0, 99]]])
    >>> made = streets_of(np.array(["Spadina Ave", "Queen St W"], dtype=object), cross, np.zeros(2, dtype=bool))
    >>> near(made, np.array([30.0, 5000.0]), np.array([40.0, 0.0]), 250.0)
    ['Queen St W & Spadina Ave', '']
    """
    points = np.stack([east, north], axis=1)
    called, alone = [""] * len(points), np.ones(len(points), dtype=bool)
    if len(streets.pair):
        k = np.arange(1, min(CORNERS, len(streets.pair)) + 1)
        far, corner = streets.corners.query(points, k=k, distance_upper_bound=reach_metres)
        score = far + np.append(streets.quiet, 0.0)[corner]
        best = score.argmin(axis=1)[:, np.newaxis]
        alone = ~np.isfinite(np.take_along_axis(score, best, axis=1).ravel())
        found = np.take_along_axis(corner, best, axis=1).ravel()
        for point in np.flatnonzero(~alone).tolist():
            called[point] = _joined(streets.name[streets.pair[found[point]]])
    for point, names in _beside(streets, points, np.flatnonzero(alone), reach_metres).items():
        called[point] = _joined(names.values())
    return called


def _beside(streets: Streets, points: Floats, rows: Any, reach_metres: float) -> dict[int, dict[str, str]]:
    """The two nearest streets of different names of each of these points."""
    spots = shapely.points(points[rows])
    point, line = streets.lines.query(spots, predicate="dwithin", distance=reach_metres)
    far = shapely.distance(spots[point], streets.lines.geometries[line])
    made: dict[int, dict[str, str]] = {}
    for i in np.lexsort((far, point)).tolist():
        names = made.setdefault(int(rows[point[i]]), {})
        if len(names) < 2:
            names.setdefault(streets.key[line[i]], streets.name[line[i]])
    return made


def _joined(names: Iterable[str]) -> str:
    return " & ".join(sorted(names))


def within(names: Texts, shapes: Texts, east: Floats, north: Floats, reach_metres: float = 1_500.0) -> list[str]:
    """The area each point (metres) lies in, else the nearest place that is a point, within reach; else "".
    O(points log areas)."""
    spots, called = shapely.points(east, north), [""] * len(east)
    spot, shape = shapely.STRtree(shapes).query_nearest(spots, max_distance=reach_metres, all_matches=False)
    inside = (shapely.get_dimensions(shapes[shape]) == 0) | shapely.intersects(shapes[shape], spots[spot])
    for at, of in zip(spot[inside].tolist(), shape[inside].tolist(), strict=True):
        called[at] = names[of]
    return called
