"""Passkeys: enrolled authenticators, whose each is, and what it signed.

What an authenticator signs is checked by the door's adapter; here stands who may add one, take one away, and which
challenge an answer must be to: one of five minutes, of one session, for one thing.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from peelian.errors import OutOfOrder, Refused
from peelian.kernel.identity.revocation import CLOSERS
from peelian.kernel.identity.session_binding import new_challenge
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import must_be_allowed, must_hold_role, refusal
from peelian.kernel.policy.signed_entries import shown
from peelian.kernel.records.office_records import keep, kept
from peelian.kernel.state.acts import act
from peelian.kernel.state.authorization_status import Passkey
from peelian.kernel.state.kernel import Kernel

LASTS, MOST, TICKET = timedelta(minutes=5), 5_000, "challenge"
_HEXADECIMAL = re.compile(r"(?:[0-9a-f]{2}){1,1000}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPasskey:
    """What an authenticator told when it made a credential: all public."""

    id: str  # base64url
    public_key: str  # COSE, base64url
    counter: int


class Challenges:
    """Challenges that wait for an answer. Each serves once, for five minutes, in one session, for one thing."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel

    def new(self, session: str, what: str) -> bytes:
        """A fresh challenge; `session` is "" where somebody logs on with it. Of too many the oldest go first."""
        made, now, tickets = new_challenge(self.kernel, session).encode(), self.kernel.now(), self.kernel.stores.tickets
        tickets.forget(TICKET, now - LASTS)
        tickets.put(TICKET, made.hex(), f"{what} {session}", now, most=MOST)
        return made

    def take(self, challenge: str, session: str, what: str) -> bytes:
        """The challenge (hexadecimal), if it waits for just this; Refused otherwise. It is gone either way."""
        tickets = self.kernel.stores.tickets
        tickets.forget(TICKET, self.kernel.now() - LASTS)
        if not _HEXADECIMAL.fullmatch(challenge) or tickets.take(TICKET, challenge) != f"{what} {session}":
            raise unanswered()
        return bytes.fromhex(challenge)


def unanswered() -> Refused:
    """What is said whatever was wrong with an authenticator's answer, so that nobody learns which part."""
    says = "authenticator answer not valid"
    return Refused([refusal("the_authenticator_answers", says, "Try again, or use a code from the terminal.")])


@act
def enrol_passkey(kernel: Kernel, by: Operator, made: NewPasskey, *, place: str, label: str = "") -> str:
    """Keep a person's authenticator as a signed document; its digest. Refused without a fresh step-up.

    `place` is the name of the pages it was made for (WebAuthn: the relying party's id).
    """
    person = must_be_allowed(kernel, by, "open_record", roles=frozenset(Role), rule="the_reader_may_read")
    credential = digest_of(made.id)
    if credential in kernel.state.passkeys:
        raise OutOfOrder("authenticator already enrolled")
    body: dict[str, Any] = {"id": made.id, "public_key": made.public_key, "place": place, "label": label[:40]}
    return keep(kernel, by, "passkey", body | {"person": person.token}, credential=credential, counter=made.counter)


@act
def end_passkey(kernel: Kernel, by: Operator, credential: str) -> None:
    """Take an authenticator away: one's own, or as somebody who may close accounts. OutOfOrder where there is none."""
    known = kernel.state.passkeys.get(credential)
    if known is None:
        raise OutOfOrder("unknown authenticator")
    own = known.person == by.person.token
    must_hold_role(kernel, by, frozenset(Role) if own else CLOSERS, "the_closer_may_close")
    shown(kernel, by, "PASSKEY_ENDED", credential=credential)


def passkeys_of(kernel: Kernel, person: str) -> tuple[Passkey, ...]:
    """A person's authenticators. O(authenticators)."""
    return tuple(key for key in kernel.state.passkeys.values() if key.person == person)


def passkey(kernel: Kernel, id: str) -> tuple[Passkey, dict[str, Any]]:
    """The enrolled authenticator with this credential id, and its document; Refused where there is none."""
    known = kernel.state.passkeys.get(digest_of(id))
    if known is None or known.person not in kernel.state.people:
        raise unanswered()
    return known, body_of(kernel, known)


def body_of(kernel: Kernel, known: Passkey) -> dict[str, Any]:
    return dict(kept(kernel, known.digest).body)


def digest_of(id: str) -> str:
    """How the log names a credential."""
    return hashlib.sha256(id.encode("utf-8", "surrogatepass")).hexdigest()
