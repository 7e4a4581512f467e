"""The library and an item's history: everything the log says of it and of what it was made from, and nothing opened."""

from __future__ import annotations

import pytest
from recordings import NOBODY, WHY, known_life, life

from peelian.errors import OutOfOrder
from peelian.kernel.identity.step_up import prove
from peelian.kernel.retention import retention
from peelian.kernel.verbs.delivery import deliver
from peelian.oversight.footage.items import SAID, item_record, library, year_of


def test_the_library_lists_objects_with_what_keeps_them_and_opens_none() -> None:
    made = known_life()
    before = made.town.kinds().count("OPENED")
    lines = {line.dataset: line for line in library(made.town.kernel)}
    assert set(lines) == {made.item, made.plan, made.redacted, made.package}
    assert lines[made.item].categories == ("traffic-stop",) and lines[made.item].goes_at is not None
    assert lines[made.redacted].categories == ("traffic-stop",), "a derivative goes with what it was made from"
    assert lines[made.plan].kept_by == "uncategorised" and lines[made.package].parent == made.redacted
    assert made.town.kinds().count("OPENED") == before


def test_a_history_goes_back_to_the_recording_with_names_and_cases() -> None:
    made = known_life()
    record = item_record(made.town.kernel, made.package)
    kinds = [step.kind for step in record.history]
    assert kinds[:3] == ["KEEPING", "OPENED", "ADMITTED"]
    assert [kind for kind in kinds if kind != "EXPORTED"][-1] == "DERIVED"  # its pages may have been taken out since
    assert {step.dataset for step in record.history} == {made.item, made.redacted, made.package}
    assert {"clerk"} <= {step.who for step in record.history}
    assert made.decision.case in {step.case for step in record.history}
    assert set(kinds) <= set(SAID)
    assert item_record(made.town.kernel, made.item).made == (made.redacted,)
    with pytest.raises(OutOfOrder):
        item_record(made.town.kernel, "footage-unknown")


def test_deliveries_stand_with_the_recording_and_all_that_was_made_from_it() -> None:
    made = life()
    kernel, clerk = made.town.kernel, made.town.people["clerk"]
    assert item_record(kernel, made.item).deliveries == ()
    prove(kernel, clerk)
    handed = deliver(kernel, clerk, made.decision, lambda file, to: file.read())
    for name in (made.item, made.redacted, made.package):
        (one,) = item_record(kernel, name).deliveries
        assert (one.index, one.package, one.case) == (handed.index, made.package, made.decision.case)
        assert (one.who, one.recipient, one.until) == ("clerk", NOBODY, handed.until)
    assert item_record(kernel, made.plan).deliveries == ()


def test_what_is_destroyed_stays_in_the_library_with_its_history() -> None:
    made = life()
    kernel = made.town.kernel
    made.town.clock.days(120)
    retention.run_daily_job(kernel)
    made.town.clock.days(8)
    retention.run_daily_job(kernel)
    lines = {line.dataset: line for line in library(kernel)}
    assert lines[made.item].state == "destroyed" and lines[made.plan].state == "kept"
    assert item_record(kernel, made.item).history[-1].kind == "SHREDDED"
    assert year_of(kernel, 2026)["DESTROYED"] == 3 and year_of(kernel, 2025)["DESTROYED"] == 0


def test_the_year_counts_acts() -> None:
    made = life()
    hold = retention.hold(made.town.kernel, made.town.people["clerk"], made.item, words=WHY)
    retention.release(made.town.kernel, made.town.people["board"], made.item, hold, words=WHY)
    audit = made.town.kernel.capability("footage.activation")
    made.town.ask(audit)  # its lists are tables: they are no recordings
    found = year_of(made.town.kernel, 2026)
    assert (found["ADMITTED"], found["DERIVED"], found["HELD"], found["RELEASED"]) == (2, 2, 1, 1)
