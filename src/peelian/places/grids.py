"""The cells of a study: squares, hexagons or street segments on the ground that incidents enclose or within areas."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from peelian.errors import InputError, NotEnoughData
from peelian.measure.enclosure import Enclosure, enclosure_of
from peelian.measure.grid import Grid as Cells
from peelian.measure.grid import offset_grids, outline_of, strays
from peelian.measure.projection import Projection
from peelian.places.floors import counted_ground, floors, refuse_small
from peelian.places.hexagons import Hexagons, cut_at, hexagons_on, square_side, squares_of
from peelian.places.incidents import Incidents, must_be_incidents
from peelian.places.lengths import LENGTHS, metres_of
from peelian.places.research import RESEARCH, library, marked
from peelian.places.streets import LONGEST, REACH, lines_of, segments
from peelian.technologies.mapping.formats.reach import metres

if TYPE_CHECKING:
    from peelian.technologies.mapping.models.base import Forecast
    from peelian.technologies.mapping.street_cells import StreetCells

CELL_METRES = 250.0
SHAPES = ("square", "hexagon")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grid:
    """Squares, hexagons or street segments as cells of a ground, and the flat map they are drawn on.

    The ground is what the incidents enclose (the default) or given areas. A bounding box would be a trap: cells where
    nothing can happen make every map look good. Models forecast on squares: below hexagons lie `cells` of a quarter of
    their width (at least 50 m), whose expected counts are added up by share of area. Street segments are cells of the
    models themselves, of which some forecast on them; they have a length where others have an area. InputError where
    cells or ground are below the floors, however they were made.
    """

    cell_metres: float
    projection: Projection
    ground: Any  # an Enclosure, or a polygon in metres
    cells: Cells
    hexagons: Hexagons | None = None

    def __post_init__(self) -> None:
        refuse_small(self)

    def __len__(self) -> int:
        return len(self.hexagons or self.cells)

    def __repr__(self) -> str:
        if self.streets:
            metres, km = f"{self.cell_metres:g}", float(self.street_km.sum())
            return f"<Grid: {len(self)} street segments of at most {metres} m, {km:.1f} km; {RESEARCH}>"
        cells = f"{len(self)} {self.shape}s of {self.cell_metres:g} m"
        turned = f" turned by {self.projection.rotation:g}°" if self.projection.rotation else ""
        return f"<Grid: {cells}{turned}, {float(self.area_km2.sum()):.1f} km²; {RESEARCH}>"

    @property
    def shape(self) -> str:
        """ "square", "hexagon" or "street"."""
        return "street" if self.streets else "hexagon" if self.hexagons else "square"

    @property
    def streets(self) -> StreetCells | None:
        """The cells where they are street segments."""
        from peelian.technologies.mapping.street_cells import StreetCells

        return self.cells if isinstance(self.cells, StreetCells) else None

    @property
    def sizes(self) -> NDArray[np.float64]:
        """What a share of area is a share of: square kilometres of each cell, or kilometres of each street segment."""
        return self.street_km if self.streets else self.area_km2

    @property
    def area_km2(self) -> NDArray[np.float64]:
        """The area of each cell inside the ground; nan for a street segment."""
        if self.streets:
            return np.full(len(self), np.nan)
        return self.hexagons.area_km2 if self.hexagons else self.cells.area_km2

    @property
    def street_km(self) -> NDArray[np.float64]:
        """The length of each street segment; nan for other cells."""
        return self.cells.area_km2 if self.streets else np.full(len(self), np.nan)

    @classmethod
    def enclosing(
        cls,
        incidents: Incidents,
        *,
        cell: str | float = CELL_METRES,
        rotation: float = 0.0,
        shape: str = "square",
    ) -> Grid:
        """Cells on the ground that the incidents enclose: gaps up to 2 km filled, its edge left out. O(n + cells).

        `cell` is a length ("600 ft", or metres): a square's side, or a hexagon's width from side to side. `rotation` is
        in degrees, anticlockwise. NotEnoughData where they enclose none. InputError: cells below 50 m.
        """
        return cls._made(*_enclosed(incidents, rotation), cell, shape)

    @classmethod
    def within(
        cls, areas: Any, *, cell: str | float = CELL_METRES, rotation: float = 0.0, shape: str = "square"
    ) -> Grid:
        """Cells within a GeoDataFrame of polygons, with their true area inside. O(cells of the bounding box).

        `cell`, `rotation` and `shape` as in `enclosing`. InputError: no CRS, or geometries that are no polygons.
        """
        return cls._made(*_covered(areas, rotation), cell, shape)

    @classmethod
    def along(cls, streets: Any, within: Any, *, longest: str | float = LONGEST, reach: str | float = REACH) -> Grid:
        """Street segments as cells, from a GeoDataFrame of lines. O(vertices log vertices).

        The ground is what `within` (Incidents) enclose, or `within` itself (a GeoDataFrame of polygons); a segment is
        on it where its middle is. Lines are divided where they meet (an end within 1 m of another line, or a shared
        vertex), then into equal parts of at most `longest`, 50 m to 1 km. An incident is in the nearest segment, at
        most `reach` away. InputError: no CRS, geometries that are no lines, or fewer than 10 segments on the ground.
        """
        lines = lines_of(streets)
        ground, projection = _enclosed(within) if isinstance(within, Incidents) else _covered(within)
        outline = outline_of(ground) if isinstance(ground, Enclosure) else ground
        cells = segments(_in_metres(projection, lines), outline, longest, reach)
        return cls(cell_metres=cells.cell_metres, projection=projection, ground=ground, cells=cells)

    @classmethod
    def _made(cls, ground: Any, projection: Projection, cell: str | float, shape: str) -> Grid:
        metres = metres_of(cell)
        if shape not in SHAPES:
            raise InputError("unknown shape of cells", column="shape", accepted=", ".join(SHAPES))
        if not 50 <= metres <= 100_000:
            raise InputError("a cell is 50 m to 100 km wide", column="cell", accepted=LENGTHS)
        side = metres if shape == "square" else square_side(metres, floors().metres)
        cells = offset_grids(ground, side, 1)[0]
        made = cls(cell_metres=metres, projection=projection, ground=ground, cells=cells)
        if shape == "square":
            return made
        return replace(made, hexagons=hexagons_on(made.outline(), cells, metres))

    def offsets(self, many: int) -> tuple[Cells, ...]:
        """The grid, and for 4 its copies moved by half a cell: what a score must not depend on. Squares only."""
        if self.hexagons:
            raise InputError("a back-test is scored on squares", column="shape", accepted="square, or streets")
        if self.streets and many != 1:
            raise InputError("street segments cannot be moved", column="offsets", accepted="1")
        if self.streets:
            return (self.cells,)
        return offset_grids(self.ground, self.cell_metres, many)

    def outline(self) -> Any:
        """The ground as a polygon, in metres of the flat map."""
        return outline_of(self.ground) if self.is_enclosure else self.ground

    def outlines(self) -> NDArray[Any]:
        """Every cell as a polygon cut at the boundary (or a line), in metres of the flat map. O(cells)."""
        if self.streets:
            return self.streets.network.line
        return self.hexagons.outlines if self.hexagons else cut_at(self.outline(), squares_of(self.cells))[0]

    def gathered(self, made: Forecast) -> Forecast:
        """A forecast of the squares as one of this grid's cells: hexagons add up what is expected in their part."""
        if not self.hexagons:
            return made
        from peelian.technologies.mapping.models.base import forecast_from

        return forecast_from(np.asarray(self.hexagons.weights @ made.expected), made.shape)

    @property
    def measured(self) -> str:
        """The column that holds `sizes`: `area_km2` or `street_km`."""
        return "street_km" if self.streets else "area_km2"

    @property
    def is_enclosure(self) -> bool:
        """Whether the ground was drawn from incidents."""
        return isinstance(self.ground, Enclosure)

    def frame(self, **columns: Any) -> Any:
        """A GeoDataFrame of the cells (WGS 84): `cell`, `area_km2`, the given columns (a value a cell). O(cells).

        Squares are drawn whole, hexagons cut at the boundary; `area_km2` is the area inside. Street segments are lines,
        with `street_km`, their length, in its place.
        """
        geopandas = library("geopandas")
        flat = self.outlines() if self.hexagons or self.streets else squares_of(self.cells)
        names = (self.hexagons or self.cells).ids()
        data = {"cell": names, self.measured: self.sizes, **columns}
        return marked(geopandas.GeoDataFrame(data, geometry=self.in_degrees(flat), crs="EPSG:4326"))

    def in_degrees(self, shapes: NDArray[Any]) -> NDArray[Any]:
        """Shapes in metres of the flat map, in degrees (WGS 84)."""
        return np.asarray(shapely.transform(shapes, lambda at: np.stack(self.projection.to_degrees(*at.T), axis=1)))

    def in_metres(self, shapes: NDArray[Any]) -> NDArray[Any]:
        """Shapes in degrees (WGS 84), in metres of the flat map."""
        return _in_metres(self.projection, shapes)


def _in_metres(projection: Projection, shapes: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(shapely.transform(shapes, lambda at: np.stack(projection.to_metres(*at.T), axis=1)))


def _enclosed(incidents: Incidents, rotation: float = 0.0) -> tuple[Enclosure, Projection]:
    """The ground that incidents enclose, and its flat map."""
    must_be_incidents(incidents)
    projection, every = replace(incidents.centre(), rotation=_degrees(rotation)), incidents.reported()
    east, north = metres(every.lon, every.lat, projection)  # as at admission
    near = ~strays(east, north)
    ground = enclosure_of(east[near], north[near])
    if ground is None:
        raise NotEnoughData("Not enough data: the incidents enclose no ground", accepted="Grid.within(areas, …)")
    return ground, projection


def _covered(areas: Any, rotation: float = 0.0) -> tuple[Any, Projection]:
    """The ground that a frame of polygons covers, in metres of a flat map, and that map."""
    library("geopandas")
    if getattr(areas, "crs", None) is None:
        raise InputError("the frame states no CRS", accepted="a GeoDataFrame of polygons with a CRS")
    degrees = areas.geometry.to_crs("EPSG:4326")
    if not len(degrees) or not set(degrees.geom_type) <= {"Polygon", "MultiPolygon"}:
        raise InputError("not polygons", column="geometry", accepted="(multi)polygons")
    middle = shapely.union_all(shapely.make_valid(np.asarray(degrees))).centroid
    turned = _degrees(rotation)
    projection = Projection(centre_lon=round(middle.x, 4), centre_lat=round(middle.y, 4), rotation=turned)
    outlines = shapely.make_valid(_in_metres(projection, np.asarray(degrees)))
    return counted_ground(shapely.union_all(outlines)), projection


def _degrees(rotation: float) -> float:
    if not isinstance(rotation, int | float) or not -360 <= rotation <= 360:
        raise InputError("not a rotation", column="rotation", accepted="degrees, anticlockwise, -360 to 360")
    return float(rotation)
