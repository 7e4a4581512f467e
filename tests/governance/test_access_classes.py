"""What a category holds close is used by few: in a role, or by name; what was made from it as well."""

from __future__ import annotations

import io

import pytest
from boxes import BOXES, CONTENT, SHORTEN
from desk import Desk, desk

from peelian.errors import OutOfOrder, Refused
from peelian.governance import custody, flow, retention
from peelian.governance.access_classes import RULE, access_of, allow, held_too_close
from peelian.governance.delivery import ready
from peelian.governance.documents import Admission, Declaration
from peelian.governance.step_up import prove

WHY = "as the bylaw says"
DECLARED = Declaration(
    title="Boxes", purposes=("disclosure",), legal_basis="a test", minimisation="nothing more", retention_days=36_500,
    source="made by the test",
)  # fmt: skip


@pytest.fixture
def town() -> Desk:
    made = desk((BOXES,))
    for name, access in (("open", ""), ("minors", "restricted"), ("informant", "confidential")):
        retention.define(made.house, made.people["board"], name, days=90, access=access, words=WHY)
    return made


def kept(town: Desk, *categories: str) -> Admission:
    made = custody.keep(town.house, town.people["clerk"], DECLARED, io.BytesIO(CONTENT), format="box")
    retention.tag(town.house, town.people["clerk"], made.dataset, categories, words=WHY)
    return made


def test_the_strictest_category_counts(town: Desk) -> None:
    assert access_of(town.house, kept(town, "open")) == ""
    assert access_of(town.house, kept(town, "open", "minors")) == "restricted"
    assert access_of(town.house, kept(town, "minors", "informant")) == "confidential"


def test_what_is_restricted_is_used_in_a_role_of_records_or_oversight(town: Desk) -> None:
    made = kept(town, "minors")
    people = town.house.book.people
    for name, operator in town.people.items():
        reasons = list(held_too_close(town.house, people[operator.person.token], [made, None]))
        assert bool(reasons) is (name not in ("clerk", "privacy-officer", "board", "auditor")), name
    assert list(held_too_close(town.house, None, [made]))


def test_what_is_confidential_is_used_by_those_whom_the_privacy_officer_named(town: Desk) -> None:
    made, clerk = kept(town, "informant"), town.people["clerk"]
    with pytest.raises(Refused) as refused:
        town.ask(SHORTEN, datasets={"box": made.dataset})
    assert [reason.rule for reason in refused.value.reasons] == [RULE]
    assert town.kinds()[-1] == "REFUSED" and not town.opened()
    with pytest.raises(Refused):
        allow(town.house, clerk, made.dataset, clerk.person.token)
    with pytest.raises(OutOfOrder):
        allow(town.house, town.people["privacy-officer"], made.dataset, "nobody")
    with pytest.raises(OutOfOrder):
        allow(town.house, town.people["privacy-officer"], "box-unknown", clerk.person.token)
    allow(town.house, town.people["privacy-officer"], made.dataset, clerk.person.token)
    permit = town.ask(SHORTEN, datasets={"box": made.dataset})
    evidence, _ = flow.run(town.house, clerk, permit)
    derived = town.house.book.datasets[evidence.made["short"]]
    assert access_of(town.house, derived) == "confidential", "what was made from it is held as close"
    decider = town.people["privacy-officer"]
    decision = flow.decide(town.house, decider, evidence, choice="accept", reasons=WHY, other_evidence=WHY)
    prove(town.house, clerk)
    ready(town.house, clerk, decision)
    again = town.ask(SHORTEN, datasets={"box": made.dataset})
    allow(town.house, decider, made.dataset, clerk.person.token, may=False)
    with pytest.raises(Refused):  # a permit of yesterday does not outlive the allowance
        flow.run(town.house, clerk, again)
    with pytest.raises(Refused):
        ready(town.house, clerk, decision)


def test_a_category_of_its_own_opens_up_no_derivative(town: Desk) -> None:
    made, clerk, officer = kept(town, "informant"), town.people["clerk"], town.people["privacy-officer"]
    allow(town.house, officer, made.dataset, clerk.person.token)
    evidence, _ = flow.run(town.house, clerk, town.ask(SHORTEN, datasets={"box": made.dataset}))
    derived = town.house.book.datasets[evidence.made["short"]]
    retention.tag(town.house, clerk, derived.dataset, ("open",), words=WHY)
    assert access_of(town.house, derived) == "confidential"


def test_only_the_privacy_officer_opens_up_what_is_held_close(town: Desk) -> None:
    made = kept(town, "informant")
    for looser in ((), ("open",), ("minors",)):
        with pytest.raises(Refused) as refused:
            retention.tag(town.house, town.people["clerk"], made.dataset, looser, words=WHY)
        assert refused.value.reasons[0].rule == "the_one_who_opens_up_may_open_up"
    retention.tag(town.house, town.people["clerk"], made.dataset, ("open", "informant"), words=WHY)
    retention.tag(town.house, town.people["privacy-officer"], made.dataset, ("minors",), words=WHY)
    assert access_of(town.house, made) == "restricted"
