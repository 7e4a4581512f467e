"""Two people of different units, a step-up, once, within a week: otherwise an act that takes two is not done."""

from __future__ import annotations

import pytest
from desk import Desk, desk
from toy import TOY

from peelian.errors import OutOfOrder, Refused
from peelian.governance.capability import Role
from peelian.governance.proposals import ACTS, approve, carry_out, propose
from peelian.governance.step_up import prove

WORDS = "the yearly rotation is due"


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


def _rules(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {reason.policy for reason in refused.value.reasons}


@pytest.mark.parametrize("what", sorted(ACTS))
def test_one_proposes_another_approves_and_it_is_done_once(town: Desk, what: str) -> None:
    custodian, board = town.people["custodian"], town.people["board"]
    mark = propose(town.house, custodian, what, words=WORDS, body={"digest": "d"})
    with pytest.raises(OutOfOrder, match="nobody of another unit"):
        carry_out(town.house, custodian, what, mark)
    prove(town.house, board)
    approve(town.house, board, mark)
    with pytest.raises(OutOfOrder, match="approved already"):
        approve(town.house, board, mark)
    other = next(one for one in ACTS if one != what)
    with pytest.raises(OutOfOrder, match="something else"):
        carry_out(town.house, custodian, other, mark)
    assert carry_out(town.house, custodian, what, mark) == {"digest": "d"}
    with pytest.raises(OutOfOrder, match="already"):
        carry_out(town.house, custodian, what, mark)
    assert town.kinds()[-4:] == ["PROPOSED", "PROVED", "APPROVED", "CARRIED_OUT"]


def test_nobody_approves_their_own_or_their_units_or_without_a_step_up(town: Desk) -> None:
    board = town.people["board"]
    by, council = town.people["custodian"], town.people["council"]
    same = town.office.enrol("same", name="same", unit="Unit-Board", roles={Role.BOARD}, by=by, second=council)
    town.clock.days(1)
    mark = propose(town.house, board, "rotate_keys", words=WORDS)
    prove(town.house, board)
    prove(town.house, same)
    with pytest.raises(Refused) as own:
        approve(town.house, board, mark)
    assert {"nobody_approves_their_own", "the_second_person_is_of_another_unit"} <= _rules(own)
    with pytest.raises(Refused) as unit:
        approve(town.house, same, mark)
    assert _rules(unit) == {"the_second_person_is_of_another_unit"}
    with pytest.raises(Refused) as stale:
        approve(town.house, town.people["council"], mark)
    assert _rules(stale) == {"the_step_up_is_fresh"}
    prove(town.house, town.people["analyst"])
    with pytest.raises(Refused) as role:
        approve(town.house, town.people["analyst"], mark)
    assert _rules(role) == {"the_person_holds_a_role"}
    assert mark not in town.house.book.orders.approved


def test_what_is_unknown_old_or_without_words_goes_nowhere(town: Desk) -> None:
    custodian, board = town.people["custodian"], town.people["board"]
    with pytest.raises(OutOfOrder, match="take two people"):
        propose(town.house, custodian, "conquer", words=WORDS)
    with pytest.raises(OutOfOrder, match="why"):
        propose(town.house, custodian, "rotate_keys", words="please")
    with pytest.raises(Refused):
        propose(town.house, town.people["analyst"], "rotate_keys", words=WORDS)
    with pytest.raises(OutOfOrder, match="no proposal"):
        approve(town.house, board, "0" * 64)
    mark = propose(town.house, custodian, "rotate_keys", words=WORDS)
    town.clock.days(8)
    prove(town.house, board)
    with pytest.raises(OutOfOrder, match="week"):
        approve(town.house, board, mark)


def test_a_clock_set_back_revives_no_proposal(town: Desk) -> None:
    custodian, board = town.people["custodian"], town.people["board"]
    mark = propose(town.house, custodian, "rotate_keys", words=WORDS)
    prove(town.house, board)
    approve(town.house, board, mark)
    town.clock.days(9)
    town.house.append("HEARTBEAT", entries=1)
    town.clock.days(-8)
    with pytest.raises(OutOfOrder, match="week"):
        carry_out(town.house, custodian, "rotate_keys", mark)
