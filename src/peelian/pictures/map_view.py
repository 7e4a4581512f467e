"""A map that a page can be opened on: cells in a town's own frame, what is known of each, and which are chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError
from peelian.measure.projection import Projection
from peelian.pictures.borders import Lines, Whole, borders, no_lines, numbered
from peelian.pictures.maps import CellMap, grid_map
from peelian.pictures.panels import Grid, Panels, Picture, Say

MOST_NUMBERED = 50
MOST_BOX = 4_000_000  # rows times columns that a page is sent


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """One value per cell, NaN for none. `drawn`: it can be shown as colours, and not only beside another."""

    id: str  # in addresses: "expected"
    title: str
    values: NDArray[np.float64]
    drawn: bool = True
    part_of: str = ""  # the layer of which it is a share in every cell, as a shift is of the day


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One point of a trade-off: the cells it selects with a row for each, and what it costs, as titles and figures.

    `params` are those of a request for this point alone, as an address carries them.
    """

    title: str
    cells: Sequence[int]
    rows: tuple[tuple[str, ...], ...]
    facts: tuple[tuple[str, str], ...]
    params: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class MapView:
    """Square cells by row and column from the frame's centre (rows to the north), with layers of values.

    The first layer is shown first, and all are shown in its classes. Layers "low" and "high" are its interval.
    `compared` names two layers whose difference can be shown: the classes are of both. `selected` are cells in the
    order of `listed`'s rows; `history` holds a row of past counts for each, oldest first, under `history_title`, for
    periods that begin on `history_days`.
    `areas` names each cell's area, "" for none, or is empty. `by_area`: all cells of an area have its figure, so the
    map speaks of areas. All text is for the reader.
    """

    frame: Projection
    cell_metres: float
    row: NDArray[np.int64]
    col: NDArray[np.int64]
    layers: tuple[Layer, ...]
    value_title: str
    heading: str
    caption: str
    alternative: str
    statement: str
    compared: tuple[str, str] | None = None
    sums: str = ""  # what a sum over several cells is of; "" where values do not add up
    selected: Sequence[int] = ()
    selected_title: str = ""
    listed: Grid | None = None
    history: Sequence[Sequence[int]] = ()
    history_title: str = ""
    history_days: Sequence[str] = ()
    areas: Sequence[str] = ()
    by_area: bool = False
    options: tuple[Option, ...] = ()
    beside: Panels = ()  # who lives there, what else helps

    def __post_init__(self) -> None:
        rows, cols = self.shape
        if rows * cols > MOST_BOX:
            raise InputError("the map's cells lie too far apart", accepted=f"a box of at most {MOST_BOX:,} cells")

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the box around the cells."""
        return int(np.ptp(self.row)) + 1, int(np.ptp(self.col)) + 1

    @cached_property
    def numbered(self) -> tuple[list[str], Whole]:
        """The different areas in order of the alphabet, and which one each cell is in. O(cells), once."""
        return numbered(self.areas)

    @cached_property
    def borders(self) -> Lines:
        """Where areas meet. O(bounding box), once."""
        return borders(self.row, self.col, self.numbered[1], self.cell_metres) if len(self.areas) else no_lines()


def options_grid(view: MapView, caption: str, first: str) -> Grid | None:
    """The trade-off as a table, one row for each option; None without."""
    if not view.options:
        return None
    titles = tuple(title for title, _ in view.options[0].facts)
    rows = tuple((option.title, *(value for _, value in option.facts)) for option in view.options)
    return Grid(caption=caption, titles=(first, *titles), rows=rows, numeric=frozenset(range(1, len(titles) + 1)))


def still(view: MapView, say: Say) -> Picture:
    """The same as a picture, for browsers without script or WebGL and for paper. O(cells)."""
    cells = CellMap(
        row=view.row,
        col=view.col,
        values=view.layers[0].values,
        cell_metres=view.cell_metres,
        marked=list(view.selected)[:MOST_NUMBERED],
        marked_title=view.selected_title,
        borders=view.borders,
    )
    return grid_map(
        cells,
        value_title=view.value_title,
        statement=view.statement,
        caption=view.caption,
        alternative=view.alternative,
        areas=view.areas if view.by_area else (),
        say=say,
    )
