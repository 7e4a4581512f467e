"""Drills are found again with what they measured, and the next one has a date."""

from __future__ import annotations

import pytest
from desk import desk
from drill_record import MEASURED

from peelian.errors import OutOfOrder
from peelian.kernel.model.drill_due import DRILL_DAYS
from peelian.kernel.records.office_records import keep
from peelian.oversight.drills import CRITERIA, drill_of, drills, missed, next_drill


def test_a_drill_is_found_by_its_name() -> None:
    at = desk()
    keep(at.kernel, at.people["auditor"], "drill", MEASURED, drill="snooping-1", met=1)
    (drill,) = drills(at.kernel)
    assert drill == drill_of(at.kernel, "snooping-1") and drill.by == at.people["auditor"].person.token
    with pytest.raises(OutOfOrder, match="Unknown drill"):
        drill_of(at.kernel, "snooping-2")


def test_the_next_is_due_a_year_after_the_last_or_the_opening() -> None:
    at = desk()
    at.trained("2030-01-01")
    assert not next_drill(at.kernel).overdue
    at.clock.days(DRILL_DAYS - 10)
    at.clock.days(20)
    assert next_drill(at.kernel).overdue
    keep(at.kernel, at.people["auditor"], "drill", MEASURED, drill="snooping-1", met=1)
    assert not next_drill(at.kernel).overdue


def test_a_drill_that_missed_a_bar_moves_no_date_and_says_what_it_missed() -> None:
    at = desk()
    at.clock.days(DRILL_DAYS - 10)
    due, body = next_drill(at.kernel), {**MEASURED, "criteria_met": False, "missed": ["contained", "in_time"]}
    keep(at.kernel, at.people["auditor"], "drill", body, drill="snooping-1", met=0)
    assert next_drill(at.kernel) == due and not drills(at.kernel)[0].criteria_met
    assert missed(body) == (CRITERIA["contained"], CRITERIA["in_time"]) and missed(MEASURED) == ()
