"""Attempts of people of the office to be two, to make somebody up, or to use what was used: each needs a second one."""

from __future__ import annotations

import pytest
from desk import Desk, desk
from precinct import person, precinct
from toy import COUNT, TOY

from peelian.errors import InputError, OutOfOrder, PeelianError, Refused
from peelian.kernel import verbs
from peelian.kernel.disclosure.label_checks import propose_vocabulary
from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.model.capability import Role
from peelian.kernel.model.labels import Label, LabelKind, Vocabulary
from peelian.kernel.verbs.export import exported
from peelian.oversight.subjects import answer

WORDS = {"choice": "accept", "reasons": "as the evidence shows", "other_evidence": "what residents told us"}
AREA = Vocabulary(kind=LabelKind.AREA, source="x", labels=(Label(label="Jean Tremblay", people=900),))


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


@pytest.mark.parametrize("role", [Role.BOARD, Role.COUNCIL, Role.PRIVACY_OFFICER, Role.AUDITOR])
def test_a_custodian_invents_somebody_who_oversees(town: Desk, role: Role) -> None:
    with pytest.raises(Refused):
        town.office.enrol("zoe", name="Zoe", unit="city hall", roles={role}, by=town.people["custodian"])


@pytest.mark.parametrize("unit", ["city-it", "City IT", "c1ty-it", "CITY  IT"])
def test_two_accounts_of_one_person_agree_with_one_another(town: Desk, unit: str) -> None:
    by, council = town.people["custodian"], town.people["council"]
    second = town.office.enrol("second", name="Custodian", unit=unit, roles={Role.BOARD}, by=by, second=council)
    proposal = propose_vocabulary(town.kernel, by, AREA, words="one two three")
    step_up.prove(town.kernel, second)
    with pytest.raises(Refused):
        dual_control.approve(town.kernel, second, proposal)


def test_one_account_approves_what_it_proposed(town: Desk) -> None:
    board = town.people["board"]
    proposal = dual_control.propose(town.kernel, board, "rotate_keys", words="one two three")
    step_up.prove(town.kernel, board)
    with pytest.raises(Refused):
        dual_control.approve(town.kernel, board, proposal)


def test_an_approval_of_another_proposal_is_used(town: Desk) -> None:
    by, board = town.people["custodian"], town.people["board"]
    proposal = dual_control.propose(town.kernel, by, "rotate_keys", words="one two three")
    step_up.prove(town.kernel, board)
    dual_control.approve(town.kernel, board, proposal)
    with pytest.raises(OutOfOrder, match="another action"):
        dual_control.carry_out(town.kernel, by, "export", proposal)


def test_a_permit_is_replayed(town: Desk) -> None:
    town.authorizations(COUNT, days=900)
    permit = town.ask(COUNT)
    for _ in range(COUNT.asks.runs):
        verbs.run(town.kernel, town.people["analyst"], permit)
    with pytest.raises(OutOfOrder, match="already used"):
        verbs.run(town.kernel, town.people["analyst"], permit)


def test_somebody_else_s_permit_is_used(town: Desk) -> None:
    town.authorizations(COUNT)
    permit = town.ask(COUNT)
    with pytest.raises(OutOfOrder, match="Only the requester"):
        verbs.run(town.kernel, town.people["commander"], permit)


def test_an_asker_decides_on_what_they_asked_for(town: Desk) -> None:
    town.authorizations(COUNT)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    with pytest.raises(Refused):
        verbs.decide(town.kernel, town.people["analyst"], evidence, **WORDS)


def test_a_map_leaves_before_anybody_decided(town: Desk) -> None:
    town.authorizations(COUNT)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    step_up.prove(town.kernel, town.people["clerk"])
    with pytest.raises(OutOfOrder, match="No decision yet"):
        exported(town.kernel, town.people["clerk"], evidence.case, "map")


def test_a_drill_that_missed_its_bars_counts_as_one(town: Desk) -> None:
    town.kernel.append("DRILLED", document="0" * 64, by="office", met=0)
    assert town.kernel.state.drilled == "" and town.kernel.state.drill_missed


@pytest.mark.parametrize("who", ["analyst", "commander", "dispatcher", "board"])
def test_a_subject_s_report_is_asked_for_to_look_somebody_up(who: str) -> None:
    at = precinct()
    with pytest.raises(Refused):
        answer(at.desk.kernel, at.desk.people[who], person(1), check="photo_id_seen")


def test_a_clerk_looks_somebody_up_without_seeing_them() -> None:
    at = precinct()
    with pytest.raises(InputError, match="identity"):
        answer(at.desk.kernel, at.desk.people["clerk"], person(1), check="a hunch")


@pytest.mark.parametrize(
    "capability", ["people.find", "faces.search", "footage.identify", "mapping.person", "plates.follow"]
)
def test_there_is_nothing_to_ask_for_a_person_with(capability: str) -> None:
    town = desk()
    with pytest.raises(PeelianError, match="Unknown capability"):
        verbs.ask(town.kernel, town.people["analyst"], capability, purpose="advice", params=None, datasets={})
