"""Crowd forecast for advice: the next hour and the next week at each counter, with the proof on the same record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from peelian.kernel.model.capability import (
    Arithmetic,
    Context,
    Dataset,
    Example,
    Findings,
    Note,
    Shows,
    all_public,
)
from peelian.measure.table import Table
from peelian.technologies.crowd import example
from peelian.technologies.crowd.counter_record import Record, record_of
from peelian.technologies.crowd.counters import WEEK
from peelian.technologies.crowd.declarations.forecast import AHEAD, HOUR_AHEAD, WEEK_AHEAD, ForecastParams
from peelian.technologies.crowd.forecast_proof import (
    BETTER,
    MESSAGES,
    UNSURE,
    WORSE,
    Proof,
    calendar_of,
    proof_notes,
    proof_tables,
    proven,
    with_a_week_to_come,
)
from peelian.technologies.crowd.forecast_view import forecast_view

ONLY_COUNTS = "A forecast is of counts at places. It says nothing about persons, and it dispatches nobody."
NO_EVENTS = (
    "A concert, a parade or a closure to come is in no forecast unless you name it. Holidays that you name are "
    "expected to be quiet, and days of events to be as the earlier days you name. The weather is not used."
)
PASSES = "Someone who passes a counter twice counts twice. Two counters may count the same person."
CAVEATS = (ONLY_COUNTS, NO_EVENTS, PASSES)
VOCABULARY = frozenset({HOUR_AHEAD, WEEK_AHEAD, BETTER, WORSE, UNSURE})


def judged(
    params: ForecastParams, datasets: Mapping[str, Dataset], context: Context
) -> tuple[Record, tuple[Proof, Proof]]:
    """The record with a week to come, and both horizons forecast and compared with the same hour last week."""
    record = with_a_week_to_come(record_of(datasets["counts"]))
    calendar = calendar_of(record, params.holidays, params.events)
    hour, week = (proven(record, calendar, horizon, context.progress) for horizon in (HOUR_AHEAD, WEEK_AHEAD))
    return record, (hour, week)


def facts_of(record: Record, proofs: Sequence[Proof], digest: str) -> dict[str, Any]:
    """What an accuracy report keeps: errors saved, the lower coverage of both horizons, amount of data."""
    hour, week = proofs
    return {
        "sensors": len(record.sensors),
        "n": hour.n,
        "gain_hour": hour.gain[0],
        "gain_week": week.gain[0],
        "covered_80": min(one.covered[0] for one in proofs),
        "covered_95": min(one.covered[1] for one in proofs),
        "data_digest": digest,
    }


def caveats() -> list[Note]:
    """What no crowd forecast can tell."""
    return [Note(text=text, kind="caveat") for text in CAVEATS]


def run(params: ForecastParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Forecast the hour and the week after the record. O(sensors · hours · weeks log weeks)."""
    record, proofs = judged(params, datasets, context)
    return Findings(
        tables=(_ahead(record, proofs), *proof_tables(record, proofs)),
        notes=(*proof_notes(proofs), *caveats()),
        facts=facts_of(record, proofs, datasets["counts"].digest),
    )


def _ahead(record: Record, proofs: Sequence[Proof]) -> Table:
    begin = record.counts.shape[1] - WEEK
    parts: dict[str, list[Any]] = {name: [] for name in AHEAD.columns}
    for one in proofs:
        last = begin + (1 if one.horizon == HOUR_AHEAD else WEEK)
        for sensor, forecast in zip(record.sensors, one.aheads, strict=True):
            known = np.flatnonzero(np.isfinite(forecast.low[:, begin:last]).all(axis=0)) + begin
            parts["area"] += [sensor] * len(known)
            parts["horizon"] += [one.horizon] * len(known)
            parts["hour"] += (record.first_hour + known).tolist()
            parts["expected"] += forecast.expected[known].tolist()
            for at, level in enumerate((80, 95)):
                parts[f"low_{level}"] += forecast.low[at, known].tolist()
                parts[f"high_{level}"] += forecast.high[at, known].tolist()
    return AHEAD.of(parts | {"hour": np.array(parts["hour"], dtype="datetime64[h]")})


def forecast_example() -> Example:
    """Two invented counters over 24 weeks, with a holiday."""
    return Example(params=ForecastParams(holidays=("2024-04-01",)), datasets={"counts": example.counts(24)})


ARITHMETIC = Arithmetic(
    run=run,
    example=forecast_example,
    messages=MESSAGES | set(CAVEATS),
    vocabulary=VOCABULARY,
    public=all_public,
    shows=Shows(view=forecast_view),
)
