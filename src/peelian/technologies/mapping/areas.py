"""The town's named areas: their outlines, who lives there by declared group, and how they overlap the grid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
import shapely
from numpy.typing import NDArray

from peelian.errors import InputError
from peelian.kernel.model.capability import Dataset
from peelian.measure.canonical import canonical_digest
from peelian.measure.grid import Geometry, Grid
from peelian.measure.projection import Projection

Floats = NDArray[np.float64]

GROUP_PREFIX = "group_"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Areas:
    """Named areas, arrays of one length: outline (metres), residents, and residents of each declared group.

    `patrol_hours` are the hours of police presence while the incidents were recorded; None where they are not known.
    """

    names: tuple[str, ...]
    outlines: NDArray[Any]
    residents: Floats
    members: Mapping[str, Floats]
    patrol_hours: Floats | None = None

    def __len__(self) -> int:
        return len(self.names)


def areas_of(dataset: Dataset, projection: Projection) -> Areas:
    """The areas of a dataset of shape "areas", on the flat map of `projection`. O(points of the outlines).

    InputError where an outline is no polygon, or a group has more members than the area has residents.
    """
    table = dataset.table
    outlines = shapely.from_wkt(np.asarray(table["outline"], dtype=object), on_invalid="ignore")
    for row, outline in enumerate(outlines):
        if outline is None or outline.geom_type not in ("Polygon", "MultiPolygon"):
            raise InputError("outline is not a polygon", row=row + 1, column="outline", accepted="(multi)polygons")

    def flat(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.stack(projection.to_metres(points[:, 0], points[:, 1]), axis=1)

    known = "population" in table  # outlines alone bound the town; whom advice exposes then stays unknown
    residents = np.asarray(table["population"], dtype=np.float64) if known else np.zeros(len(table))
    labels = [label for label in str(dataset.facts.get("groups", "")).split(",") if label and known]
    members = {label: np.asarray(table[GROUP_PREFIX + label], dtype=np.float64) for label in labels}
    for label, count in members.items():
        wrong = np.flatnonzero(count > residents)
        if len(wrong):
            column = GROUP_PREFIX + label
            raise InputError(
                "group larger than its area's population",
                row=int(wrong[0]) + 1,
                column=column,
                accepted="0 to the number of residents",
            )
    return Areas(
        names=tuple(str(name) for name in table["area"].tolist()),
        outlines=shapely.make_valid(shapely.transform(outlines, flat)),
        residents=residents,
        members=members,
        patrol_hours=np.asarray(table["patrol_hours"], dtype=np.float64) if "patrol_hours" in table else None,
    )


def ground_digest(dataset: Dataset) -> str:
    """SHA-256 of the outlines of a dataset of shape "areas", in any order: which ground they are, whoever lives there.

    O(points of the outlines).
    """
    outlines = sorted(str(outline) for outline in dataset.table["outline"].tolist())
    return canonical_digest(outlines)


def boundary_of(areas: Areas) -> Geometry:
    """The ground that all areas cover together, in metres."""
    return shapely.union_all(areas.outlines)


def overlap_km2(areas: Areas, grid: Grid) -> scipy.sparse.csr_array:
    """Square kilometres that each area and each cell have in common: areas x cells. O(cells touched).

    Cells wholly inside an area need no cutting.
    """
    x, y = (middle - grid.cell_metres / 2 for middle in grid.centres())
    squares = shapely.box(x, y, x + grid.cell_metres, y + grid.cell_metres)
    tree = shapely.STRtree(squares)
    shapely.prepare(areas.outlines)
    area, cell = tree.query(areas.outlines, predicate="intersects")
    whole = shapely.contains(areas.outlines[area], squares[cell])
    shared = np.full(len(area), (grid.cell_metres / 1000) ** 2)
    cut = np.flatnonzero(~whole)
    shared[cut] = shapely.area(shapely.intersection(areas.outlines[area[cut]], squares[cell[cut]])) / 1e6
    return scipy.sparse.csr_array((shared, (area, cell)), shape=(len(areas), len(grid)))


def main_area(overlap: scipy.sparse.csr_array) -> NDArray[np.int64]:
    """For each cell the number of the area it shares most ground with, -1 for none. O(overlaps)."""
    columns = overlap.tocoo()
    area, cell = columns.coords
    order = np.lexsort((columns.data, cell))
    best = np.full(overlap.shape[1], -1, dtype=np.int64)
    best[cell[order]] = area[order]  # the largest overlap of a cell comes last and stays
    return best
