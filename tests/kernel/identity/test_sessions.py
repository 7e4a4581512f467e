"""Sessions: who may begin one, that the log names them and never their secret, that an office opens with none."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from desk import Desk, another_program, desk
from proofs import a_pass

from peelian.errors import Refused
from peelian.kernel.identity.sessions import (
    IDLE,
    LONGEST,
    TICKET,
    Seat,
    Sessions,
    proved_at,
    rooms_open,
    why_not_enter,
    why_not_here,
)
from peelian.kernel.policy.authorize import proven_person


def test_a_session_is_its_persons_until_it_ends() -> None:
    town = desk(())
    sessions, person = Sessions(town.kernel), town.people["clerk"].person
    secret, seat = sessions.begin(person, "key", proof=a_pass(town.kernel, town.people["clerk"]))
    assert sessions.seat(secret) is not None and sessions.seat(secret + "x") is None and sessions.seat("\ud800") is None
    acting = town.office.keys.at_session(person.token, seat.session)
    assert proven_person(town.kernel, acting) == person
    assert proven_person(town.kernel, dataclasses.replace(acting, session="guess")) is None
    other = town.office.keys.at_session(town.people["board"].person.token, seat.session)
    assert proven_person(town.kernel, other) is None, "a session is of one person"
    assert proved_at(town.kernel, seat) is not None
    sessions.end(seat, "off", person.token)
    assert sessions.seat(secret) is None and proven_person(town.kernel, acting) is None


def test_nobody_begins_one_whom_the_policy_does_not_let_in() -> None:
    town = desk(())
    late = dataclasses.replace(town.people["clerk"].person, trained_until="2026-03-01")
    with pytest.raises(Refused) as refused:
        Sessions(town.kernel).begin(late, "key", proof=None)
    assert [reason.policy for reason in refused.value.reasons] == ["the_one_who_enters_is_trained"]


def test_a_provider_alone_is_no_step_up() -> None:
    town = desk(())
    _, seat = Sessions(town.kernel).begin(town.people["auditor"].person, "provider", proof=None)
    assert proved_at(town.kernel, seat) is None
    assert [r.rule for r in why_not_here(town.kernel, seat, "week")] == ["the_step_up_is_fresh"]
    assert why_not_here(town.kernel, seat, "accesses") == ()


def test_rooms_are_for_those_whose_work_they_are_and_unknown_ones_for_nobody() -> None:
    town = desk(())
    may = {
        room: {n for n, p in town.people.items() if not why_not_enter(town.kernel, p.person, room)}
        for room in ("desk", "cases", "undecided", "accesses", "alarms", "sessions", "cellar", "week")
    }
    assert may["desk"] == set(town.people) and may["cases"] == set(town.people) - {"dispatcher"}
    assert may["undecided"] == {"analyst", "commander", "board", "privacy-officer", "auditor", "clerk"}
    assert may["accesses"] == {"board", "privacy-officer", "auditor"} and may["week"] == set()
    assert may["alarms"] == {"dispatcher", "commander", "board", "privacy-officer", "auditor", "custodian"}
    assert may["sessions"] == {"custodian", "council", "privacy-officer", "board"} and may["cellar"] == set()
    assert why_not_enter(town.kernel, None, "desk")


def test_many_rooms_are_judged_at_once_as_each_is_by_itself() -> None:
    town = desk(())
    rooms = ("desk", "cases", "undecided", "accesses", "alarms", "sessions", "cellar", "week", "suspension", "suspend")
    for short, by in town.people.items():
        seat = Seat(
            session="", person=by.person.token, how="key", form="", began=town.kernel.now(), seen=town.kernel.now()
        )
        alone = {room for room in rooms if not why_not_here(town.kernel, seat, room)}
        assert rooms_open(town.kernel, seat, rooms) == alone, short
        nobody = dataclasses.replace(seat, person="0" * 20)
        assert rooms_open(town.kernel, nobody, rooms) == frozenset() == rooms_open(town.kernel, seat, ())


def test_a_restart_or_another_process_of_the_pages_loses_no_session_and_writes_little() -> None:
    town = desk(())
    secret, seat = Sessions(town.kernel).begin(
        town.people["clerk"].person, "key", proof=a_pass(town.kernel, town.people["clerk"])
    )
    other = Sessions(another_program(town))
    found = other.seat(secret)
    assert found is not None and (found.session, found.form) == (seat.session, seat.form)
    assert [one.session for one in other.open_seats()] == [seat.session]
    tickets: Any = town.kernel.stores.tickets
    before = tickets.all("seat")
    town.clock.now += timedelta(seconds=50)
    assert other.seat(secret) and tickets.all("seat") == before, "within a minute nothing is written"
    town.clock.now += timedelta(seconds=20)
    assert other.seat(secret) and tickets.all("seat") != before
    other.end(seat, "off", seat.person)
    assert Sessions(town.kernel).seat(secret) is None and town.kinds().count("SESSION_ENDED") == 1


def test_a_seat_that_somebody_put_into_the_database_is_no_session() -> None:
    town = desk(())
    secret, _ = Sessions(town.kernel).begin(
        town.people["clerk"].person, "key", proof=a_pass(town.kernel, town.people["clerk"])
    )
    tickets: Any = town.kernel.stores.tickets
    ((_, body),) = tickets.all("seat")
    forged = sha256(b"mine").hexdigest()
    tickets.put("seat", forged, body, town.clock())
    assert Sessions(town.kernel).seat("mine") is None, "the log knows no such session"
    assert Sessions(town.kernel).seat(secret) is not None


def begun(town: Desk) -> tuple[Sessions, str]:
    """The office's sessions, and the secret of the one that the clerk just began."""
    sessions, clerk = Sessions(town.kernel), town.people["clerk"]
    return sessions, sessions.begin(clerk.person, "key", proof=a_pass(town.kernel, clerk))[0]


def ended(town: Desk) -> str:
    """Why the session ended, as the log says."""
    return next(str(e["why"]) for _, e in town.kernel.stores.log.read() if e["kind"] == "SESSION_ENDED")


def test_it_ends_when_nobody_used_it_for_a_while() -> None:
    town = desk(())
    sessions, secret = begun(town)
    for _ in range(2):
        town.clock.now += IDLE - timedelta(minutes=1)
        assert sessions.seat(secret) is not None
    town.clock.now += IDLE
    assert sessions.seat(secret) is None and ended(town) == "idle"


def test_it_ends_in_the_evening_however_much_it_is_used() -> None:
    town = desk(())
    sessions, secret = begun(town)
    for _ in range(LONGEST // (IDLE / 2) - 1):
        town.clock.now += IDLE / 2
        assert sessions.seat(secret) is not None
    town.clock.now += IDLE / 2
    assert sessions.seat(secret) is None and ended(town) == "limit"


def test_a_clock_set_back_makes_none_longer() -> None:
    town = desk(())
    sessions, secret = begun(town)
    town.clock.now -= LONGEST + timedelta(minutes=1)
    assert sessions.seat(secret) is None and ended(town) == "limit"


def test_a_ticket_that_somebody_dated_later_makes_none_longer() -> None:
    town = desk(())
    sessions, secret = begun(town)
    tickets: Any = town.kernel.stores.tickets
    ((digest, body),) = tickets.all(TICKET)
    town.clock.now += LONGEST
    today = town.kernel.now().isoformat()
    tickets.put(TICKET, digest, json.dumps({**json.loads(body), "began": today, "seen": today}), town.clock())
    assert sessions.seat(secret) is None and ended(town) == "limit"


def test_a_ticket_that_somebody_puts_back_opens_no_ended_session() -> None:
    town = desk(())
    sessions, secret = begun(town)
    tickets: Any = town.kernel.stores.tickets
    ((digest, body),) = tickets.all(TICKET)
    seat = sessions.seat(secret)
    assert seat is not None
    sessions.end(seat, "off", seat.person)
    tickets.put(TICKET, digest, body, town.clock())
    assert sessions.seat(secret) is None and sessions.open_seats() == ()


def test_nobody_guesses_a_secret() -> None:
    """256 random bits in Base64, as OWASP asks for at least 128."""
    town = desk(())
    secrets = {begun(town)[1] for _ in range(3)}
    assert len(secrets) == 3 and {len(secret) for secret in secrets} == {43}
