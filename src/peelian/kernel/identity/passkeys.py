"""Passkeys: enrolled authenticators, whose each is, and what it signed.

What an authenticator signs is checked by the door's adapter; here stands who may add one, take one away, and which
challenge an answer must be to: one of five minutes, of one session, for one thing.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peelian.errors import OutOfOrder, Refused
from peelian.kernel.identity.revocation import CLOSERS
from peelian.kernel.identity.session_binding import new_challenge
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import must_be_allowed, must_hold_role, refusal
from peelian.kernel.policy.signed_entries import shown
from peelian.kernel.records.office_records import keep, kept
from peelian.kernel.state.authorization_status import Passkey
from peelian.kernel.state.kernel import Kernel

LASTS, MOST = timedelta(minutes=5), 5_000


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
        self._waiting: dict[str, tuple[str, str, datetime]] = {}
        self._lock = threading.Lock()

    def new(self, session: str, what: str) -> bytes:
        """A fresh challenge; `session` is "" where somebody logs on with it."""
        made = new_challenge(self.kernel, session).encode()
        with self._lock:
            self._forget()
            while len(self._waiting) >= MOST:  # a stranger asks without end: the oldest go first
                self._waiting.pop(next(iter(self._waiting)))
            self._waiting[made.hex()] = (session, what, self.kernel.now())
        return made

    def take(self, challenge: str, session: str, what: str) -> bytes:
        """The challenge (hexadecimal), if it waits for just this; Refused otherwise. It is gone either way."""
        with self._lock:
            self._forget()
            waiting = self._waiting.pop(challenge, None)
        if waiting is None or waiting[:2] != (session, what):
            raise unanswered()
        return bytes.fromhex(challenge)

    def _forget(self) -> None:
        now = self.kernel.now()
        for old in [key for key, (_, _, at) in self._waiting.items() if now - at >= LASTS]:
            del self._waiting[old]


def unanswered() -> Refused:
    """What is said whatever was wrong with an authenticator's answer, so that nobody learns which part."""
    says = "authenticator answer not valid"
    return Refused([refusal("the_authenticator_answers", says, "Try again, or use a code from the terminal.")])


def enrol_passkey(kernel: Kernel, by: Operator, made: NewPasskey, *, place: str, label: str = "") -> str:
    """Keep a person's authenticator as a signed document; its digest. Refused without a fresh step-up.

    `place` is the name of the pages it was made for (WebAuthn: the relying party's id).
    """
    person = must_be_allowed(kernel, by, "open_record", roles=frozenset(Role), rule="the_reader_may_read")
    credential = digest_of(made.id)
    if credential in kernel.state.authorization_status.passkeys:
        raise OutOfOrder("authenticator already enrolled")
    body: dict[str, Any] = {"id": made.id, "public_key": made.public_key, "place": place, "label": label[:40]}
    return keep(kernel, by, "passkey", body | {"person": person.token}, credential=credential, counter=made.counter)


def end_passkey(kernel: Kernel, by: Operator, credential: str) -> None:
    """Take an authenticator away: one's own, or as somebody who may close accounts. OutOfOrder where there is none."""
    known = kernel.state.authorization_status.passkeys.get(credential)
    if known is None:
        raise OutOfOrder("unknown authenticator")
    own = known.person == by.person.token
    must_hold_role(kernel, by, frozenset(Role) if own else CLOSERS, "the_closer_may_close")
    shown(kernel, by, "PASSKEY_ENDED", credential=credential)


def passkeys_of(kernel: Kernel, person: str) -> tuple[Passkey, ...]:
    """A person's authenticators. O(authenticators)."""
    return tuple(key for key in kernel.state.authorization_status.passkeys.values() if key.person == person)


def passkey(kernel: Kernel, id: str) -> tuple[Passkey, dict[str, Any]]:
    """The enrolled authenticator with this credential id, and its document; Refused where there is none."""
    known = kernel.state.authorization_status.passkeys.get(digest_of(id))
    if known is None or known.person not in kernel.state.people:
        raise unanswered()
    return known, body_of(kernel, known)


def body_of(kernel: Kernel, known: Passkey) -> dict[str, Any]:
    """What its document says."""
    return dict(kept(kernel, known.digest).body)


def digest_of(id: str) -> str:
    """How the log names a credential."""
    return hashlib.sha256(id.encode("utf-8", "surrogatepass")).hexdigest()
