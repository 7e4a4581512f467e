"""Two people who are not at the same desk entrust a third: proposed with everything, approved, then enrolled so."""

from __future__ import annotations

import pytest
from desk import desk
from toy import TOY

from peelian.errors import InputError, OutOfOrder
from peelian.governance.capability import Role
from peelian.governance.proposals import approve
from peelian.governance.step_up import prove
from peelian.guided.joining import join, propose

ZOE = {"name": "Zoe", "unit": "hall", "roles": {Role.AUDITOR}, "words": "the city auditor names her"}


def test_somebody_joins_exactly_as_proposed_with_the_key_made_then() -> None:
    at = desk((TOY,))
    custodian, board = at.people["custodian"], at.people["board"]
    mark = propose(at.office, custodian, "zoe", **ZOE)  # type: ignore[arg-type]
    with pytest.raises(OutOfOrder, match="nobody of another unit"):
        join(at.office, custodian, "zoe", mark)
    prove(at.house, board)
    approve(at.house, board, mark)
    with pytest.raises(OutOfOrder, match="somebody else"):
        join(at.office, custodian, "yann", mark)
    zoe = join(at.office, at.people["council"], "zoe", mark)
    assert (zoe.name, zoe.unit, zoe.roles) == ("Zoe", "hall", {Role.AUDITOR})
    prove(at.house, at.office.operator("zoe"))
    assert "Zoe" not in str([entry for _, entry in at.house.log.read()])


def test_a_name_that_was_forgotten_meanwhile_and_a_wrong_short_name_join_nobody() -> None:
    at = desk((TOY,))
    custodian, board = at.people["custodian"], at.people["board"]
    mark = propose(at.office, custodian, "zoe", **ZOE)  # type: ignore[arg-type]
    prove(at.house, board)
    approve(at.house, board, mark)
    at.office.forget(custodian, "zoe")
    with pytest.raises(OutOfOrder, match="propose it again"):
        join(at.office, custodian, "zoe", mark)
    with pytest.raises(InputError, match="no short name"):
        propose(at.office, custodian, "../zoe", **ZOE)  # type: ignore[arg-type]


def test_nobody_joins_with_a_key_that_is_gone() -> None:
    at = desk((TOY,))
    custodian, board = at.people["custodian"], at.people["board"]
    mark = propose(at.office, custodian, "zoe", **ZOE)  # type: ignore[arg-type]
    prove(at.house, board)
    approve(at.house, board, mark)
    at.office.discard("zoe")
    with pytest.raises(OutOfOrder, match="key that was proposed is gone"):
        join(at.office, custodian, "zoe", mark)
