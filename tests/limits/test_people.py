"""Attempts of people of the office to be two, to make somebody up, or to use what was used: each needs a second one."""

from __future__ import annotations

import dataclasses
import itertools

import pytest
from attempts import attempts, disguises
from desk import Desk, desk
from hypothesis import assume, given
from hypothesis import strategies as st
from labels import of_area
from precinct import person, precinct
from toy import COUNT, TOY

from peelian.errors import InputError, OutOfOrder, PeelianError, Refused
from peelian.kernel import verbs
from peelian.kernel.disclosure.label_checks import propose_vocabulary
from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.model.capability import Role
from peelian.kernel.model.documents import Permit
from peelian.kernel.model.labels import LabelKind, Vocabulary
from peelian.kernel.verbs.export import exported
from peelian.oversight.subjects import answer

WORDS = {"choice": "accept", "reasons": "as the evidence shows", "other_evidence": "what residents told us"}
AREA = Vocabulary(kind=LabelKind.AREA, source="x", labels=(of_area("Jean Tremblay"),))


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
    assert town.kernel.state.duties.drilled == "" and town.kernel.state.duties.drill_missed


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


@pytest.fixture(scope="module")
def staffed() -> Desk:
    return desk((TOY,))


SHORTS = itertools.count(1)
ALIKE = {"i": "iIıɪɩіΙ1lL", "t": "tTᴛŧТτ", "y": "yYʏɣуÿ", "c": "cCᴄçсϲ", "-": "- _.'"}


@attempts(60)
@given(st.data())
def test_no_name_that_looks_like_a_unit_is_another_unit(staffed: Desk, data: st.DataObject) -> None:
    """Two accounts of one person: the second one's unit is spelled as in no register, or it cannot be enrolled."""
    alike = st.tuples(*(st.sampled_from(ALIKE[c]) for c in "city-it")).map("".join)
    seen, short = data.draw(alike | disguises("city-it")), f"second-{next(SHORTS)}"
    by, council = staffed.people["custodian"], staffed.people["council"]
    try:
        second = staffed.office.enrol(short, name="Custodian", unit=seen, roles={Role.BOARD}, by=by, second=council)
    except InputError as error:
        assert error.accepted
        return
    proposal = propose_vocabulary(staffed.kernel, by, AREA, words="one two three")
    step_up.prove(staffed.kernel, second)
    with pytest.raises(Refused):
        dual_control.approve(staffed.kernel, second, proposal)


@pytest.fixture(scope="module")
def permitted() -> tuple[Desk, Permit, Permit]:
    """A town, a permit that is used up, and one that is not."""
    town = desk((TOY,))
    town.authorizations(COUNT, days=900)
    used, fresh = town.ask(COUNT), town.ask(COUNT)
    for _ in range(COUNT.asks.runs):
        verbs.run(town.kernel, town.people["analyst"], used)
    return town, used, fresh


@attempts(80)
@given(
    st.data(),
    st.sets(st.sampled_from([f.name for f in dataclasses.fields(Permit)]), min_size=1, max_size=2),
    st.booleans(),
)
def test_no_permit_serves_with_another_field(
    permitted: tuple[Desk, Permit, Permit], data: st.DataObject, names: set[str], mixed: bool
) -> None:
    """Fields of the used one in the fresh one, or the other way round, or values of the attacker's own."""
    town, used, fresh = permitted
    own = {"runs": 99, "until": "2099-01-01T00:00:00+00:00", "capability": "toy.prove", "case": "c-0", "by": "board"}
    base, other = (used, fresh) if data.draw(st.booleans()) else (fresh, used)
    changes = {n: getattr(other, n) if mixed or n not in own else own[n] for n in names}
    made = dataclasses.replace(base, **changes)
    assume(made != fresh)
    opened = len(town.opened())
    with pytest.raises(PeelianError) as error:
        verbs.run(town.kernel, town.people["analyst"], made)
    assert str(error.value) and len(town.opened()) == opened
