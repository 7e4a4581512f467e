"""Hexagons over a study's ground: their outlines, true areas, and what they add up from the squares of a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
import shapely
from numpy.typing import NDArray

from peelian.measure.grid import FINEST_METRES, LEAST_SHARE
from peelian.measure.grid import Grid as Cells

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hexagons:
    """Hexagons that touch the ground: row and col, outlines cut at its boundary (metres), area inside.

    `weights` (sparse, hexagons x squares) says which share of each square's area lies in each hexagon. `metres` is the
    distance between opposite sides.
    """

    metres: float
    row: NDArray[np.int64]
    col: NDArray[np.int64]
    outlines: NDArray[Any]
    area_km2: Floats
    weights: scipy.sparse.csr_array

    def __len__(self) -> int:
        return len(self.row)

    def ids(self) -> NDArray[Any]:
        """The hexagons' names, `hexagon:metres:row:col`."""
        pairs = zip(self.row.tolist(), self.col.tolist(), strict=True)
        return np.array([f"hexagon:{self.metres:g}:{row}:{col}" for row, col in pairs], dtype=object)


def square_side(metres: float, least: float = FINEST_METRES) -> float:
    """The side of the squares that a model forecasts on below hexagons: a quarter of their width, at least `least`."""
    return max(float(least), metres / 4)


def hexagons_on(outline: Any, squares: Cells, metres: float) -> Hexagons:
    """The hexagons that touch a ground (a polygon in metres), `metres` from side to side. O(hexagons + squares)."""
    west, south, east, north = outline.bounds
    height = metres * np.sqrt(3) / 2  # between rows
    rows = np.arange(np.floor(south / height) - 1, np.ceil(north / height) + 2)
    cols = np.arange(np.floor(west / metres) - 1, np.ceil(east / metres) + 2)
    row, col = (part.ravel() for part in np.meshgrid(rows, cols, indexing="ij"))
    x, y = (col + 0.5 * (row % 2)) * metres, row * height
    angle = np.radians(90 + 60 * np.array([0, 1, 2, 3, 4, 5, 0]))
    radius = metres / np.sqrt(3)
    rings = np.stack([x[:, None] + radius * np.cos(angle), y[:, None] + radius * np.sin(angle)], axis=-1)
    cut, share = cut_at(outline, shapely.polygons(rings))
    kept = share > LEAST_SHARE
    pieces, _ = cut_at(outline, squares_of(squares))
    return Hexagons(
        metres=metres,
        row=row[kept].astype(np.int64),
        col=col[kept].astype(np.int64),
        outlines=cut[kept],
        area_km2=shapely.area(cut[kept]) / 1e6,
        weights=_shared(cut[kept], pieces),
    )


def squares_of(cells: Cells) -> NDArray[Any]:
    """The whole squares of a grid as polygons in metres. O(cells)."""
    x, y = cells.centres()
    half = cells.cell_metres / 2
    return np.asarray(shapely.box(x - half, y - half, x + half, y + half))


def cut_at(outline: Any, shapes: NDArray[Any]) -> tuple[NDArray[Any], Floats]:
    """The part of each shape inside the outline, and its share of the shape. Only those on the edge are cut."""
    shapely.prepare(outline)
    inside = shapely.covers(outline, shapes)
    made = np.where(inside, shapes, shapely.Polygon())
    crossed = np.flatnonzero(~inside & shapely.intersects(outline, shapes))
    made[crossed] = [_polygons(part) for part in shapely.intersection(shapes[crossed], outline)]
    return made, np.asarray(shapely.area(made) / shapely.area(shapes), dtype=np.float64)


def _polygons(shape: Any) -> Any:
    """A shape without the points and lines at which it only touches another."""
    if shape.geom_type != "GeometryCollection":
        return shape
    return shapely.union_all([part for part in shape.geoms if part.geom_type in ("Polygon", "MultiPolygon")])


def _shared(hexagons: NDArray[Any], squares: NDArray[Any]) -> scipy.sparse.csr_array:
    square, hexagon = shapely.STRtree(hexagons).query(squares, predicate="intersects")
    shared = shapely.area(shapely.intersection(squares[square], hexagons[hexagon]))
    whole = np.bincount(square, weights=shared, minlength=len(squares))
    shape = (len(hexagons), len(squares))
    return scipy.sparse.csr_array((shared / np.maximum(whole[square], 1e-9), (hexagon, square)), shape=shape)
