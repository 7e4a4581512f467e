"""The forecast: expected incidents per cell for one window, with reasons, comparison and exposure by group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, NotEnoughData, sentence
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
from peelian.measure.canonical import canonical_digest
from peelian.measure.table import Table
from peelian.technologies.mapping import areas as town_areas
from peelian.technologies.mapping import example, exposure, ground, incidents, landmarks
from peelian.technologies.mapping import when as timing
from peelian.technologies.mapping.area_view import expected_in_area
from peelian.technologies.mapping.backtest import LIVES_EVENLY, UNPROVEN_GROUPS
from peelian.technologies.mapping.counted import refuse_rows
from peelian.technologies.mapping.days import day_of, hour_of
from peelian.technologies.mapping.declarations.backtest import covered, tested
from peelian.technologies.mapping.declarations.exposure import EVERYBODY
from peelian.technologies.mapping.declarations.forecast import EVERYWHERE, ForecastParams
from peelian.technologies.mapping.declarations.models import BASELINE, SCORE_CARD, TITLES
from peelian.technologies.mapping.declarations.places import ALL_REPORTED, LONGEST_GAP_DAYS
from peelian.technologies.mapping.declarations.shifts import NAMES
from peelian.technologies.mapping.explanation import Places, advice_table, history_table, named_cells, places_of
from peelian.technologies.mapping.export_shapes import forecast_shapes
from peelian.technologies.mapping.forecast_view import forecast_view
from peelian.technologies.mapping.ground import NOT_IN_TABLES, Town, must_be_tested_ground, town_of
from peelian.technologies.mapping.history import History
from peelian.technologies.mapping.incidents import Incidents, recorded
from peelian.technologies.mapping.landmarks import card_table
from peelian.technologies.mapping.map_views import forecast_map
from peelian.technologies.mapping.models import MODELS, chosen, excitation, risk_terrain, shares
from peelian.technologies.mapping.models.base import RECENT_HOURS, Fitted, Forecast, Window
from peelian.technologies.mapping.public_exposure import MESSAGES as OF_EXPOSURE
from peelian.technologies.mapping.public_exposure import coarsely, exposure_for_the_public
from peelian.technologies.mapping.town_map import coarsened, expected_map
from peelian.technologies.mapping.when import expected_by_shift, forecast_tables, told_of, when_of, with_busiest

LEAST_INCIDENTS = 50
LEAST_DATES, LEAST_POINTS = 20, 20  # fewer may be one person's days and places, not a town's

EXPECTED = (
    "%(total).1f incidents are expected in the town in the %(days)d days from %(start)s. The %(places)d "
    "selected cells (%(area).1f%% of the area) hold %(named).1f of them (%(share).1f%%)."
)
BESIDE = (
    "%(same)d of the %(places)d selected cells are also top cells by the long-run average. Its own "
    "%(places)d top cells hold %(bar).1f expected incidents by this forecast."
)
EXPECTED_ABOUT = (
    "%(total).1f incidents are expected in the town in the %(days)d days from %(start)s. The %(places)d selected cells "
    "(about %(area).10g%% of the area) hold about %(named).10g of them (about %(share).10g%%), rounded for the public."
)
BESIDE_ABOUT = (
    "%(same)d of the %(places)d selected cells are also top cells by the long-run average. Its own %(places)d top "
    "cells hold about %(bar).10g expected incidents by this forecast."
)
ABOUT = {EXPECTED: EXPECTED_ABOUT, BESIDE: BESIDE_ABOUT}
MADE_FROM = "Based on %(n)d incidents recorded from %(first)s to %(last)s, %(recent)d of them in the last eight weeks."
STALE = "The newest incident was recorded %(days)d days before the forecast starts. Later incidents are not included."
PLACES_ONLY = "Being in a selected cell is no ground to stop, search or suspect anyone. Expected counts are small."
NOT_ONLY_PATROLS = (
    "An expected count says where, not why or what helps. Consider lighting, repairs, locks and services "
    "as well as presence. A person decides with other evidence."
)
FEW_SOURCES = (
    "Not enough data: %(dates)d dates and %(points)d points before start_day. Advice needs %(least_dates)d dates and "
    "%(least_points)d points"
)
OF_THE_CELLS = ("named", "share", "area", "bar", "expected_named")  # figures of selected cells in notes and facts
RECORDED_ONLY = "Only recorded incidents are forecast. Where people report less, the forecast is lower."
MESSAGES = frozenset(
    {
        *ABOUT,
        *ABOUT.values(),
        MADE_FROM,
        STALE,
        PLACES_ONLY,
        NOT_ONLY_PATROLS,
        RECORDED_ONLY,
        LIVES_EVENLY,
        UNPROVEN_GROUPS,
        *OF_EXPOSURE,
        *excitation.SENTENCES,
        *risk_terrain.SENTENCES,
        *shares.SENTENCES,
        *ground.SENTENCES,
        *timing.SENTENCES,
        *incidents.SENTENCES,
    }
)


def run(params: ForecastParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Fit the tested model to what was known at the window's start and forecast the window.

    The long-run average stands beside every expected count. O(rows + 26 windows x cells).
    """
    refuse_rows(datasets["incidents"], shifts=params.shifts, models=(params.model,))
    asked = {**covered(params), "offsets": 1, "train_from": params.train_from, "begins": params.start_day}
    areas = known_exposure(datasets)
    town = town_of(datasets, context.authorizations, asked)
    when = when_of(params.shifts, params.shift, town.incidents, datasets["incidents"], scored=False)
    start = hour_of(params.start_day, "start_day") + when.begins
    history = history_at(town, start)
    must_be_tested_ground(context.authorizations.get(AuthorizationKind.ACCURACY_REPORT, {}), areas, town.grid)
    window = Window(start_hour=start, hours=params.window_days * 24.0)
    context.progress("Fitting the model", 0.2)
    fitted = chosen((params.model,), town.landmarks)[params.model].fit(history, window_hours=window.hours)
    bar = MODELS[BASELINE].fit(history, window_hours=window.hours).forecast(window)
    bar = when.forecast(BASELINE, bar, history, window)
    forecast = when.forecast(params.model, fitted.forecast(window), history, window)
    made = Made(fitted=fitted, forecast=forecast, bar=bar, window=window, history=history)
    cells = named_cells(made.forecast, params.advised_cells)
    context.progress("Explaining the selected cells", 0.7)
    places = places_of(town.grid, town.areas)
    advice = advice_table(fitted, (made.forecast, bar), cells, window, places)
    advice = with_busiest(when, history, advice, cells, window)
    exposed = _exposure(town, cells, context.seed)
    told = (*told_of(when, history), *town.notes)
    by_shift = forecast_tables(when, history, forecast.expected, window)
    shifts = expected_by_shift(when, history, forecast.expected, window)
    everywhere = _everywhere(places, made, shifts, known=town.areas is not None)
    return Findings(
        tables=(
            everywhere,
            advice,
            *history_table(history, cells, places),
            *((exposed,) if exposed else ()),
            *_card(params.model, fitted),
            *_by_area(town, made),
            *by_shift,
        ),
        notes=(*_notes(params, town, made, cells), *told, *_caveats(town, made, exposed is not None)),
        facts=_facts(params, datasets, made, cells),
    )


def known_exposure(datasets: Mapping[str, Dataset]) -> Dataset:
    """The areas. NotEnoughData where exposure by group cannot be told of them: advice is not given without it."""
    areas = datasets.get("areas")
    if areas is None or len(areas.table) < exposure.LEAST_AREAS or not areas.facts.get("groups"):
        accepted = sentence("at least %(n)d areas with residents by group", n=exposure.LEAST_AREAS)
        raise NotEnoughData("Not enough data: exposure by group cannot be told", file="areas", accepted=accepted)
    return areas


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Made:
    """A fitted model, its forecast, the long-run average's, the window and the history they come from."""

    fitted: Fitted
    forecast: Forecast
    bar: Forecast
    window: Window
    history: History


def history_at(town: Town, start: float) -> History:
    """What was known when the window begins; InputError where the newest incident is too old for a forecast.

    NotEnoughData where too few incidents, dates or points came before it: nothing is fitted then.
    """
    history = recorded(town.incidents, town.grid).known_at(start)
    gap = (start - history.until_hour) / 24
    if gap > LONGEST_GAP_DAYS:
        accepted = sentence(
            "a start_day within %(most)d days of the newest incident, or newer data", most=LONGEST_GAP_DAYS
        )
        raise InputError(sentence("the recording ends %(n).0f days before start_day", n=gap), accepted=accepted)
    if history.total < LEAST_INCIDENTS:
        says = sentence(
            "Not enough data: %(n).0f incidents before start_day, %(least)d needed",
            n=history.total,
            least=LEAST_INCIDENTS,
        )
        raise NotEnoughData(says, accepted="a wider category, a longer recording or a later start_day")
    _refuse_few(town.incidents, start)
    return history


def _refuse_few(incidents: Incidents, start: float) -> None:
    """NotEnoughData below 20 dates or 20 points before `start`; a month or an interval is one date. O(n log n)."""
    _, first = np.unique(incidents.row, return_index=True)  # an incident of unknown day stands in several rows
    first = first[incidents.hour[first] < start]
    dates = len(np.unique(np.floor(incidents.hour[first] / 24)))
    points = len(np.unique(np.rint(np.stack([incidents.east[first], incidents.north[first]])), axis=1).T)
    if dates < LEAST_DATES or points < LEAST_POINTS:
        values: dict[str, Scalar] = {
            "dates": dates,
            "points": points,
            "least_dates": LEAST_DATES,
            "least_points": LEAST_POINTS,
        }
        raise NotEnoughData(sentence(FEW_SOURCES, **values), accepted="a wider category or a longer recording")


def _everywhere(places: Places, made: Made, shifts: Mapping[str, NDArray[np.float64]], *, known: bool) -> Table:
    """One row per cell: what the map is drawn from; with its count by shift, and its area where areas are known."""
    return EVERYWHERE.of(
        {
            "place": places.ids,
            "expected": made.forecast.expected,
            "low": made.forecast.low,
            "high": made.forecast.high,
            "long_run": made.bar.expected,
            **({"area": places.areas} if known else {}),
            **{f"shift_{name}": values for name, values in shifts.items()},
        }
    )


def _card(model: str, fitted: Fitted) -> tuple[Table, ...]:
    """The risk factors, where the model is the risk terrain model."""
    if model != SCORE_CARD:
        return ()
    card = card_table(fitted.settings())
    return (card,) if len(card) else ()


def _by_area(town: Town, made: Made) -> tuple[Table, ...]:
    """Expected incidents per km² by area, for the public; no figure where fewer than 11 incidents were recorded."""
    if town.areas is None:
        return ()
    return (expected_map(made.forecast.expected, town.grid, town.areas, recorded=made.history.counts()),)


def _exposure(town: Town, cells: NDArray[np.intp], seed: int) -> Table | None:
    if town.areas is None or not town.areas.members or len(town.areas) < exposure.LEAST_AREAS:
        return None
    named = np.zeros(len(town.grid))
    named[cells] = 1.0
    overlap = town_areas.overlap_km2(town.areas, town.grid)
    return exposure.exposure_table(exposure.covered_share(named, overlap), town.areas, seed)


def _notes(params: ForecastParams, town: Town, made: Made, cells: NDArray[np.intp]) -> list[Note]:
    expected, total = made.forecast.expected, float(made.forecast.expected.sum())
    theirs = named_cells(made.bar, len(cells))
    inside = float(expected[cells].sum())
    values: dict[str, Scalar] = {
        "total": total,
        "start": params.start_day,
        "days": params.window_days,
        "named": inside,
        "share": 100 * inside / total,
        "places": len(cells),
        "area": 100 * float(town.grid.area_km2[cells].sum()) / town.grid.total_km2,
    }
    beside: dict[str, Scalar] = {
        "same": len(np.intersect1d(cells, theirs)),
        "places": len(cells),
        "bar": float(expected[theirs].sum()),
    }
    history = made.history
    source: dict[str, Scalar] = {
        "n": round(history.total),
        "first": day_of(history.from_hour),
        "last": day_of(history.until_hour - 1),
        "recent": round(float(history.counts(history.until_hour - RECENT_HOURS).sum())),
    }
    return [
        Note(text=EXPECTED, values=values),
        Note(text=BESIDE, values=beside),
        Note(text=MADE_FROM, values=source),
    ]


def _caveats(town: Town, made: Made, exposed: bool) -> list[Note]:
    gap = round((made.window.start_hour - made.history.until_hour) / 24)
    told = [Note(text=text, kind="caveat") for text in (PLACES_ONLY, NOT_ONLY_PATROLS, RECORDED_ONLY)]
    told += [Note(text=STALE, values={"days": gap}, kind="caveat")] if gap > 0 else []
    first = made.fitted.explain(int(np.argmax(made.forecast.expected)), made.window)
    told += [note for note in first.notes if note.kind == "caveat"]  # what the model itself says it cannot tell
    return [*told, Note(text=LIVES_EVENLY if exposed else UNPROVEN_GROUPS, kind="caveat")]


def _facts(
    params: ForecastParams, datasets: Mapping[str, Dataset], made: Made, cells: NDArray[np.intp]
) -> dict[str, Scalar]:
    expected = made.forecast.expected
    return {
        **tested(params),
        "start_day": params.start_day,
        "until_day": day_of(made.window.start_hour + made.window.hours - 24),
        "places": len(cells),
        "cells": len(expected),
        "n": round(made.history.total),
        "expected_total": float(expected.sum()),
        "expected_named": float(expected[cells].sum()),
        "settings_digest": canonical_digest(dict(made.fitted.settings())),
        "data_digest": datasets["incidents"].digest,
    }


def what_may_be_public(findings: Findings) -> Findings:
    """Totals, rounded exposure by group, rounded figures of whole areas. Not the cells: they would mark who lives
    there, and exact figures of them would tell which they are."""
    kept, says = exposure_for_the_public(findings, int(findings.facts["places"]))
    kept += tuple(coarsened(one) for one in findings.tables if one.name == "town_map")
    notes = [_coarse(one) if one.text in ABOUT else one for one in findings.notes]
    return Findings(tables=kept, notes=(*notes, *says), facts=coarsely(findings.facts, OF_THE_CELLS))


def _coarse(note: Note) -> Note:
    return replace(note, text=ABOUT[note.text], values=coarsely(note.values, OF_THE_CELLS))


def advice_example() -> Example:
    """The made-up town, the week after its recording ends."""
    category, shifts = example.CATEGORY, example.SHIFTS
    params = ForecastParams(start_day="2019-12-30", advised_cells=24, category=category, shifts=shifts)
    datasets = {"incidents": example.incidents(), "areas": example.areas()}
    ground = {"ground_digest": town_areas.ground_digest(datasets["areas"])}
    report: dict[str, Scalar] = {**tested(params), **ground, "criteria_met": True}
    return Example(params=params, datasets=datasets, authorizations={AuthorizationKind.ACCURACY_REPORT: report})


ARITHMETIC = Arithmetic(
    run=run,
    example=advice_example,
    messages=MESSAGES,
    vocabulary=frozenset({*TITLES, *NAMES, *landmarks.WORDS, EVERYBODY, ALL_REPORTED}),
    public=what_may_be_public,
    shows=Shows(
        view=forecast_view,
        shapes=forecast_shapes,
        map=forecast_map,
        of_area=expected_in_area,
    ),
    counts={**NOT_IN_TABLES, MADE_FROM: ("n", "recent")},
)
