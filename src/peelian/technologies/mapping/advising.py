"""Forecast with exposure limits: the whole trade-off between expected incidents and exposure, never one answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from peelian.errors import InputError, NotEnoughData
from peelian.kernel.model.capability import (
    Arithmetic,
    AuthorizationKind,
    Context,
    Dataset,
    Example,
    Findings,
    Note,
    Scalar,
    Shows,
)
from peelian.measure.table import Table
from peelian.technologies.mapping import example, ground, incidents, responses
from peelian.technologies.mapping.advising_view import advising_view
from peelian.technologies.mapping.areas import Areas, ground_digest, overlap_km2
from peelian.technologies.mapping.backtest import LIVES_EVENLY
from peelian.technologies.mapping.counted import refuse_rows
from peelian.technologies.mapping.days import day_of, hour_of
from peelian.technologies.mapping.declarations.advising import ADVISED, FRONTIER, RATIOS, LimitsParams, spent_in
from peelian.technologies.mapping.declarations.backtest import covered
from peelian.technologies.mapping.declarations.models import BASELINE, TITLES
from peelian.technologies.mapping.declarations.places import ALL_REPORTED
from peelian.technologies.mapping.explanation import Places, places_of
from peelian.technologies.mapping.exposure import Ratio, covered_share, ratios_against_others
from peelian.technologies.mapping.forecast import NOT_ONLY_PATROLS, PLACES_ONLY, RECORDED_ONLY, history_at
from peelian.technologies.mapping.ground import NOT_IN_TABLES, Town, must_be_tested_ground, town_of
from peelian.technologies.mapping.limits import NO_LIMIT, Floats, Point, beside, frontier, ground_of
from peelian.technologies.mapping.map_views import limits_map
from peelian.technologies.mapping.models import chosen
from peelian.technologies.mapping.models.base import Window
from peelian.technologies.mapping.public_exposure import FEW, FEWEST_CELLS, ROUNDED, coarse, coarsely
from peelian.technologies.mapping.public_exposure import MESSAGES as OF_EXPOSURE
from peelian.technologies.mapping.responses import responses_to
from peelian.technologies.mapping.town_map import expected_map
from peelian.technologies.mapping.when import When

FREE, LIMITED, COUNT_MAP = "no_limit", "limited", "count_map"

UNLIMITED = (
    "With no limit, the %(places)d selected cells hold %(expected).1f expected incidents. The largest "
    "exposure ratio between a group and everyone else, either way, is %(worst).2f."
)
HELD = (
    "Limit %(limit).2f: %(places).1f cells hold %(expected).1f expected incidents, %(price).2f fewer (%(share).1f%%)."
)
BUDGETED = (
    "At most %(budget).1f cell-windows per area and no exposure limit: %(expected).1f expected incidents, "
    "%(price).2f fewer (%(share).1f%%)."
)
BESIDE = (
    "The %(places)d top cells by the long-run average hold %(expected).1f expected incidents. Their "
    "largest exposure ratio is %(worst).2f."
)
NO_ONE_ANSWER = (
    "No calculation chooses the limit. A person weighs exposure against expected incidents and gives reasons."
)
UNLIMITED_ABOUT = (
    "With no limit, the %(places)d selected cells hold about %(expected).10g expected incidents. The largest exposure "
    "ratio between a group and everyone else, either way, is about %(worst).10g."
)
HELD_ABOUT = (
    "Limit %(limit).2f: %(places).1f cells hold about %(expected).10g expected incidents, about %(price).10g fewer "
    "(%(share).10g%%)."
)
BUDGETED_ABOUT = (
    "At most %(budget).1f cell-windows per area and no exposure limit: about %(expected).10g expected incidents, about "
    "%(price).10g fewer (%(share).10g%%)."
)
BESIDE_ABOUT = (
    "The %(places)d top cells by the long-run average hold about %(expected).10g expected incidents. Their largest "
    "exposure ratio is about %(worst).10g."
)
FIGURES = {UNLIMITED: UNLIMITED_ABOUT, HELD: HELD_ABOUT, BUDGETED: BUDGETED_ABOUT, BESIDE: BESIDE_ABOUT}
"""What the public read in place of each: rounded figures, and no digit that they do not have."""
OF_THE_CELLS = ("expected", "price", "price_share", "share", "worst")  # figures of selected cells, in notes and tables
PARTS = "A share below 100% means the cell is selected for only part of the window."
ANSWERS = "Responses other than police presence for this category:"
MESSAGES = frozenset(
    {
        *FIGURES,
        *FIGURES.values(),
        NO_ONE_ANSWER,
        PARTS,
        ANSWERS,
        PLACES_ONLY,
        NOT_ONLY_PATROLS,
        RECORDED_ONLY,
        LIVES_EVENLY,
        *OF_EXPOSURE,
        *responses.SENTENCES,
        *ground.SENTENCES,
        *incidents.SENTENCES,
    }
)


def run(params: LimitsParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Forecast the window, then solve one linear programme per limit. O(fit + limits × programme)."""
    refuse_rows(datasets["incidents"], models=(params.model,))
    asked = {**covered(params), "offsets": 1, "train_from": params.train_from, "begins": params.start_day}
    town = town_of(datasets, context.authorizations, asked)
    areas = _areas_with_groups(town)
    start = hour_of(params.start_day, "start_day")
    history, window = history_at(town, start), Window(start_hour=start, hours=params.window_days * 24.0)
    report = context.authorizations.get(AuthorizationKind.ACCURACY_REPORT, {})
    must_be_tested_ground(report, datasets["areas"], town.grid)
    context.progress("Fitting the model", 0.2)
    expected, long_run = (
        When().forecast(name, model.fit(history, window_hours=window.hours).forecast(window), history, window).expected
        for name, model in ((name, chosen((name,), town.landmarks)[name]) for name in (params.model, BASELINE))
    )
    overlap = overlap_km2(areas, town.grid)
    land = ground_of(areas, overlap, _spent_by_area(params, areas))
    places = min(params.advised_cells, len(town.grid))
    context.progress("Computing exposure limits", 0.5)
    points = frontier(expected, land, places, limits=params.limits, budget=params.budget or NO_LIMIT)
    every = (*points, beside(long_run, expected, land, places))
    named = places_of(town.grid, town.areas)
    found = [ratios_against_others(covered_share(p.advised, overlap), areas, context.seed) for p in every]
    return Findings(
        tables=(
            _frontier_table(every),
            _ratio_table(every, found),
            _advised_table(every, (expected, long_run), named),
            expected_map(expected, town.grid, areas),
        ),
        notes=(*_notes(params, every), *town.notes, *_caveats(), *_answers(params.category)),
        facts={
            **covered(params),
            "start_day": params.start_day,
            "until_day": day_of(window.start_hour + window.hours - 24),
            "places": places,
            "cells": len(expected),
            "n": round(history.total),
            "points": len(points),
            "expected_free": points[0].expected,
            "expected_strictest": points[-1].expected,
            "data_digest": datasets["incidents"].digest,
        },
    )


def _areas_with_groups(town: Town) -> Areas:
    if town.areas is None or not town.areas.members:
        raise NotEnoughData(
            "Not enough data: exposure limits need areas with residents by group",
            accepted="an areas dataset with at least one declared group",
        )
    return town.areas


def _spent_by_area(params: LimitsParams, areas: Areas) -> Floats:
    spent = np.zeros(len(areas))
    number = {name: k for k, name in enumerate(areas.names)}
    for text in params.spent:
        name, value = spent_in(text)
        if name not in number:
            raise InputError("unknown area", column="spent", accepted="area names in the areas dataset")
        spent[number[name]] += value
    return spent


def _kind(points: tuple[Point, ...], k: int) -> str:
    if k == len(points) - 1:
        return COUNT_MAP
    return FREE if k == 0 else LIMITED


def _finite(value: float) -> float:
    return value if np.isfinite(value) else float("nan")


def _frontier_table(points: tuple[Point, ...]) -> Table:
    best = max(points[0].expected, 1e-300)
    return FRONTIER.of(
        {
            "point": np.arange(1, len(points) + 1),
            "kind": [_kind(points, k) for k in range(len(points))],
            "limit": np.array([_finite(point.limit) for point in points]),
            "budget": np.array([_finite(point.budget) for point in points]),
            "expected": np.array([point.expected for point in points]),
            "price": np.array([point.price for point in points]),
            "price_share": np.array([point.price / best for point in points]),
            "places": np.array([point.places for point in points]),
            "worst": np.array([_finite(point.worst) for point in points]),
        }
    )


def _ratio_table(points: tuple[Point, ...], drawn: Sequence[Mapping[str, Ratio]]) -> Table:
    """The ratio of every group at every point; intervals draw whole areas."""
    return RATIOS.of_rows(
        {
            "point": k + 1,
            "group": group,
            "ratio": _finite(ratio),
            "ratio_low": _finite(drawn[k][group].low),
            "ratio_high": _finite(drawn[k][group].high),
        }
        for k, point in enumerate(points)
        for group, ratio in point.ratios.items()
    )


def _advised_table(points: tuple[Point, ...], expected: tuple[Floats, Floats], named: Places) -> Table:
    """Every cell of every point, by point and then by expected count."""
    counts, long_run = expected
    cells, numbers = [], []
    for k, point in enumerate(points):
        taken = np.flatnonzero(point.advised > 0)
        cells.append(taken[np.argsort(-counts[taken], kind="stable")])
        numbers.append(np.full(len(taken), k + 1))
    cell = np.concatenate(cells)
    number = np.concatenate(numbers)
    return ADVISED.of(
        {
            "point": number,
            "place": named.ids[cell],
            "area": named.areas[cell],
            "part": np.array([points[k - 1].advised[c] for k, c in zip(number, cell, strict=True)], dtype=np.float64),
            "expected": counts[cell],
            "long_run": long_run[cell],
        }
    )


def _notes(params: LimitsParams, points: tuple[Point, ...]) -> list[Note]:
    free, count_map = points[0], points[-1]
    first: dict[str, Scalar] = {"places": round(free.places), "expected": free.expected, "worst": free.worst}
    last: dict[str, Scalar] = {
        "places": round(count_map.places),
        "expected": count_map.expected,
        "worst": count_map.worst,
    }
    told = [Note(text=UNLIMITED, values=first)]
    for point in points[1:-1]:
        values: dict[str, Scalar] = {
            "expected": point.expected,
            "price": point.price,
            "share": 100 * point.price / max(free.expected, 1e-300),
        }
        if point.limit == NO_LIMIT:
            told.append(Note(text=BUDGETED, values={**values, "budget": params.budget}))
        else:
            told.append(Note(text=HELD, values={**values, "limit": point.limit, "places": point.places}))
    return [*told, Note(text=BESIDE, values=last)]


def _caveats() -> list[Note]:
    said = (NO_ONE_ANSWER, PARTS, PLACES_ONLY, NOT_ONLY_PATROLS, RECORDED_ONLY, LIVES_EVENLY)
    return [Note(text=text, kind="caveat") for text in said]


def _answers(category: str) -> list[Note]:
    return [Note(text=text, kind="explanation") for text in (ANSWERS, *responses_to(category))]


def what_may_be_public(findings: Findings) -> Findings:
    """The frontier with few digits, and sentences; neither places nor ratios by group, which would tell the places.
    Of fewer than 20 selected cells, no figure."""
    if int(findings.facts["places"]) < FEWEST_CELLS:
        kept = tuple(one for one in findings.notes if one.text not in FIGURES)
        few = Note(text=FEW, values={"least": FEWEST_CELLS}, kind="caveat")
        return Findings(tables=(), notes=(*kept, few), facts=_few(findings))
    notes = tuple(
        replace(one, text=FIGURES.get(one.text, one.text), values=coarsely(one.values, OF_THE_CELLS))
        for one in findings.notes
    )
    notes += (Note(text=ROUNDED, kind="caveat"),)
    tables = tuple(_coarse(one) for one in findings.tables if one.name == "frontier")
    return Findings(tables=tables, notes=notes, facts=_few(findings))


def _few(findings: Findings) -> dict[str, Scalar]:
    return coarsely(findings.facts, ("expected_free", "expected_strictest"))


def _coarse(found: Table) -> Table:
    columns = (replace(c, values=coarse(c.values)) if c.name in OF_THE_CELLS else c for c in found.columns)
    return replace(found, columns=tuple(columns))


def limits_example() -> Example:
    """The made-up town, the week after its recording ends."""
    params = LimitsParams(
        category=example.CATEGORY,
        start_day="2019-12-30",
        advised_cells=24,
        limits=(1.5, 1.1),
        budget=6.0,
        spent=("District 1=2",),
    )
    datasets = {"incidents": example.incidents(), "areas": example.areas()}
    ground = {"ground_digest": ground_digest(datasets["areas"])}
    report: dict[str, Scalar] = {**covered(params), **ground, "criteria_met": True}
    return Example(params=params, datasets=datasets, authorizations={AuthorizationKind.ACCURACY_REPORT: report})


ARITHMETIC = Arithmetic(
    run=run,
    example=limits_example,
    messages=MESSAGES,
    vocabulary=frozenset({*TITLES, FREE, LIMITED, COUNT_MAP, ALL_REPORTED}),
    public=what_may_be_public,
    shows=Shows(view=advising_view, map=limits_map),
    counts=NOT_IN_TABLES,
)
