"""The cells of a study: on the ground that incidents enclose, or within areas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from peelian.errors import InputError, NotEnoughData
from peelian.measure.enclosure import Enclosure, enclosure_of
from peelian.measure.grid import Grid as Cells
from peelian.measure.grid import offset_grids, strays
from peelian.measure.projection import Projection
from peelian.places.incidents import Incidents
from peelian.places.research import RESEARCH, library, marked

CELL_METRES = 250.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grid:
    """Square cells on a ground, and the flat map they are drawn on.

    The ground is what the incidents enclose (the default) or given areas. A bounding box would be a trap: cells where
    nothing can happen make every map look good.
    """

    cell_metres: float
    projection: Projection
    ground: Any  # an Enclosure, or a polygon in metres
    cells: Cells

    def __len__(self) -> int:
        return len(self.cells)

    def __repr__(self) -> str:
        return f"<Grid: {len(self)} cells of {self.cell_metres:g} m, {self.cells.total_km2:.1f} km²; {RESEARCH}>"

    @classmethod
    def enclosing(cls, incidents: Incidents, *, cell_metres: float = CELL_METRES) -> Grid:
        """Cells on the ground that the incidents enclose: gaps up to 2 km filled, its edge left out. O(n + cells).

        NotEnoughData where they enclose none. InputError: cells below 50 m.
        """
        projection = incidents.centre()
        east, north = projection.to_metres(incidents.lon, incidents.lat)
        near = ~strays(east, north)
        ground = enclosure_of(east[near], north[near])
        if ground is None:
            raise NotEnoughData("Not enough data: the incidents enclose no ground", accepted="Grid.within(areas, …)")
        return cls._made(ground, projection, cell_metres)

    @classmethod
    def within(cls, areas: Any, *, cell_metres: float = CELL_METRES) -> Grid:
        """Cells within a GeoDataFrame of polygons, with their true area inside. O(cells of the bounding box).

        InputError: no CRS, or geometries that are no polygons.
        """
        library("geopandas")
        if getattr(areas, "crs", None) is None:
            raise InputError("the frame states no CRS", accepted="a GeoDataFrame of polygons with a CRS")
        degrees = areas.geometry.to_crs("EPSG:4326")
        if not len(degrees) or not set(degrees.geom_type) <= {"Polygon", "MultiPolygon"}:
            raise InputError("not polygons", column="geometry", accepted="(multi)polygons")
        middle = shapely.union_all(shapely.make_valid(np.asarray(degrees))).centroid
        projection = Projection(centre_lon=round(middle.x, 4), centre_lat=round(middle.y, 4))

        def flat(points: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.stack(projection.to_metres(points[:, 0], points[:, 1]), axis=1)

        outlines = shapely.make_valid(shapely.transform(np.asarray(degrees), flat))
        return cls._made(shapely.union_all(outlines), projection, cell_metres)

    @classmethod
    def _made(cls, ground: Any, projection: Projection, cell_metres: float) -> Grid:
        cells = offset_grids(ground, float(cell_metres), 1)[0]
        return cls(cell_metres=float(cell_metres), projection=projection, ground=ground, cells=cells)

    def offsets(self, many: int) -> tuple[Cells, ...]:
        """The grid, and for 4 its copies moved by half a cell: what a score must not depend on."""
        return offset_grids(self.ground, self.cell_metres, many)

    @property
    def is_enclosure(self) -> bool:
        """Whether the ground was drawn from incidents."""
        return isinstance(self.ground, Enclosure)

    def frame(self, **columns: Any) -> Any:
        """A GeoDataFrame of the cells (WGS 84): `cell`, `area_km2`, the given columns (a value a cell). O(cells)."""
        geopandas = library("geopandas")
        x, y = self.cells.centres()
        half = self.cell_metres / 2
        corners = [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]
        rings = np.stack([np.stack(self.projection.to_degrees(*at), axis=-1) for at in [*corners, corners[0]]], axis=1)
        data = {"cell": self.cells.ids(), "area_km2": self.cells.area_km2, **columns}
        return marked(geopandas.GeoDataFrame(data, geometry=shapely.polygons(rings), crs="EPSG:4326"))
