"""The map of a report that advises nothing: one figure per area of the town, or per square of two kilometres.

Cells are joined to squares of half a kilometre or more, and every square shows the figure of its whole area. So the map
shows where in the town something holds, and no cell of a forecast and no single street can be read from it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.kernel.model.capability import Findings
from peelian.measure.grid import Grid, offset_grids
from peelian.measure.suppression import LOW
from peelian.measure.table import Table
from peelian.technologies.mapping.areas import Areas, boundary_of
from peelian.technologies.mapping.declarations.town_map import TOWN_MAP
from peelian.technologies.mapping.explanation import places_of
from peelian.technologies.mapping.incidents import Incidents

Floats = NDArray[np.float64]

SQUARE_METRES, ALONE_METRES = 500, 2_000  # with areas, and where the squares themselves are the areas


def recorded_map(found: Incidents, grid: Grid, areas: Areas | None, hours: tuple[float, float]) -> Table:
    """Recorded incidents per km² from one hour to another, by area; no figure below 11 incidents. O(n + overlaps)."""
    inside = (found.hour >= hours[0]) & (found.hour < hours[1])
    cell = grid.locate(found.east[inside], found.north[inside])
    weight = found.weight[inside][cell >= 0]
    return _joined(
        grid, areas, np.bincount(cell[cell >= 0], weights=weight, minlength=len(grid)).astype(np.float64), LOW
    )


def expected_map(expected: Floats, grid: Grid, areas: Areas | None, *, recorded: Floats | None = None) -> Table:
    """Expected incidents per km² by area; where `recorded` incidents are given, no figure below 11 of them.

    O(cells + overlaps).
    """
    return _joined(grid, areas, expected, LOW if recorded is not None else 0.0, counted=recorded)


def map_of_areas(areas: Areas, values: Floats) -> Table:
    """One figure per area, on squares of half a kilometre. O(squares + overlaps)."""
    grid = offset_grids(boundary_of(areas), SQUARE_METRES, 1)[0]
    names = places_of(grid, areas)
    known = dict(zip(areas.names, np.asarray(values, dtype=np.float64).tolist(), strict=True))
    return _made(names.ids, names.areas, np.array([known.get(str(name), np.nan) for name in names.areas]))


def _joined(grid: Grid, areas: Areas | None, n: Floats, least: float, *, counted: Floats | None = None) -> Table:
    """The counts of cells as counts per km² of the areas they lie in, one row per square.

    No figure of an area with fewer than `least` by `counted` (default: by the counts themselves).
    """
    times = max(1, -(-(SQUARE_METRES if areas else ALONE_METRES) // round(grid.cell_metres)))
    rows, cols = (np.floor_divide(part, times) for part in (grid.row, grid.col))
    squares, square = np.unique(np.stack([rows, cols]), axis=1, return_inverse=True)
    square = np.asarray(square).ravel()
    if areas is None:
        known, member, of_square = np.full(squares.shape[1], ""), square, np.arange(squares.shape[1])
    else:
        known, member = np.unique(places_of(grid, areas).areas.astype(str), return_inverse=True)
        largest = np.lexsort((grid.area_km2, square))  # the cell with most ground comes last in its square and stays
        of_square = np.zeros(squares.shape[1], dtype=np.intp)
        of_square[square[largest]] = member[largest]
    total, km2 = np.bincount(member, weights=n), np.bincount(member, weights=grid.area_km2)
    enough = total if counted is None else np.bincount(member, weights=counted)
    shown = (enough >= least) & ((known != "") | (areas is None))
    density = np.where(shown, total / km2, np.nan)
    side = f"{grid.cell_metres * times:g}"
    ids = np.array([f"{side}:{row}:{col}" for row, col in squares.T.tolist()], dtype=object)
    return _made(ids, known[of_square].astype(object), density[of_square])


def _made(ids: NDArray[Any], names: NDArray[Any], values: Floats) -> Table:
    return TOWN_MAP.of({"place": ids, "area": names, "value": values})


def coarsened(found: Table) -> Table:
    """The same map with one significant digit: from one week to the next it does not tell of single incidents.

    O(squares).
    """
    values = np.asarray(found["value"], dtype=np.float64)
    step = 10.0 ** np.floor(np.log10(np.where(values > 0, values, 1.0)))
    return _made(found["place"], found["area"], np.round(values / step) * step)


def without_map(findings: Findings) -> Findings:
    """What the public may see of a test: all of it but the map."""
    return replace(findings, tables=tuple(one for one in findings.tables if one.name != "town_map"))
