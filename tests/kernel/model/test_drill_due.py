"""A drill is due within twelve months of the last that counts, or of the office's opening; then the gate closes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import toy
from desk import desk
from drill_record import counted_drill

from peelian.errors import Refused
from peelian.kernel import verbs
from peelian.kernel.model.drill_due import DRILL_DAYS, due_by, is_recent
from peelian.kernel.records.office_records import keep

BEGAN = "2026-01-01T00:00:00.00Z"


def test_it_is_overdue_only_after_the_last_moment() -> None:
    due = due_by(BEGAN)
    assert due == datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=DRILL_DAYS)
    assert is_recent(BEGAN, due) and not is_recent(BEGAN, due + timedelta(seconds=1)) and is_recent("", due)


def test_an_overdue_drill_closes_the_gate_for_asking_and_running_and_a_drill_by_people_opens_it() -> None:
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
    keep(at.kernel, at.people["auditor"], "self_test", {"drill": "snooping-1"}, drill="snooping-1", met=1)
    with pytest.raises(Refused, match="that counts"):  # a machine ran it
        verbs.run(at.kernel, at.people["analyst"], permit)
    assert not at.kernel.state.duties.drill_missed
    people = at.people
    two = {"privacy_officer": people["privacy-officer"], "board": people["board"]}
    counted_drill(at.kernel, two, name="too-few")
    with pytest.raises(Refused, match="that counts"):
        verbs.run(at.kernel, at.people["analyst"], permit)
    assert at.kernel.state.duties.drill_missed
    counted_drill(at.kernel, {**two, "clerk": people["clerk"]})
    assert not at.kernel.state.duties.drill_missed
    verbs.run(at.kernel, at.people["analyst"], permit)


def test_what_an_earlier_version_counted_holds_until_its_year_is_over_and_nobody_keeps_another() -> None:
    at = desk(known=(toy.TOY,))
    at.trained("2030-01-01")
    at.clock.days(300)
    at.kernel.append("DRILLED", document="0" * 64, by="office", drill="snooping-1", met=1)  # as it was kept
    at.clock.days(DRILL_DAYS - 1)
    at.authorizations(toy.COUNT)
    permit = at.ask(toy.COUNT)
    at.clock.days(2)
    with pytest.raises(Refused, match="that counts"):
        verbs.run(at.kernel, at.people["analyst"], permit)
    for by in at.people.values():
        with pytest.raises(Refused):
            keep(at.kernel, by, "drill", {"drill": "snooping-2"}, drill="snooping-2", met=1)
