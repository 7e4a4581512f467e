"""Passkeys in the kernel: enrolled after a step-up, their own person's, challenges that serve once."""

from __future__ import annotations

import pytest
from desk import desk

from peelian.errors import OutOfOrder, Refused
from peelian.governance.passkeys import Challenges, NewPasskey, end_passkey, enrol_passkey, passkey, passkeys_of
from peelian.governance.revocation import retire
from peelian.governance.step_up import prove

MADE = NewPasskey(id="key-of-glass", public_key="def", counter=0)


def test_a_passkey_is_enrolled_after_a_step_up_and_found_by_its_id() -> None:
    town = desk(())
    clerk, house = town.people["clerk"], town.house
    with pytest.raises(Refused, match="five minutes"):
        enrol_passkey(house, clerk, MADE, place="localhost")
    prove(house, clerk)
    enrol_passkey(house, clerk, MADE, place="localhost", label="blue key")
    known, body = passkey(house, "key-of-glass")
    assert known.person == clerk.person.token and (body["public_key"], body["label"]) == ("def", "blue key")
    assert "key-of-glass" not in str([entry for _, entry in house.log.read()])
    with pytest.raises(OutOfOrder, match="already"):
        enrol_passkey(house, clerk, MADE, place="localhost")
    for id in ("abd", "", "\ud800"):
        with pytest.raises(Refused, match="does not hold"):
            passkey(house, id)


def test_the_log_keeps_how_often_it_signed() -> None:
    town = desk(())
    prove(town.house, town.people["clerk"])
    enrol_passkey(town.house, town.people["clerk"], MADE, place="localhost")
    (known,) = passkeys_of(town.house, town.people["clerk"].person.token)
    town.house.append("PROVED", by=known.person, session="s", passkey=known.credential, counter=7)
    assert passkey(town.house, "key-of-glass")[0].counter == 7


def test_one_takes_ones_own_away_and_a_closed_account_has_none() -> None:
    town = desk(())
    clerk, custodian, house = town.people["clerk"], town.people["custodian"], town.house
    for by in (clerk, clerk):
        prove(house, by)
        enrol_passkey(house, by, MADE, place="localhost")
        (known,) = passkeys_of(house, by.person.token)
        with pytest.raises(Refused):
            end_passkey(house, town.people["analyst"], known.credential)
        end_passkey(house, custodian if house.book.orders.entries % 2 else by, known.credential)
        assert not passkeys_of(house, by.person.token)
        with pytest.raises(OutOfOrder):
            end_passkey(house, by, known.credential)
    prove(house, clerk)
    enrol_passkey(house, clerk, MADE, place="localhost")
    retire(house, custodian, clerk.person.token)
    assert not house.book.orders.passkeys


def test_a_challenge_serves_once_in_its_session_for_its_thing_and_five_minutes() -> None:
    town = desk(())
    challenges = Challenges(town.house)
    made = challenges.new("s1", "sign")
    assert challenges.take(made.hex(), "s1", "sign") == made
    for session, what, minutes in (("s1", "sign", 0), ("s2", "sign", 0), ("s1", "make", 0), ("s1", "sign", 6)):
        again = made if (session, what, minutes) == ("s1", "sign", 0) else challenges.new("s1", "sign")
        town.clock.days(minutes / 1440)
        with pytest.raises(Refused):
            challenges.take(again.hex(), session, what)
    with pytest.raises(Refused):
        challenges.take("no hex", "s1", "sign")
