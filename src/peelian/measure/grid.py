"""Square cells of one size over a town: stable names, true areas inside the boundary, which cell a point falls in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from peelian.errors import InputError, sentence
from peelian.measure.enclosure import Enclosure, squares_with, widened

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Geometry = Any  # a shapely geometry in metres

FINEST_METRES = 50  # for research; below it a cell is one home
MOST_CELLS = 4_000_000  # a county at 250 m has some 100,000; more is a stray point or a slip of units
LEAST_SHARE = 1e-4  # slivers of a cell smaller than this are rounding, not town


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grid:
    """Cells as arrays of one length: row and col (multiples of the cell size from the map's centre), area inside.

    `index` (rows x cols of the bounding box) gives the cell's number or -1; `shift` moves every cell edge by metres
    (east, north) and is zero but for the half-cell offsets that only scoring uses. Where the `ground` was drawn from
    the points themselves, what lies in a cell but outside that ground is in no cell.
    """

    cell_metres: float
    row: Ints
    col: Ints
    area_km2: Floats
    first_row: int
    first_col: int
    index: Ints
    shift: tuple[float, float] = (0.0, 0.0)
    ground: Enclosure | None = None

    def __len__(self) -> int:
        return len(self.row)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the bounding box."""
        rows, cols = self.index.shape
        return int(rows), int(cols)

    @property
    def total_km2(self) -> float:
        """The area inside the boundary."""
        return float(self.area_km2.sum())

    @property
    def share_inside(self) -> Floats:
        """For each cell the share of its square that lies inside the boundary, in (0, 1]."""
        return self.area_km2 / (self.cell_metres / 1000.0) ** 2

    def ids(self) -> NDArray[Any]:
        """The cells' names, `cell:row:col`; the same place has the same name in every run of one town.

        >>> square_grid(cell_metres=250.0, rows=1, cols=2).ids().tolist()
        ['250:0:0', '250:0:1']
        """
        head = f"{self.cell_metres:g}"
        pairs = zip(self.row.tolist(), self.col.tolist(), strict=True)
        return np.array([f"{head}:{row}:{col}" for row, col in pairs], dtype=object)

    def centres(self) -> tuple[Floats, Floats]:
        """Metres (east, north) of each square's middle."""
        size = self.cell_metres
        col, row = self.col.astype(np.float64), self.row.astype(np.float64)
        return (col + 0.5) * size + self.shift[0], (row + 0.5) * size + self.shift[1]

    def extent(self) -> tuple[float, float, float, float]:
        """West, south, east, north (metres) of the box around the grid and its copies moved by half a cell."""
        size, (rows, cols) = self.cell_metres, self.shape
        west, south = self.first_col * size, self.first_row * size
        return west - size, south - size, west + (cols + 1) * size, south + (rows + 1) * size

    def locate(self, east: Floats, north: Floats) -> Ints:
        """The number of the cell each point (metres) falls in, -1 outside. O(points).

        >>> square_grid(cell_metres=250.0, rows=1, cols=2).locate(np.array([0.0, 499.0, -1.0]), np.zeros(3)).tolist()
        [0, 1, -1]
        """
        rows, cols = self.index.shape
        row = np.floor((np.asarray(north) - self.shift[1]) / self.cell_metres) - self.first_row
        col = np.floor((np.asarray(east) - self.shift[0]) / self.cell_metres) - self.first_col
        inside = (row >= 0) & (row < rows) & (col >= 0) & (col < cols)
        inside &= True if self.ground is None else self.ground.holds(east, north)
        flat = np.where(inside, row * cols + col, 0).astype(np.intp)
        found: Ints = np.where(inside, self.index.ravel()[flat], -1).astype(np.int32)
        return found

    def raster(self, values: Floats) -> Floats:
        """`values` (one per cell) on the bounding box, rows from south to north; 0 outside."""
        plane = np.zeros(self.index.size)
        plane[self._flat()] = values
        return plane.reshape(self.index.shape)

    def cells(self, plane: Floats) -> Floats:
        """The cells' values of a plane on the bounding box: the inverse of `raster`."""
        return plane.reshape(-1)[self._flat()]

    def _flat(self) -> NDArray[np.intp]:
        flat = (self.row - self.first_row).astype(np.intp) * self.index.shape[1] + (self.col - self.first_col)
        return np.asarray(flat, dtype=np.intp)


def square_grid(*, cell_metres: float, rows: int, cols: int, first_row: int = 0, first_col: int = 0) -> Grid:
    """A full rectangle of cells, for tests and simulations."""
    row, col = np.divmod(np.arange(rows * cols), cols)
    return _grid(cell_metres, row + first_row, col + first_col, np.ones(rows * cols), (0.0, 0.0))


def grid_of(cell_metres: float, row: Ints, col: Ints, area_km2: Floats, ground: Enclosure | None = None) -> Grid:
    """The grid that was made of these cells before: rows, columns and areas of one length. O(bounding box).

    InputError where two cells are one, an area is larger than a cell, or the box they span is too large.
    """
    size = _checked_size(cell_metres)
    share = np.asarray(area_km2, dtype=np.float64) / (size / 1000.0) ** 2
    if not len(row) == len(col) == len(share) or not bool(((share > 0) & (share <= 1 + 1e-9)).all()):
        raise InputError("these are no cells of a grid", accepted="rows, columns and areas of one length")
    rows, cols = np.asarray(row, dtype=np.int64), np.asarray(col, dtype=np.int64)
    _refuse_millions((int(np.ptp(rows)) + 1) * (int(np.ptp(cols)) + 1) if len(rows) else 0, size)
    if len(np.unique(np.stack([rows, cols]), axis=1).T) != len(rows):
        raise InputError("two cells of the grid are one", accepted="each row and column once")
    return replace(_grid(size, rows, cols, share, (0.0, 0.0)), ground=ground)


def grid_within(boundary: Geometry, cell_metres: float, shift: tuple[float, float] = (0.0, 0.0)) -> Grid:
    """The cells that touch `boundary` (a polygon in metres), with their true area inside it.

    O(cells of the bounding box); only the cells the edge crosses are cut.

    >>> grid = grid_within(shapely.box(0, 0, 500, 125), 250.0)
    >>> grid.ids().tolist(), grid.share_inside.tolist()
    (['250:0:0', '250:0:1'], [0.5, 0.5])
    """
    size = _checked_size(cell_metres)
    if boundary.is_empty or boundary.area <= 0:
        raise InputError("the boundary encloses no area", accepted="polygons in longitude and latitude")
    west, south, east, north = boundary.bounds
    cols = np.arange(np.floor((west - shift[0]) / size), np.ceil((east - shift[0]) / size))
    rows = np.arange(np.floor((south - shift[1]) / size), np.ceil((north - shift[1]) / size))
    _refuse_millions(len(rows) * len(cols), size)
    row, col = (part.ravel().astype(np.int64) for part in np.meshgrid(rows, cols, indexing="ij"))
    x, y = col * size + shift[0], row * size + shift[1]
    squares = shapely.box(x, y, x + size, y + size)
    shapely.prepare(boundary)
    share = shapely.covers(boundary, squares).astype(np.float64)
    crossed = (share == 0) & shapely.intersects(boundary, squares)
    share[crossed] = shapely.area(shapely.intersection(squares[crossed], boundary)) / size**2
    kept = share > LEAST_SHARE
    return _grid(size, row[kept], col[kept], share[kept], shift)


def grid_on(ground: Enclosure, cell_metres: float, shift: tuple[float, float] = (0.0, 0.0)) -> Grid:
    """The cells that touch an enclosed ground, with their true area inside it. O(squares + cells of the box).

    >>> from peelian.measure.enclosure import Enclosure
    >>> grid = grid_on(Enclosure(inside=np.ones((2, 5), dtype=bool), first_row=0, first_col=4), 250.0)
    >>> grid.ids().tolist(), grid.area_km2.tolist(), grid.locate(np.array([190.0, 210.0]), np.zeros(2)).tolist()
    (['250:0:0', '250:0:1'], [0.005, 0.02], [-1, 0])
    """
    size = _checked_size(cell_metres)
    share, first_row, first_col = ground.shares(size, shift)
    _refuse_millions(share.size, size)
    row, col = np.nonzero(share > LEAST_SHARE)
    made = _grid(size, row + first_row, col + first_col, np.minimum(share[row, col], 1.0), shift)
    return replace(made, ground=ground)


def offset_grids(boundary: Geometry | Enclosure, cell_metres: float, offsets: int = 4) -> tuple[Grid, ...]:
    """The grid and its copies moved by half a cell east, north and both: what a score must not depend on.

    `boundary` is a polygon in metres, or the ground that points enclose; `offsets` is 1 (the grid alone) or 4.
    Openshaw 1984 (the modifiable areal unit problem).
    """
    if offsets not in (1, 4):
        raise InputError("a back-test is scored on one grid or on four", accepted="offsets of 1 or 4")
    half = cell_metres / 2
    moves = ((0.0, 0.0), (half, 0.0), (0.0, half), (half, half))
    if isinstance(boundary, Enclosure):
        return tuple(grid_on(boundary, cell_metres, move) for move in moves[:offsets])
    return tuple(grid_within(boundary, cell_metres, move) for move in moves[:offsets])


def reach_boundary(east: Floats, north: Floats, reach_metres: float = 500.0) -> Geometry:
    """Where no boundary is known: the ground within reach of any point, as a polygon of squares of half that reach.

    O(points + squares). Take stray points out first (`strays`), else empty country between towns becomes town.
    """
    size = _checked_size(reach_metres) / 2
    taken, first_row, first_col = squares_with(east, north, size, rim=2)
    _refuse_millions(taken.size, size)
    return shapely.union_all(_runs(widened(taken, 2), first_row, first_col, size))


def outline_of(ground: Enclosure) -> Geometry:
    """An enclosed ground as a polygon in metres. O(squares)."""
    return shapely.union_all(_runs(ground.inside, ground.first_row, ground.first_col, ground.square_metres))


def strays(
    east: Floats,
    north: Floats,
    weight: Floats | None = None,
    *,
    tile_metres: float = 10_000.0,
    least_share: float = 0.01,
) -> NDArray[np.bool_]:
    """Which points lie far from the rest: in a cluster of 10 km tiles that holds less than 1 % of all points.

    A point counts as many times as its `weight` says. The largest cluster is never stray. O(points + tiles log tiles).

    >>> east = np.append(np.arange(200.0), 9_000_000.0)
    >>> strays(east, np.zeros(201)).nonzero()[0].tolist()
    [200]
    """
    if not len(east):
        return np.zeros(0, dtype=bool)
    tiles = np.stack([np.floor(np.asarray(part) / tile_metres).astype(np.int64) for part in (east, north)])
    kinds, member = np.unique(tiles, axis=1, return_inverse=True)
    member = np.asarray(member).ravel()
    cluster = _clusters(kinds)
    mass = np.ones(len(member)) if weight is None else weight
    size = np.bincount(cluster, weights=np.bincount(member, mass, minlength=kinds.shape[1]))
    small = size < least_share * float(mass.sum())
    small[int(np.argmax(size))] = False
    return np.asarray(small[cluster[member]], dtype=bool)


def _clusters(tiles: NDArray[np.int64]) -> NDArray[np.intp]:
    """The number of the cluster (touching by side or corner) each tile (2 x tiles, unique) belongs to."""
    number = {(int(x), int(y)): k for k, (x, y) in enumerate(tiles.T)}
    cluster = np.full(tiles.shape[1], -1, dtype=np.intp)
    found = 0
    for start, k in number.items():
        if cluster[k] >= 0:
            continue
        cluster[k], edge = found, [start]
        while edge:
            x, y = edge.pop()
            for near in ((x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)):
                other = number.get(near, -1)
                if other >= 0 and cluster[other] < 0:
                    cluster[other] = found
                    edge.append(near)
        found += 1
    return cluster


def _runs(taken: NDArray[np.bool_], first_row: int, first_col: int, size: float) -> NDArray[Any]:
    """One box per run of taken squares in a row: far fewer boxes to join than squares."""
    edges = np.diff(np.pad(taken.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    row, start = np.nonzero(edges == 1)
    _, stop = np.nonzero(edges == -1)
    x0, x1, y0 = (start + first_col) * size, (stop + first_col) * size, (row + first_row) * size
    return np.asarray(shapely.box(x0, y0, x1, y0 + size))


def _grid(size: float, row: Any, col: Any, share: Floats, shift: tuple[float, float]) -> Grid:
    if not len(row):
        raise InputError("the grid has no cell", accepted="a boundary larger than nothing")
    first_row, first_col = int(row.min()), int(col.min())
    index = np.full((int(row.max()) - first_row + 1, int(col.max()) - first_col + 1), -1, dtype=np.int32)
    index[row - first_row, col - first_col] = np.arange(len(row), dtype=np.int32)
    return Grid(
        cell_metres=size,
        row=row.astype(np.int32),
        col=col.astype(np.int32),
        area_km2=share * (size / 1000.0) ** 2,
        first_row=first_row,
        first_col=first_col,
        index=index,
        shift=shift,
    )


def _checked_size(metres: float) -> float:
    if not (np.isfinite(metres) and FINEST_METRES <= metres <= 100_000):
        raise InputError("a cell's side must be a length in metres", accepted="50 to 100,000 m, for example 250")
    return float(metres)


def _refuse_millions(cells: int, size: float) -> None:
    if cells > MOST_CELLS:
        says = sentence("squares of %(size)g m over this ground would be %(n)d cells", size=size, n=cells)
        accepted = sentence("at most %(most)d: larger cells, a boundary, or the stray point taken out", most=MOST_CELLS)
        raise InputError(says, accepted=accepted)
