"""People's signing keys in an office's folder: where their passphrases come from, and which keys may sign.

An unprotected key of a board or council member, privacy officer or custodian signs nothing, but in a demonstration.
"""

from __future__ import annotations

import getpass
import os
import secrets
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from peelian.errors import InputError, KeyLocked, OutOfOrder, Refused, sentence
from peelian.integrations.authentication import operator_in, short_of
from peelian.integrations.login_codes import LETTERS
from peelian.kernel.identity.enrolment import must_be_short
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator
from peelian.kernel.model.pseudonyms import PERSON
from peelian.kernel.policy.authorize import refusal
from peelian.kernel.state.demonstration import is_demonstration
from peelian.kernel.state.kernel import Kernel
from peelian.storage.operator_keys import bare_file, bare_key, new_key, put_key, read_key_file
from peelian.storage.passkey_keys import opened, passkeys_in, with_passkey, without_passkey
from peelian.storage.private_files import replace_file, shred
from peelian.storage.protected_keys import (
    STANDARD,
    Cost,
    is_first,
    is_protected,
    protected,
    public_key_in,
    unlocked,
)
from peelian.storage.protected_keys import must_be_passphrase as must_be_passphrase

PROTECTED_ROLES = frozenset({Role.BOARD, Role.COUNCIL, Role.PRIVACY_OFFICER, Role.CUSTODIAN})
PROTECT = "Protect it at the terminal where it is: peelian key protect %(short)s"
CHANGE = "Choose your own at the pages, or at the terminal where the key is: peelian key protect %(short)s"
LOCKED = "your signing key is locked in this session"
FIRST = "your signing key still has its first passphrase"
LARGEST_CREDENTIAL = 4_096


class Passphrases(Protocol):
    """Where the passphrase of a person's key comes from."""

    cost: Cost  # of keys that are made

    def known(self, short: str) -> str:
        """That of their key; InputError where nobody gives it."""

    def new(self, short: str) -> str:
        """A new one; "" where nobody chooses one."""


class Credentials:
    """Passphrases that systemd hands to a service: the credential `peelian-SHORT`."""

    cost = STANDARD

    def known(self, short: str) -> str:
        """What the credential holds, without a last end of line; InputError where there is none."""
        if found := self.new(short):
            return found
        accepted = sentence("a terminal, or the systemd credential %(name)s", name=f"peelian-{short}")
        raise InputError("nobody here to give the passphrase", accepted=accepted, file=f"{short}.pem")

    def new(self, short: str) -> str:
        """The same; "" where there is none."""
        must_be_short(short)
        file = Path(os.environ.get("CREDENTIALS_DIRECTORY") or os.devnull) / f"peelian-{short}"
        if not file.is_file():
            return ""
        with file.open("rb") as opened:
            content = opened.read(LARGEST_CREDENTIAL + 1)
        try:
            text = content.decode().removesuffix("\n")
        except ValueError:
            text = ""
        if not text or len(content) > LARGEST_CREDENTIAL:
            raise InputError("credential is not a passphrase", accepted="one line of UTF-8 text", file=file.name)
        return text


class Typed(Credentials):
    """Asks whoever sits at the terminal or the notebook, unseen and once, where systemd hands over no credential."""

    def __init__(self) -> None:
        self._given: dict[str, str] = {}

    def known(self, short: str) -> str:
        """The passphrase of a key."""
        if short not in self._given:
            self._given[short] = super().new(short) or typed(self.asks(short), short)
        return self._given[short]

    def asks(self, short: str) -> str:
        """The question."""
        return f"Passphrase of the signing key of {short}: "


def typed(question: str, short: str) -> str:
    """What is typed and not shown; InputError where nothing hides it, or nobody is there."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(question)
        except (getpass.GetPassWarning, EOFError):
            return Credentials().known(short)  # raises: there is none either


class ThrownAway:
    """One passphrase, no secret, for everybody of an office of invented data that is thrown away: a drill, a trial, a
    benchmark. Only code can choose this, for one office at a time."""

    cost = Cost(memory=8, passes=1, lanes=1)

    def known(self, short: str) -> str:
        """The one."""
        return "an office that is thrown away"

    new = known


@dataclass(slots=True, kw_only=True)
class PersonKeys:
    """The keys of people in one folder, unlocked for as long as this lasts: at the terminal, or session by session."""

    kernel: Kernel
    folder: Path
    passphrases: Passphrases = field(default_factory=Credentials)
    _unlocked: dict[str, Ed25519PrivateKey] = field(default_factory=dict, repr=False)  # by short name
    _in_sessions: dict[str, Ed25519PrivateKey] = field(default_factory=dict, repr=False)
    _one_at_a_time: Lock = field(default_factory=Lock, repr=False)  # so that guesses take one key's memory

    def of(self, short: str) -> Ed25519PrivateKey:
        """A person's key to sign with; its passphrase is asked once. Refused where it must be protected and is not."""
        content = self._content(short)
        if not is_protected(content):
            if self.must_be_protected(short):
                remedy = sentence(PROTECT, short=short)
                raise Refused([refusal("the_key_is_protected", "the signing key has no passphrase", remedy)])
            return bare_key(content, f"{short}.pem")
        if is_first(content, f"{short}.pem"):
            remedy = sentence(CHANGE, short=short)
            raise Refused([refusal("the_passphrase_is_theirs", FIRST, remedy)])
        return self._opened(short, content)

    def keep(self, short: str) -> str:
        """The public key of a person, in hexadecimal; the pair is made where there is none, under a new passphrase."""
        must_be_short(short)
        if not self._file(short).exists():
            passphrase = "" if is_demonstration(self.kernel) else self.passphrases.new(short)
            if passphrase:
                self._seal(short, Ed25519PrivateKey.generate(), passphrase)
            else:
                new_key(self._file(short))
        return self.public_key(short)

    def keep_first(self, short: str) -> str:
        """Make the pair of somebody who is not there to choose: a first passphrase, told once and kept nowhere.

        "" where a key is here already, and in a demonstration, whose keys have none.
        """
        must_be_short(short)
        if self._file(short).exists() or is_demonstration(self.kernel):
            return ""
        passphrase = "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(6)).lower()
        key = Ed25519PrivateKey.generate()
        put_key(self._file(short), protected(key, passphrase, cost=self.passphrases.cost, first=True))
        return passphrase

    def shorts(self) -> tuple[str, ...]:
        """The short names whose keys are here. O(people)."""
        return tuple(sorted(file.stem for file in self.folder.glob("*.pem")))

    def public_key(self, short: str) -> str:
        """The same of a key that is here. InputError where it is not, or is damaged."""
        content = self._content(short)
        if is_protected(content):
            return public_key_in(content, f"{short}.pem")
        return bare_key(content, f"{short}.pem").public_key().public_bytes_raw().hex()

    def make_next(self, shorts: Iterable[str]) -> dict[str, str]:
        """Make a new pair for each of these people, which waits beside the present ones; their first passphrases, ""
        in a demonstration. Pairs that waited before are shredded."""
        following = self._following()
        for left in following.shorts():
            following.discard(left)
        given: dict[str, str] = {}
        for short in shorts:
            given[short] = following.keep_first(short)
            following.keep(short)
        return given

    def next_keys(self) -> dict[str, str]:
        """The public keys of the pairs that wait, by short name."""
        following = self._following()
        return {short: following.public_key(short) for short in following.shorts()}

    def take_next(self) -> None:
        """Put each pair that waits, and with which its person is enrolled, in the place of their present one, which is
        overwritten; the present ones are locked. Cut short, it is done again."""
        following, waiting = self._following(), self.next_keys()
        if not waiting:  # then an office opens of which the enrolments cannot be read
            return
        people = self.kernel.state.people
        for short, public in waiting.items():
            person = people.get(self.kernel.office.token(short, of=PERSON))
            if person is not None and person.public_key == public:
                replace_file(following._file(short), self._file(short))
                self._unlocked.pop(short, None)
                self._in_sessions.clear()

    def _following(self) -> PersonKeys:
        folder = self.folder.with_name(f"{self.folder.name}.next")
        return PersonKeys(kernel=self.kernel, folder=folder, passphrases=self.passphrases)

    def discard(self, short: str) -> None:
        """Shred a key."""
        self._unlocked.pop(short, None)
        shred(self._file(short))

    def protect(self, short: str) -> None:
        """Put a key under a new passphrase; where it has one, that is asked first."""
        content = self._content(short)
        key = self._opened(short, content) if is_protected(content) else bare_key(content, f"{short}.pem")
        if not (passphrase := self.passphrases.new(short)):
            raise InputError("nobody here to choose a passphrase", accepted="a terminal", file=f"{short}.pem")
        self._seal(short, key, passphrase)

    def unprotect(self, short: str) -> None:
        """Take the passphrase off a key, in a demonstration; OutOfOrder elsewhere."""
        if not is_demonstration(self.kernel):
            raise OutOfOrder("A signing key keeps its passphrase, except in a demonstration office.")
        put_key(self._file(short), bare_file(self.of(short)))

    def is_protected(self, short: str) -> bool:
        """Whether a key is here under a passphrase. InputError where it is not here."""
        return is_protected(self._content(short))

    def must_be_protected(self, short: str) -> bool:
        """Whether a person's key signs under a passphrase only: by their roles, outside demonstrations."""
        person = self.kernel.state.people.get(self.kernel.office.token(short, of=PERSON))
        return person is not None and bool(person.roles & PROTECTED_ROLES) and not is_demonstration(self.kernel)

    def any_is_protected(self) -> bool:
        """Whether any key here has a passphrase. O(people)."""
        return any(is_protected(read_key_file(file)) for file in self.folder.glob("*.pem"))

    def is_here(self, token: str) -> bool:
        """Whether this person's key is here under a passphrase. O(people)."""
        return bool(self._protected_of(token))

    def has_first(self, token: str) -> bool:
        """Whether this person's key is here under a passphrase that somebody else chose. O(people)."""
        short = self._protected_of(token)
        return bool(short) and is_first(self._content(short), f"{short}.pem")

    def unlock(self, token: str, session: str, passphrase: str, new: str = "") -> tuple[str, Ed25519PrivateKey]:
        """Unlock a person's key for one session, in the memory of this process alone; their short name, and the key.

        `new`: put it under this passphrase from now on, as is asked where the first one still holds; no passkey unlocks
        it any longer. InputError: the passphrase is wrong, or must be changed and is not.
        """
        short = self._must_be_here(token)
        with self._one_at_a_time:
            content = self._content(short)
            key = unlocked(content, passphrase, f"{short}.pem")
            if not new and is_first(content, f"{short}.pem"):
                raise InputError(FIRST, accepted="a new passphrase that only you know", column="new")
            if new:
                if new == passphrase:
                    accepted = "a new passphrase that only you know"
                    raise InputError("the same passphrase again", accepted=accepted, column="new")
                must_be_passphrase(new)
                put_key(self._file(short), protected(key, new, cost=self.passphrases.cost))
        self._in_sessions[session] = key
        return short, key

    def unlock_by_passkey(self, token: str, session: str, credential: str, secret: bytes) -> None:
        """The same by the secret of a passkey that proved itself in the session; where it opens nothing, nothing
        happens, and the passphrase is asked when somebody signs."""
        short = self._protected_of(token)
        if short and (key := opened(self._content(short), credential, secret, self.public_key(short))):
            self._in_sessions[session] = key

    def let_passkey_unlock(self, token: str, session: str, credential: str, secret: bytes) -> None:
        """From now on a passkey's secret unlocks the key that is unlocked in this session. KeyLocked where it is not;
        InputError where it is not here."""
        short = self._must_be_here(token)
        if session not in self._in_sessions:
            raise KeyLocked(LOCKED)
        made = with_passkey(self._content(short), self._in_sessions[session], credential, secret)
        put_key(self._file(short), made)

    def drop_passkey(self, token: str, credential: str) -> None:
        """A passkey unlocks a person's key no longer."""
        if (short := self._short_of(token)) and credential in passkeys_in(content := self._content(short)):
            put_key(self._file(short), without_passkey(content, credential))

    def passkeys_of(self, token: str) -> frozenset[str]:
        """The passkeys that unlock a person's key, by the digests of their credentials. O(people)."""
        short = self._short_of(token)
        return passkeys_in(self._content(short)) if short else frozenset()

    def must_be_unlocked(self, token: str, session: str) -> None:
        """KeyLocked where a person's key is here and locked in a session: before long work that ends in a signature."""
        if session not in self._in_sessions and self.is_here(token):
            raise KeyLocked(LOCKED)

    def sessions(self) -> frozenset[str]:
        """Sessions that have a key unlocked here."""
        return frozenset(self._in_sessions)

    def lock(self, session: str) -> None:
        """Drop a session's key."""
        self._in_sessions.pop(session, None)

    def at_session(self, token: str, session: str) -> Operator:
        """Who acts in a session; KeyLocked where they sign before their key is unlocked in it."""

        def key(short: str) -> Ed25519PrivateKey:
            if not self.is_protected(short):
                return self.of(short)
            if session not in self._in_sessions:
                raise KeyLocked(LOCKED)
            return self._in_sessions[session]

        return operator_in(self.kernel, (token, session), self.shorts(), key)

    def _file(self, short: str) -> Path:
        return self.folder / f"{short}.pem"

    def _content(self, short: str) -> bytes:
        must_be_short(short)
        return read_key_file(self._file(short))

    def _opened(self, short: str, content: bytes) -> Ed25519PrivateKey:
        if short not in self._unlocked:
            self._unlocked[short] = unlocked(content, self.passphrases.known(short), f"{short}.pem")
        return self._unlocked[short]

    def _seal(self, short: str, key: Ed25519PrivateKey, passphrase: str) -> None:
        must_be_passphrase(passphrase)
        put_key(self._file(short), protected(key, passphrase, cost=self.passphrases.cost))
        self._unlocked[short] = key

    def _short_of(self, token: str) -> str:
        return short_of(self.kernel, self.shorts(), token)

    def _protected_of(self, token: str) -> str:
        """The short name of a person whose key is here under a passphrase; "" where it is not."""
        short = self._short_of(token)
        return short if short and self.is_protected(short) else ""

    def _must_be_here(self, token: str) -> str:
        if short := self._protected_of(token):
            return short
        raise InputError("your signing key is not here", accepted="the terminal where it is")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryKeys:
    """The same for an office in memory, whose keys no file holds."""

    kernel: Kernel
    _held: dict[str, Ed25519PrivateKey] = field(default_factory=dict, repr=False)

    def of(self, short: str) -> Ed25519PrivateKey:
        """A person's key to sign with."""
        return self._held[short]

    def keep(self, short: str) -> str:
        """The public key of a person, in hexadecimal; the pair is made where there is none."""
        return self._held.setdefault(short, Ed25519PrivateKey.generate()).public_key().public_bytes_raw().hex()

    def shorts(self) -> tuple[str, ...]:
        """The short names whose keys are here."""
        return tuple(self._held)

    def discard(self, short: str) -> None:
        """Forget a key."""
        del self._held[short]

    def at_session(self, token: str, session: str) -> Operator:
        """Who acts in a session."""
        return operator_in(self.kernel, (token, session), self.shorts(), self.of)
