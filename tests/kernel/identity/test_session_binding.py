"""Sessions and step-ups are bound to their person: by a pass their key signed, or by their authenticator's answer."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from proofs import Court, court, without

from peelian.errors import OutOfOrder
from peelian.kernel.identity import passkeys, step_up
from peelian.kernel.identity.passkeys import NewPasskey, unanswered
from peelian.kernel.identity.session_binding import (
    assertion_of,
    may_make_token,
    new_challenge,
    pass_of,
    the_proof_holds,
)
from peelian.kernel.identity.sessions import Sessions, proved
from peelian.kernel.identity.step_up import pass_text
from peelian.kernel.model.pseudonyms import CHALLENGE, PERSON, tokens


def answers(place: str, challenge: bytes, parts: Mapping[str, str], *, public_key: str, counter: int) -> int:
    """An authenticator of a test: its answer is the challenge itself."""
    if parts["answer"] != f"signed-{challenge.decode()}" or parts["id"] != "aWQ" or place != "localhost":
        raise unanswered()
    return counter + 1


@pytest.fixture
def there() -> Court:
    return court(authenticator=answers)


def proof(there: Court, short: str = "clerk", nonce: str = "n" * 64) -> dict[str, str | int]:
    kernel, at = there.town.kernel, there.town.kernel.now().isoformat()
    text = pass_text(kernel.office.public_key, nonce, "c" * 64, at)
    return pass_of(nonce, "c" * 64, at, there.town.people[short].sign(text).hex())


def enrolled(there: Court) -> str:
    """The clerk's authenticator, as the log names it."""
    kernel, clerk = there.town.kernel, there.town.people["clerk"]
    step_up.prove(kernel, clerk)
    passkeys.enrol_passkey(kernel, clerk, NewPasskey(id="aWQ", public_key="cGs", counter=4), place="localhost")
    return passkeys.digest_of("aWQ")


def assertion(there: Court, challenge: str, counter: int = 5, **other: str) -> dict[str, str | int]:
    parts = {"client": "x" * 450, "authenticator": "y", "answer": f"signed-{challenge}"} | other
    return assertion_of(passkeys.digest_of("aWQ"), counter, challenge.encode(), parts)


def test_a_session_begins_with_a_pass_that_serves_once(there: Court) -> None:
    kernel, clerk = there.town.kernel, there.town.people["clerk"].person
    sessions, given = Sessions(kernel), proof(there)
    _, seat = sessions.begin(clerk, "key", proof=given)
    assert there.town.kinds()[-2:] == ["PROVED", "SESSION_BEGAN"]
    for session in ("s-other", seat.session):
        there.refuses(there.entry("PROVED", by=clerk.token, session=session, **given), "already in the log")
    with pytest.raises(OutOfOrder, match="already"):
        sessions.begin(clerk, "key", proof=given)
    there.takes(there.entry("PROVED", by=clerk.token, session=seat.session, **proof(there, nonce="m")))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"pass": "00" * 64}, "not made with this person's key"),
        ({"pass": "no-signature"}, "not made with this person's key"),
        ({"code": "d" * 64}, "not made with this person's key"),
        ({"at": "2026-03-02T09:00:00+00:00"}, "older than two minutes"),
        ({"at": "2036-03-02T09:00:00+00:00"}, "older than two minutes"),
        ({"at": "yesterday"}, "older than two minutes"),
        ({"at": "2026-03-02T09:00:00"}, "older than two minutes"),
        ({"session": ""}, "At the terminal"),
        ({"by": "0" * 20}, "no person with this short name"),
    ],
)
def test_a_pass_that_is_none_proves_nothing(there: Court, wrong: dict[str, str], says: str) -> None:
    there.town.clock.days(1)
    clerk = there.town.people["clerk"].person
    said: dict[str, Any] = {"by": clerk.token, "session": "s-1", **proof(there)}
    there.takes(there.entry("PROVED", **said))
    there.refuses(there.entry("PROVED", **said | wrong), says)


def test_somebody_elses_pass_and_no_proof_at_all_are_refused(there: Court) -> None:
    clerk = there.town.people["clerk"].person
    said: dict[str, Any] = {"by": clerk.token, "session": "s-1"}
    there.refuses(there.entry("PROVED", **said, **proof(there, "board")), "this person's key")
    there.refuses(there.entry("PROVED", **said), "with a code or a passkey")
    there.refuses(there.entry("PROVED", by=clerk.token), "with your key")
    there.takes(there.by("clerk", "PROVED"))
    there.refuses({**there.by("board", "PROVED"), "by": clerk.token}, "not signed")


def test_a_session_that_was_not_proven_begins_with_the_provider_alone(there: Court) -> None:
    kernel, clerk = there.town.kernel, there.town.people["clerk"].person
    said: dict[str, Any] = {"session": "s-1", "by": clerk.token}
    for how in ("key", "passkey", "another"):
        there.refuses(there.entry("SESSION_BEGAN", **said, how=how), "was not confirmed")
    there.refuses(
        there.entry("SESSION_BEGAN", session="s-1", by="0" * 20, how="provider"), "no person with this short name"
    )
    proved(kernel, _seat(there).person, "s-1", proof=proof(there))
    there.takes(there.entry("SESSION_BEGAN", **said, how="key"))
    other = there.town.people["board"].person.token
    there.refuses(there.entry("SESSION_BEGAN", session="s-1", by=other, how="key"), "was not confirmed")
    there.town.clock.now += timedelta(minutes=3)
    there.refuses(there.entry("SESSION_BEGAN", **said, how="key"), "was not confirmed")
    kernel.append("SESSION_BEGAN", **said, how="provider")
    there.refuses(there.entry("SESSION_BEGAN", **said, how="provider"), "session name was already used")
    there.refuses(
        there.entry("PROVED", by=other, session="s-1", **proof(there, "board", "o")), "another person's session"
    )
    kernel.append("SESSION_ENDED", session="s-1", why="idle", by="office")
    there.refuses(there.entry("SESSION_BEGAN", **said, how="provider"), "session name was already used")
    there.refuses(there.entry("PROVED", by=clerk.token, session="s-1", **proof(there, nonce="p")), "Session ended")


def _seat(there: Court) -> Any:
    _, seat = Sessions(there.town.office.kernel).begin(there.town.people["clerk"].person, "provider", proof=None)
    return seat


def test_an_authenticators_answer_proves_in_its_session_while_it_is_fresh(there: Court) -> None:
    kernel, clerk = there.town.kernel, there.town.people["clerk"].person
    enrolled(there)
    _, seat = Sessions(kernel).begin(clerk, "passkey", proof=assertion(there, new_challenge(kernel, "")))
    assert kernel.state.passkeys[passkeys.digest_of("aWQ")].counter == 5
    said: dict[str, Any] = {"by": clerk.token, "session": seat.session}
    asked = new_challenge(kernel, seat.session)
    good = assertion(there, asked, 6)
    there.takes(there.entry("PROVED", **said, **good))
    for wrong, says in (
        (assertion(there, new_challenge(kernel, ""), 6), "another session"),
        (assertion(there, new_challenge(kernel, "s-other"), 6), "another session"),
        (assertion(there, asked[:-1] + ("0" if asked[-1] != "0" else "1"), 6), "not made here"),
        (assertion(there, "~".join(asked.split("~")[:3]), 6), "not made here"),
        (good | {"counter": 7}, "counter does not match"),
        (good | {"passkey": "none"}, "no such authenticator"),
        (good | {"answer_0": "forged"}, "not valid"),
        (without(good, "answer_0"), "not valid"),
    ):
        there.refuses(there.entry("PROVED", **said, **wrong), says)
    other = there.town.people["board"].person.token
    there.refuses(there.entry("PROVED", by=other, session="s-9", **assertion(there, asked, 6)), "session|authenticator")
    proved(kernel, seat.person, seat.session, proof=good)
    there.refuses(there.entry("PROVED", **said, **assertion(there, asked, 7)), "already in the log")
    late = assertion(there, new_challenge(kernel, seat.session), 7)
    there.town.clock.now += timedelta(minutes=5, seconds=11)
    there.refuses(there.entry("PROVED", **said, **late), "older than five minutes")
    nobody = dataclasses.replace(kernel, office=dataclasses.replace(kernel.office, authenticator=None))
    with pytest.raises(OutOfOrder, match="Passkeys are not accepted"):
        the_proof_holds(
            nobody, there.entry("PROVED", **said, **assertion(there, new_challenge(kernel, seat.session), 7))
        )


@pytest.mark.parametrize("version", ["1", "2"])
def test_nobody_has_a_challenge_made_for_later(there: Court, version: str) -> None:
    """Also where an office's tokens are of the first kind, which know no domains."""
    kernel = there.town.kernel
    token = tokens(bytes(32), version)
    made = new_challenge(dataclasses.replace(kernel, office=dataclasses.replace(kernel.office, token=token)), "")
    said, _, given = made.rpartition("~")
    may_make_token(kernel, said, CHALLENGE)
    may_make_token(kernel, "ana", PERSON)
    assert token(said, of=CHALLENGE) == given
    parts = said.split("~")
    for at in ("2036-03-02T09:00:00.00Z", "2020-03-02T09:00:00.00Z", "soon"):
        for of in (CHALLENGE, PERSON):
            with pytest.raises(OutOfOrder, match="not of the present"):
                may_make_token(kernel, "~".join((parts[0], at, *parts[2:])), of)
    for text in ("ana", said + "~more"):
        with pytest.raises(OutOfOrder):
            may_make_token(kernel, text, CHALLENGE)
