"""How many points and cells hold the incidents, and whether one point holds suspiciously many.

A geocoder that does not know an address often writes a default point: the town centre, the station, city hall.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from peelian.errors import NotEnoughData, sentence
from peelian.kernel.model.capability import Note, Scalar
from peelian.measure.grid import Grid
from peelian.technologies.mapping.incidents import Incidents

MUCH = 0.2  # of all at one point: in five cities' records the most is .009, in monthly ones moved to snap points .30

SPREAD = "The incidents lie at %(points)d different points in %(cells)d cells of %(metres)d m."
CROWDED = (
    "%(share).0f%% of the incidents (n = %(n)d) lie at one point (first in row %(row)d of the dataset). A "
    "geocoder may have put unknown addresses there. If so, remove these rows and try again."
)
ONE_POINT = "Not enough data: all %(n)d incidents lie at one point, so there are no places to compare"
ONE_CELL = "Not enough data: all %(n)d incidents lie in one cell of %(metres)d m (%(points)d different points)"
COUNTED = "The incidents lie in %(cells)d cells of %(metres)d m."
CROWDED_SQUARE = (
    "%(share).0f%% of the incidents (n = %(n)d) lie in one square of %(metres)d m. A geocoder may have put unknown "
    "addresses there. If so, remove these rows and try again."
)
SENTENCES = frozenset({SPREAD, CROWDED, COUNTED, CROWDED_SQUARE, ONE_POINT, ONE_CELL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Incidents, the different points they lie at, how many lie at the fullest of them, and its first row (from 1)."""

    n: int
    points: int
    most: int
    row: int

    @property
    def share(self) -> float:
        """The share of the incidents at the fullest point."""
        return self.most / self.n


def spread_of(incidents: Incidents) -> Spread:
    """How many different points (to the metre) hold the incidents, each of them counted once. O(n log n).

    >>> from peelian.technologies.mapping.example import CATEGORY, incidents
    >>> from peelian.technologies.mapping.incidents import incidents_of
    >>> spread_of(incidents_of(incidents(), CATEGORY)).points
    2799
    """
    rows, first = np.unique(incidents.row, return_index=True)  # an incident of unknown day stands in several rows
    places = np.stack([np.rint(part[first]) for part in (incidents.east, incidents.north)])
    _, at = np.unique(places, axis=1, return_inverse=True)
    at = np.asarray(at).ravel()
    counts = np.bincount(at, None if incidents.counts is None else incidents.counts[rows])
    fullest = int(np.argmax(counts))
    row = int(rows[at == fullest].min()) + 1
    return Spread(n=int(counts.sum()), points=len(counts), most=int(counts[fullest]), row=row)


def refuse_one_point(spread: Spread) -> None:
    """NotEnoughData where all incidents lie at one point: any model would be right every time, about nothing."""
    if spread.points == 1 and spread.n > 1:
        raise NotEnoughData(
            sentence(ONE_POINT, n=spread.n),
            accepted="points where incidents happened (check the coordinate columns and the geocoder)",
        )


def refuse_one_cell(spread: Spread, incidents: Incidents, grid: Grid) -> None:
    """NotEnoughData where all incidents fall into one cell. O(n)."""
    if cells_with(incidents, grid) == 1 and spread.n > 1:
        metres = round(grid.cell_metres)
        raise NotEnoughData(
            sentence(ONE_CELL, n=spread.n, metres=metres, points=spread.points),
            accepted="smaller cells, or incidents of a whole town",
        )


def crowded_out(spread: Spread) -> NotEnoughData:
    """The error where one point holds so many incidents that the others enclose no ground."""
    values: dict[str, Scalar] = {"share": 100 * spread.share, "n": spread.most, "row": spread.row}
    return NotEnoughData(sentence(CROWDED, **values), accepted="the incidents without those rows, or the town's areas")


def cells_with(incidents: Incidents, grid: Grid) -> int:
    """How many cells hold an incident. O(n)."""
    cell = grid.locate(incidents.east, incidents.north)
    return len(np.unique(cell[cell >= 0]))


def spread_notes(spread: Spread, incidents: Incidents, grid: Grid) -> tuple[Note, ...]:
    """How many points and cells; and a caveat where one point holds a fifth of all or more. O(n)."""
    cells = cells_with(incidents, grid)
    lie: dict[str, Scalar] = {"points": spread.points, "cells": cells, "metres": round(grid.cell_metres)}
    if incidents.counts is not None:
        return _half_cells(spread, cells, grid)
    told = Note(text=SPREAD, values=lie)
    if spread.share < MUCH or spread.n == 1:
        return (told,)
    crowd: dict[str, Scalar] = {"share": 100 * spread.share, "n": spread.most, "row": spread.row}
    return told, Note(text=CROWDED, values=crowd, kind="caveat")


def _half_cells(spread: Spread, cells: int, grid: Grid) -> tuple[Note, ...]:
    """The same of counted incidents: their points are the middles of half cells."""
    told = Note(text=COUNTED, values={"cells": cells, "metres": round(grid.cell_metres)})
    if spread.share < MUCH or spread.n == 1:
        return (told,)
    crowd: dict[str, Scalar] = {"share": 100 * spread.share, "n": spread.most, "metres": round(grid.cell_metres / 2)}
    return told, Note(text=CROWDED_SQUARE, values=crowd, kind="caveat")
