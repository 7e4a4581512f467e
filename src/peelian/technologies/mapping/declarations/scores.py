"""The tables that every test of a forecast returns, column by column."""

from __future__ import annotations

from collections.abc import Mapping

from peelian.kernel.model.capability import Emit
from peelian.measure.table import Kind

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
_CRITERIA: Mapping[str, Kind] = {
    "criterion": Kind.CATEGORY,
    "needed": Kind.AMOUNT,
    "reached": Kind.AMOUNT,
    "met": Kind.LEVEL,
}
_BESIDE = {"hit_rate_best": "n", "hit_rate_worst": "n"}
EMITS = (
    Emit(table="scores", columns=_SCORES),
    Emit(
        table="hit_rates",
        columns=_HITS,
        by=("model", "area_share"),
        shares=_BESIDE,
    ),
    Emit(table="calibration", columns=_CALIBRATION, by=("model", "rank")),
    Emit(table="probability_bins", columns=_PIT, by=("model", "rank")),
    Emit(table="settings", columns=_SETTINGS),
    Emit(table="criteria", columns=_CRITERIA),
)
COLUMNS: Mapping[str, Mapping[str, Kind]] = {emit.table: emit.columns for emit in EMITS}
