"""What a category holds close is used by few: in a role, or by name; what was made from it as well."""

from __future__ import annotations

import dataclasses
import io

import pytest
from boxes import BOXES, CONTENT, SHORTEN
from changed import changed
from deciding import read_and_decide
from desk import Desk, desk

from peelian.errors import OutOfOrder, Refused
from peelian.kernel import verbs
from peelian.kernel.access.access_classes import RULE, access_of, allow, held_too_close
from peelian.kernel.gate import Way
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.capability import Role
from peelian.kernel.model.documents import Admission, Declaration
from peelian.kernel.retention import retention
from peelian.kernel.verbs import custody
from peelian.kernel.verbs.delivery import ready
from peelian.kernel.verbs.export import exported

WHY = "as the bylaw says"
DECLARED = Declaration(
    title="Boxes", purposes=("disclosure",), legal_basis="a test", minimisation="nothing more", retention_days=36_500,
    source="made by the test",
)  # fmt: skip


@pytest.fixture
def town() -> Desk:
    made = desk((BOXES,))
    for name, access in (("open", ""), ("minors", "restricted"), ("informant", "confidential")):
        retention.define(made.kernel, made.people["board"], name, days=90, access=access, words=WHY)
    return made


def kept(town: Desk, *categories: str) -> Admission:
    made = custody.keep(town.kernel, town.people["clerk"], DECLARED, io.BytesIO(CONTENT), format="box")
    retention.tag(town.kernel, town.people["clerk"], made.dataset, categories, words=WHY)
    return made


def test_the_strictest_category_counts(town: Desk) -> None:
    assert access_of(town.kernel, kept(town, "open")) == ""
    assert access_of(town.kernel, kept(town, "open", "minors")) == "restricted"
    assert access_of(town.kernel, kept(town, "minors", "informant")) == "confidential"


def test_what_is_restricted_is_used_in_a_role_of_records_or_oversight(town: Desk) -> None:
    made = kept(town, "minors")
    people = town.kernel.state.people
    for name, operator in town.people.items():
        reasons = list(held_too_close(town.kernel, people[operator.person.token], [made, None]))
        assert bool(reasons) is (name not in ("clerk", "privacy-officer", "board", "auditor")), name
    assert list(held_too_close(town.kernel, None, [made]))


def test_what_is_confidential_is_used_by_those_whom_the_privacy_officer_named(town: Desk) -> None:
    made, clerk = kept(town, "informant"), town.people["clerk"]
    with pytest.raises(Refused) as refused:
        town.ask(SHORTEN, datasets={"box": made.dataset})
    assert [reason.rule for reason in refused.value.reasons] == [RULE]
    assert town.kinds()[-1] == "REFUSED" and not town.opened()
    with pytest.raises(Refused):
        allow(town.kernel, clerk, made.dataset, clerk.person.token)
    with pytest.raises(OutOfOrder):
        allow(town.kernel, town.people["privacy-officer"], made.dataset, "nobody")
    with pytest.raises(OutOfOrder):
        allow(town.kernel, town.people["privacy-officer"], "box-unknown", clerk.person.token)
    allow(town.kernel, town.people["privacy-officer"], made.dataset, clerk.person.token)
    permit = town.ask(SHORTEN, datasets={"box": made.dataset})
    evidence, _ = verbs.run(town.kernel, clerk, permit)
    derived = town.kernel.state.datasets[evidence.made["short"]]
    assert access_of(town.kernel, derived) == "confidential", "what was made from it is held as close"
    decider = town.people["privacy-officer"]
    allow(town.kernel, decider, made.dataset, decider.person.token)
    decision = read_and_decide(
        town.kernel, decider, evidence, choice="accept", reasons=WHY, other_evidence=f"document: {WHY}"
    )
    prove(town.kernel, clerk)
    ready(town.kernel, clerk, decision)
    again = town.ask(SHORTEN, datasets={"box": made.dataset})
    allow(town.kernel, decider, made.dataset, clerk.person.token, may=False)
    with pytest.raises(Refused):  # a permit of yesterday does not outlive the allowance
        verbs.run(town.kernel, clerk, again)
    with pytest.raises(Refused):
        ready(town.kernel, clerk, decision)


def test_a_category_of_its_own_opens_up_no_derivative(town: Desk) -> None:
    made, clerk, officer = kept(town, "informant"), town.people["clerk"], town.people["privacy-officer"]
    allow(town.kernel, officer, made.dataset, clerk.person.token)
    evidence, _ = verbs.run(town.kernel, clerk, town.ask(SHORTEN, datasets={"box": made.dataset}))
    derived = town.kernel.state.datasets[evidence.made["short"]]
    retention.tag(town.kernel, clerk, derived.dataset, ("open",), words=WHY)
    assert access_of(town.kernel, derived) == "confidential"


def test_only_the_privacy_officer_opens_up_what_is_held_close(town: Desk) -> None:
    made = kept(town, "informant")
    for looser in ((), ("open",), ("minors",)):
        with pytest.raises(Refused) as refused:
            retention.tag(town.kernel, town.people["clerk"], made.dataset, looser, words=WHY)
        assert refused.value.reasons[0].rule == "the_one_who_opens_up_may_open_up"
    retention.tag(town.kernel, town.people["clerk"], made.dataset, ("open", "informant"), words=WHY)
    retention.tag(town.kernel, town.people["privacy-officer"], made.dataset, ("minors",), words=WHY)
    assert access_of(town.kernel, made) == "restricted"


def test_what_a_case_found_is_as_close_as_what_it_read(town: Desk) -> None:
    """Who may not use a recording decides nothing about it, publishes nothing of it, takes no report of it home."""
    made, clerk, officer = kept(town, "informant"), town.people["clerk"], town.people["privacy-officer"]
    allow(town.kernel, officer, made.dataset, clerk.person.token)
    evidence, _ = verbs.run(town.kernel, clerk, town.ask(SHORTEN, datasets={"box": made.dataset}))
    words = {"choice": "decline", "reasons": WHY, "other_evidence": f"document: {WHY}"}
    with pytest.raises(Refused) as refused:
        read_and_decide(town.kernel, officer, evidence, **words)
    assert {reason.rule for reason in refused.value.reasons} == {RULE} and town.kinds()[-1] == "REFUSED"
    prove(town.kernel, officer)
    with pytest.raises(Refused, match="confidential"):
        exported(town.kernel, officer, evidence.case, "report", way=Way.FILE)
    allow(town.kernel, officer, made.dataset, officer.person.token)
    exported(town.kernel, officer, evidence.case, "report", way=Way.FILE)
    decision = read_and_decide(town.kernel, officer, evidence, **words)
    with pytest.raises(Refused) as refused:
        verbs.publish(town.kernel, town.people["board"], decision)
    assert {reason.rule for reason in refused.value.reasons} == {RULE}
    allow(town.kernel, officer, made.dataset, town.people["board"].person.token)
    verbs.publish(town.kernel, town.people["board"], decision)


def test_findings_stay_close_when_what_was_read_is_queued_for_destruction(town: Desk) -> None:
    made, clerk, officer = kept(town, "informant"), town.people["clerk"], town.people["privacy-officer"]
    allow(town.kernel, officer, made.dataset, clerk.person.token)
    evidence, _ = verbs.run(town.kernel, clerk, town.ask(SHORTEN, datasets={"box": made.dataset}))
    flow_done = {"choice": "decline", "reasons": WHY, "other_evidence": f"document: {WHY}"}
    allow(town.kernel, officer, made.dataset, officer.person.token)
    read_and_decide(town.kernel, officer, evidence, **flow_done)
    allow(town.kernel, officer, made.dataset, officer.person.token, may=False)
    town.clock.days(91)
    retention.run_daily_job(town.kernel)
    assert made.dataset in town.kernel.state.queued
    prove(town.kernel, officer)
    with pytest.raises(Refused, match="confidential"):
        exported(town.kernel, officer, evidence.case, "report", way=Way.FILE)


def test_whoever_hands_over_is_who_they_were_enrolled_as() -> None:
    """A role that somebody claims at the desk opens nothing: what counts is the role they were enrolled with."""
    anybody = changed(SHORTEN, askers=frozenset({Role.CUSTODIAN, Role.CLERK}))
    town = desk((dataclasses.replace(BOXES, capabilities=(anybody,)),))
    officer, custodian = town.people["privacy-officer"], town.people["custodian"]
    retention.define(town.kernel, officer, "minors", days=90, access="restricted", words=WHY)
    retention.define(town.kernel, officer, "open", days=90, words=WHY)
    made = kept(town, "open")
    evidence, _ = verbs.run(town.kernel, custodian, town.ask(anybody, who="custodian", datasets={"box": made.dataset}))
    decision = read_and_decide(
        town.kernel, officer, evidence, choice="accept", reasons=WHY, other_evidence=f"document: {WHY}"
    )
    retention.tag(town.kernel, officer, made.dataset, ("minors",), words=WHY)
    claimed = dataclasses.replace(custodian, person=dataclasses.replace(custodian.person, roles=frozenset(Role)))
    prove(town.kernel, claimed)
    with pytest.raises(Refused, match="restricted"):
        ready(town.kernel, claimed, decision)


def test_only_the_privacy_officer_opens_up_a_category(town: Desk) -> None:
    made = kept(town, "informant")
    for looser in ("", "restricted"):
        with pytest.raises(Refused) as refused:
            retention.define(town.kernel, town.people["board"], "informant", days=90, access=looser, words=WHY)
        assert refused.value.reasons[0].rule == "the_one_who_opens_up_may_open_up"
    assert access_of(town.kernel, made) == "confidential"
    retention.define(town.kernel, town.people["board"], "informant", days=120, access="confidential", words=WHY)
    retention.define(town.kernel, town.people["board"], "open", days=90, access="restricted", words=WHY)
    retention.define(
        town.kernel, town.people["privacy-officer"], "informant", days=90, access="restricted", words=WHY
    )  # fmt: skip
    assert access_of(town.kernel, made) == "restricted"
