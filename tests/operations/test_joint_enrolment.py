"""Two people who are not at the same desk entrust a third: proposed with everything, approved, then enrolled so."""

from __future__ import annotations

import pytest
from desk import desk
from toy import TOY

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.identity.dual_control import approve
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.capability import Role
from peelian.operations.joint_enrolment import join, propose

ZOE = {"name": "Zoe", "unit": "hall", "roles": {Role.AUDITOR}, "words": "the city auditor names her"}


def test_somebody_joins_exactly_as_proposed_with_the_key_made_then() -> None:
    at = desk((TOY,))
    custodian, board = at.people["custodian"], at.people["board"]
    digest = propose(at.office, custodian, "zoe", **ZOE)  # type: ignore[arg-type]
    with pytest.raises(OutOfOrder, match=r"Not approved. Ask someone in another unit"):
        join(at.office, custodian, "zoe", digest)
    prove(at.kernel, board)
    approve(at.kernel, board, digest)
    with pytest.raises(OutOfOrder, match="for another person"):
        join(at.office, custodian, "yann", digest)
    zoe = join(at.office, at.people["council"], "zoe", digest)
    assert (zoe.name, zoe.unit, zoe.roles) == ("Zoe", "hall", {Role.AUDITOR})
    prove(at.kernel, at.office.operator("zoe"))
    assert "Zoe" not in str([entry for _, entry in at.kernel.stores.log.read()])


def test_a_name_that_was_forgotten_meanwhile_and_a_wrong_short_name_join_nobody() -> None:
    at = desk((TOY,))
    custodian, board = at.people["custodian"], at.people["board"]
    digest = propose(at.office, custodian, "zoe", **ZOE)  # type: ignore[arg-type]
    prove(at.kernel, board)
    approve(at.kernel, board, digest)
    at.office.forget(custodian, "zoe")
    with pytest.raises(OutOfOrder, match="Propose it again"):
        join(at.office, custodian, "zoe", digest)
    with pytest.raises(InputError, match="not a short name"):
        propose(at.office, custodian, "../zoe", **ZOE)  # type: ignore[arg-type]


def test_nobody_joins_with_a_key_that_is_gone() -> None:
    at = desk((TOY,))
    custodian, board = at.people["custodian"], at.people["board"]
    digest = propose(at.office, custodian, "zoe", **ZOE)  # type: ignore[arg-type]
    prove(at.kernel, board)
    approve(at.kernel, board, digest)
    at.office.keys.discard("zoe")
    with pytest.raises(OutOfOrder, match="proposed key no longer exists"):
        join(at.office, custodian, "zoe", digest)
