"""Signing keys at the pages: a passphrase unlocks one for one session, in this process's memory alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.requests import Request

from peelian.errors import InputError
from peelian.integrations.person_keys import PersonKeys, must_be_passphrase
from peelian.integrations.webauthn import secret_of
from peelian.kernel.identity.sessions import Seat
from peelian.operations.office import Office
from peelian.web.auth_middleware import SAFE, local_address
from peelian.web.identity.attempts import Attempts

EVERY = 15.0  # seconds between two looks at who is still here


class Unlocking:
    """The keys of those who are logged on. A key is dropped within `EVERY` seconds after its session ended."""

    def __init__(self, office: Office, open_seats: Callable[[], Iterable[Seat]]) -> None:
        self.keys, self._open_seats = office.people_keys, open_seats
        self._closed = threading.Event()
        self._turn = threading.Lock()
        self._watched = False  # somebody looks whose session ended

    def asks_anybody(self) -> bool:
        """Whether a key lies here whose passphrase could be given on logging on. O(people)."""
        return self.keys is not None and self.keys.any_is_protected()

    def asks(self, seat: Seat) -> bool:
        """Whether this person's key lies here under a passphrase. O(people)."""
        return self.keys is not None and self.keys.is_here(seat.person)

    def asks_new(self, seat: Seat) -> bool:
        """Whether they still have to choose their passphrase. O(people)."""
        return self.keys is not None and self.keys.has_first(seat.person)

    def unlock(self, seat: Seat, passphrase: str, new: str = "") -> tuple[str, Ed25519PrivateKey]:
        """Unlock a person's key until their session ends, under a `new` passphrase from now on where they choose one;
        their short name, and the key. InputError: it is not here, or a passphrase is wrong."""
        if self.keys is None:
            raise InputError("your signing key is not here", accepted="the terminal where it is")
        found = self.keys.unlock(seat.person, seat.session, passphrase, new)
        self._watch()
        return found

    def unlock_by_passkey(self, seat: Seat, proof: Mapping[str, str | int], secret: str) -> None:
        """The same where a passkey just proved who they are, and its secret (base64url) opens the key."""
        if self.keys is not None and "passkey" in proof and secret:
            self.keys.unlock_by_passkey(seat.person, seat.session, str(proof["passkey"]), secret_of(secret))
            self._watch()

    def passkeys(self, seat: Seat) -> frozenset[str]:
        """The passkeys that unlock this person's key. O(people)."""
        return self.keys.passkeys_of(seat.person) if self.keys is not None else frozenset()

    def lock(self, seat: Seat) -> None:
        """Drop the key of a session that ends."""
        if self.keys is not None:
            self.keys.lock(seat.session)

    def close(self) -> None:
        """Drop every key."""
        self._closed.set()
        if self.keys is not None:
            for session in self.keys.sessions():
                self.keys.lock(session)

    def _watch(self) -> None:
        """Whatever is unlocked is dropped when its session ends. One look, at whoever is here, serves all keys."""
        with self._turn:
            if self._watched or self.keys is None or not self.keys.sessions():
                return
            self._watched = True
        threading.Thread(target=self._looks, args=(self.keys,), name="signing keys", daemon=True).start()

    def _looks(self, keys: PersonKeys) -> None:
        watched = True
        while watched:
            closed = self._closed.wait(EVERY)
            unlocked, here = keys.sessions(), frozenset[str]()
            with suppress(Exception):  # where nobody can say who is still here, whyever, the keys are dropped as well
                here = here if closed else frozenset(seat.session for seat in self._open_seats())
            for session in unlocked - here:
                keys.lock(session)
            with self._turn:
                watched = self._watched = bool(keys.sessions())


def unlocked_by(
    unlocking: Unlocking, attempts: Attempts, request: Request, fields: Mapping[str, str], seat: Seat
) -> tuple[str, Ed25519PrivateKey]:
    """Their key, unlocked for this session by its passphrase, and put under a new one where the form has one.

    A wrong passphrase counts as a wrong code does. InputError names no field's value.
    """
    where = request.client.host if request.client else ""
    with attempts.one(where) as wrong:
        if new := fields.get("new", ""):
            must_be_passphrase(new)
            if new != fields.get("again", ""):
                raise InputError("two different new passphrases", accepted="the same one twice")
        try:
            return unlocking.unlock(seat, fields.get("passphrase", ""), new)
        except InputError as error:
            if error.column != "new":
                wrong()
            raise InputError(error.wrong, accepted=error.accepted) from None


def came_from(request: Request, language: str) -> str:
    """The page to go back to: the one that was asked for, or the one whose form was sent."""
    at = request.url.path if request.method in SAFE else urlsplit(request.headers.get("referer", "")).path
    return local_address(at, language)
