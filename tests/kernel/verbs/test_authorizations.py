"""Issuing, revoking and the kill switch: only by those who may."""

from __future__ import annotations

import dataclasses

import pytest
from desk import Desk, desk
from suspending import lift, suspend
from toy import COUNT, TOY
from uses import BODY

from peelian.errors import OutOfOrder, Refused
from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.model.capability import AuthorizationKind, Purpose
from peelian.kernel.verbs import authorizations

NOT_ISSUED = {AuthorizationKind.ACCURACY_REPORT, AuthorizationKind.IMPACT_ASSESSMENT, AuthorizationKind.WARRANT}


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


def test_an_assessment_is_answered_not_issued(town: Desk) -> None:
    with pytest.raises(Refused) as refused:
        authorizations.issue(
            town.kernel,
            town.people["privacy-officer"],
            AuthorizationKind.IMPACT_ASSESSMENT,
            serves=COUNT.id,
            purposes=(Purpose.ADVICE,),
            days=5,
        )
    assert [r.rule for r in refused.value.reasons] == ["an_assessment_is_answered"]


def test_a_warrant_is_recorded_with_its_paper_and_not_issued(town: Desk) -> None:
    with pytest.raises(Refused, match="warrant record"):
        officer, warrant = town.people["privacy-officer"], AuthorizationKind.WARRANT
        more = {"purposes": (Purpose.ADVICE,), "days": 5, "body": BODY}
        authorizations.issue(town.kernel, officer, warrant, serves=COUNT.id, **more)


@pytest.mark.parametrize("authorization", sorted({*AuthorizationKind} - NOT_ISSUED))
def test_each_authorization_is_issued_only_in_its_own_role(town: Desk, authorization: AuthorizationKind) -> None:
    from peelian.kernel.model.policy_port import ISSUERS

    for name, person in town.people.items():
        allowed = bool(person.person.roles & ISSUERS[authorization])
        try:
            authorizations.issue(
                town.kernel, person, authorization, serves=COUNT.id, purposes=(Purpose.ADVICE,), days=5
            )
            assert allowed, name
        except Refused:
            assert not allowed, name


def test_a_authorization_serves_something_there_is(town: Desk) -> None:
    council, authorization = town.people["council"], AuthorizationKind.COUNCIL_APPROVAL
    for serves in ("toy.*", "toy.count"):
        authorizations.issue(town.kernel, council, authorization, serves=serves, purposes=(Purpose.ADVICE,), days=5)
    for serves in ("toy.dig", "drones.*", "*", ""):
        with pytest.raises(OutOfOrder, match=r"toy\.count"):
            authorizations.issue(town.kernel, council, authorization, serves=serves, purposes=(Purpose.ADVICE,), days=5)


def test_only_the_board_suspends_and_only_what_there_is(town: Desk) -> None:
    with pytest.raises(Refused):
        suspend(town.kernel, town.people["analyst"], "toy")
    with pytest.raises(OutOfOrder):
        suspend(town.kernel, town.people["board"], "drones")
    suspend(town.kernel, town.people["board"], "toy")
    assert town.kernel.state.suspended.keys() == {"toy"}


def test_a_stolen_seat_signs_nothing(town: Desk) -> None:
    thief = dataclasses.replace(town.people["council"], sign=town.people["analyst"].sign)
    with pytest.raises(Refused):
        authorizations.issue(
            town.kernel, thief, AuthorizationKind.COUNCIL_APPROVAL, serves=COUNT.id, purposes=(Purpose.ADVICE,), days=5
        )


def test_behind_the_log_no_authorization_begins_and_nothing_is_resumed_but_it_can_be_stopped(town: Desk) -> None:
    kernel, board, council = town.kernel, town.people["board"], town.people["council"]
    town.clock.days(5)
    kernel.append("HEARTBEAT", entries=1)
    town.clock.days(-3)
    told = {"serves": "toy.*", "purposes": (Purpose.ADVICE,), "days": 5}
    with pytest.raises(Refused, match="behind the log"):
        authorizations.issue(kernel, council, AuthorizationKind.COUNCIL_APPROVAL, **told)
    suspend(kernel, board, "toy")
    with pytest.raises(Refused, match="behind the log"):
        lift(kernel, town.people["privacy-officer"], board, "toy")
    assert kernel.state.suspended.keys() == {"toy"}
    town.clock.days(4)
    lift(kernel, town.people["privacy-officer"], board, "toy")
    authorizations.issue(kernel, council, AuthorizationKind.COUNCIL_APPROVAL, **told)


def test_a_clock_set_back_revives_nobodys_training_but_the_kill_switch_and_the_clock_itself_work(town: Desk) -> None:
    kernel, board, council = town.kernel, town.people["board"], town.people["council"]
    town.clock.days(366)
    kernel.append("HEARTBEAT", entries=1)
    town.clock.days(-3)  # everybody's training held then

    def issue() -> object:
        purposes = (Purpose.ADVICE,)
        return authorizations.issue(
            kernel, council, AuthorizationKind.COUNCIL_APPROVAL, serves="toy.*", purposes=purposes, days=5
        )

    for act in (issue, lambda: lift(kernel, town.people["privacy-officer"], board, "toy")):
        with pytest.raises(Refused, match="training") as refused:
            act()
        assert refused.value.reasons[-1].rule == "time_does_not_go_back"
    suspend(kernel, board, "toy")
    digest = dual_control.propose(kernel, town.people["custodian"], "clock", words="the battery was empty")
    step_up.prove(kernel, board)
    dual_control.approve(kernel, board, digest)
    lift(kernel, town.people["privacy-officer"], board, "toy")
    issue()
