"""The table of reasons, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping

from peelian.kernel.model.capability import Emit
from peelian.measure.table import Kind

REASON_COLUMNS: Mapping[str, Kind] = {
    "rank": Kind.COUNT,
    "place": Kind.PLACE,
    "area": Kind.PLACE,
    "expected": Kind.AMOUNT,
    "low": Kind.AMOUNT,
    "high": Kind.AMOUNT,
    "long_run": Kind.AMOUNT,
    "background": Kind.AMOUNT,
    "recent": Kind.AMOUNT,
    "all_reported": Kind.AMOUNT,
    "recent_n": Kind.COUNT,
    "nearby_n": Kind.COUNT,
}
REASONS = Emit(
    table="advice", columns={**REASON_COLUMNS, "shift": Kind.CATEGORY}, optional=frozenset({"shift"})
)  # the busiest
HISTORY = Emit(table="history", columns={"place": Kind.PLACE, "from_day": Kind.TIME, "n": Kind.COUNT})
"""What was recorded in each selected cell, by eight weeks."""
