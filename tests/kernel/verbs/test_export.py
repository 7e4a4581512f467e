"""Nothing is exported undecided, without a step-up or without an entry; the case's state stays what it was."""

from __future__ import annotations

import pytest
from deciding import read_and_decide
from desk import desk
from suspending import lift, suspend
from toy import COUNT, TOY

from peelian.errors import OutOfOrder, Refused
from peelian.kernel import verbs
from peelian.kernel.gate import Way
from peelian.kernel.identity.step_up import prove
from peelian.kernel.verbs.export import exported
from peelian.oversight.transparency.register import case_record

WORDS = {"reasons": "as the evidence shows", "other_evidence": "document: what residents told us"}


def test_a_decided_case_leaves_after_a_step_up_and_the_log_says_so() -> None:
    town = desk((TOY,))
    town.authorizations(COUNT)
    kernel, clerk = town.kernel, town.people["clerk"]
    evidence, _ = verbs.run(kernel, town.people["analyst"], town.ask(COUNT))
    prove(kernel, clerk)
    with pytest.raises(Refused, match="No decision yet"):
        exported(kernel, clerk, evidence.case, "map")
    read_and_decide(kernel, town.people["commander"], evidence, choice="accept", **WORDS)
    town.clock.days(1)
    with pytest.raises(Refused, match="Identity not confirmed"):
        exported(kernel, clerk, evidence.case, "map")
    prove(kernel, clerk)
    exported(kernel, clerk, evidence.case, "Map of places")
    entry = [entry for _, entry in kernel.stores.log.read()][-1]
    assert (entry["kind"], entry["what"], entry["by"]) == ("EXPORTED", "map-of-places", clerk.person.token)
    assert case_record(kernel, evidence.case).summary.state == "decided"
    with pytest.raises(OutOfOrder, match="no case"):
        exported(kernel, clerk, "c-0", "map")
    prove(kernel, town.people["dispatcher"])
    with pytest.raises(Refused):
        exported(kernel, town.people["dispatcher"], evidence.case, "map")


def test_a_suspended_technology_gives_out_nothing() -> None:
    town = desk((TOY,))
    town.authorizations(COUNT)
    kernel, clerk = town.kernel, town.people["clerk"]
    evidence, _ = verbs.run(kernel, town.people["analyst"], town.ask(COUNT))
    read_and_decide(kernel, town.people["commander"], evidence, choice="accept", **WORDS)
    suspend(kernel, town.people["board"], "toy")
    prove(kernel, clerk)
    for way in Way:
        with pytest.raises(Refused, match="suspended"):
            exported(kernel, clerk, evidence.case, "map", way=way)
    lift(kernel, town.people["privacy-officer"], town.people["board"], "toy")
    exported(kernel, clerk, evidence.case, "map")
