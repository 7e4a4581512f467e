"""Access tokens: bound to a person, one role and a date; made after a step-up; ended at once when they are revoked."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from desk import Desk, desk
from proofs import a_pass

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.identity.revocation import end_session
from peelian.kernel.identity.sessions import Sessions, proved, why_not_here
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import proven_person


def at_the_pages(town: Desk, short: str) -> tuple[Sessions, Operator]:
    sessions, by = Sessions(town.kernel), town.people[short]
    _, seat = sessions.begin(by.person, "key", proof=a_pass(town.kernel, by))
    return sessions, town.office.keys.at_session(by.person.token, seat.session)


def test_a_token_is_a_session_in_one_role_of_its_person_and_the_log_says_so() -> None:
    town = desk(())
    town.people["clerk"] = town.office.enrol(
        "clerk", name="clerk", unit="unit-clerk", roles={Role.CLERK, Role.ANALYST}, by=town.people["custodian"]
    )
    sessions, by = at_the_pages(town, "clerk")
    seat = sessions.seat(sessions.lend(by, Role.CLERK, days=30))
    assert seat is not None and (seat.person, seat.how) == (by.person.token, "token")
    acting = proven_person(town.kernel, town.office.keys.at_session(seat.person, seat.session))
    assert acting is not None and acting.roles == {Role.CLERK}
    assert why_not_here(town.kernel, seat, "ask") == () and why_not_here(town.kernel, seat, "accesses")
    entry: dict[str, Any] = dict(list(town.kernel.stores.log.read())[-1][1])
    assert (entry["kind"], entry["how"], entry["role"], entry["seat"]) == (
        "SESSION_BEGAN",
        "token",
        "clerk",
        by.session,
    )


def test_it_does_not_end_when_nobody_uses_it_but_on_its_day() -> None:
    town = desk(())
    sessions, by = at_the_pages(town, "clerk")
    token = sessions.lend(by, Role.CLERK, days=2)
    town.clock.days(1.9)
    seat = sessions.seat(token)
    assert seat is not None
    acting = town.office.keys.at_session(seat.person, seat.session)
    town.clock.days(0.2)
    assert proven_person(town.kernel, acting) is None, "also where no page asked since"
    assert sessions.seat(token) is None and town.kinds()[-1] == "SESSION_ENDED"


def test_a_clock_set_back_revives_no_token() -> None:
    town = desk(())
    sessions, by = at_the_pages(town, "clerk")
    seat = sessions.seat(sessions.lend(by, Role.CLERK, days=2))
    assert seat is not None
    acting = town.office.keys.at_session(seat.person, seat.session)
    town.clock.days(2.1)
    town.kernel.append("HEARTBEAT", entries=1)
    town.clock.days(-1)
    assert proven_person(town.kernel, acting) is None


def test_whoever_may_end_sessions_revokes_it_at_once() -> None:
    town = desk(())
    sessions, by = at_the_pages(town, "clerk")
    token = sessions.lend(by, Role.CLERK, days=2)
    seat = sessions.seat(token)
    assert seat is not None and end_session(town.kernel, town.people["custodian"], seat.session)
    assert sessions.seat(token) is None


def test_its_end_is_a_known_role_s_within_ninety_days_after_a_step_up() -> None:
    town = desk(())
    sessions, by = at_the_pages(town, "clerk")
    for days in (0, -1, 91, 10**9):
        with pytest.raises(InputError):
            sessions.lend(by, Role.CLERK, days=days)
    with pytest.raises(Refused):
        sessions.lend(by, Role.BOARD, days=1)
    with pytest.raises((OutOfOrder, Refused)):
        sessions.lend(town.people["clerk"], Role.CLERK, days=1)  # at the terminal
    town.clock.now += timedelta(minutes=6)
    with pytest.raises(Refused) as refused:
        sessions.lend(by, Role.CLERK, days=1)
    assert [reason.rule for reason in refused.value.reasons] == ["the_step_up_is_fresh"]


def test_a_token_makes_no_other_even_after_a_step_up_of_its_own() -> None:
    town = desk(())
    sessions, by = at_the_pages(town, "clerk")
    seat = sessions.seat(sessions.lend(by, Role.CLERK, days=2))
    assert seat is not None
    proved(town.kernel, seat.person, seat.session, proof=a_pass(town.kernel, town.people["clerk"]))
    with pytest.raises(OutOfOrder):
        sessions.lend(dataclasses.replace(by, session=seat.session), Role.CLERK, days=1)
