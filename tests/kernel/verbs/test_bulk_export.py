"""Handing out in bulk: two people, a step-up, published cases only, once; what fails serves again."""

from __future__ import annotations

import pytest
from desk import Desk, desk
from divided import lived
from toy import TOY

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.verbs import bulk_export

KEY = "age1recipient"


@pytest.fixture
def town() -> Desk:
    made = desk((TOY,))
    lived(made)
    return made


def agreed(town: Desk, *cases: str) -> str:
    words = "the university studies the register"
    body = bulk_export.body_of(cases, KEY)
    digest = dual_control.propose(town.kernel, town.people["custodian"], "export", words=words, body=body)
    step_up.prove(town.kernel, town.people["board"])
    dual_control.approve(town.kernel, town.people["board"], digest)
    return digest


def test_what_two_people_agreed_on_is_handed_out_once(town: Desk) -> None:
    digest, custodian = agreed(town), town.people["custodian"]
    with pytest.raises(Refused, match="Identity not confirmed"):
        bulk_export.begin(town.kernel, custodian, digest)
    step_up.prove(town.kernel, custodian)
    made = bulk_export.begin(town.kernel, custodian, digest)
    assert made.cases == tuple(town.kernel.state.histories) and made.recipient == KEY
    bulk_export.done(town.kernel, custodian, made, digest="d" * 64, size=9)
    assert town.kinds()[-3:] == ["CARRIED_OUT", "BULK_BEGUN", "BULK_EXPORTED"]
    with pytest.raises(OutOfOrder, match="Already carried out"):
        bulk_export.begin(town.kernel, custodian, digest)
    assert KEY not in str(list(town.kernel.stores.log.read())), "the log has a token of the recipient only"


def test_what_failed_serves_again_and_an_interruption_is_cleared(town: Desk) -> None:
    digest, custodian = agreed(town), town.people["custodian"]
    for end in (
        lambda: bulk_export.undone(town.kernel, town.people["clerk"], digest, error="OSError"),
        lambda: bulk_export.cleared(town.kernel),
    ):
        step_up.prove(town.kernel, custodian)
        bulk_export.begin(town.kernel, custodian, digest)
        end()
        assert town.kinds()[-1] == "BULK_UNDONE"
    assert bulk_export.cleared(town.kernel) == 0
    bulk_export.begin(town.kernel, custodian, digest)


def test_nobody_alone_and_nothing_unpublished(town: Desk) -> None:
    custodian = town.people["custodian"]
    step_up.prove(town.kernel, custodian)
    body = bulk_export.body_of((), KEY)
    alone = dual_control.propose(town.kernel, custodian, "export", words="for somebody I know", body=body)
    with pytest.raises(OutOfOrder, match=r"Not approved. Ask someone in another unit"):
        bulk_export.begin(town.kernel, custodian, alone)
    with pytest.raises(Refused):
        dual_control.approve(town.kernel, custodian, alone)
    with pytest.raises(InputError, match="not a case"):
        bulk_export.body_of(("../etc",), KEY)
    permit = town.ask(TOY.capabilities[1])
    step_up.prove(town.kernel, custodian)
    with pytest.raises(OutOfOrder, match="not published"):
        bulk_export.begin(town.kernel, custodian, agreed(town, permit.case))
