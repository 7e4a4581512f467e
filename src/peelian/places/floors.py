"""Floors of a study: how small cells and ground may be, and what of a ground counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from peelian.errors import InputError, sentence
from peelian.measure.enclosure import Enclosure
from peelian.measure.grid import FINEST_METRES
from peelian.operations.outside_uses import Window, has_office
from peelian.technologies.mapping.days import hour_of

if TYPE_CHECKING:
    from peelian.places.grids import Grid
    from peelian.technologies.mapping.incidents import Incidents as Prepared

WIDE_METRES, NEAR_METRES = 50.0, 50.0
ROUNDED = 1 - 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Floors:
    """The smallest cell (a square's side, a hexagon's width, a street segment's length) in metres, and the fewest of
    them that are a ground. An office's hold for its people; without one they keep a cell from being a home."""

    metres: float
    cells: int

    @property
    def ground_metres(self) -> float:
        """The smallest ground, in square metres."""
        return self.cells * self.metres**2


RESEARCH_FLOORS, OFFICE_FLOORS = Floors(metres=float(FINEST_METRES), cells=1), Floors(metres=100.0, cells=25)


def floors() -> Floors:
    """Those that hold now."""
    return OFFICE_FLOORS if has_office() else RESEARCH_FLOORS


def counted_ground(outline: Any) -> Any:
    """What of an area (a polygon in metres) counts as ground: all without an office.

    With one, what lies within 50 m of where the area is 50 m wide, in parts of at least a cell: no house is a part, nor
    the end of a lane. InputError where nothing does.
    """
    hold = floors()
    if hold.cells == 1:
        return outline
    wide = shapely.buffer(outline, -WIDE_METRES / 2)
    near = shapely.intersection(shapely.buffer(wide, WIDE_METRES / 2 + NEAR_METRES), outline)
    parts = [part for part in shapely.get_parts(near) if part.area >= hold.metres**2]
    if not parts:
        raise too_small(hold)
    return shapely.union_all(parts)


def refuse_small(grid: Grid) -> None:
    """InputError where the cells of a grid, or its ground, are below the floors. O(cells)."""
    hold, found = floors(), float(grid.cell_metres if grid.streets is None else grid.street_km.min() * 1_000)
    if min(found, grid.cells.cell_metres) < hold.metres * ROUNDED:
        accepted = sentence("cells of at least %(n)d m", n=round(hold.metres))
        raise InputError("the cells are too small", column="cell", accepted=accepted)
    if len(grid) < hold.cells:
        accepted = sentence("at least %(n)d cells", n=hold.cells)
        raise InputError("the ground has too few cells", column="cell", accepted=accepted)
    ground = grid.ground.km2 * 1e6 if isinstance(grid.ground, Enclosure) else grid.ground.area
    if ground < hold.ground_metres * ROUNDED:
        raise too_small(hold)


def too_small(hold: Floors) -> InputError:
    """The error of a ground below the floor."""
    accepted = sentence("at least %(n).2f km²", n=hold.ground_metres / 1e6)
    return InputError("the ground is too small", column="geometry", accepted=accepted)


def held(grid: Grid, known: Prepared, first: str, last: str) -> Window:
    """How many incidents lie on the ground in the ISO days from `first` to `last`. O(rows log cells)."""
    days = (known.hour >= hour_of(first)) & (known.hour < hour_of(last) + 24)
    on = grid.cells.locate(known.east[days], known.north[days]) >= 0
    return Window(last=last, rows=len(np.unique(known.row[days][on])))  # one of unknown day stands in several rows
