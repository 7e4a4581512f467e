"""A command as it is declared: its words, its row in the table of doors, and where else a person does the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from peelian.kernel.model.doors import PERSON, Door, Enters, Leaves, Suspended

TAKES_PARAMETERS: Mapping[str, Any] = MappingProxyType({"allow_extra_args": True, "ignore_unknown_options": True})
"""Settings of a command that takes the parameters of a capability as flags."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command. `page`: where a person does or sees the same, without the language's part of the address; or
    `terminal`: why it is done at a terminal alone."""

    words: str  # after `peelian`
    does: Callable[..., Any]
    about: str
    door: Door
    page: str = ""
    terminal: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)


COMMANDS: dict[str, Command] = {}
"""Commands by their words: those of the modules that were imported (`contents.every_command` imports all)."""


def command(
    words: str,
    enters: Enters = Enters.WORDS,
    leaves: Leaves = Leaves.NOTHING,
    suspended: Suspended = Suspended.GOES_ON,
    *,
    whom: str = PERSON,
    page: str = "",
    terminal: str = "",
    reads: str = "",
    why: str = "",
    settings: Mapping[str, Any] = MappingProxyType({}),
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a function as the command of these words. It has a page, or says why it has none."""
    if bool(page) is bool(terminal):
        raise ValueError(f"page or reason: {words}")

    def declared(does: Callable[..., Any]) -> Callable[..., Any]:
        door = Door(name=words, whom=whom, enters=enters, leaves=leaves, suspended=suspended, why=why, reads=reads)
        made = Command(
            words=words, does=does, about=does.__doc__ or "", door=door, page=page, terminal=terminal, settings=settings
        )
        if words in COMMANDS:
            raise ValueError(f"declared twice: {words}")
        COMMANDS[words] = made
        return does

    return declared
