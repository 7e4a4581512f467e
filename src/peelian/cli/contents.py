"""The table of contents of `--help`: commands in the order of a town's work, each loaded only when it is called."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import typer
from typer.main import get_command_from_info
from typer.models import CommandInfo

from peelian.acts import registry
from peelian.cli.command import COMMANDS, Command
from peelian.cli.former import UNTIL, now_called
from peelian.cli.frame import printing
from peelian.cli.spoken_help import SpokenCommand, SpokenGroup, first_paragraph, headed, write_parameters
from peelian.cli.words import say


@dataclass(frozen=True, slots=True)
class Entry:
    """A first word: the modules of this folder that have its commands, and what it is about where it is a group."""

    modules: tuple[str, ...] = ()
    about: str = ""  # "": one command, whose help says it


def _one(module: str) -> Entry:
    return Entry((module,))


def _group(about: str, *modules: str) -> Entry:
    return Entry(modules, about)


SECTIONS: Mapping[str, Mapping[str, Entry]] = {
    "Getting started": {
        "demo": _one("tryout"),
        "try": _one("tryout"),
        "challenge": _one("challenge"),
        "office": _one("setup"),
        "doctor": _one("safeguards"),
        "status": _one("safeguards"),
        "serve": _one("listings"),
        "log-on": _one("listings"),
    },
    "People and authorizations": {
        "people": _group("People: who is enrolled, in which roles, and who leaves.", "setup"),
        "key": _group("Keys: of people, and of the office.", "keys", "office_keys", "safeguards"),
        "assess": _group("Assessments of a technology: answers, reviews, signatures.", "assess"),
        "authorization": _group("Authorizations: issue, revoke, suspend.", "setup"),
        "warrant": _group("Warrants: record, read, confirm, refuse, notify."),
    },
    "A case, from data to decision": {
        "data": _group("Data: formats, areas, labels, combinations.", "listings", "vocabulary", "ground"),
        "admit": _one("verbs"),
        "ask": _one("verbs"),
        "run": _one("verbs"),
        "decide": _one("verbs"),
        "publish": _one("verbs"),
        "case": _group("Cases: list, report, correct, export.", "listings", "verbs", "compliance", "backup"),
    },
    "Recordings, sensors and crowds": {
        "footage": _group("Recordings: keep, tag, review, redact, deliver.", "footage", "footage_batches", "review"),
        "retention": _group("Retention periods, holds and destruction.", "retention"),
        "sensors": _group("Sensors: register, read, release counts.", "sensors", "listening"),
        "watch": _group("Watches: alarms, event plans, counts.", "watch", "event_plans", "listening"),
    },
    "Oversight": {
        "oversight": _group("Oversight: compliance, tools, records, contact, witness.", "compliance", "safeguards"),
        "accesses": _group("Access review: every access must match a case, plan or warrant.", "accesses"),
        "verify": _one("listings"),
    },
    "When something goes wrong": {
        "breach": _group("Breaches: signals, register, harm, letters, drills.", "breach", "breach_steps"),
        "proposals": _group("Proposals: what takes two people.", "safeguards"),
    },
    "Administration": {
        "machine": _group("The machine: backup, upgrade, registrar, witness.", "backup", "registrar", "safeguards"),
    },
}
"""Heading → first word → where its commands are. Those of acts (`peelian.acts`) belong to their word by themselves."""
OTHERS = "More"
"""The heading of words that only a file of acts has."""


def entries() -> dict[str, Entry]:
    """Every first word with its entry."""
    known = {name: entry for section in SECTIONS.values() for name, entry in section.items()}
    return known | {word: Entry(about=registry.room_of(word).about) for word in registry.words() if word not in known}


def commands_of(name: str) -> dict[str, Command]:
    """The commands of a first word, by their words: a group's, or the one."""
    for module in entries()[name].modules:
        importlib.import_module(f"peelian.cli.{module}")
    found: dict[str, Command] = {}
    if name in registry.words():
        from peelian.cli import acts

        found = {one.words: one for one in acts.commands_of(name)}
    return found | {words: one for words, one in COMMANDS.items() if words.split(" ")[0] == name}


def every_command() -> Iterator[Command]:
    """Every command of the program, with its module imported."""
    for name in entries():
        yield from commands_of(name).values()


class Contents(SpokenGroup):
    """The program: its commands under headings; a module is imported when one of its commands is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(entries())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return made(cmd_name) if cmd_name in entries() else None

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the options, then each first word under its heading with what it is about."""
        write_parameters(self, ctx, formatter)
        known = entries()
        listed = {name for section in SECTIONS.values() for name in section}
        others = {OTHERS: [name for name in known if name not in listed]}
        for heading, names in ({head: list(section) for head, section in SECTIONS.items()} | others).items():
            if names:
                with formatter.section(headed(heading)):
                    formatter.write_dl([(name, first_paragraph(_about(name, known[name]))) for name in names])

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        return super().resolve_command(ctx, _as_now(args))


def _as_now(typed: list[str]) -> list[str]:
    """The words as they are spelled now; whoever typed a former spelling is told."""
    found = now_called(typed)
    if found is None or not _is_former(typed):
        return typed
    former, now = found
    values = {"former": former, "now": now, "day": UNTIL}
    typer.echo(
        say("`peelian %(former)s` is `peelian %(now)s` now. Until %(day)s both are understood.", **values), err=True
    )
    return [*now.split(" "), *typed[len(former.split(" ")) :]]


def _is_former(typed: Sequence[str]) -> bool:
    """Whether the words are no command of today: a first word may be a group now that was a command."""
    if typed[0] not in entries():
        return True
    following = typed[1] if len(typed) > 1 else "--help"
    return following not in ("-h", "--help") and f"{typed[0]} {following}" not in commands_of(typed[0])


def made(name: str) -> Any:
    """A command or a group, ready to be called."""
    entry, found = entries()[name], commands_of(name)
    if not entry.about:
        return _made(found[name])
    own = {words.removeprefix(f"{name} "): _made(one) for words, one in found.items()}
    return SpokenGroup(name=name, commands=own, help=entry.about, no_args_is_help=True, rich_markup_mode=None)


def _made(one: Command) -> Any:
    printed = one.does.__annotations__.get("return") == "Printed"
    info = CommandInfo(
        name=one.words.rpartition(" ")[2],
        cls=SpokenCommand,
        callback=printing(one.does) if printed else one.does,
        help=one.about,
        context_settings=dict(one.settings),
    )
    return get_command_from_info(info, pretty_exceptions_short=True, rich_markup_mode=None)


def _about(name: str, entry: Entry) -> str:
    return entry.about or commands_of(name)[name].about
