"""Passphrases at the terminal: each person types their own, unseen, once in a command."""

from __future__ import annotations

import getpass
import warnings

from peelian.cli.words import say
from peelian.errors import InputError
from peelian.integrations.person_keys import Credentials, must_be_passphrase


class Terminal(Credentials):
    """Asks the person at the terminal, where systemd hands over no credential of theirs."""

    def __init__(self) -> None:
        self._given: dict[str, str] = {}
        self._chosen: dict[str, str] = {}

    def known(self, short: str) -> str:
        """The passphrase of a key."""
        if short not in self._given:
            self._given[short] = super().new(short) or _typed(
                say("Passphrase of the signing key of %(short)s: ", short=short), short
            )
        return self._given[short]

    def new(self, short: str) -> str:
        """A new one, typed twice; InputError where it is too short, or not the same both times."""
        if short not in self._chosen:
            self._chosen[short] = super().new(short) or _typed_twice(short)
        return self._chosen[short]


def _typed_twice(short: str) -> str:
    first = _typed(say("New passphrase for the signing key of %(short)s, 12 characters or more: ", short=short), short)
    must_be_passphrase(first)
    if _typed(say("The same passphrase again: "), short) != first:
        raise InputError("the two passphrases differ", accepted="the same passphrase twice")
    return first


def _typed(prompt: str, short: str) -> str:
    """What is typed at the terminal and not shown; InputError where no terminal hides it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(prompt)
        except (getpass.GetPassWarning, EOFError):
            return Credentials().known(short)  # raises: there is none either
