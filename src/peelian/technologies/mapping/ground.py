"""The town of a case: incidents of one category, the boundary, and the areas if given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from peelian.errors import InputError, NotEnoughData, sentence
from peelian.kernel.model.capability import AuthorizationKind, Dataset, Note, Scalar
from peelian.kernel.model.formats import SIGNED_PAST
from peelian.measure.categories import DISCOVERED
from peelian.measure.enclosure import GAP_METRES, Enclosure, enclosure_of
from peelian.measure.grid import Geometry, Grid, offset_grids, reach_boundary, strays
from peelian.measure.projection import Projection
from peelian.technologies.mapping import coincidence, counted
from peelian.technologies.mapping.areas import Areas, areas_of, boundary_of, ground_digest
from peelian.technologies.mapping.coincidence import (
    Spread,
    crowded_out,
    refuse_one_cell,
    refuse_one_point,
    spread_notes,
    spread_of,
)
from peelian.technologies.mapping.counted import NO_AREAS, by_counts, refuse_few_counted
from peelian.technologies.mapping.days import hour_of
from peelian.technologies.mapping.declarations.places import LONGEST_WINDOW_DAYS
from peelian.technologies.mapping.discovery import WEIGHED, weighed
from peelian.technologies.mapping.incidents import (
    LEFT_OUT,
    MOST_AT_EDGE,
    Incidents,
    incidents_of,
    outside,
    since,
    with_all_reported,
)
from peelian.technologies.mapping.landmarks import landmarks_of
from peelian.technologies.mapping.models.risk_terrain import Places
from peelian.technologies.mapping.traces import refuse_trace

MONTH_DAYS = 28
REACH_METRES = 500.0
LEAST_KM2 = 0.25  # of a town's ground: 25 cells of 100 m

DRAWN = "No areas given. The town is taken as all ground within %(metres)d m of an incident, %(km2).1f km²."
ENCLOSED = (
    "No areas given. Cells cover the %(km2).1f km² that the incidents enclose, with gaps up to %(metres)d "
    "m filled. %(missed)d of %(n)d incidents at the edge were left out. Add the town's areas to include "
    "them."
)
SCATTERED = "Not enough data: only %(inside)d of %(n)d incidents lie inside the ground that the incidents enclose"
COVERED = "The areas cover %(km2).1f km² in %(cells)d cells of %(metres)d m."
NOT_IN_TABLES = {**LEFT_OUT, ENCLOSED: ("missed",), coincidence.SPREAD: ("points",)}
"""Sentences with a number of incidents that no table counts, and its name there."""
SENTENCES = frozenset({*counted.SENTENCES, DRAWN, ENCLOSED, SCATTERED, COVERED, WEIGHED, *coincidence.SENTENCES})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Town:
    """Incidents, the cells they are forecast on, areas and landmarks if any, and what there is to say about them."""

    incidents: Incidents
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
    authorizations: Mapping[AuthorizationKind, Mapping[str, Scalar]],
    params: Mapping[str, Scalar],
    *,
    proof: bool = False,
    few: Callable[[int], None] = lambda n: None,
) -> Town:
    """The town from the datasets "incidents" and, where given, "areas" and "landmarks".

    `params`: category, cell_metres, offsets (1 or 4), window_days and, where set, train_from (an ISO day). Months-only
    data refuse windows shorter than a month; what police themselves discover is weighed by where they were. A `proof`
    needs places to compare, and without areas it is held on the ground that incidents enclose; `few` refuses too few
    incidents before anything is said of their ground. InputError: they are a trace of persons.
    O(n log n + cells).
    """
    refuse_months(datasets["incidents"], int(params["window_days"]))
    if proof and datasets["incidents"].counts is not None and "areas" not in datasets:
        raise InputError(NO_AREAS, accepted="an areas dataset")
    dataset, told = by_counts(datasets["incidents"], params)
    incidents, areas = _incidents(dataset, authorizations, params), _areas(datasets)
    incidents = weighed(incidents, areas) if params["category"] in DISCOVERED else incidents
    few(incidents.n)
    spread = spread_of(incidents)
    if proof:
        refuse_one_point(spread)
    boundary = boundary_of(areas) if areas else _drawn(dataset, spread, str(params["category"]), proof=proof)
    grids = offset_grids(boundary, float(params["cell_metres"]), int(params["offsets"]))
    if proof:
        refuse_one_cell(spread, incidents, grids[0])
    _refuse_small(grids[0])
    _refuse_trace(incidents, str(params["category"]), signed_past=bool(datasets["incidents"].facts.get(SIGNED_PAST)))
    notes = (
        *told,
        *incidents.notes,
        *spread_notes(spread, incidents, grids[0]),
        *_ground_notes(incidents, spread, grids[0], given=areas is not None, proof=proof),
    )
    landmarks = landmarks_of(datasets["landmarks"], _projection(dataset)) if "landmarks" in datasets else None
    return Town(incidents=incidents, areas=areas, grids=grids, notes=notes, landmarks=landmarks)


def _refuse_small(grid: Grid) -> None:
    """InputError where the ground is so small that its cells are homes: two people may adopt a park as an area, and a
    map of it alone would be one of a few houses beside it."""
    if grid.total_km2 < LEAST_KM2:
        accepted = sentence("at least %(n).2f km²", n=LEAST_KM2)
        raise InputError("the ground is too small", column="outline", accepted=accepted)


def _incidents(
    dataset: Dataset, authorizations: Mapping[AuthorizationKind, Mapping[str, Scalar]], params: Mapping[str, Scalar]
) -> Incidents:
    admitted = AuthorizationKind.DISCOVERED_OFFENCES in authorizations
    category = str(params["category"])
    found = incidents_of(dataset, category, discovered_admitted=admitted)
    found = with_all_reported(found, dataset, category)
    return since(found, hour_of(str(params["train_from"]), "train_from")) if params["train_from"] else found


def _refuse_trace(incidents: Incidents, category: str, *, signed_past: bool) -> None:
    """InputError where what is left of the file, by category and `train_from`, is a trace in itself. O(n log n)."""
    if signed_past:
        return  # two people said why these rows are what they are said to be
    if incidents.counts is not None:
        refuse_few_counted(incidents.n)  # the whole dataset was looked at when it was admitted
        return
    _, first = np.unique(incidents.row, return_index=True)  # an incident of unknown day stands in several rows
    refuse_trace(incidents.hour[first], (incidents.east[first], incidents.north[first]), category)


def _ground_notes(incidents: Incidents, spread: Spread, grid: Grid, *, given: bool, proof: bool) -> tuple[Note, ...]:
    """What ground is judged, and which incidents lie outside it. O(n)."""
    km2 = grid.total_km2
    if given or not proof:
        covered: dict[str, Scalar] = {"metres": round(grid.cell_metres), "km2": km2, "cells": len(grid)}
        drawn: dict[str, Scalar] = {"metres": round(REACH_METRES), "km2": km2}
        ground = Note(text=COVERED, values=covered) if given else Note(text=DRAWN, values=drawn, kind="caveat")
        missed = outside(incidents, grid)
        return (ground, missed) if missed else (ground,)
    n = incidents.n - incidents.number(incidents.row[grid.locate(incidents.east, incidents.north) < 0])
    if n < (1 - MOST_AT_EDGE) * incidents.n:
        raise _scattered(n, spread)
    enclosed: dict[str, Scalar] = {
        "km2": km2,
        "metres": round(GAP_METRES),
        "missed": incidents.n - n,
        "n": incidents.n,
    }
    return (Note(text=ENCLOSED, values=enclosed, kind="caveat"),)


def _scattered(inside: int, spread: Spread) -> NotEnoughData:
    """Why there is no ground to judge: one point holds most incidents, or they lie scattered or along a line."""
    if spread.share >= MOST_AT_EDGE:
        return crowded_out(spread)
    accepted = "an areas dataset, or more incidents"
    return NotEnoughData(sentence(SCATTERED, inside=inside, n=spread.n), accepted=accepted)


def refuse_months(dataset: Dataset, window_days: int) -> None:
    """InputError where incidents are dated by month only and a window is shorter than a month."""
    if bool(dataset.facts.get("months_only", False)) and window_days < MONTH_DAYS:
        says = sentence("dates are months only: a window of %(n)d days is too short", n=window_days)
        accepted = sentence("window_days of %(low)d to %(high)d", low=MONTH_DAYS, high=LONGEST_WINDOW_DAYS)
        raise InputError(says, accepted=accepted)


def must_be_tested_ground(report: Mapping[str, Scalar], areas: Dataset, grid: Grid) -> None:
    """InputError where the accuracy report does not say that it was tested on the ground of these areas. O(points)."""
    tested, now = report.get("ground_digest"), sentence("%(km2).1f km²", km2=grid.total_km2)
    if tested == ground_digest(areas):
        return
    if tested is None:
        says = "The accuracy report was tested without the town's areas, so on other ground than this forecast"
    else:
        before = sentence("%(km2).1f km²", km2=float(report.get("ground_km2", float("nan"))))
        says = sentence(
            "The accuracy report is of other ground (%(before)s) than these areas (%(now)s)", before=before, now=now
        )
    raise InputError(says, file="areas", accepted="the areas of the test, or a test with these areas")


def _areas(datasets: Mapping[str, Dataset]) -> Areas | None:
    if "areas" not in datasets:
        return None
    return areas_of(datasets["areas"], _projection(datasets["incidents"]))


def _projection(dataset: Dataset) -> Projection:
    return Projection(**{name: float(dataset.facts[name]) for name in ("centre_lon", "centre_lat")})


def _drawn(dataset: Dataset, spread: Spread, category: str, *, proof: bool) -> Geometry | Enclosure:
    """The ground of all reported incidents of the dataset and those of the category itself, without strays.

    A forecast may speak of all ground near an incident. A proof is held where incidents are all around: an empty rim
    would make any map look better than an even spread, and a smooth one better than the long-run average.
    """
    east, north = (np.asarray(dataset.table[name], dtype=np.float64) for name in ("east_metres", "north_metres"))
    words, codes = dataset.table.column("category").coded()
    used = np.array([str(word) not in DISCOVERED or word == category for word in words], dtype=bool)[codes]
    placed = np.isfinite(east) & np.isfinite(north) & used
    east, north = east[placed], north[placed]
    weight = np.asarray(dataset.table["n"], dtype=np.float64)[placed] if "n" in dataset.table else None
    near = ~strays(east, north, weight)
    if not proof:
        return reach_boundary(east[near], north[near], REACH_METRES)
    ground = enclosure_of(east[near], north[near])
    if ground is None:
        raise _scattered(0, spread)
    return ground
