"""A refusal leads to the pages of whoever can mend it."""

from __future__ import annotations

from typing import Any

from peelian.kernel.model.capability import AuthorizationKind
from peelian.oversight.register import case_record
from peelian.web.remedies import mending


def test_a_missing_accuracy_report_leads_to_the_test_that_earns_it(town: Any) -> None:
    office, record = town.desk.office, case_record(town.desk.kernel, town.refused)
    links = mending(office, record.capability, record.reasons, office.say("en"))
    assert AuthorizationKind.ACCURACY_REPORT in {need.kind for need in record.capability.needs}
    assert ("/ask/toy.prove", "Request: Prove that wells can be counted") in links
    assert links[-1] == ("/ask/toy.count", "Request again")
    assert mending(office, record.capability, (), office.say("en")) == []
