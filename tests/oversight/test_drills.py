"""Self-tests are found again with what they measured; the next drill has a date, and a reminder a month before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from desk import Desk, desk
from drill_record import MEASURED, counted_drill

from peelian.errors import OutOfOrder
from peelian.kernel.model.drill_due import DRILL_DAYS
from peelian.kernel.records.office_records import keep
from peelian.oversight.drills.due import CRITERIA, REMINDED, missed, next_drill, self_test_of, self_tests


def played(at: Desk) -> None:
    people = at.people
    counted_drill(
        at.kernel,
        {"privacy_officer": people["privacy-officer"], "board": people["board"], "clerk": people["clerk"]},
    )


def test_a_self_test_is_found_by_its_name() -> None:
    at = desk()
    keep(at.kernel, at.people["auditor"], "self_test", MEASURED, drill="snooping-1", met=1)
    (one,) = self_tests(at.kernel)
    assert one == self_test_of(at.kernel, "snooping-1") and one.by == at.people["auditor"].person.token
    with pytest.raises(OutOfOrder, match="Unknown drill"):
        self_test_of(at.kernel, "snooping-2")


def test_the_next_is_due_a_year_after_the_last_that_counts_or_the_opening() -> None:
    at = desk()
    at.trained("2030-01-01")
    assert not next_drill(at.kernel).overdue
    at.clock.days(DRILL_DAYS + 10)
    assert next_drill(at.kernel).overdue
    keep(at.kernel, at.people["auditor"], "self_test", MEASURED, drill="snooping-1", met=1)
    assert next_drill(at.kernel).overdue, "a machine run opens nothing"
    played(at)
    assert not next_drill(at.kernel).overdue


def test_it_is_called_to_mind_a_month_before_and_not_earlier() -> None:
    at = desk()
    due = next_drill(at.kernel).by
    at.clock.now = due - REMINDED - timedelta(minutes=1)
    assert not next_drill(at.kernel).soon
    at.clock.now = due - REMINDED
    assert next_drill(at.kernel).soon and not next_drill(at.kernel).overdue
    at.clock.now = due + timedelta(seconds=1)
    assert next_drill(at.kernel).overdue and not next_drill(at.kernel).soon


def test_a_self_test_says_what_it_missed() -> None:
    body = {**MEASURED, "criteria_met": False, "missed": ["contained", "in_time"]}
    assert missed(body) == (CRITERIA["contained"], CRITERIA["in_time"]) and missed(MEASURED) == ()
