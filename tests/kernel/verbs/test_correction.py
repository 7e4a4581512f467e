"""correct: a published case is superseded by a newer one; both stay, and the log and the register say why."""

from __future__ import annotations

import pytest
from deciding import read_and_decide
from desk import Desk, desk
from toy import COUNT, PROVE, TOY

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel import verbs
from peelian.kernel.model.capability import Capability
from peelian.kernel.model.documents import Correction, Decision, digest_of
from peelian.kernel.model.people import signature_holds
from peelian.kernel.state.signed_documents import archived
from peelian.oversight.transparency.register import case_record, case_summary, corrections, page, tallies

WHY = "Wells of the north were counted twice."


@pytest.fixture
def town() -> Desk:
    made = desk((TOY,))
    for capability in (COUNT, PROVE):
        made.authorizations(capability)
    return made


def decided(town: Desk, capability: Capability = COUNT) -> Decision:
    asker = town.people[town.asker(capability)]
    evidence, _ = verbs.run(town.kernel, asker, town.ask(capability))
    by, told = town.decider(capability, asker.person.unit), {"reasons": "it fits well", "other_evidence": "none"}
    return read_and_decide(town.kernel, by, evidence, choice="decline", **told)


def published(town: Desk, capability: Capability = COUNT) -> str:
    decision = decided(town, capability)
    verbs.publish(town.kernel, town.people["clerk"], decision)
    return decision.case


def test_the_old_case_stays_and_both_say_what_became_of_it(town: Desk) -> None:
    old, new = published(town), published(town)
    before, counted = case_summary(town.kernel, old), tallies(town.kernel)
    made = verbs.correct(town.kernel, town.people["clerk"], old, newer=new, reason=f"  {WHY} ")
    clerk = town.people["clerk"].person
    assert (made.reason, made.unit, made.newer) == (WHY, clerk.unit, new)
    assert signature_holds(clerk.public_key, made.signature, digest_of(made).encode())
    first, second = case_record(town.kernel, old), case_record(town.kernel, new)
    assert first.corrected == archived(town.kernel, digest_of(made), Correction) == made and first.public
    assert first.corrector == clerk.name and second.corrects == (old,) and second.corrected is None
    assert corrections(town.kernel)[old][0] == new and new not in corrections(town.kernel)
    after = case_summary(town.kernel, old)
    assert (after.state, after.choice) == (before.state, before.choice) == ("published", "decline")
    assert tallies(town.kernel) == counted and town.kernel.state.histories[old].state == "PUBLISHED"
    assert [one.case for one in page(town.kernel, published=True).cases] == [new, old], (
        "the newest first, the old stays"
    )


def test_a_reason_with_a_contact_detail_is_refused(town: Desk) -> None:
    old, new = published(town), published(town)
    before = town.kinds()
    with pytest.raises(InputError, match="an e-mail address in a text that is published"):
        verbs.correct(town.kernel, town.people["clerk"], old, newer=new, reason="Ask j.smith@town.example why.")
    assert town.kinds() == before


def test_the_log_says_which_and_holds_no_word_of_why(town: Desk) -> None:
    old, new = published(town), published(town)
    verbs.correct(town.kernel, town.people["clerk"], old, newer=new, reason=WHY)
    *_, (_, entry) = town.kernel.stores.log.read()
    assert entry["kind"] == "CORRECTED" and (entry["case"], entry["newer"]) == (old, new)
    assert entry["before"] == town.kernel.state.histories[new].digests("PUBLISHED")[-1]
    assert not any("north" in str(value) for _, one in town.kernel.stores.log.read() for value in one.values())


def test_a_correction_is_itself_corrected_by_a_third_and_by_no_circle(town: Desk) -> None:
    first, second, third = published(town), published(town), published(town)
    clerk = town.people["clerk"]
    verbs.correct(town.kernel, clerk, first, newer=second, reason=WHY)
    for old, new in ((first, third), (second, first), (first, first), (third, second), (third, first)):
        with pytest.raises(OutOfOrder):
            verbs.correct(town.kernel, clerk, old, newer=new, reason=WHY)
    verbs.correct(town.kernel, clerk, second, newer=third, reason=WHY)
    assert {old: new for old, (new, _) in corrections(town.kernel).items()} == {first: second, second: third}


def test_what_is_not_published_or_of_another_use_corrects_nothing(town: Desk) -> None:
    old, waiting, other = published(town), decided(town).case, published(town, PROVE)
    n = town.kernel.stores.log.size()
    for one, newer in ((old, waiting), (waiting, old), (old, other), (old, "c-none"), ("", old), (old, "")):
        with pytest.raises(OutOfOrder):
            verbs.correct(town.kernel, town.people["clerk"], one, newer=newer, reason=WHY)
    assert town.kernel.stores.log.size() == n


@pytest.mark.parametrize("reason", ["", "  \n", "x" * 2_001])
def test_it_takes_a_reason(town: Desk, reason: str) -> None:
    old, new = published(town), published(town)
    with pytest.raises(InputError):
        verbs.correct(town.kernel, town.people["clerk"], old, newer=new, reason=reason)
    assert not corrections(town.kernel)


def test_only_who_may_publish_corrects(town: Desk) -> None:
    old, new = published(town), published(town)
    for short, by in town.people.items():
        if not by.person.roles & verbs.PUBLISHERS:
            with pytest.raises(Refused):
                verbs.correct(town.kernel, by, old, newer=new, reason=WHY)
            assert not corrections(town.kernel), short
    verbs.correct(town.kernel, town.people["privacy-officer"], old, newer=new, reason=WHY)
