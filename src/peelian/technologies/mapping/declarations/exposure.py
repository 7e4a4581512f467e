"""The table of exposure by group."""

from __future__ import annotations

from peelian.kernel.model.tables import Emit, amount, count, group, rate

EVERYBODY = "everybody"
EXPOSURE = Emit(
    table="exposure",
    title="exposure by group",
    columns={
        "group": group("Group"),
        "n": count("Residents", "residents"),
        "exposed": rate("Living in a selected cell"),
        "exposed_low": amount("Living in a selected cell, lower end", percent=True),
        "exposed_high": amount("Living in a selected cell, upper end", percent=True),
        "against_others": amount("Ratio to all others"),
        "against_others_low": amount("Ratio to all others, lower end"),
        "against_others_high": amount("Ratio to all others, upper end"),
        "halves": amount("Ratio of areas where the group's share is highest to the other half, per resident"),
        "halves_low": amount("Ratio of area halves, lower end"),
        "halves_high": amount("Ratio of area halves, upper end"),
    },
)
