"""Issuing, revoking and the kill switch: only by those who may."""

from __future__ import annotations

import dataclasses

import pytest
from desk import Desk, desk
from toy import COUNT, TOY
from uses import BODY

from peelian.errors import OutOfOrder, Refused
from peelian.governance import acts, proposals, step_up
from peelian.governance.capability import Paper, Purpose


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


def test_an_assessment_is_answered_not_issued(town: Desk) -> None:
    with pytest.raises(Refused) as refused:
        acts.issue(
            town.house,
            town.people["privacy-officer"],
            Paper.IMPACT_ASSESSMENT,
            serves=COUNT.id,
            purposes=(Purpose.ADVICE,),
            days=5,
        )
    assert [r.rule for r in refused.value.reasons] == ["an_assessment_is_answered"]


@pytest.mark.parametrize("paper", [p for p in Paper if p not in (Paper.ACCURACY_REPORT, Paper.IMPACT_ASSESSMENT)])
def test_each_paper_is_issued_only_in_its_own_role(town: Desk, paper: Paper) -> None:
    from peelian.governance.policy import ISSUERS

    for name, person in town.people.items():
        allowed = bool(person.person.roles & ISSUERS[paper])
        try:
            body = BODY if paper is Paper.WARRANT else None
            acts.issue(town.house, person, paper, serves=COUNT.id, purposes=(Purpose.ADVICE,), days=5, body=body)
            assert allowed, name
        except Refused:
            assert not allowed, name


def test_a_paper_serves_something_there_is(town: Desk) -> None:
    council, paper = town.people["council"], Paper.COUNCIL_APPROVAL
    for serves in ("toy.*", "toy.count"):
        acts.issue(town.house, council, paper, serves=serves, purposes=(Purpose.ADVICE,), days=5)
    for serves in ("toy.dig", "drones.*", "*", ""):
        with pytest.raises(OutOfOrder, match=r"toy\.count"):
            acts.issue(town.house, council, paper, serves=serves, purposes=(Purpose.ADVICE,), days=5)


def test_only_the_board_suspends_and_only_what_there_is(town: Desk) -> None:
    with pytest.raises(Refused):
        acts.suspend(town.house, town.people["analyst"], "toy")
    with pytest.raises(OutOfOrder):
        acts.suspend(town.house, town.people["board"], "drones")
    acts.suspend(town.house, town.people["board"], "toy")
    assert town.house.book.suspended == {"toy"}


def test_a_stolen_seat_signs_nothing(town: Desk) -> None:
    thief = dataclasses.replace(town.people["council"], sign=town.people["analyst"].sign)
    with pytest.raises(Refused):
        acts.issue(town.house, thief, Paper.COUNCIL_APPROVAL, serves=COUNT.id, purposes=(Purpose.ADVICE,), days=5)


def test_behind_the_log_no_paper_begins_and_nothing_is_resumed_but_it_can_be_stopped(town: Desk) -> None:
    house, board, council = town.house, town.people["board"], town.people["council"]
    town.clock.days(5)
    house.append("HEARTBEAT", entries=1)
    town.clock.days(-3)
    told = {"serves": "toy.*", "purposes": (Purpose.ADVICE,), "days": 5}
    with pytest.raises(Refused, match="behind the log"):
        acts.issue(house, council, Paper.COUNCIL_APPROVAL, **told)
    acts.suspend(house, board, "toy")
    with pytest.raises(Refused, match="behind the log"):
        acts.resume(house, board, "toy")
    assert house.book.suspended == {"toy"}
    town.clock.days(4)
    acts.resume(house, board, "toy")
    acts.issue(house, council, Paper.COUNCIL_APPROVAL, **told)


def test_a_clock_set_back_revives_nobodys_training_but_the_kill_switch_and_the_clock_itself_work(town: Desk) -> None:
    house, board, council = town.house, town.people["board"], town.people["council"]
    town.clock.days(366)
    house.append("HEARTBEAT", entries=1)
    town.clock.days(-3)  # everybody's training held then

    def issue() -> object:
        purposes = (Purpose.ADVICE,)
        return acts.issue(house, council, Paper.COUNCIL_APPROVAL, serves="toy.*", purposes=purposes, days=5)

    for act in (issue, lambda: acts.resume(house, board, "toy")):
        with pytest.raises(Refused, match="training") as refused:
            act()
        assert refused.value.reasons[-1].rule == "time_does_not_go_back"
    acts.suspend(house, board, "toy")
    mark = proposals.propose(house, town.people["custodian"], "clock", words="the battery was empty")
    step_up.prove(house, board)
    proposals.approve(house, board, mark)
    issue()
