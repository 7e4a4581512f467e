"""Ground on which rows are counted: which parts of an outline are wide and large enough to be no household's.

An outline is opened (eroded and dilated by 25 m; Serra, Image Analysis and Mathematical Morphology, 1982): what is left
is where it is 50 m wide. A part of that counts if it is large public ground or holds homes enough. Ground more than
50 m from a part that counts is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from peelian.measure.projection import Projection

WIDTH = 50.0  # metres: narrower ground is a hair, a lane or a dwelling
REACH = 50.0  # metres from ground that is so wide
LEAST_GROUND = 10_000.0  # square metres of a part that is public ground
LEAST_HOMES = 20  # of a part that is not
OVERLAP = 10.0  # metres: two areas that share ground as wide as this overlap
LEAST_LEFT_OUT = 1.0  # square metres: less is rounding, not ground
_CORNERS = 16  # segments of a quarter circle: areas true to 1 in 600
_SQUARE = 1.5  # how far a corner may reach, in widths: a right angle needs the square root of 2

Shape = Any  # a shapely geometry
Shapes = NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The ground of an area that counts, and how many square metres of its outline do not."""

    ground: Shape
    left_out: float


def counted_ground(outline: Shape, *, homes: float, public: bool) -> Counted:
    """What counts of an outline (metres). `homes`: as stated of the whole, spread evenly over its wide ground.

    A house of 20 m beside a pond is left out; the pond stays. O(points log points).

    >>> pond, house = shapely.box(0, 0, 200, 200), shapely.box(400, 0, 420, 20)
    >>> park = counted_ground(shapely.union_all([pond, house]), homes=0, public=True)
    >>> round(park.ground.area), round(park.left_out)
    (40000, 400)
    >>> counted_ground(shapely.box(0, 0, 51, 51), homes=0, public=True).ground.is_empty
    True
    """
    core = outline.buffer(-WIDTH / 2, quad_segs=_CORNERS)  # dilated with its corners, so that a square stays one
    wide = shapely.intersection(outline, core.buffer(WIDTH / 2, join_style="mitre", mitre_limit=_SQUARE))
    parts = np.array([one for one in shapely.get_parts(wide) if one.geom_type == "Polygon"], dtype=object)
    sizes = shapely.area(parts).astype(np.float64)
    total = float(sizes.sum()) or 1.0
    enough = sizes >= LEAST_GROUND - LEAST_LEFT_OUT
    counts = (public & enough) | (homes * sizes / total >= LEAST_HOMES - 1e-6)
    if not counts.any():
        return Counted(ground=shapely.Polygon(), left_out=float(outline.area))
    near = shapely.intersection(core, shapely.union_all(parts[counts])).buffer(WIDTH / 2 + REACH, quad_segs=_CORNERS)
    if counts.all() and near.covers(outline):
        return Counted(ground=outline, left_out=0.0)
    ground = shapely.intersection(outline, near)
    if not counts.all():  # ground near a part that counts may be of one that does not
        ground = shapely.difference(ground, shapely.union_all(parts[~counts]))
    ground = _polygons(ground)
    return Counted(ground=ground, left_out=float(outline.area - ground.area))


def first_overlap(outlines: Shapes, others: Shapes | None = None) -> tuple[int, int] | None:
    """The first two outlines (metres) that share ground 10 m wide, by number; None where there are none.

    `others`: outlines to compare with, each with all; without them the outlines are compared with one another.
    O(points log outlines).

    >>> homes, nested = shapely.box(0, 0, 500, 500), shapely.box(0, 0, 500, 480)
    >>> first_overlap(np.array([homes, nested])), first_overlap(np.array([homes, shapely.box(495, 0, 900, 500)]))
    ((0, 1), None)
    """
    against = outlines if others is None else others
    one, other = shapely.STRtree(against).query(outlines, predicate="intersects")
    pairs = [(a, b) for a, b in zip(one.tolist(), other.tolist(), strict=True) if others is not None or a < b]
    for a, b in sorted(pairs):
        if not shapely.intersection(outlines[a], against[b]).buffer(-OVERLAP / 2).is_empty:
            return a, b
    return None


def same_ground(one: Shape, other: Shape) -> bool:
    """Whether two outlines (metres) differ nowhere by as much as 10 m: redrawn, they are the same.

    >>> same_ground(shapely.box(0, 0, 500, 500), shapely.box(3, 0, 503, 500))
    True
    """
    return bool(shapely.symmetric_difference(one, other).buffer(-OVERLAP / 2).is_empty)


def drawn_before(shapes: Shapes, known: Shapes) -> list[int]:
    """For each outline (metres) the number of the known one that it redraws, -1 for none. O(points log known).

    >>> known = np.array([shapely.box(0, 0, 500, 500), shapely.box(500, 0, 900, 500)])
    >>> drawn_before(np.array([shapely.box(502, 1, 899, 500), shapely.box(0, 0, 480, 500)]), known)
    [1, -1]
    """
    tree, found = shapely.STRtree(known), []
    for shape in shapes:
        near = [k for k in tree.query(shape, predicate="intersects").tolist() if same_ground(shape, known[k])]
        found.append(near[0] if near else -1)
    return found


def flat_map(outlines: Sequence[str]) -> tuple[Projection, Shapes]:
    """Outlines in WKT (degrees) on one flat map in metres, and that map. O(points)."""
    shapes = shapely.from_wkt(np.array(outlines, dtype=object))
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    here = Projection(centre_lon=(west + east) / 2, centre_lat=(south + north) / 2)
    return here, on_map(shapes, here)


def on_map(shapes: Shapes, here: Projection) -> Shapes:
    """Shapes in degrees on a flat map in metres. O(points)."""
    return np.asarray(shapely.transform(shapes, lambda at: np.column_stack(here.to_metres(at[:, 0], at[:, 1]))))


def wkt_of(shape: Shape, here: Projection) -> str:
    """A shape on a flat map (metres) as WKT in degrees, to 0.1 m. O(points)."""
    degrees = shapely.transform(shape, lambda at: np.column_stack(here.to_degrees(at[:, 0], at[:, 1])))
    return str(shapely.to_wkt(degrees, rounding_precision=6, trim=True))


def _polygons(shape: Shape) -> Shape:
    """A shape without the points and lines that cutting leaves, and without slivers of less than a square metre."""
    parts = shapely.get_parts(shape)
    kept = [one for one in parts if one.geom_type == "Polygon" and one.area >= LEAST_LEFT_OUT]
    return kept[0] if len(kept) == 1 else shapely.MultiPolygon(kept)
