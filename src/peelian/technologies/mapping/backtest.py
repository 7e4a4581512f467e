"""Back-test every model on held-out windows, against the long-run average and the acceptance criteria."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

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
from peelian.measure.folds import NO_ROOM, rolling_origins
from peelian.measure.grid import Grid
from peelian.measure.table import Table
from peelian.technologies.mapping import areas as town_areas
from peelian.technologies.mapping import example, exposure, ground, incidents, landmarks, protocol
from peelian.technologies.mapping import when as timing
from peelian.technologies.mapping.backtest_view import backtest_view
from peelian.technologies.mapping.calibration import calibration_error
from peelian.technologies.mapping.comparison import LEAST_REGIONS, SURE, sure_sign
from peelian.technologies.mapping.counted import refuse_rows
from peelian.technologies.mapping.criteria import CRITERIA, Outcome, check_criteria, outcomes
from peelian.technologies.mapping.days import day_of, hour_of
from peelian.technologies.mapping.declarations.backtest import BacktestParams, settings_asked, tested
from peelian.technologies.mapping.declarations.exposure import EVERYBODY
from peelian.technologies.mapping.declarations.models import BASELINE, SCORE_CARD, TITLES
from peelian.technologies.mapping.declarations.places import ALL_REPORTED
from peelian.technologies.mapping.declarations.shifts import NAMES
from peelian.technologies.mapping.ground import NOT_IN_TABLES, Town, town_of
from peelian.technologies.mapping.incidents import recorded
from peelian.technologies.mapping.landmarks import card_table
from peelian.technologies.mapping.map_views import RECORDED_MAP
from peelian.technologies.mapping.metrics import AREA_SHARES, flagged, ranked
from peelian.technologies.mapping.models import LEAST, SETTING_WORDS, chosen, excitation
from peelian.technologies.mapping.models.shares import SHORT_HISTORY
from peelian.technologies.mapping.protocol import Plan, Score, Trial, back_test, refuse_few
from peelian.technologies.mapping.public_exposure import MESSAGES as OF_EXPOSURE
from peelian.technologies.mapping.public_exposure import exposure_for_the_public
from peelian.technologies.mapping.tables import MET, MISSED, trial_tables
from peelian.technologies.mapping.town_map import recorded_map
from peelian.technologies.mapping.when import scored_by_shift, when_of

NAMED_SHARE = AREA_SHARES[1]
INSIDE = frozenset({"town_map", "exposure", "calibration"})
"""Tables of a test that are not published as they were found."""

SCORED = "%(n)d incidents in %(origins)d windows of %(days)d days from %(first)s were forecast from earlier data only."
BETTER = "%(model)s beats the long-run average by %(bits).3f bits per incident (95%% interval %(low).3f to %(high).3f)."
SAME = (
    "%(model)s cannot be told apart from the long-run average: %(bits).3f bits per incident (95%% interval "
    "%(low).3f to %(high).3f)."
)
TOGETHER = (
    "%(model)s cannot be told apart from the long-run average when all %(tests)d models are tested together (p = "
    "%(p).3f after Holm's correction): %(bits).3f bits per incident (95%% interval of this model alone %(low).3f to "
    "%(high).3f)."
)
WORSE = (
    "%(model)s is worse than the long-run average: %(bits).3f bits per incident (95%% interval %(low).3f "
    "to %(high).3f)."
)
UNTOLD = (
    "%(model)s gains %(bits).3f bits per incident over the long-run average. Whether it beats it cannot be told: the "
    "incidents lie in %(regions)d %(regions:region|regions); %(needed)d are needed."
)
REGIONAL = (
    "Intervals show how figures vary between regions of the town (4, 6 and 8 km, the widest counts). They do not "
    "show how figures vary between years."
)
BY_YEAR = (
    "%(model)s over %(years)d years: %(bits).3f bits per incident (95%% interval between years %(low).3f "
    "to %(high).3f)."
)
HITS = (
    "The top 5%% of the area by %(model)s held %(found).1f%% of incidents (n = %(n)d), against %(bar).1f%% "
    "by the long-run average."
)
PRECISE = "In a window, %(precision).1f%% of top cells had an incident, against %(base).1f%% of all cells."
CONCENTRATED = "Incidents are clustered: the long-run average gains %(bits).2f bits per incident over an even spread."
EVEN = "Incidents are no more clustered than chance. Do not use a forecast map."
ALL_MET = "%(model)s met all %(n)d acceptance criteria."
ONE_MET = "%(model)s met the acceptance criterion."
ONE_MISSED = "%(model)s missed the acceptance criterion."
REACHED_IN_VAIN = (
    "%(model)s met all acceptance criteria, but incidents are no more clustered than chance. The result "
    "cannot be adopted."
)
SOME_MISSED = "%(model)s missed %(missed)d of %(n)d acceptance criteria."
RECORDED_ONLY = (
    "A back-test measures how well recorded incidents were forecast. It does not cover unreported "
    "incidents or the effect of patrols."
)
FREE_OF_PATROLS = (
    "These figures assume that patrols did not follow such forecasts. If they did, the records partly reflect patrols."
)
UNPROVEN_GROUPS = "Exposure by group was not computed. It needs at least eight areas with residents by group."
NO_GROUND = "Tested without the town's areas. No forecast for advice can rest on this test."
HUNGRY = "%(model)s was not compared: %(n)d incidents before the first window, %(needed)d needed."
LIVES_EVENLY = "Residents are assumed to be spread evenly within each area. Intervals come from resampling whole areas."
MESSAGES = frozenset(
    {
        SCORED,
        BETTER,
        SAME,
        TOGETHER,
        WORSE,
        UNTOLD,
        REGIONAL,
        BY_YEAR,
        HITS,
        PRECISE,
        CONCENTRATED,
        EVEN,
        ALL_MET,
        SOME_MISSED,
        ONE_MET,
        ONE_MISSED,
        REACHED_IN_VAIN,
        RECORDED_ONLY,
        FREE_OF_PATROLS,
        UNPROVEN_GROUPS,
        NO_GROUND,
        LIVES_EVENLY,
        *OF_EXPOSURE,
        HUNGRY,
        NO_ROOM,
        SHORT_HISTORY,
        excitation.CROWD,
        *protocol.SENTENCES,
        *timing.SENTENCES,
        *ground.SENTENCES,
        *incidents.SENTENCES,
    }
)


def run(params: BacktestParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Test all models and check the tested one against the acceptance criteria. Growth as `protocol.back_test`."""
    criteria = context.authorizations[AuthorizationKind.ACCEPTANCE_CRITERIA]
    asked = settings_asked(params)
    check_criteria(criteria, asked)
    refuse_rows(datasets["incidents"], shifts=params.shifts, models=(params.model, *params.models))
    town = town_of(datasets, context.authorizations, asked, proof=True, few=refuse_few)
    when = when_of(params.shifts, params.shift, town.incidents, datasets["incidents"], scored=True)
    plan = _plan(params, town, when.begins, context.seed)
    names, too_hungry = _with_enough(params, town, plan)
    models = chosen(names, town.landmarks)
    came = when.outcomes(town.incidents)
    if context.each.apart:  # as the first part would, which the others then have to follow
        when.tuned(recorded(town.incidents, town.grid).known_at(plan.folds[0].origin))
    trial = back_test(
        town.incidents, town.grids, plan, models, context.progress, timed=when.forecast, came=came, each=context.each
    )
    tables, told = scored_by_shift(when, plan.folds, (town.incidents, town.grid))
    score = trial.score(params.model)
    bars = outcomes(criteria, trial, score)
    exposed = exposed_groups(trial, params.model, town.areas, town.grid, context.seed)
    return Findings(
        tables=(
            *trial_tables(trial, bars),
            recorded_map(town.incidents, town.grid, town.areas, plan.hours),
            *((exposed,) if exposed else ()),
            *_card(trial),
            *tables,
        ),
        notes=(
            *trial_notes(params.model, trial, plan, bars, (*told, *town.notes, *too_hungry)),
            *((Note(text=NO_GROUND, kind="caveat"),) if town.areas is None else ()),
            *ground_caveats(exposed is not None),
        ),
        facts=_facts(params, datasets, town, trial, plan) | {"criteria_met": criteria_met(trial, bars)},
    )


def _with_enough(params: BacktestParams, town: Town, plan: Plan) -> tuple[tuple[str, ...], tuple[Note, ...]]:
    """The models to compare (always the long-run average and the tested one), and a note on each with too little data.

    One model that needs more data must not keep the others from being compared. O(n).
    """
    names = tuple(dict.fromkeys((BASELINE, *params.models, params.model)))
    if not any(name in LEAST for name in names):
        return names, ()
    there = recorded(town.incidents, town.grid).known_at(plan.folds[0].origin).total
    hungry = [name for name in names if name != params.model and there < LEAST.get(name, 0)]
    notes = tuple(
        Note(text=HUNGRY, values={"model": name, "needed": LEAST[name], "n": round(there)}, kind="caveat")
        for name in hungry
    )
    return tuple(name for name in names if name not in hungry), notes


def ground_caveats(exposed: bool) -> tuple[Note, ...]:
    """The limits of any back-test."""
    about = LIVES_EVENLY if exposed else UNPROVEN_GROUPS
    return tuple(Note(text=text, kind="caveat") for text in (RECORDED_ONLY, FREE_OF_PATROLS, about))


def _plan(params: BacktestParams, town: Town, begins: float, seed: int) -> Plan:
    until = town.incidents.until_hour - (24 - begins if begins else 0)  # when the last day of shifts ends
    folds = rolling_origins(
        (town.incidents.from_hour, until),
        window_hours=params.window_days * 24.0,
        origins=params.origins,
        first_origin=hour_of(params.first_origin, "first_origin") + begins if params.first_origin else None,
        embargo_hours=town.incidents.embargo_hours,
    )
    return Plan(folds=folds, seed=seed)


def criteria_met(trial: Trial, bars: tuple[Outcome, ...]) -> bool:
    """Whether all criteria are met and incidents are clustered at all."""
    return trial.concentrated and all(bar.met for bar in bars)


def _card(trial: Trial) -> tuple[Table, ...]:
    """The risk factors as fitted last, where the risk terrain model was compared."""
    cards = [card_table(score.settings) for score in trial.scores if score.model == SCORE_CARD]
    return tuple(card for card in cards if len(card))


def exposed_groups(trial: Trial, model: str, areas: town_areas.Areas | None, grid: Grid, seed: int) -> Table | None:
    """Exposure by group of the model's top 5 % of the area in the last window; None without enough areas."""
    if areas is None or not areas.members or len(areas) < exposure.LEAST_AREAS:
        return None
    named = flagged(ranked(trial.last[model].expected, grid.area_km2), NAMED_SHARE)
    covered = exposure.covered_share(named, town_areas.overlap_km2(areas, grid))
    return exposure.exposure_table(covered, areas, seed)


def trial_notes(
    model: str, trial: Trial, plan: Plan, bars: tuple[Outcome, ...], about_the_data: tuple[Note, ...]
) -> list[Note]:
    """The findings of a trial as notes: what was scored, each model's result, and the acceptance criteria."""
    first: dict[str, Scalar] = {
        "n": round(trial.n),
        "origins": trial.origins,
        "days": round(plan.window_hours / 24),
        "first": day_of(plan.folds[0].origin),
    }
    told = [Note(text=SCORED, values=first), *about_the_data]
    over: dict[str, Scalar] = {"bits": trial.over_even.value}
    told.append(Note(text=CONCENTRATED, values=over) if trial.concentrated else Note(text=EVEN, kind="caveat"))
    told += [_compared(score, trial) for score in trial.scores if score.model != BASELINE]
    told += _interval_notes(trial.score(model), trial)
    told += _hit_notes(trial.score(model), trial.score(BASELINE))
    told += [note for score in trial.scores for note in excitation.crowd_notes(score.settings)]
    return [*told, _held_against(bars, model, concentrated=trial.concentrated)]


def _held_against(bars: tuple[Outcome, ...], model: str, *, concentrated: bool) -> Note:
    """Whether the model met the acceptance criteria."""
    n, missed = len(bars), sum(not bar.met for bar in bars)
    named: dict[str, Scalar] = {"model": model}
    if not missed and not concentrated:
        return Note(text=REACHED_IN_VAIN, values=named, kind="caveat")
    if n == 1:
        return Note(text=ONE_MISSED if missed else ONE_MET, values=named)
    return (
        Note(text=SOME_MISSED, values={**named, "n": n, "missed": missed})
        if missed
        else Note(text=ALL_MET, values={**named, "n": n})
    )


def _compared(score: Score, trial: Trial) -> Note:
    """One model against the long-run average, by p after Holm's correction for all of the trial."""
    values: dict[str, Scalar] = {"model": score.model, "bits": score.bits.value}
    if not np.isfinite(score.bits.low):
        return Note(text=UNTOLD, values=values | {"regions": int(trial.regions), "needed": LEAST_REGIONS})
    values |= {"low": score.bits.low, "high": score.bits.high}
    told = {1: BETTER, -1: WORSE, 0: SAME}[sure_sign(score.bits.value, score.p_holm)]
    if told == SAME and score.bits.p < SURE <= score.p_holm:
        return Note(text=TOGETHER, values=values | {"p": score.p_holm, "tests": len(trial.scores) - 1})
    return Note(text=told, values=values)


def _interval_notes(score: Score, trial: Trial) -> list[Note]:
    """What the intervals rest on, where there are any; and the interval between years, where there are enough."""
    told, years = [], score.bits_by_year
    if np.isfinite(score.bits.low):
        told.append(Note(text=REGIONAL, kind="caveat"))
    if np.isfinite(years.low):
        values: dict[str, Scalar] = {"model": score.model, "years": trial.years, "bits": years.value}
        told.append(Note(text=BY_YEAR, values=values | {"low": years.low, "high": years.high}))
    return told


def _hit_notes(score: Score, bar: Score) -> list[Note]:
    found: dict[str, Scalar] = {
        "model": score.model,
        "found": 100 * score.hit_rate[1].value,
        "bar": 100 * bar.hit_rate[1].value,
        "n": round(score.n),
    }
    rates: dict[str, Scalar] = {"precision": 100 * score.precision[1], "base": 100 * score.base_rate}
    return [Note(text=HITS, values=found), Note(text=PRECISE, values=rates, kind="caveat")]


def _facts(
    params: BacktestParams, datasets: Mapping[str, Dataset], town: Town, trial: Trial, plan: Plan
) -> dict[str, Scalar]:
    settings = {
        "params": {name: getattr(params, name) for name in BacktestParams.__dataclass_fields__},
        "settings": {one.model: dict(one.settings) for one in trial.scores},
        "seed": plan.seed,
    }
    return {
        **tested(params),
        **trial_facts(trial, params.model, plan),
        "cells": len(town.grid),
        **ground_facts(datasets, town.grid),
        "embargo_days": round(town.incidents.embargo_hours / 24),
        "settings_digest": canonical_digest(settings),
        "data_digest": datasets["incidents"].digest,
    }


def trial_facts(trial: Trial, model: str, plan: Plan) -> dict[str, Scalar]:
    """The facts of a trial that authorizations and pages use: size, days and the tested model's result."""
    score = trial.score(model)
    return {
        "n": round(trial.n),
        "origins": trial.origins,
        "first_day": day_of(plan.folds[0].origin),
        "until_day": day_of(plan.folds[-1].until - 24),
        "bits": score.bits.value,
        **({"bits_low": score.bits.low, "bits_high": score.bits.high} if np.isfinite(score.bits.low) else {}),
        "hit_rate_5": score.hit_rate[1].value,
        "calibration_error": calibration_error(score.calibration),
        "concentrated": trial.concentrated,
        "regions": trial.regions,
        "seed": plan.seed,
    }


def ground_facts(datasets: Mapping[str, Dataset], grid: Grid) -> dict[str, Scalar]:
    """What a report says of its ground: its size, and which it is where areas bound it."""
    which = {"ground_digest": town_areas.ground_digest(datasets["areas"])} if "areas" in datasets else {}
    return {**which, "ground_km2": round(grid.total_km2, 1)}


def test_for_the_public(findings: Findings) -> Findings:
    """All of a test but its map and the counts of its tenths, with exposure by group of the model's top cells rounded.

    A tenth of a test may be few incidents in few cells, and those of two tests can be subtracted. Error, slope and
    transforms of the calibration stay.
    """
    kept, says = exposure_for_the_public(findings, int(NAMED_SHARE * float(findings.facts["cells"])))
    others = tuple(one for one in findings.tables if one.name not in INSIDE)
    return replace(findings, tables=(*others, *kept), notes=(*findings.notes, *says))


def proof_example() -> Example:
    """The made-up town, 26 weekly windows, criteria that the default model meets there."""
    category, shifts = example.CATEGORY, example.SHIFTS
    params = BacktestParams(origins=26, models=("uniform",), offsets=1, category=category, shifts=shifts)
    bars: dict[str, Scalar] = {"min_hit_rate_5": 0.1, "min_origins": 26}
    datasets = {"incidents": example.incidents(), "areas": example.areas()}
    return Example(params=params, datasets=datasets, authorizations={AuthorizationKind.ACCEPTANCE_CRITERIA: bars})


ARITHMETIC = Arithmetic(
    run=run,
    example=proof_example,
    messages=MESSAGES,
    vocabulary=frozenset(
        {*TITLES, *SETTING_WORDS, *CRITERIA, *landmarks.WORDS, *NAMES, MET, MISSED, EVERYBODY, ALL_REPORTED}
    ),
    public=test_for_the_public,
    shows=Shows(view=backtest_view, map=RECORDED_MAP),
    counts=NOT_IN_TABLES,
)
