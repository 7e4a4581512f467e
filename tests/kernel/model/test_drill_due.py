"""A drill is due within twelve months of the last one, or of the office's opening; then the gate closes until one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import toy
from desk import desk

from peelian.errors import Refused
from peelian.kernel import verbs
from peelian.kernel.model.drill_due import DRILL_DAYS, due_by, is_recent
from peelian.kernel.records.office_records import keep

BEGAN = "2026-01-01T00:00:00.00Z"


def test_it_is_overdue_only_after_the_last_moment() -> None:
    due = due_by(BEGAN)
    assert due == datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=DRILL_DAYS)
    assert is_recent(BEGAN, due) and not is_recent(BEGAN, due + timedelta(seconds=1)) and is_recent("", due)


def test_an_overdue_drill_closes_the_gate_for_asking_and_running_and_a_drill_opens_it() -> None:
    at = desk(known=(toy.TOY,))
    at.trained("2030-01-01")
    at.clock.days(DRILL_DAYS - 1)
    at.authorizations(toy.COUNT)
    permit = at.ask(toy.COUNT)
    at.clock.days(2)
    for act in (lambda: verbs.run(at.kernel, at.people["analyst"], permit), lambda: at.ask(toy.COUNT)):
        with pytest.raises(Refused) as refused:
            act()
        assert [reason.rule for reason in refused.value.reasons] == ["a_breach_drill_is_recent"]
    keep(at.kernel, at.people["auditor"], "drill", {"drill": "snooping-1"}, drill="snooping-1", met=0)
    keep(at.kernel, at.people["auditor"], "drill", {"drill": "snooping-2"}, drill="snooping-2")
    with pytest.raises(
        Refused, match="met its targets"
    ):  # one was missed, the other says nothing of its acceptance criteria
        verbs.run(at.kernel, at.people["analyst"], permit)
    assert at.kernel.state.duties.drill_missed
    keep(at.kernel, at.people["auditor"], "drill", {"drill": "snooping-3"}, drill="snooping-3", met=1)
    assert not at.kernel.state.duties.drill_missed
    verbs.run(at.kernel, at.people["analyst"], permit)
