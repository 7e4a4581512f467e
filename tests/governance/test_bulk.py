"""Handing out in bulk: two people, a step-up, published cases only, once; what fails serves again."""

from __future__ import annotations

import pytest
from desk import Desk, desk
from divided import lived
from toy import TOY

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.governance import bulk, proposals, step_up
from peelian.governance.house import opened

KEY = "age1recipient"


@pytest.fixture
def town() -> Desk:
    made = desk((TOY,))
    lived(made)
    return made


def agreed(town: Desk, *cases: str) -> str:
    words = "the university studies the register"
    body = bulk.body_of(cases, KEY)
    mark = proposals.propose(town.house, town.people["custodian"], "export", words=words, body=body)
    step_up.prove(town.house, town.people["board"])
    proposals.approve(town.house, town.people["board"], mark)
    return mark


def test_what_two_people_agreed_on_is_handed_out_once(town: Desk) -> None:
    mark, custodian = agreed(town), town.people["custodian"]
    with pytest.raises(Refused, match="prove"):
        bulk.begin(town.house, custodian, mark)
    step_up.prove(town.house, custodian)
    made = bulk.begin(town.house, custodian, mark)
    assert made.cases == tuple(town.house.book.tracks) and made.recipient == KEY
    bulk.done(town.house, custodian, made, digest="d" * 64, size=9)
    assert town.kinds()[-3:] == ["CARRIED_OUT", "BULK_BEGUN", "BULK_EXPORTED"]
    with pytest.raises(OutOfOrder, match="already"):
        bulk.begin(town.house, custodian, mark)
    assert KEY not in str(list(town.house.log.read())), "the log has a token of the recipient only"


def test_what_failed_serves_again_and_an_interruption_is_cleared(town: Desk) -> None:
    mark, custodian = agreed(town), town.people["custodian"]
    for end in (
        lambda: bulk.undone(town.house, town.people["clerk"], mark, error="OSError"),
        lambda: bulk.cleared(opened(town.house)),
    ):
        step_up.prove(town.house, custodian)
        bulk.begin(town.house, custodian, mark)
        end()
        assert town.kinds()[-1] == "BULK_UNDONE"
    assert bulk.cleared(town.house) == 0
    bulk.begin(town.house, custodian, mark)


def test_nobody_alone_and_nothing_unpublished(town: Desk) -> None:
    custodian = town.people["custodian"]
    step_up.prove(town.house, custodian)
    body = bulk.body_of((), KEY)
    alone = proposals.propose(town.house, custodian, "export", words="for somebody I know", body=body)
    with pytest.raises(OutOfOrder, match="nobody of another unit"):
        bulk.begin(town.house, custodian, alone)
    with pytest.raises(Refused):
        proposals.approve(town.house, custodian, alone)
    with pytest.raises(InputError, match="no case"):
        bulk.body_of(("../etc",), KEY)
    permit = town.ask(TOY.capabilities[1])
    step_up.prove(town.house, custodian)
    with pytest.raises(OutOfOrder, match="not published"):
        bulk.begin(town.house, custodian, agreed(town, permit.case))
