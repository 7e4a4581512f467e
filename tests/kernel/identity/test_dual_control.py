"""Two people of different units, a step-up, once, within a week: otherwise an act that takes two is not done."""

from __future__ import annotations

import pytest
from desk import Desk, desk
from toy import TOY

from peelian.errors import OutOfOrder, Refused
from peelian.kernel.identity import custody_grounds, suspension_control
from peelian.kernel.identity.dual_control import ACTS, WARRANT, approve, carry_out, carrying_out, propose
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.capability import Role
from peelian.kernel.model.documents import Approval
from peelian.kernel.state.kernel import signed

WORDS = "the yearly rotation is due"


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


def _rules(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {reason.policy for reason in refused.value.reasons}


@pytest.mark.parametrize(
    "what", sorted(ACTS.keys() - suspension_control.WHO.keys() - {WARRANT, custody_grounds.EXCEPT})
)
def test_one_proposes_another_approves_and_it_is_done_once(town: Desk, what: str) -> None:
    custodian, board = town.people["custodian"], town.people["board"]
    digest = propose(town.kernel, custodian, what, words=WORDS, body={"digest": "d"})
    with pytest.raises(OutOfOrder, match=r"Not approved. Ask someone in another unit"):
        carry_out(town.kernel, custodian, what, digest)
    prove(town.kernel, board)
    approve(town.kernel, board, digest)
    with pytest.raises(OutOfOrder, match="already approved"):
        approve(town.kernel, board, digest)
    other = next(one for one in ACTS if one != what)
    with pytest.raises(OutOfOrder, match="for another action"):
        carry_out(town.kernel, custodian, other, digest)
    said = {} if what == "clock" else {"digest": "d"}  # of the clock the office says itself how far it is
    assert carry_out(town.kernel, custodian, what, digest) == said
    with pytest.raises(OutOfOrder, match="Already carried out"):
        carry_out(town.kernel, custodian, what, digest)
    assert town.kinds()[-4:] == ["PROPOSED", "PROVED", "APPROVED", "CARRIED_OUT"]


def test_nobody_approves_their_own_or_their_units_or_without_a_step_up(town: Desk) -> None:
    board = town.people["board"]
    by, council = town.people["custodian"], town.people["council"]
    same = town.office.enrol("same", name="same", unit="Unit-Board", roles={Role.BOARD}, by=by, second=council)
    town.clock.days(1)
    digest = propose(town.kernel, board, "rotate_keys", words=WORDS)
    prove(town.kernel, board)
    prove(town.kernel, same)
    with pytest.raises(Refused) as own:
        approve(town.kernel, board, digest)
    assert {"nobody_approves_their_own", "the_second_person_is_of_another_unit"} <= _rules(own)
    with pytest.raises(Refused) as unit:
        approve(town.kernel, same, digest)
    assert _rules(unit) == {"the_second_person_is_of_another_unit"}
    with pytest.raises(Refused) as stale:
        approve(town.kernel, town.people["council"], digest)
    assert _rules(stale) == {"the_step_up_is_fresh"}
    prove(town.kernel, town.people["analyst"])
    with pytest.raises(Refused) as role:
        approve(town.kernel, town.people["analyst"], digest)
    assert _rules(role) == {"the_person_holds_a_role"}
    assert digest not in town.kernel.state.dual_control.approved


def test_what_is_unknown_old_or_without_words_goes_nowhere(town: Desk) -> None:
    custodian, board = town.people["custodian"], town.people["board"]
    with pytest.raises(OutOfOrder, match="Two-person actions"):
        propose(town.kernel, custodian, "conquer", words=WORDS)
    with pytest.raises(OutOfOrder, match="State the reason"):
        propose(town.kernel, custodian, "rotate_keys", words="please")
    with pytest.raises(Refused):
        propose(town.kernel, town.people["analyst"], "rotate_keys", words=WORDS)
    with pytest.raises(OutOfOrder, match="No proposal"):
        approve(town.kernel, board, "0" * 64)
    digest = propose(town.kernel, custodian, "rotate_keys", words=WORDS)
    town.clock.days(8)
    prove(town.kernel, board)
    with pytest.raises(OutOfOrder, match="week"):
        approve(town.kernel, board, digest)


def test_a_clock_set_back_revives_no_proposal(town: Desk) -> None:
    custodian, board = town.people["custodian"], town.people["board"]
    digest = propose(town.kernel, custodian, "rotate_keys", words=WORDS)
    prove(town.kernel, board)
    approve(town.kernel, board, digest)
    town.clock.days(9)
    town.kernel.append("HEARTBEAT", entries=1)
    town.clock.days(-8)
    with pytest.raises(OutOfOrder, match="week"):
        carry_out(town.kernel, custodian, "rotate_keys", digest)


def test_it_is_carried_out_as_it_was_agreed_or_not_at_all(town: Desk) -> None:
    custodian, board = town.people["custodian"], town.people["board"]
    agreed, another = {"digest": "d"}, {"digest": "e"}
    digest = propose(town.kernel, custodian, "rotate_keys", words=WORDS, body=agreed)
    prove(town.kernel, board)
    approve(town.kernel, board, digest)
    for carries_out in (carry_out, carrying_out):
        with pytest.raises(OutOfOrder, match="Propose this exact one"):
            carries_out(town.kernel, custodian, "rotate_keys", digest, body=another)
    assert "CARRIED_OUT" not in town.kinds()
    assert carry_out(town.kernel, custodian, "rotate_keys", digest, body=agreed) == agreed


def test_an_approval_that_its_person_did_not_sign_is_none(town: Desk) -> None:
    """Whoever holds the office's process writes entries; nobody's signature is theirs to write."""
    custodian, board = town.people["custodian"], town.people["board"].person
    digest = propose(town.kernel, custodian, "rotate_keys", words=WORDS)
    said = Approval(before=digest, by=board.token, unit=board.unit, at=town.kernel.now().isoformat())
    forged = signed(said, custodian.sign)
    town.kernel.record(forged, before=digest, act="rotate_keys", by=board.token, unit="unit-board")
    assert digest in town.kernel.state.dual_control.approved
    with pytest.raises(OutOfOrder, match="Not approved"):
        carry_out(town.kernel, custodian, "rotate_keys", digest)
