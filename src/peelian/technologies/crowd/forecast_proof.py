"""The crowd forecast held against the same hour last week: each past hour forecast from what was known before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from peelian.errors import NotEnoughData, sentence
from peelian.kernel.model.capability import Note
from peelian.measure.table import Table
from peelian.technologies.crowd.counter_record import Record
from peelian.technologies.crowd.counters import DAY, WEEK
from peelian.technologies.crowd.declarations.forecast import HOUR_AHEAD, PLACES, PROOF, WEEK_AHEAD
from peelian.technologies.crowd.forecasting import Ahead, Calendar, ahead, last_weeks

Floats = NDArray[np.float64]
Progress = Callable[[str, float], None]

BLOCK_WEEKS, LEAST_BLOCKS = 2, 4
BETTER, WORSE, UNSURE = "better", "worse", "unsure"
FORECASTING = "Forecasting counts"
ERRORS = {
    HOUR_AHEAD: (
        "An hour ahead, the mean absolute error is %(error).1f persons, and %(rival).1f if the same hour last week is "
        "taken (n %(n)d counts). The difference is %(gain).1f (95%% interval %(low).1f to %(high).1f by %(blocks)d "
        "blocks of two weeks)."
    ),
    WEEK_AHEAD: (
        "A week ahead, the mean absolute error is %(error).1f persons, and %(rival).1f if the same hour last week is "
        "taken (n %(n)d counts). The difference is %(gain).1f (95%% interval %(low).1f to %(high).1f by %(blocks)d "
        "blocks of two weeks)."
    ),
}
VERDICTS = {
    (HOUR_AHEAD, BETTER): "An hour ahead, the forecast is better than the same hour last week.",
    (HOUR_AHEAD, WORSE): "An hour ahead, the forecast is worse than the same hour last week. Do not use it.",
    (HOUR_AHEAD, UNSURE): "An hour ahead, the forecast is not shown to be better than the same hour last week.",
    (WEEK_AHEAD, BETTER): "A week ahead, the forecast is better than the same hour last week.",
    (WEEK_AHEAD, WORSE): "A week ahead, the forecast is worse than the same hour last week. Do not use it.",
    (WEEK_AHEAD, UNSURE): "A week ahead, the forecast is not shown to be better than the same hour last week.",
}
COVERAGE = {
    HOUR_AHEAD: "An hour ahead, the 80%% interval held %(eighty).1f%% of counts, the 95%% interval %(most).1f%%.",
    WEEK_AHEAD: "A week ahead, the 80%% interval held %(eighty).1f%% of counts, the 95%% interval %(most).1f%%.",
}
MESSAGES = frozenset({*ERRORS.values(), *VERDICTS.values(), *COVERAGE.values()})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Proof:
    """One horizon: each counter's forecasts, and errors of it and of the same hour last week (NaN where unjudged)."""

    horizon: str
    aheads: tuple[Ahead, ...]
    errors: Floats  # float64[sensors, hours], persons
    rival_errors: Floats
    covered: tuple[float, float]  # shares inside the 80 % and the 95 % interval
    gain: tuple[float, float, float]  # persons: mean, and its 95 % interval
    blocks: int

    @property
    def n(self) -> int:
        """How many counts were judged."""
        return int(np.isfinite(self.errors).sum())

    @property
    def error(self) -> float:
        """The forecast's mean absolute error, persons."""
        return float(np.nanmean(self.errors))

    @property
    def rival_error(self) -> float:
        """That of the same hour last week."""
        return float(np.nanmean(self.rival_errors))

    @property
    def verdict(self) -> str:
        """Better or worse only where the whole interval says so."""
        _, low, high = self.gain
        return BETTER if low > 0 else WORSE if high < 0 else UNSURE


def with_a_week_to_come(record: Record) -> Record:
    """The record in whole weeks, and after its last hour a week without counts: what is to be forecast."""
    counts = record.counts
    dropped = counts.shape[1] % WEEK
    to_come = np.full((len(counts), WEEK), np.nan)
    longer = np.concatenate([counts[:, dropped:], to_come], axis=1)
    return Record(sensors=record.sensors, first_hour=record.first_hour + dropped, counts=longer)


def calendar_of(record: Record, holidays: Sequence[str] = (), events: Sequence[str] = ()) -> Calendar:
    """What a town knows of the hours of a record: `holidays` such as 2024-12-25, `events` such as
    2024-12-31=2023-12-31. A day before the record is like none."""
    hours = record.counts.shape[1]
    day = (record.first_hour + np.arange(hours)) // DAY
    alike = np.full(hours, -1, dtype=np.int64)
    for text in events:
        (now,), (then,) = (_numbers([part]) for part in text.split("="))
        at = np.flatnonzero(day == now)
        alike[at] = np.maximum(at - (now - then) * DAY, -1)
    return Calendar(holiday=np.isin(day, _numbers(holidays)), alike=alike)


def _numbers(days: Sequence[str]) -> NDArray[np.int64]:
    return np.array(list(days), dtype="datetime64[D]").astype(np.int64)


def proven(record: Record, calendar: Calendar, horizon: str, progress: Progress = lambda says, share: None) -> Proof:
    """Forecast every hour of a record of whole weeks and compare. NotEnoughData where too little could be judged.

    The gain is a mean over counts; its interval is Student's over blocks of two weeks, all counters together: they
    share the weather and the feasts. O(sensors · hours · weeks log weeks).
    """
    aheads, errors, rivals, inside = [], [], [], []
    for number, counts in enumerate(record.counts):
        progress(FORECASTING, number / len(record.counts))
        one, rival = ahead(counts, calendar, horizon), last_weeks(counts)
        judged = np.isfinite(one.low).all(axis=0) & np.isfinite(one.expected) & np.isfinite(counts) & np.isfinite(rival)
        aheads.append(one)
        errors.append(np.where(judged, np.abs(one.expected - counts), np.nan))
        rivals.append(np.where(judged, np.abs(rival - counts), np.nan))
        inside.append(((counts >= one.low) & (counts <= one.high))[:, judged])
    error, rival_error = np.array(errors), np.array(rivals)
    gain, blocks = _gain(error, rival_error)
    within = np.concatenate(inside, axis=1)
    return Proof(
        horizon=horizon,
        aheads=tuple(aheads),
        errors=error,
        rival_errors=rival_error,
        covered=(float(within[0].mean()), float(within[1].mean())),
        gain=gain,
        blocks=blocks,
    )


def _gain(errors: Floats, rivals: Floats) -> tuple[tuple[float, float, float], int]:
    difference = rivals - errors
    block = np.arange(difference.shape[1]) // (BLOCK_WEEKS * WEEK)
    n = np.bincount(block, weights=np.isfinite(difference).sum(axis=0))
    total = np.bincount(block, weights=np.nansum(difference, axis=0))
    n, total = n[n > 0], total[n > 0]
    blocks = len(n)
    if blocks < LEAST_BLOCKS:
        weeks = difference.shape[1] // WEEK - 1
        raise NotEnoughData(
            sentence("only %(n)d weeks of counts, 20 needed to judge a forecast", n=weeks), accepted="a longer record"
        )
    mean = float(total.sum() / n.sum())
    spread = float(np.sqrt(blocks / (blocks - 1) * ((total - mean * n) ** 2).sum()) / n.sum())
    wide = float(stats.t.ppf(0.975, blocks - 1)) * spread
    return (mean, mean - wide, mean + wide), blocks


def proof_notes(proofs: Sequence[Proof]) -> list[Note]:
    """Verdict, errors and coverage of each horizon."""
    notes = []
    for one in proofs:
        gain, low, high = one.gain
        values: dict[str, Any] = {"error": one.error, "rival": one.rival_error, "n": one.n, "gain": gain}
        values |= {"low": low, "high": high, "blocks": one.blocks}
        covered = {"eighty": 100 * one.covered[0], "most": 100 * one.covered[1]}
        notes.append(Note(text=VERDICTS[one.horizon, one.verdict]))
        notes.append(Note(text=ERRORS[one.horizon], values=values))
        notes.append(Note(text=COVERAGE[one.horizon], values=covered))
    return notes


def proof_tables(record: Record, proofs: Sequence[Proof]) -> tuple[Table, Table]:
    """Errors, gain and coverage of each horizon; and the errors at each counter that was judged for a day."""
    rows = [(p.horizon, p.n, p.blocks, p.error, p.rival_error, *p.gain, *p.covered, p.verdict) for p in proofs]
    places = [
        (sensor, one.horizon, int(known.sum()), float(mine[known].mean()), float(rival[known].mean()))
        for one in proofs
        for sensor, mine, rival in zip(record.sensors, one.errors, one.rival_errors, strict=True)
        if (known := np.isfinite(mine)).sum() >= DAY
    ]
    return (
        PROOF.of_rows(dict(zip(PROOF.columns, row, strict=True)) for row in rows),
        PLACES.of_rows(dict(zip(PLACES.columns, row, strict=True)) for row in places),
    )
