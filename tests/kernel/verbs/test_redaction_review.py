"""Who may look through what a case read and made, and that the log says so before a key is unwrapped."""

from __future__ import annotations

import dataclasses

import pytest
from boxes import BOXES, CONTENT, SHORTEN
from deciding import read_and_decide
from desk import Desk, desk
from suspending import suspend

from peelian.errors import OutOfOrder, Refused
from peelian.kernel import verbs
from peelian.kernel.identity.step_up import prove
from peelian.kernel.retention import retention
from peelian.kernel.verbs.redaction_review import latest_evidence, looked_through, not_viewed, viewed


@pytest.fixture
def town() -> Desk:
    return desk((BOXES,))


def ran(town: Desk) -> str:
    evidence, _ = verbs.run(town.kernel, town.people[town.asker(SHORTEN)], town.ask(SHORTEN))
    for person in town.people.values():
        prove(town.kernel, person)
    return evidence.case


def test_nobody_looks_without_a_fresh_proof_that_it_is_they(town: Desk) -> None:
    evidence, before = latest_evidence(town.kernel, ran(town)), town.opened()
    town.clock.days(6 / 1440)  # six minutes
    with pytest.raises(Refused) as refused, looked_through(town.kernel, town.people["clerk"], evidence):
        pass
    assert "the_step_up_is_fresh" in {reason.rule for reason in refused.value.reasons} and town.opened() == before


def test_what_was_read_and_made_is_opened_and_the_log_says_so_first(town: Desk) -> None:
    evidence = latest_evidence(town.kernel, ran(town))
    before = len(town.opened())
    clerk = town.people["clerk"]
    with looked_through(town.kernel, clerk, evidence) as files:
        assert files["box"].read() == CONTENT and files["short"].read() == CONTENT[:12]
        opened = [
            e for _, e in town.kernel.stores.log.read() if e["kind"] == "OPENED" and e.get("by") == clerk.person.token
        ]
        assert len(town.opened()) == before + 2 and {e["case"] for e in opened} == {evidence.case}


def test_who_neither_asks_nor_decides_may_not_look(town: Desk) -> None:
    evidence = latest_evidence(town.kernel, ran(town))
    stranger = next(
        p for p in town.people.values() if not p.person.roles & (SHORTEN.asks.askers | SHORTEN.asks.deciders)
    )
    before = town.opened()
    with pytest.raises(Refused), looked_through(town.kernel, stranger, evidence):
        pass
    assert town.opened() == before


def test_what_is_held_close_is_not_opened_for_a_reviewer_nobody_allowed(town: Desk) -> None:
    evidence = latest_evidence(town.kernel, ran(town))
    retention.define(
        town.kernel, town.people["board"], "informant", days=90, access="confidential", words="a bylaw says so"
    )
    parent = town.kernel.state.datasets[evidence.made["short"]].parent
    retention.tag(town.kernel, town.people["clerk"], parent, ("informant",), words="it names an informant")
    before = town.opened()
    with pytest.raises(Refused, match="confidential"), looked_through(town.kernel, town.people["clerk"], evidence):
        pass
    assert town.opened() == before


def test_nothing_of_a_suspended_technology_is_opened(town: Desk) -> None:
    evidence = latest_evidence(town.kernel, ran(town))
    suspend(town.kernel, town.people["board"], SHORTEN.technology)
    with pytest.raises(Refused, match="suspended"), looked_through(town.kernel, town.people["clerk"], evidence):
        pass


def test_altered_evidence_opens_nothing(town: Desk) -> None:
    evidence = latest_evidence(town.kernel, ran(town))
    forged = dataclasses.replace(evidence, made={"short": "another"})
    with pytest.raises(OutOfOrder), looked_through(town.kernel, town.people["clerk"], forged):
        pass


def test_what_was_destroyed_is_told_and_nothing_is_opened(town: Desk) -> None:
    evidence = latest_evidence(town.kernel, ran(town))
    town.kernel.state.datasets.drop(evidence.made["short"])
    before = town.opened()
    with pytest.raises(OutOfOrder, match="destroyed"), looked_through(town.kernel, town.people["clerk"], evidence):
        pass
    assert town.opened() == before


def test_a_case_without_evidence_is_told_apart(town: Desk) -> None:
    with pytest.raises(OutOfOrder, match="This case is unknown"):
        latest_evidence(town.kernel, "c-0000000000")


def test_whoever_accepts_must_have_looked_through_what_was_made() -> None:
    """Themselves, in the log, and not somebody else for them. Declining needs no look."""
    seen = dataclasses.replace(SHORTEN, seen=("short",))
    town = desk((dataclasses.replace(BOXES, capabilities=(seen,)),))
    evidence = latest_evidence(town.kernel, ran(town))
    asker = town.people[town.asker(seen)]
    decider = town.decider(seen, asker.person.unit)
    words = {"reasons": "It was asked for.", "other_evidence": "document: Nothing else was there."}
    with pytest.raises(OutOfOrder, match="not opened"):
        viewed(town.kernel, decider, evidence, "short")
    for person in (asker, decider):
        with pytest.raises(Refused) as refused:
            read_and_decide(town.kernel, decider, evidence, choice="accept", **words)
        assert [one.rule for one in refused.value.reasons] == ["the_decider_looked_through"]
        assert [one.case for one in not_viewed(town.kernel, decider.person.token, evidence)] == [evidence.case]
        with looked_through(town.kernel, person, evidence):
            viewed(town.kernel, person, evidence, "short")
    assert not_viewed(town.kernel, decider.person.token, evidence) == ()
    assert town.kernel.state.histories[evidence.case].state == "RAN", "looking leaves the case where it stands"
    assert read_and_decide(town.kernel, decider, evidence, choice="accept", **words).choice == "accept"


def test_what_was_not_looked_through_may_be_declined() -> None:
    seen = dataclasses.replace(SHORTEN, seen=("short",))
    town = desk((dataclasses.replace(BOXES, capabilities=(seen,)),))
    evidence = latest_evidence(town.kernel, ran(town))
    decider = town.decider(seen, town.people[town.asker(seen)].person.unit)
    words = {"reasons": "It was asked for.", "other_evidence": "document: Nothing else was there."}
    assert read_and_decide(town.kernel, decider, evidence, choice="decline", **words).choice == "decline"
