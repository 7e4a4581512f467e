"""Nothing is exported undecided, without a step-up or without an entry; the case's state stays what it was."""

from __future__ import annotations

import pytest
from desk import desk
from toy import COUNT, TOY

from peelian.errors import OutOfOrder, Refused
from peelian.governance import flow
from peelian.governance.acts import resume, suspend
from peelian.governance.exporting import exported
from peelian.governance.step_up import prove
from peelian.oversight.register import case_record

WORDS = {"reasons": "as the evidence shows", "other_evidence": "what residents told us"}


def test_a_decided_case_leaves_after_a_step_up_and_the_log_says_so() -> None:
    town = desk((TOY,))
    town.papers(COUNT)
    house, clerk = town.house, town.people["clerk"]
    evidence, _ = flow.run(house, town.people["analyst"], town.ask(COUNT))
    prove(house, clerk)
    with pytest.raises(OutOfOrder, match="nobody has decided"):
        exported(house, clerk, evidence.case, "map")
    flow.decide(house, town.people["commander"], evidence, choice="accept", **WORDS)
    town.clock.days(1)
    with pytest.raises(Refused, match="at the desk"):
        exported(house, clerk, evidence.case, "map")
    prove(house, clerk)
    exported(house, clerk, evidence.case, "Map of places")
    entry = [entry for _, entry in house.log.read()][-1]
    assert (entry["kind"], entry["what"], entry["by"]) == ("EXPORTED", "map-of-places", clerk.person.token)
    assert case_record(house, evidence.case).summary.state == "decided"
    with pytest.raises(OutOfOrder, match="no case"):
        exported(house, clerk, "c-0", "map")
    prove(house, town.people["dispatcher"])
    with pytest.raises(Refused):
        exported(house, town.people["dispatcher"], evidence.case, "map")


def test_a_suspended_technology_gives_out_no_map_but_a_report_of_what_it_did() -> None:
    town = desk((TOY,))
    town.papers(COUNT)
    house, clerk = town.house, town.people["clerk"]
    evidence, _ = flow.run(house, town.people["analyst"], town.ask(COUNT))
    flow.decide(house, town.people["commander"], evidence, choice="accept", **WORDS)
    suspend(house, town.people["board"], "toy")
    prove(house, clerk)
    with pytest.raises(Refused, match="suspended"):
        exported(house, clerk, evidence.case, "map")
    exported(house, clerk, evidence.case, "report", undecided=True)
    resume(house, town.people["board"], "toy")
    exported(house, clerk, evidence.case, "map")
