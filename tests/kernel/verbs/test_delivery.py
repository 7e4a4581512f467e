"""Only an accepted derivative leaves, to its recipient, before it expires, and the log says so before and after."""

from __future__ import annotations

import dataclasses
from typing import BinaryIO

import pytest
from boxes import BOXES, CONTENT, SHORTEN
from deciding import read_and_decide
from desk import Desk, desk
from suspending import lift, suspend
from toy import COUNT, TOY

from peelian.errors import OutOfOrder, PeelianError, Refused
from peelian.kernel import verbs
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.custody_declarations import Delivery
from peelian.kernel.model.documents import Decision, digest_of
from peelian.kernel.verbs.delivery import deliver, delivered, ready, undelivered

WORDS = {"reasons": "she is entitled to it", "other_evidence": "document: her letter of March"}


def decided(choice: str = "accept") -> tuple[Desk, Decision]:
    town = desk((TOY, BOXES))
    evidence, _ = verbs.run(town.kernel, town.people["clerk"], town.ask(SHORTEN))
    decision = read_and_decide(town.kernel, town.people["privacy-officer"], evidence, choice=choice, **WORDS)
    prove(town.kernel, town.people["clerk"])
    return town, decision


def test_an_accepted_derivative_is_handed_over_and_logged_with_a_commitment() -> None:
    town, decision = decided()
    got: list[bytes] = []
    handed = deliver(town.kernel, town.people["clerk"], decision, lambda file, to: got.append(file.read()))
    assert got == [CONTENT[:12]] and handed.size == 12
    assert town.kinds()[-2:] == ["OPENED", "DELIVERED"]
    entry = next(e for i, e in town.kernel.stores.log.read() if i == handed.index)
    assert entry["recipient"] == town.kernel.office.token("age1nobody", of="recipient")
    assert town.kernel.state.histories[decision.case].state == "DELIVERED"


@pytest.mark.parametrize("choice", ["decline", "change"])
def test_what_was_not_accepted_stays(choice: str) -> None:
    town, decision = decided(choice)
    with pytest.raises(Refused) as refused:
        deliver(town.kernel, town.people["clerk"], decision, lambda file, to: None)
    assert refused.value.reasons[0].rule == "only_what_was_accepted_leaves"
    assert town.kinds()[-1] == "REFUSED"


def test_it_leaves_until_it_expires_and_while_the_technology_is_not_stopped() -> None:
    town, decision = decided()
    suspend(town.kernel, town.people["board"], "boxes")
    with pytest.raises(Refused, match="suspended"):
        ready(town.kernel, town.people["clerk"], decision)
    lift(town.kernel, town.people["privacy-officer"], town.people["board"], "boxes")
    town.clock.days(29)
    prove(town.kernel, town.people["clerk"])
    assert ready(town.kernel, town.people["clerk"], decision).delivery.days == 30
    town.clock.days(2)
    prove(town.kernel, town.people["clerk"])
    with pytest.raises(Refused, match="delivery period ended"):
        ready(town.kernel, town.people["clerk"], decision)


def test_a_forged_decision_a_wrong_role_and_a_question_hand_out_nothing() -> None:
    town, decision = decided()
    with pytest.raises(OutOfOrder):
        deliver(town.kernel, town.people["clerk"], dataclasses.replace(decision, choice="x"), lambda file, to: None)
    prove(town.kernel, town.people["analyst"])
    with pytest.raises(Refused):
        deliver(town.kernel, town.people["analyst"], decision, lambda file, to: None)
    town.authorizations(COUNT)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    question = read_and_decide(town.kernel, town.people["commander"], evidence, choice="accept", **WORDS)
    with pytest.raises(OutOfOrder, match="makes no object that can be delivered"):
        deliver(town.kernel, town.people["analyst"], question, lambda file, to: None)
    assert "DELIVERED" not in town.kinds()


def test_a_hand_over_that_fails_is_logged_and_may_be_tried_again() -> None:
    town, decision = decided()

    def full(file: BinaryIO, to: Delivery) -> None:
        raise PeelianError("the disk is full")

    with pytest.raises(PeelianError):
        deliver(town.kernel, town.people["clerk"], decision, full)
    assert town.kinds()[-1] == "UNDELIVERED"
    deliver(town.kernel, town.people["clerk"], decision, lambda file, to: None)
    assert town.kinds()[-1] == "DELIVERED"


def test_nothing_is_said_to_be_handed_over_that_was_not_opened_for_it() -> None:
    town, decision = decided()
    made = next(name for name, one in town.kernel.state.datasets.items() if one.case == decision.case)
    with pytest.raises(OutOfOrder, match="was opened for delivery"):
        delivered(town.kernel, town.people["clerk"], decision)
    with pytest.raises(OutOfOrder, match="was opened for delivery"):
        undelivered(town.kernel, decision.case, digest_of(decision), made, error="DiskError")
    assert not {"DELIVERED", "UNDELIVERED"} & set(town.kinds())


def test_nobody_hands_over_without_a_fresh_proof_that_it_is_they() -> None:
    town, decision = decided()
    town.clock.days(6 / 1440)  # six minutes
    with pytest.raises(Refused) as refused:
        deliver(town.kernel, town.people["clerk"], decision, lambda file, to: None)
    assert "the_step_up_is_fresh" in {reason.rule for reason in refused.value.reasons}
    assert "OPENED" not in town.kinds()[-2:]
