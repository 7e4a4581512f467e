"""Passphrases at the terminal: each person types their own, unseen, once in a command."""

from __future__ import annotations

from peelian.cli.words import say
from peelian.errors import InputError
from peelian.integrations.person_keys import Typed, must_be_passphrase, typed


class Terminal(Typed):
    """Asks the person at the terminal, where systemd hands over no credential of theirs."""

    def __init__(self) -> None:
        super().__init__()
        self._chosen: dict[str, str] = {}

    def asks(self, short: str) -> str:
        """The question, in the language of the command line."""
        return say("Passphrase of the signing key of %(short)s: ", short=short)

    def new(self, short: str) -> str:
        """A new one, typed twice; InputError where it is too short, or not the same both times."""
        if short not in self._chosen:
            self._chosen[short] = super().new(short) or _typed_twice(short)
        return self._chosen[short]


def _typed_twice(short: str) -> str:
    first = typed(say("New passphrase for the signing key of %(short)s, 12 characters or more: ", short=short), short)
    must_be_passphrase(first)
    if typed(say("The same passphrase again: "), short) != first:
        raise InputError("the two passphrases differ", accepted="the same passphrase twice")
    return first
