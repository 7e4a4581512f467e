"""Drills are found again with what they measured, and the next one has a date."""

from __future__ import annotations

from typing import Any

import pytest
from desk import desk

from peelian.errors import OutOfOrder
from peelian.governance.drilled import DRILL_DAYS
from peelian.governance.records import keep
from peelian.oversight.drills import drill_of, drills, next_drill, warns

BODY: dict[str, Any] = {
    "drill": "snooping-1",
    "scenario": "snooping",
    "title": "somebody snoops on one person",
    "seed": 1,
    "began": "2026-03-02T09:00:00+00:00",
    "ended": "2026-03-02T09:01:00+00:00",
    "milliseconds": 900,
    "recall_permille": 1000,
    "extra_permille": 0,
    "bars_met": True,
}


def test_a_drill_is_found_by_its_name() -> None:
    at = desk()
    keep(at.house, at.people["auditor"], "drill", BODY, drill="snooping-1")
    (drill,) = drills(at.house)
    assert drill == drill_of(at.house, "snooping-1") and drill.by == at.people["auditor"].person.token
    with pytest.raises(OutOfOrder, match="no drill"):
        drill_of(at.house, "snooping-2")


def test_the_next_is_due_a_year_after_the_last_or_the_opening() -> None:
    at = desk()
    assert not next_drill(at.house).overdue and not warns(at.house)
    at.clock.days(DRILL_DAYS - 10)
    assert warns(at.house)
    at.clock.days(20)
    assert next_drill(at.house).overdue
    keep(at.house, at.people["auditor"], "drill", BODY, drill="snooping-1")
    assert not next_drill(at.house).overdue
