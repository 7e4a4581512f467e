"""Seal forecasts for windows that have not begun: the first half of a prospective trial."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np

from peelian.errors import InputError, sentence
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
    all_public,
)
from peelian.measure.projection import Projection
from peelian.measure.table import Table
from peelian.technologies.mapping import example, ground, incidents
from peelian.technologies.mapping import when as timing
from peelian.technologies.mapping.counted import refuse_rows
from peelian.technologies.mapping.criteria import check_criteria
from peelian.technologies.mapping.days import day_of, hour_of
from peelian.technologies.mapping.declarations.backtest import COVERED, covered, tested
from peelian.technologies.mapping.declarations.models import BASELINE, TITLES
from peelian.technologies.mapping.declarations.places import ALL_REPORTED
from peelian.technologies.mapping.declarations.sealing import DIGESTS, SealParams
from peelian.technologies.mapping.declarations.shifts import NAMES
from peelian.technologies.mapping.earlier_seals import carried_on, on_their_ground, opened
from peelian.technologies.mapping.forecast import history_at
from peelian.technologies.mapping.ground import NOT_IN_TABLES, Town, town_of
from peelian.technologies.mapping.history import History
from peelian.technologies.mapping.models import chosen
from peelian.technologies.mapping.models.base import Window
from peelian.technologies.mapping.sealed_forecasts import SealedForecasts, write_sealed
from peelian.technologies.mapping.sealing_view import sealing_view
from peelian.technologies.mapping.when import When, told_of, when_of

CENTRE = ("centre_lon", "centre_lat")

SEALED = (
    "Forecasts of %(models)d models for %(windows)d windows of %(days)d days from %(start)s are sealed. "
    "Their digest is in the log. Nobody sees them before the windows end."
)
PROVES = (
    "The model to test (%(model)s) and the acceptance criteria (%(criteria)d) are sealed with the forecasts "
    "and cannot change."
)
RESTS_ON = "The forecasts use %(n)d incidents recorded from %(first)s to %(last)s."
SAME_FORECASTS = (
    "All windows are forecast from today's data. Sealing again each week, from the earlier seal, uses newer data."
)
GOES_ON = (
    "This seal continues an earlier one. All %(windows)d windows from %(first)s are scored as one trial, "
    "each with the last forecast sealed before it."
)
MESSAGES = frozenset({SEALED, PROVES, RESTS_ON, SAME_FORECASTS, GOES_ON}).union(
    ground.SENTENCES, incidents.SENTENCES, timing.SENTENCES
)


def run(params: SealParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Fit every model to what is known now and seal its forecasts. O(models × (fit + windows × cells))."""
    criteria = context.authorizations[AuthorizationKind.ACCEPTANCE_CRITERIA]
    asked: dict[str, Scalar] = {**covered(params), "offsets": 1, "train_from": params.train_from}
    check_criteria(criteria, asked)
    refuse_rows(datasets["incidents"], shifts=params.shifts, models=(params.model, *params.models))
    town = town_of(datasets, context.authorizations, asked | {"begins": params.start_day}, proof=True)
    start = hour_of(params.start_day, "start_day")
    if start < town.incidents.until_hour:
        accepted = sentence(
            "a start_day of %(day)s or later, or use mapping.backtest", day=day_of(town.incidents.until_hour)
        )
        raise InputError("the first window begins before the recording ends", accepted=accepted)
    earlier = opened(datasets["earlier"]) if "earlier" in datasets else None
    town = on_their_ground(town, datasets["incidents"], earlier) if earlier else town
    when = when_of(params.shifts, params.shift, town.incidents, datasets["incidents"], scored=True)
    history = history_at(town, start + when.begins)
    sealed = _forecasts(params, town, history, (datasets["incidents"], earlier, when), context)
    sealed = carried_on(earlier, sealed, datasets["earlier"]) if earlier else sealed
    goes_on: dict[str, Scalar] = {"windows": sealed.expected.shape[1], "first": day_of(sealed.start_hour)}
    chained = (Note(text=GOES_ON, values=goes_on),) if earlier else ()
    told = (*told_of(when, history), *town.notes)
    with context.make("sealed") as file:
        write_sealed(sealed, file)
    return Findings(
        tables=(_digests(sealed),),
        notes=(*_notes(params, history, criteria), *chained, *told, Note(text=SAME_FORECASTS, kind="caveat")),
        facts={
            **tested(params),
            "start_day": params.start_day,
            "until_day": day_of(start + params.windows * params.window_days * 24 - 24),
            "windows": params.windows,
            "models": len(sealed.models),
            "n": round(history.total),
            "cells": len(town.grid),
            "data_digest": datasets["incidents"].digest,
        },
    )


def _forecasts(
    params: SealParams, town: Town, history: History, of: tuple[Dataset, SealedForecasts | None, When], context: Context
) -> SealedForecasts:
    """What each model says now of each window. `of`: the recording, the earlier seal whose map is kept, the shift."""
    dataset, earlier, when = of
    centre = earlier.projection if earlier else Projection(**{c: float(dataset.facts[c]) for c in CENTRE})
    models = chosen((BASELINE, *params.models, params.model), town.landmarks)
    start, hours = hour_of(params.start_day, "start_day") + when.begins, params.window_days * 24.0
    expected = np.empty((len(models), params.windows, len(town.grid)))
    shape = np.empty((len(models), params.windows))
    for number, (name, model) in enumerate(models.items()):
        context.progress("Fitting the model", number / len(models))
        fitted = model.fit(history, window_hours=hours)
        for k in range(params.windows):
            window = Window(start_hour=start + k * hours, hours=hours)
            forecast = when.forecast(name, fitted.forecast(window), history, window)
            expected[number, k], shape[number, k] = forecast.expected, forecast.shape
    facts: dict[str, Scalar] = {
        **{name: getattr(params, name) for name in COVERED},
        **({"shifts": ",".join(params.shifts), "shift": params.shift} if params.shifts else {}),
        "start_hour": start,
        "train_from": params.train_from,
        "centre_lon": centre.centre_lon,
        "centre_lat": centre.centre_lat,
        "data_digest": dataset.digest,
    }
    return SealedForecasts(
        models=tuple(models),
        grid=town.grid,
        expected=expected,
        shape=shape,
        facts=facts,
        criteria=dict(context.authorizations[AuthorizationKind.ACCEPTANCE_CRITERIA]),
        last_start_hour=start,
    )


def _digests(sealed: SealedForecasts) -> Table:
    """One row per model: enough to recognise its forecasts, too little to learn one."""
    digests = [hashlib.sha256(part.tobytes()).hexdigest() for part in sealed.expected]
    return DIGESTS.of({"model": sealed.models, "digest": digests})


def _notes(params: SealParams, history: History, criteria: Mapping[str, Scalar]) -> list[Note]:
    what: dict[str, Scalar] = {
        "models": len(dict.fromkeys((BASELINE, *params.models, params.model))),
        "windows": params.windows,
        "days": params.window_days,
        "start": params.start_day,
    }
    proven: dict[str, Scalar] = {"model": params.model, "criteria": len(set(criteria) - set(covered(params)))}
    source: dict[str, Scalar] = {
        "n": round(history.total),
        "first": day_of(history.from_hour),
        "last": day_of(history.until_hour - 1),
    }
    return [Note(text=SEALED, values=what), Note(text=PROVES, values=proven), Note(text=RESTS_ON, values=source)]


def sealing_example() -> Example:
    """The made-up town, four weeks from the end of its recording on."""
    params = SealParams(start_day="2019-12-30", category=example.CATEGORY, windows=4, models=("uniform",))
    bars: dict[str, Scalar] = {"min_hit_rate_5": 0.1}
    return Example(
        params=params,
        datasets={"incidents": example.incidents()},
        authorizations={AuthorizationKind.ACCEPTANCE_CRITERIA: bars},
    )


ARITHMETIC = Arithmetic(
    run=run,
    example=sealing_example,
    messages=MESSAGES,
    vocabulary=frozenset({*TITLES, *NAMES, ALL_REPORTED}),
    public=all_public,
    shows=Shows(view=sealing_view),
    counts={**NOT_IN_TABLES, RESTS_ON: ("n",), "": ("n",)},
)
