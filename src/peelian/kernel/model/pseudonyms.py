"""Pseudonyms: keyed tokens that stand in the log for identifiers, different for each kind of identifier.

With one domain for all, a text chosen well (a badge "subject jane doe", a recipient named as a sensor's key) would have
the token of something else. An office made before the domains keeps its tokens, because its log is full of them.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from typing import Protocol

from peelian.errors import InputError

PERSON, SUBJECT, ADDRESS, PARAMS = "person", "subject", "address", "params"
RECIPIENT, OPTION, SENSOR_KEY, DRILL = "recipient", "option", "sensor key", "drill"
ANSWER, CATEGORY, DRAFT = "answer", "category", "draft"  # a draft: what the key of one is made of
CHECKPOINT = "checkpoint"  # what the keys of checkpoints are made of
PLAN = "plan"  # what a run computes, from what: a later run of the same goes on with what was kept of this one
CHALLENGE = "challenge"  # of a moment: whoever holds the secret makes one for the present only (`proofs`)
DOMAINS = frozenset(
    {PERSON, SUBJECT, ADDRESS, PARAMS, RECIPIENT, OPTION, SENSOR_KEY, DRILL, ANSWER, CATEGORY, DRAFT}
    | {CHECKPOINT, CHALLENGE, PLAN}
)
WORKING = frozenset({SENSOR_KEY, DRAFT, CHECKPOINT, CHALLENGE})
"""What no entry of the log is found by: these tokens are made with the office's working key."""
VERSION = "2"
FIRST = "1"  # of offices that do not say theirs
_DIGITS = 20
_ONCE: Mapping[str, str] = {
    SUBJECT: "subject ", ADDRESS: "address ", PARAMS: "params ", SENSOR_KEY: "http key of sensor ",
    CATEGORY: "category ", DRAFT: "draft ", PLAN: "plan ",
}  # fmt: skip


def one_spelling(text: str) -> str:
    """A text as its token is made, so that blanks and capitals make no other one.

    >>> one_spelling("  City  Hall ")
    'city hall'
    """
    return " ".join(text.split()).casefold()


class WorkingSecrets(Protocol):
    """The office's working keys by number, 0 the key for tokens; `generations` names the present one first."""

    def generations(self) -> tuple[int, ...]: ...

    def secret(self, generation: int, /) -> bytes: ...


class Token(Protocol):
    """A keyed token of a text, for an identifier that the log must not hold; `of` says what it is a token of. "~0" at
    its end: as the working key of that number made it."""

    def __call__(self, text: str, /, *, of: str) -> str: ...


def tokens(secret: bytes, version: str = VERSION, working: WorkingSecrets | None = None) -> Token:
    """The tokens of an office, 20 hexadecimal digits each; InputError for a version this program does not know.
    Without `working`, the secret is the working key, too.

    >>> token = tokens(bytes(32))
    >>> token("ann", of="person") != token("ann", of="subject")
    True
    """
    spelled: Mapping[str, Callable[[str, str], str]] = {
        FIRST: lambda text, of: _ONCE.get(of, "") + text,
        VERSION: lambda text, of: f"peelian token {VERSION}\0{of}\0{text}",
    }
    if version not in spelled:
        raise InputError("tokens of this office need a newer version", accepted="a newer Peelian")
    spell = spelled[version]

    def token(text: str, /, *, of: str) -> str:
        domain, _, number = of.partition("~")
        if domain not in DOMAINS or (number and domain not in WORKING):
            raise ValueError(f"nothing of the log is a token of {of!r}")
        key = secret
        if working is not None and domain in WORKING:
            key = working.secret(int(number) if number else working.generations()[0])
        return hmac.digest(key, spell(text, domain).encode(), "sha256").hex()[:_DIGITS]

    return token
