"""The tables that every trial of a detector returns, column by column."""

from __future__ import annotations

from collections.abc import Mapping

from peelian.kernel.model.capability import Emit
from peelian.measure.table import Kind

SUMMARY: Mapping[str, Kind] = {
    "alarms": Kind.AMOUNT,
    "n": Kind.COUNT,
    "per_day": Kind.RATE,
    "per_day_low": Kind.AMOUNT,
    "per_day_high": Kind.AMOUNT,
}
FOUND: Mapping[str, Kind] = {
    "injected": Kind.CATEGORY,
    "n": Kind.COUNT,
    "found": Kind.RATE,
    "found_low": Kind.AMOUNT,
    "found_high": Kind.AMOUNT,
    "median_delay_seconds": Kind.AMOUNT,
}
CRITERIA: Mapping[str, Kind] = {
    "criterion": Kind.CATEGORY,
    "needed": Kind.AMOUNT,
    "reached": Kind.AMOUNT,
    "outcome": Kind.CATEGORY,
}
EMITS = (
    Emit(table="false_alarms", columns=SUMMARY),
    Emit(table="injected", columns=FOUND),
    Emit(table="criteria", columns=CRITERIA),
)
