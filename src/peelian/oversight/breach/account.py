"""What the office says of an incident in its own words, once in each language: what happened, and to which information.

Letters, the report and the public notice carry it, so it is checked as every text that is published.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from peelian.errors import InputError, sentence
from peelian.measure.contacts import must_hold_no_contact

LANGUAGES = ("en", "fr")
FEWEST_WORDS, LONGEST = 5, 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """In one language: what happened, and which information was concerned; "" where it is not told."""

    what: str = ""
    which: str = ""


def account_of(told: Mapping[str, Any]) -> tuple[str, Account]:
    """The language and the account that a step tells. InputError: too short or long for a letter, or not to be
    published.

    >>> account_of({"language": "en", "what": "A letter went to the wrong house."})[1].which
    ''
    """
    language, what, which = (str(told.get(name, "")).strip() for name in ("language", "what", "which"))
    if language not in LANGUAGES:
        raise InputError("no such language of letters", column="language", accepted=", ".join(LANGUAGES))
    if len(what.split()) < FEWEST_WORDS:
        accepted = sentence("at least %(least)d words", least=FEWEST_WORDS)
        raise InputError("what happened is not told", column="what", accepted=accepted)
    for column, text in (("what", what), ("which", which)):
        if len(text) > LONGEST:
            accepted = sentence("at most %(most)d characters", most=LONGEST)
            raise InputError("too long for a letter", column=column, accepted=accepted)
        must_hold_no_contact(text)
    return language, Account(what=what, which=which)


def must_name_nobody(account: Account, names: Iterable[str]) -> None:
    """InputError where it names one of these people: it goes to everybody concerned. Nothing shows whom. O(names)."""
    for column, text in (("what", account.what), ("which", account.which)):
        words = _words(text)
        if any(len(name) > 1 and name <= words for name in map(_words, names)):
            accepted = "the same without names; every letter carries it"
            raise InputError("the name of somebody concerned", column=column, accepted=accepted)


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold()))
