"""The sealed trial, second half: opened when all its windows have passed, and scored by what came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from peelian.errors import NotEnoughData, sentence
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
from peelian.kernel.model.custody_declarations import stream_of
from peelian.measure.canonical import canonical_digest
from peelian.measure.folds import rolling_origins
from peelian.measure.grid import offset_grids
from peelian.measure.projection import Projection
from peelian.measure.table import Kind, table
from peelian.technologies.mapping import backtest, example
from peelian.technologies.mapping.areas import Areas, areas_of, boundary_of, ground_digest
from peelian.technologies.mapping.backtest import criteria_met, exposed_groups, trial_facts, trial_notes
from peelian.technologies.mapping.backtest_view import backtest_view
from peelian.technologies.mapping.coincidence import spread_notes, spread_of
from peelian.technologies.mapping.counted import by_counts, by_points, refuse_rows
from peelian.technologies.mapping.criteria import CRITERIA, outcomes
from peelian.technologies.mapping.days import day_of, hour_of
from peelian.technologies.mapping.declarations.exposure import EVERYBODY
from peelian.technologies.mapping.declarations.models import TITLES
from peelian.technologies.mapping.declarations.places import ALL_REPORTED
from peelian.technologies.mapping.declarations.scoring import ScoreParams
from peelian.technologies.mapping.declarations.shifts import NAMES, shift_facts
from peelian.technologies.mapping.earlier_seals import all_parts, on_their_map, opened
from peelian.technologies.mapping.ground import NOT_IN_TABLES, town_of
from peelian.technologies.mapping.incidents import Incidents, incidents_of, outside, since
from peelian.technologies.mapping.map_views import RECORDED_MAP
from peelian.technologies.mapping.protocol import Plan, Trial, back_test
from peelian.technologies.mapping.sealed_forecasts import Part, SealedForecasts, write_sealed
from peelian.technologies.mapping.tables import MET, MISSED, trial_tables
from peelian.technologies.mapping.town_map import recorded_map
from peelian.technologies.mapping.when import shift_notes, when_of

AHEAD = (
    "The forecasts were sealed on %(day)s, before the first window began on %(first)s, and opened after "
    "the last window ended."
)
AFTERWARDS = (
    "The forecasts were sealed on %(day)s, after the first window began on %(first)s. Outcomes may have "
    "been known. This trial cannot support adoption."
)
UNDATED = "The log does not show when the forecasts were sealed. This trial cannot support adoption."
FIXED = "The tested model and the acceptance criteria were sealed with the forecasts."
STEP_BY_STEP = (
    "The forecasts were sealed in %(n)d steps from %(from)s to %(to)s, each before its windows began, and "
    "opened after the last window ended."
)
PROVES = frozenset({AHEAD, STEP_BY_STEP})
MESSAGES = backtest.MESSAGES | {AHEAD, STEP_BY_STEP, AFTERWARDS, UNDATED, FIXED}


def run(params: ScoreParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Score what was sealed by what came. Growth as `protocol.back_test`, without any fit.

    NotEnoughData where the windows have not all passed, or records of them may still be coming in.
    """
    sealed = opened(datasets["sealed"])
    came = _what_came(sealed, datasets["incidents"], context)
    hours, windows = sealed.hours, sealed.expected.shape[1]
    _refuse_too_early(came, sealed.start_hour + windows * hours)
    folds = rolling_origins(
        (came.from_hour, came.until_hour), window_hours=hours, origins=windows, first_origin=sealed.start_hour
    )
    plan = Plan(folds=folds, seed=context.seed)
    when = when_of(sealed.shifts, sealed.shift, came, datasets["incidents"], scored=True)
    trial = back_test(came, (sealed.grid,), plan, sealed.frozen(), context.progress, came=when.outcomes(came))
    model = str(sealed.facts["model"])
    bars = outcomes(sealed.criteria, trial, trial.score(model))
    ahead, areas = _ahead(sealed, datasets), _areas(sealed, datasets)
    exposed = exposed_groups(trial, model, areas, sealed.grid, context.seed)
    return Findings(
        tables=(
            *trial_tables(trial, bars),
            recorded_map(came, sealed.grid, areas, plan.hours),
            *((exposed,) if exposed else ()),
        ),
        notes=(
            *trial_notes(model, trial, plan, bars, (ahead, Note(text=FIXED), *shift_notes(when), *came.notes)),
            *backtest.ground_caveats(exposed is not None),
        ),
        facts=_facts(sealed, trial, plan, datasets)
        | {"prospective": ahead.text in PROVES, "criteria_met": criteria_met(trial, bars) and ahead.text in PROVES},
    )


def _what_came(sealed: SealedForecasts, dataset: Dataset, context: Context) -> Incidents:
    """The later recording of the same category, on the map of the sealed forecasts."""
    admitted = AuthorizationKind.DISCOVERED_OFFENCES in context.authorizations
    refuse_rows(dataset, shifts=sealed.shifts)
    asked = {name: sealed.facts[name] for name in ("cell_metres", "window_days")}
    asked["begins"] = day_of(sealed.start_hour)
    edged = sealed.grid.ground is not None  # the edge of ground that incidents enclosed cuts through half cells
    counted, told = by_points(dataset) if edged else by_counts(dataset, asked)
    found = incidents_of(counted, str(sealed.facts["category"]), discovered_admitted=admitted)
    if sealed.facts["train_from"]:
        found = since(found, hour_of(str(sealed.facts["train_from"]), "train_from"))
    found = on_their_map(found, dataset, sealed)
    missed = outside(found, sealed.grid)
    spread = spread_notes(spread_of(found), found, sealed.grid)
    return replace(found, notes=(*told, *found.notes, *spread, *((missed,) if missed else ())))


def _areas(sealed: SealedForecasts, datasets: Mapping[str, Dataset]) -> Areas | None:
    """The areas on the map of the sealed forecasts, where they are given."""
    if "areas" not in datasets:
        return None
    centre = {name: float(sealed.facts[name]) for name in ("centre_lon", "centre_lat")}
    return areas_of(datasets["areas"], Projection(**centre))


def _refuse_too_early(came: Incidents, end: float) -> None:
    """NotEnoughData before the last window has passed and 95 of 100 of its records are in."""
    known_until = came.until_hour - came.embargo_hours
    if known_until < end:
        last, known = day_of(end - 1), day_of(known_until - 1)
        says = sentence(
            "Not enough data: the last window ends on %(last)s, records are complete to %(known)s",
            last=str(last),
            known=str(known),
        )
        accepted = "a recording that covers every window (the forecasts stay sealed until then)"
        raise NotEnoughData(says, accepted=accepted)


def _ahead(sealed: SealedForecasts, datasets: Mapping[str, Dataset]) -> Note:
    """Whether the log holds each part of the forecasts from before its first window began, in the town's own time."""
    parts = all_parts(sealed, datasets["sealed"])
    if not all(part.sealed_on for part in parts):
        return Note(text=UNDATED, kind="caveat")
    zone = ZoneInfo(str(datasets["incidents"].facts.get("zone", "UTC")) or "UTC")
    for part in parts:
        if not _in_time(part, zone):
            values: dict[str, Scalar] = {"day": part.sealed_on[:10], "first": day_of(part.start_hour)}
            return Note(text=AFTERWARDS, values=values, kind="caveat")
    first, last = parts[0], parts[-1]
    values = {"day": last.sealed_on[:10], "first": day_of(first.start_hour)}
    if len(parts) == 1:
        return Note(text=AHEAD, values=values)
    steps: dict[str, Scalar] = {"n": len(parts), "from": first.sealed_on[:10], "to": last.sealed_on[:10]}
    return Note(text=STEP_BY_STEP, values=steps)


def _in_time(part: Part, zone: ZoneInfo) -> bool:
    """Whether a part was sealed before its first window began on the town's clocks."""
    local = datetime(1970, 1, 1) + timedelta(hours=part.start_hour)  # noqa: DTZ001 - civil time, its zone is next
    return datetime.fromisoformat(part.sealed_on.replace("Z", "+00:00")) < local.replace(tzinfo=zone).astimezone(UTC)


def _facts(sealed: SealedForecasts, trial: Trial, plan: Plan, datasets: Mapping[str, Dataset]) -> dict[str, Scalar]:
    names = ("category", "cell_metres", "window_days", "model")
    return {
        **{name: sealed.facts[name] for name in names},
        **shift_facts(sealed.shifts),
        "shift": sealed.shift,
        **trial_facts(trial, str(sealed.facts["model"]), plan),
        "cells": len(sealed.grid),
        **_ground(sealed, datasets),
        "settings_digest": canonical_digest([dict(sealed.facts), dict(sealed.criteria), datasets["sealed"].digest]),
        "data_digest": datasets["incidents"].digest,
        "sealed_digest": datasets["sealed"].digest,
    }


def _ground(sealed: SealedForecasts, datasets: Mapping[str, Dataset]) -> dict[str, Scalar]:
    """The ground of the sealed cells: which it is only where the given areas have exactly these cells. O(cells)."""
    found: dict[str, Scalar] = {"ground_km2": round(sealed.grid.total_km2, 1)}
    areas = _areas(sealed, datasets)
    if areas is None:
        return found
    drawn = offset_grids(boundary_of(areas), sealed.grid.cell_metres, 1)[0]
    same = np.array_equal(drawn.ids(), sealed.grid.ids()) and np.allclose(drawn.area_km2, sealed.grid.area_km2)
    return {**found, **({"ground_digest": ground_digest(datasets["areas"])} if same else {})}


def scoring_example() -> Example:
    """The made-up town: forecasts sealed two years into it, and its whole recording."""
    datasets = {"sealed": sealed_example(), "incidents": example.incidents(), "areas": example.areas()}
    return Example(params=ScoreParams(), datasets=datasets, authorizations={})


def sealed_example(windows: int = 26) -> Dataset:
    """An even spread, and the counts of the first year and a half, sealed for the last half year."""
    whole = incidents_of(example.incidents(), example.CATEGORY)
    start = whole.until_hour - windows * 7 * 24
    grid = town_of({"incidents": example.incidents()}, {}, _ASKED, proof=True).grid
    past = whole.take(np.flatnonzero(whole.hour < start))
    cell = grid.locate(past.east, past.north)
    counts = np.bincount(cell[cell >= 0], minlength=len(grid)) + 0.2
    even = np.full(len(grid), counts.mean())
    weekly = np.stack([even, counts]) / ((start - whole.from_hour) / 168)
    made = SealedForecasts(
        models=("uniform", "long_run"),
        grid=grid,
        expected=np.repeat(weekly[:, None, :], windows, axis=1),
        shape=np.full((2, windows), np.inf),
        facts={
            **{name: value for name, value in _ASKED.items() if name != "offsets"},
            "model": "long_run",
            "start_hour": start,
            **example.CENTRE,
            "data_digest": "1" * 64,
        },
        criteria={"min_hit_rate_5": 0.1},
        last_start_hour=start,
    )
    about = {"model": (Kind.CATEGORY, np.array(made.models, dtype=object))}
    return Dataset(
        id="example-sealed",
        format="mapping.seal",
        digest="4" * 64,
        table=table("sealed", about),
        stream=stream_of(written(made)),
    )


def written(sealed: SealedForecasts) -> bytes:
    """The sealed forecasts as bytes."""
    file = stream_of(b"")
    write_sealed(sealed, file)
    file.seek(0)
    return file.read()


_ASKED: Mapping[str, Scalar] = {
    "category": example.CATEGORY,
    "cell_metres": 250,
    "window_days": 7,
    "offsets": 1,
    "train_from": "",
}

ARITHMETIC = Arithmetic(
    run=run,
    example=scoring_example,
    messages=MESSAGES,
    vocabulary=frozenset({*TITLES, *CRITERIA, *NAMES, MET, MISSED, ALL_REPORTED, EVERYBODY}),
    public=backtest.test_for_the_public,
    shows=Shows(view=backtest_view, map=RECORDED_MAP),
    counts=NOT_IN_TABLES,
)
