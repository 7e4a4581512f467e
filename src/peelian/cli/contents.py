"""The table of contents of `--help`: commands in the order of a town's work, each loaded only when it is called."""

from __future__ import annotations

import importlib
from functools import lru_cache
from typing import Any

import typer
from typer.main import get_command_from_info, get_command_name, get_group_from_info
from typer.models import CommandInfo, TyperInfo

from peelian.cli.frame import printing
from peelian.cli.spoken_help import SpokenCommand, SpokenGroup, first_paragraph, headed, write_parameters

SECTIONS: dict[str, dict[str, str]] = {
    "Getting started": {
        "demo": "tryout", "try": "tryout", "challenge": "challenge", "office": "setup", "doctor": "safeguards",
        "status": "safeguards", "serve": "listings", "log-on": "listings",
    },
    "People and authorizations": {
        "enrol": "setup", "train": "setup", "people": "setup", "retire": "setup", "forget": "setup",
        "key": "keys",
        "assess": "assess", "issue": "setup", "revoke": "setup", "bylaws": "safeguards", "contact": "setup",
        "vocabulary": "vocabulary", "ground": "ground",
        "record-warrant": "warrants", "read-warrant": "warrants", "confirm-warrant": "warrants",
        "refuse-warrant": "warrants", "notify-warrant": "warrants",
    },
    "A case, from data to decision": {
        "formats": "listings", "admit": "verbs", "combine": "verbs", "capabilities": "listings", "ask": "verbs",
        "run": "verbs", "decide": "verbs", "publish": "verbs", "correct": "verbs",
    },
    "Results": {
        "cases": "listings", "report": "listings", "export": "listings", "register": "compliance",
        "propose-export": "backup",
        "bulk-export": "backup",
    },
    "Recordings, sensors and crowds": {
        "footage": "footage", "review": "review", "retention": "retention", "sensors": "sensors",
        "watch": "watch",
    },
    "Oversight": {
        "compliance": "compliance", "produce": "compliance", "rights": "compliance", "vendor": "compliance",
        "privileges": "compliance", "tool": "compliance", "drift": "compliance", "accesses": "accesses",
        "whoaccessed": "accesses", "verify": "listings", "witness": "safeguards",
    },
    "When something goes wrong": {
        "suspend": "setup", "explain-suspension": "setup", "breach": "breach", "drill": "breach",
        "propose": "safeguards", "proposals": "safeguards", "approve": "safeguards", "rotate-keys": "safeguards",
        "keys": "office_keys",
        "restore-log": "backup",
    },
    "Administration": {"backup": "backup", "upgrade": "backup", "divide": "registrar", "registrar": "registrar"},
}  # fmt: skip
"""Heading → command → the module of this folder that has it."""
MODULES = {name: module for section in SECTIONS.values() for name, module in section.items()}


class Contents(SpokenGroup):
    """The program: its commands under headings; a module is imported when one of its commands is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(MODULES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return made(cmd_name) if cmd_name in MODULES else None

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the options, then each command under its heading with its first paragraph."""
        write_parameters(self, ctx, formatter)
        for heading, commands in SECTIONS.items():
            with formatter.section(headed(heading)):
                formatter.write_dl([(name, first_paragraph(_about(registered(name)))) for name in commands])


def registered(name: str) -> CommandInfo | TyperInfo:
    """A command or a group as its module registers it."""
    return registered_in(MODULES[name])[name]


def made(name: str) -> Any:
    """A command or a group, ready to be called."""
    found = registered(name)
    plain: dict[str, Any] = {"pretty_exceptions_short": True, "rich_markup_mode": None}
    if isinstance(found, CommandInfo):
        return get_command_from_info(found, **plain)
    return get_group_from_info(found, suggest_commands=False, **plain)


def registered_in(module: str) -> dict[str, CommandInfo | TyperInfo]:
    """The commands and groups that a module registers, by name."""
    room = _room(module)
    found: list[CommandInfo | TyperInfo] = [*room.registered_commands, *room.registered_groups]
    return {_name(one): one for one in found}


@lru_cache
def _room(module: str) -> typer.Typer:
    """What one module registers, with help in the reader's language."""
    room = typer.Typer()
    importlib.import_module(f"peelian.cli.{module}").add_to(room)
    groups = [group.typer_instance for group in room.registered_groups if group.typer_instance]
    for command in (*room.registered_commands, *(one for group in groups for one in group.registered_commands)):
        command.cls = SpokenCommand
        if command.callback and command.callback.__annotations__["return"] == "Printed":
            command.callback = printing(command.callback)
    for info in room.registered_groups:
        info.cls = SpokenGroup
    return room


def _name(one: CommandInfo | TyperInfo) -> str:
    if isinstance(one, CommandInfo):
        return one.name or get_command_name(getattr(one.callback, "__name__", ""))
    return str(one.name if isinstance(one.name, str) else one.typer_instance and one.typer_instance.info.name)


def _about(one: CommandInfo | TyperInfo) -> str | None:
    if isinstance(one, CommandInfo):
        return one.callback.__doc__
    return str(one.typer_instance.info.help) if one.typer_instance else None
