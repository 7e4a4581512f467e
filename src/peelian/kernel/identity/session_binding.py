"""Session binding: the proof that ties a session, or a step-up in it, to its person.

The pages' own process says both, so whoever holds the keys judges them by themselves. A pass is signed by the person's
key over this office, the digest of a code and the time. An authenticator signs a challenge that names its time and has
a keyed token, which is made for the present only: nobody collects answers now to use them later. Each serves once. What
the city's provider says is for the pages alone: a session that began so has proven nothing until there is a step-up.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from peelian.errors import OutOfOrder
from peelian.kernel.identity.step_up import pass_text
from peelian.kernel.log.entry_schema import LONGEST_VALUE, time_text
from peelian.kernel.model.people import Person, signature_holds
from peelian.kernel.model.pseudonyms import CHALLENGE
from peelian.kernel.policy.signed_entries import signer_of
from peelian.kernel.records.office_records import kept
from peelian.kernel.state.kernel import Kernel

DRIFT = timedelta(seconds=10)  # how far the clocks of those who ask may be from that of whoever judges
PASS_LASTS, CHALLENGE_LASTS = timedelta(minutes=2), timedelta(minutes=5)
PREFIX = "peelian-challenge-1"
PARTS = ("client", "authenticator", "answer")  # of an assertion, base64url: each in as many fields as it takes
MOST_FIELDS = 20
NOWHERE = "-"  # a challenge of no session: somebody logs on with it


def new_challenge(kernel: Kernel, session: str) -> str:
    """What an authenticator is asked to sign, for five minutes; `session` is "" where somebody logs on with it."""
    said = "~".join((PREFIX, time_text(kernel.now()), session or NOWHERE, secrets.token_hex(16)))
    return f"{said}~{kernel.office.token(said, of=CHALLENGE)}"


def may_make_token(kernel: Kernel, text: str, of: str) -> None:
    """Nothing where whoever asks may have a token of this text; OutOfOrder for a challenge of another time than now."""
    if of == CHALLENGE or text.startswith(PREFIX):
        parts = text.split("~")
        if len(parts) != 4 or parts[0] != PREFIX or not _is_within(kernel, parts[1], DRIFT):
            raise OutOfOrder("The challenge is not of the present. Set this machine's clock.")


def pass_of(nonce: str, hashed: str, at: str, signature: str) -> dict[str, str | int]:
    """What a PROVED entry says of a pass."""
    return {"nonce": nonce, "code": hashed, "at": at, "pass": signature}


def assertion_of(credential: str, counter: int, challenge: bytes, parts: Mapping[str, str]) -> dict[str, str | int]:
    """What a PROVED entry says of an authenticator's answer: `parts` are those named above."""
    said: dict[str, str | int] = {"passkey": credential, "counter": counter, "challenge": challenge.decode()}
    for name in PARTS:
        text = parts[name]
        for n in range(0, len(text), LONGEST_VALUE):
            said[f"{name}_{n // LONGEST_VALUE}"] = text[n : n + LONGEST_VALUE]
    return said


def the_proof_holds(kernel: Kernel, entry: Mapping[str, Any]) -> None:
    """A PROVED entry is signed by its person, or holds a pass or an answer of theirs, made now and in this session.

    OutOfOrder or Refused otherwise. O(1).
    """
    session, person = str(entry.get("session", "")), _at_their_seat(kernel, entry)
    if kernel.state.first_said(entry) != -1:
        raise OutOfOrder("This signed entry is already in the log. Sign it again.")
    if "signature" in entry:
        signer_of(kernel, entry)
    elif not session:
        raise OutOfOrder("At the terminal, confirm your identity with your key.")
    elif "pass" in entry:
        _the_pass_holds(kernel, entry, person)
    elif "challenge" in entry:
        _the_answer_holds(kernel, entry, person)
    else:
        raise OutOfOrder("Confirm your identity with a code or a passkey.")


def _at_their_seat(kernel: Kernel, entry: Mapping[str, Any]) -> Person:
    """Whom the entry is of, and whose session it names, which is not over."""
    token, session = str(entry.get("by", "")), str(entry.get("session", ""))
    person = kernel.state.people.get(token)
    if person is None:
        raise OutOfOrder("no person with this short name is enrolled")
    if session and kernel.state.seated.get(session, token) != token:
        raise OutOfOrder("This is another person's session.")
    if session in kernel.state.ended:
        raise OutOfOrder("Session ended. Log on again.")
    return person


def the_session_may_begin(kernel: Kernel, entry: Mapping[str, Any]) -> None:
    """A session is new, of somebody enrolled, and, where they came with a key or a passkey, proven just before."""
    token, session = str(entry.get("by", "")), str(entry.get("session", ""))
    state = kernel.state
    if token not in state.people or not session:
        raise OutOfOrder("no person with this short name is enrolled")
    if session in state.seated or session in state.ended:
        raise OutOfOrder("This session name was already used.")
    proved = state.proved(token, session)
    if entry.get("how") != "provider" and (proved is None or kernel.now() - proved > PASS_LASTS):
        raise OutOfOrder("The identity of the person starting this session was not confirmed.")


def _the_pass_holds(kernel: Kernel, entry: Mapping[str, Any], person: Person) -> None:
    nonce, code, at = str(entry.get("nonce", "")), str(entry.get("code", "")), str(entry.get("at", ""))
    if not _is_within(kernel, at, PASS_LASTS + DRIFT):
        raise OutOfOrder("This code is older than two minutes. Get a new one.")
    text = pass_text(kernel.office.public_key, nonce, code, at)
    if not signature_holds(person.public_key, str(entry["pass"]), text):
        raise OutOfOrder("The code was not made with this person's key.")


def _the_answer_holds(kernel: Kernel, entry: Mapping[str, Any], person: Person) -> None:
    challenge, session = str(entry["challenge"]), str(entry["session"])
    said, _, token = challenge.rpartition("~")
    asked = said.split("~")
    if len(asked) != 4 or not secrets.compare_digest(kernel.office.token(said, of=CHALLENGE), token):
        raise OutOfOrder("This challenge was not made here.")
    where = session if session in kernel.state.seated else NOWHERE
    if asked[0] != PREFIX or asked[2] != where or not _is_within(kernel, asked[1], CHALLENGE_LASTS + DRIFT):
        raise OutOfOrder("This challenge is of another session or older than five minutes. Try again.")
    known = kernel.state.passkeys.get(str(entry.get("passkey", "")))
    if known is None or known.person != person.token:
        raise OutOfOrder("This person has no such authenticator.")
    if kernel.office.authenticator is None:
        raise OutOfOrder("Passkeys are not accepted here. Use a code from the terminal.")
    body = kept(kernel, known.digest).body
    parts = {name: _joined(entry, name) for name in PARTS} | {"id": str(body["id"])}
    counter = kernel.office.authenticator(
        str(body["place"]), challenge.encode(), parts, public_key=str(body["public_key"]), counter=known.counter
    )
    if counter != entry.get("counter"):
        raise OutOfOrder("The authenticator's counter does not match.")


def _joined(entry: Mapping[str, Any], name: str) -> str:
    return "".join(str(entry.get(f"{name}_{n}", "")) for n in range(MOST_FIELDS))


def _is_within(kernel: Kernel, at: str, lasts: timedelta) -> bool:
    """Whether a time lies within `lasts` before now, or hardly after it."""
    try:
        age = kernel.now() - datetime.fromisoformat(at)
    except (ValueError, TypeError):
        return False
    return -DRIFT <= age <= lasts
