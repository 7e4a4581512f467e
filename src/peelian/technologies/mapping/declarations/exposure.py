"""The table of exposure by group."""

from __future__ import annotations

from collections.abc import Mapping

from peelian.kernel.model.capability import Emit
from peelian.measure.table import Kind

EVERYBODY = "everybody"
EXPOSURE_COLUMNS: Mapping[str, Kind] = {
    "group": Kind.GROUP,
    "n": Kind.COUNT,
    "exposed": Kind.RATE,
    "exposed_low": Kind.AMOUNT,
    "exposed_high": Kind.AMOUNT,
    "against_others": Kind.AMOUNT,
    "against_others_low": Kind.AMOUNT,
    "against_others_high": Kind.AMOUNT,
    "halves": Kind.AMOUNT,
    "halves_low": Kind.AMOUNT,
    "halves_high": Kind.AMOUNT,
}
EXPOSURE = Emit(table="exposure", columns=EXPOSURE_COLUMNS)
