"""The table of reasons, cell by cell."""

from __future__ import annotations

from peelian.kernel.model.tables import Emit, amount, category, count, place, time

REASONS = Emit(
    table="advice",
    title="selected cells and reasons",
    columns={
        "rank": count("Rank", "rank"),
        "place": place("Cell"),
        "area": place("Area"),
        "expected": amount("Expected"),
        "low": amount("95% prediction interval, lower end"),
        "high": amount("95% prediction interval, upper end"),
        "long_run": amount("Long-run average"),
        "background": amount("From earlier data"),
        "recent": amount("From the last eight weeks"),
        "all_reported": amount("From all categories"),
        "recent_n": count("Recorded in eight weeks"),
        "nearby_n": count("Recorded nearby"),
        "shift": category("Busiest shift"),
    },
    optional=frozenset({"shift"}),
)
HISTORY = Emit(
    table="history",
    title="records of the selected cells over time",
    columns={"place": place("Cell"), "from_day": time("First of eight weeks"), "n": count("Recorded")},
)
"""What was recorded in each selected cell, by eight weeks."""
