"""A back-test's figures as tables: scores, hit rates by area, calibration, settings and acceptance criteria."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from peelian.kernel.model.capability import Emit
from peelian.measure.table import Kind, Table, table
from peelian.technologies.mapping.calibration import PIT_BINS, calibration_error, deciles, pit_shares, slope
from peelian.technologies.mapping.criteria import Outcome
from peelian.technologies.mapping.metrics import AREA_SHARES, pai, pei
from peelian.technologies.mapping.models import SETTING_WORDS
from peelian.technologies.mapping.protocol import Score, Trial

MET, MISSED = "met", "missed"

_SCORES: Mapping[str, Kind] = {
    "model": Kind.CATEGORY,
    "n": Kind.COUNT,
    "bits": Kind.AMOUNT,
    "bits_low": Kind.AMOUNT,
    "bits_high": Kind.AMOUNT,
    "p_holm": Kind.AMOUNT,
    "bits_with_level": Kind.AMOUNT,
    "bits_with_level_low": Kind.AMOUNT,
    "bits_with_level_high": Kind.AMOUNT,
    "brier": Kind.AMOUNT,
    "crps": Kind.AMOUNT,
    "stability": Kind.AMOUNT,
    "calibration_error": Kind.AMOUNT,
    "calibration_slope": Kind.AMOUNT,
}
_HITS: Mapping[str, Kind] = {
    "model": Kind.CATEGORY,
    "area_share": Kind.AMOUNT,
    "n": Kind.COUNT,
    "hit_rate": Kind.RATE,
    "hit_rate_low": Kind.AMOUNT,
    "hit_rate_high": Kind.AMOUNT,
    "hit_rate_best": Kind.AMOUNT,
    "hit_rate_worst": Kind.AMOUNT,
    "hit_rate_possible": Kind.AMOUNT,
    "pai": Kind.AMOUNT,
    "pai_low": Kind.AMOUNT,
    "pai_high": Kind.AMOUNT,
    "pei": Kind.AMOUNT,
    "log_rri": Kind.AMOUNT,
    "per_km2_day": Kind.AMOUNT,
    "precision_n": Kind.COUNT,
    "precision": Kind.RATE,
    "base_rate_n": Kind.COUNT,
    "base_rate": Kind.RATE,
}
_CALIBRATION: Mapping[str, Kind] = {
    "model": Kind.CATEGORY,
    "rank": Kind.COUNT,
    "cells": Kind.COUNT,
    "expected": Kind.AMOUNT,
    "observed": Kind.AMOUNT,
}
_PIT: Mapping[str, Kind] = {"model": Kind.CATEGORY, "rank": Kind.COUNT, "share": Kind.AMOUNT}
_SETTINGS: Mapping[str, Kind] = {"model": Kind.CATEGORY, "setting": Kind.CATEGORY, "value": Kind.AMOUNT}
_BARS: Mapping[str, Kind] = {
    "bar": Kind.CATEGORY,
    "needed": Kind.AMOUNT,
    "reached": Kind.AMOUNT,
    "met": Kind.LEVEL,
}

EMITS = (
    Emit(table="scores", columns=_SCORES),
    Emit(table="hit_rates", columns=_HITS),
    Emit(table="calibration", columns=_CALIBRATION),
    Emit(table="probability_bins", columns=_PIT),
    Emit(table="settings", columns=_SETTINGS),
    Emit(table="bars", columns=_BARS),
)


def trial_tables(trial: Trial, bars: Sequence[Outcome]) -> tuple[Table, ...]:
    """All tables of a back-test but the exposure. O(models x area shares)."""
    return (
        _table("scores", _SCORES, [_score_row(score) for score in trial.scores], n="incidents"),
        _table(
            "hit_rates",
            _HITS,
            [_hit_row(score, k) for score in trial.scores for k in range(len(AREA_SHARES))],
            n="incidents",
            precision_n="cells",
            base_rate_n="cells",
        ),
        _table(
            "calibration",
            _CALIBRATION,
            [row for score in trial.scores for row in _decile_rows(score)],
            rank="rank",
            cells="cells",
        ),
        _table("probability_bins", _PIT, [row for score in trial.scores for row in _pit_rows(score)], rank="rank"),
        _table("settings", _SETTINGS, [row for score in trial.scores for row in _setting_rows(score)]),
        _table("bars", _BARS, [(bar.bar, bar.needed, bar.reached, MET if bar.met else MISSED) for bar in bars]),
    )


def _table(name: str, kinds: Mapping[str, Kind], rows: Sequence[tuple[Any, ...]], **units: str) -> Table:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(kinds)
    dtypes: Mapping[Kind, Any] = {Kind.COUNT: np.int64, Kind.AMOUNT: np.float64, Kind.RATE: np.float64}
    return table(
        name,
        {
            column: (kind, np.array(values, dtype=dtypes.get(kind, object)))
            for (column, kind), values in zip(kinds.items(), columns, strict=True)
        },
        **units,
    )


def _score_row(score: Score) -> tuple[Any, ...]:
    bits, level = score.bits, score.bits_with_level
    return (
        score.model,
        round(score.n),
        bits.value,
        bits.low,
        bits.high,
        score.p_holm,
        level.value,
        level.low,
        level.high,
        score.brier,
        score.crps,
        score.stability,
        calibration_error(score.calibration),
        slope(score.calibration),
    )


def _hit_row(score: Score, k: int) -> tuple[Any, ...]:
    rate, share = score.hit_rate[k], AREA_SHARES[k]
    return (
        score.model,
        share,
        round(score.n),
        rate.value,
        rate.low,
        rate.high,
        score.best[k],
        score.worst[k],
        score.possible[k],
        pai(rate.value, share),
        pai(rate.low, share),
        pai(rate.high, share),
        pei(rate.value, score.possible[k]),
        score.log_rri[k],
        score.per_km2_day[k],
        round(score.named_cells[k]),
        score.precision[k],
        score.cells,
        score.base_rate,
    )


def _decile_rows(score: Score) -> list[tuple[Any, ...]]:
    parts = zip(*(part.tolist() for part in deciles(score.calibration)), strict=True)
    return [(score.model, rank, round(cells), *sums) for rank, (cells, *sums) in enumerate(parts, start=1)]


def _pit_rows(score: Score) -> list[tuple[Any, ...]]:
    shares = pit_shares(score.calibration).tolist()
    return [(score.model, k + 1, shares[k]) for k in range(PIT_BINS)]


def _setting_rows(score: Score) -> list[tuple[Any, ...]]:
    numbers = {name: value for name, value in score.settings.items() if name in SETTING_WORDS}
    return [(score.model, name, float(value)) for name, value in numbers.items() if not isinstance(value, str)]
