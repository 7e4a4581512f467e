"""The town as a case sees it: incidents of one category, the boundary, and the areas where they were given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from peelian.errors import InputError
from peelian.governance.capability import Dataset, Note, Paper, Scalar
from peelian.measure.categories import CATEGORIES, DISCOVERED
from peelian.measure.grid import Geometry, Grid, offset_grids, reach_boundary, strays
from peelian.measure.projection import Projection
from peelian.technologies.mapping.areas import Areas, areas_of, boundary_of
from peelian.technologies.mapping.discovery import WEIGHED, weighed
from peelian.technologies.mapping.incidents import (
    ALL_REPORTED,
    Incidents,
    hour_of,
    incidents_of,
    outside,
    since,
)
from peelian.technologies.mapping.landmarks import landmarks_of
from peelian.technologies.mapping.models import TITLES
from peelian.technologies.mapping.models.risk_terrain import Places

LONGEST_WINDOW_DAYS = 92
MONTH_DAYS = 28
REACH_METRES = 500.0

DRAWN = (
    "No areas were given: the town is taken to be the ground within %(metres)d m of any incident in the data, "
    "%(km2).1f square kilometres. Its rim is empty and makes any map look a little better than an even spread: give "
    "the town's areas to see whether there is concentration beyond chance."
)
COVERED = "The areas given cover %(km2).1f square kilometres, cut into %(cells)d cells of %(metres)d m."
SENTENCES = frozenset({DRAWN, COVERED, WEIGHED})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Town:
    """Incidents, the ground they are forecast on, areas and landmarks if any, and what there is to say about them."""

    incidents: Incidents
    boundary: Geometry
    areas: Areas | None
    grids: tuple[Grid, ...]
    notes: tuple[Note, ...]
    landmarks: Places | None = None

    @property
    def grid(self) -> Grid:
        """The grid that places are named after."""
        return self.grids[0]


def town_of(
    datasets: Mapping[str, Dataset],
    papers: Mapping[Paper, Mapping[str, Scalar]],
    params: Mapping[str, Scalar],
) -> Town:
    """The town from the datasets "incidents" and, where given, "areas" and "landmarks".

    `params`: category, cell_metres, offsets (1 or 4), window_days and, where set, train_from (an ISO day). Months-only
    data refuse windows shorter than a month; what police themselves discover is weighed by where they were. O(n log n +
    cells).
    """
    dataset = datasets["incidents"]
    refuse_months(dataset, int(params["window_days"]))
    admitted = Paper.DISCOVERED_OFFENCES in papers
    incidents = incidents_of(dataset, str(params["category"]), discovered_admitted=admitted)
    incidents = (
        since(incidents, hour_of(str(params["train_from"]), "train_from")) if params["train_from"] else incidents
    )
    cell = float(params["cell_metres"])
    areas = _areas(datasets)
    incidents = weighed(incidents, areas) if params["category"] in DISCOVERED else incidents
    boundary = boundary_of(areas) if areas else _reach(dataset)
    grids = offset_grids(boundary, cell, int(params["offsets"]))
    km2, cells = grids[0].total_km2, len(grids[0])
    drawn: dict[str, Scalar] = {"metres": round(REACH_METRES), "km2": km2}
    covered: dict[str, Scalar] = {"metres": round(cell), "km2": km2, "cells": cells}
    ground = Note(text=COVERED, values=covered) if areas else Note(text=DRAWN, values=drawn, kind="caveat")
    missed = outside(incidents, grids[0])
    notes = (*incidents.notes, ground, *((missed,) if missed else ()))
    landmarks = landmarks_of(datasets["landmarks"], _projection(dataset)) if "landmarks" in datasets else None
    return Town(incidents=incidents, boundary=boundary, areas=areas, grids=grids, notes=notes, landmarks=landmarks)


def refuse_months(dataset: Dataset, window_days: int) -> None:
    """InputError where incidents are dated by month only and a window is shorter than a month."""
    if bool(dataset.facts.get("months_only", False)) and window_days < MONTH_DAYS:
        raise InputError(
            f"these incidents are dated by month only: a window of {window_days} days cannot be scored",
            accepted=f"window_days of {MONTH_DAYS} to {LONGEST_WINDOW_DAYS}",
        )


def check_place_params(category: str, cell_metres: int, window_days: int, models: tuple[str, ...]) -> None:
    """InputError where what both capabilities ask for cannot be: category, cell, window, models."""
    if category != ALL_REPORTED and category not in CATEGORIES:
        raise InputError("the category is not on the published list", accepted=", ".join((ALL_REPORTED, *CATEGORIES)))
    if not 50 <= cell_metres <= 5_000:
        raise InputError("cell_metres is out of range", accepted="50 to 5,000 metres, for example 250")
    if not 1 <= window_days <= LONGEST_WINDOW_DAYS:
        raise InputError("window_days is out of range", accepted=f"1 to {LONGEST_WINDOW_DAYS} days, for example 7")
    for model in models:
        if model not in TITLES:
            raise InputError("there is no model of that name", accepted=", ".join(TITLES))


def _areas(datasets: Mapping[str, Dataset]) -> Areas | None:
    if "areas" not in datasets:
        return None
    return areas_of(datasets["areas"], _projection(datasets["incidents"]))


def _projection(dataset: Dataset) -> Projection:
    return Projection(**{name: float(dataset.facts[name]) for name in ("centre_lon", "centre_lat")})


def _reach(dataset: Dataset) -> Geometry:
    """The ground around all incidents of the dataset, of whatever category, without strays: fixed before any choice."""
    east, north = (np.asarray(dataset.table[name], dtype=np.float64) for name in ("east_metres", "north_metres"))
    placed = np.isfinite(east) & np.isfinite(north)
    east, north = east[placed], north[placed]
    near = ~strays(east, north)
    return reach_boundary(east[near], north[near], REACH_METRES)
