"""Passkeys in the kernel: enrolled after a step-up, their own person's, challenges that serve once."""

from __future__ import annotations

import pytest
from desk import desk

from peelian.errors import OutOfOrder, Refused
from peelian.kernel.identity.passkeys import Challenges, NewPasskey, end_passkey, enrol_passkey, passkey, passkeys_of
from peelian.kernel.identity.revocation import retire
from peelian.kernel.identity.step_up import prove

MADE = NewPasskey(id="key-of-glass", public_key="def", counter=0)


def test_a_passkey_is_enrolled_after_a_step_up_and_found_by_its_id() -> None:
    town = desk(())
    clerk, kernel = town.people["clerk"], town.kernel
    with pytest.raises(Refused, match="five minutes"):
        enrol_passkey(kernel, clerk, MADE, place="localhost")
    prove(kernel, clerk)
    enrol_passkey(kernel, clerk, MADE, place="localhost", label="blue key")
    known, body = passkey(kernel, "key-of-glass")
    assert known.person == clerk.person.token and (body["public_key"], body["label"]) == ("def", "blue key")
    assert "key-of-glass" not in str([entry for _, entry in kernel.stores.log.read()])
    with pytest.raises(OutOfOrder, match="already"):
        enrol_passkey(kernel, clerk, MADE, place="localhost")
    for id in ("abd", "", "\ud800"):
        with pytest.raises(Refused, match="not valid"):
            passkey(kernel, id)


def test_the_log_keeps_how_often_it_signed() -> None:
    town = desk(())
    prove(town.kernel, town.people["clerk"])
    enrol_passkey(town.kernel, town.people["clerk"], MADE, place="localhost")
    (known,) = passkeys_of(town.kernel, town.people["clerk"].person.token)
    town.kernel.append("PROVED", by=known.person, session="s", passkey=known.credential, counter=7)
    assert passkey(town.kernel, "key-of-glass")[0].counter == 7


def test_one_takes_ones_own_away_and_a_closed_account_has_none() -> None:
    town = desk(())
    clerk, custodian, kernel = town.people["clerk"], town.people["custodian"], town.kernel
    for by in (clerk, clerk):
        prove(kernel, by)
        enrol_passkey(kernel, by, MADE, place="localhost")
        (known,) = passkeys_of(kernel, by.person.token)
        with pytest.raises(Refused):
            end_passkey(kernel, town.people["analyst"], known.credential)
        end_passkey(kernel, custodian if kernel.stores.log.size() % 2 else by, known.credential)
        assert not passkeys_of(kernel, by.person.token)
        with pytest.raises(OutOfOrder):
            end_passkey(kernel, by, known.credential)
    prove(kernel, clerk)
    enrol_passkey(kernel, clerk, MADE, place="localhost")
    retire(kernel, custodian, clerk.person.token)
    assert not kernel.state.passkeys


def test_a_challenge_serves_once_in_its_session_for_its_thing_and_five_minutes() -> None:
    town = desk(())
    challenges = Challenges(town.kernel)
    made = challenges.new("s1", "sign")
    assert challenges.take(made.hex(), "s1", "sign") == made
    for session, what, minutes in (("s1", "sign", 0), ("s2", "sign", 0), ("s1", "make", 0), ("s1", "sign", 6)):
        again = made if (session, what, minutes) == ("s1", "sign", 0) else challenges.new("s1", "sign")
        town.clock.days(minutes / 1440)
        with pytest.raises(Refused):
            challenges.take(again.hex(), session, what)
    with pytest.raises(Refused):
        challenges.take("no hex", "s1", "sign")
