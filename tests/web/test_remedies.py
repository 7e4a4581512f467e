"""A refusal leads to the pages of whoever can mend it."""

from __future__ import annotations

from typing import Any

from peelian.kernel.model.capability import AuthorizationKind
from peelian.kernel.policy.authorize import refusal
from peelian.oversight.transparency.register import case_record
from peelian.web.frame import remedies
from peelian.web.frame.remedies import mending
from peelian.web.tasks.pages import TASKS


def test_a_missing_accuracy_report_leads_to_the_test_that_earns_it(town: Any) -> None:
    office, record = town.desk.office, case_record(town.desk.kernel, town.refused)
    links = mending(office, record.capability, record.reasons, office.say("en"))
    assert AuthorizationKind.ACCURACY_REPORT in {need.kind for need in record.capability.needs}
    assert ("/ask/toy.prove", "Request: Prove that wells can be counted") in links
    assert links[-1] == ("/ask/toy.count", "Request again")
    assert mending(office, record.capability, (), office.say("en")) == []


def test_what_a_task_mends_leads_to_the_task(town: Any) -> None:
    office, record = town.desk.office, case_record(town.desk.kernel, town.refused)
    reasons = (
        refusal("time_does_not_go_back", "the clock is 9 minutes behind the log", "Set the clock."),
        refusal("the_person_is_trained", "training expired", "Renew the training."),
    )
    links = mending(office, record.capability, reasons, office.say("fr"))
    assert [address for address, _ in links][:2] == ["/tasks/proposals-propose", "/tasks/people-train"]
    assert all(address.removeprefix("/tasks/") in TASKS for address, _ in remedies.TASKS.values())
