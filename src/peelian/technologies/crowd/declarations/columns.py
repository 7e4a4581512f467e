"""The tables that every trial of a detector returns, column by column."""

from __future__ import annotations

from collections.abc import Mapping

from peelian.kernel.model.tables import Emit, TableColumn, amount, category, count, rate

MET, MISSED = "met", "missed"
PER_DAY = rate("Alarms per sensor-day", unit="per sensor and day", percent=False)
SUMMARY: Mapping[str, TableColumn] = {
    "alarms": amount("Alarms"),
    "n": count("Sensor-days", "days"),
    "per_day": PER_DAY,
    "per_day_low": amount("95% interval, lower end"),
    "per_day_high": amount("95% interval, upper end"),
}
FALSE_ALARMS = Emit(table="false_alarms", title="false alarms", columns=SUMMARY)
INJECTED: Mapping[str, str] = {
    "rise_6_db": "Steady sound 6 dB above background",
    "rise_10_db": "Steady sound 10 dB above background",
    "lift_6_db": "All levels raised by 6 dB",
    "lift_10_db": "All levels raised by 10 dB",
    "short_sounds": "Passing sirens and bangs (no alarm expected)",
    "rise": "Rise in the count",
    "fall": "Fall in the count",
}
FOUND = Emit(
    table="injected",
    title="made events found",
    columns={
        "injected": category("Added to the record", INJECTED),
        "n": count("Number (n)", "trials"),
        "found": rate("Share with an alarm"),
        "found_low": amount("95% interval, lower end", percent=True),
        "found_high": amount("95% interval, upper end", percent=True),
        "median_delay_seconds": amount("Median delay in seconds", "s"),
    },
)
CRITERIA = Emit(
    table="criteria",
    title="acceptance criteria",
    columns={
        "criterion": category("Criterion"),
        "needed": amount("Required"),
        "reached": amount("Result"),
        "outcome": category("Outcome", {MET: "met", MISSED: "missed"}),
    },
)
EMITS = (FALSE_ALARMS, FOUND, CRITERIA)
