"""Help in the reader's language: commands that say their usage, their sentences and their headings through `say`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from typer.core import TyperCommand, TyperGroup

from peelian.cli.words import known, language, say
from peelian.errors import InputError, sentence

KINDS_OF_VALUES: Mapping[str, str] = {
    "<str>": "TEXT",
    "<list[str]>": "TEXT",
    "<path>": "PATH",
    "<int>": "NUMBER",
}
"""Types as Typer shows them, and what a reader is shown."""
REMARKS: Mapping[str, str] = {"env var: ": "variable: ", "default: ": "default: ", "required": "required"}
"""What Typer remarks on a parameter, in brackets after its help."""


def first_paragraph(text: str | None) -> str:
    """The first paragraph of a help, in the reader's language."""
    return known(message_id(text)).split("\n\n")[0]


def message_id(text: str | None) -> str:
    """A docstring or help as its message id: paragraphs of one line each.

    >>> message_id('''Publish a case.
    ...
    ...     Small counts are
    ...     suppressed.''')
    'Publish a case.\\n\\nSmall counts are suppressed.'
    """
    paragraphs = inspect.cleandoc(text or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def headed(heading: str) -> str:
    """A heading in the reader's language; French sets a no-break space before the colon that follows it."""
    return known(heading) + ("\u00a0" if language() == "fr" else "")


def write_usage(command: Any, ctx: Any, formatter: Any) -> None:
    """The first line: the command as it is typed."""
    pieces = " ".join(command.collect_usage_pieces(ctx))
    pieces = pieces.replace("COMMAND [ARGS]...", say("COMMAND [ARGS]..."))
    formatter.write_usage(ctx.command_path, re.sub(r"\{(\w+)\}", _shown, pieces), prefix=say("Usage: "))


def write_about(command: Any, ctx: Any, formatter: Any) -> None:
    """What the command does."""
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(known(message_id(command.help)))


def write_parameters(command: Any, ctx: Any, formatter: Any) -> None:
    """Arguments and options, each with its help."""
    rows: dict[str, list[tuple[str, str]]] = {"argument": [], "option": []}
    for parameter in command.get_params(ctx):
        if record := parameter.get_help_record(ctx):
            rows[parameter.param_type_name].append(_row(parameter, *record))
    for kind, heading in (("argument", headed("Arguments")), ("option", headed("Options"))):
        if rows[kind]:
            with formatter.section(heading):
                formatter.write_dl(rows[kind])


def _row(parameter: Any, term: str, text: str) -> tuple[str, str]:
    """A parameter as it is typed, and what is said of it."""
    own = parameter.help or ""
    remarks = text[len(own) :] if text.startswith(own) else text
    for theirs, ours in REMARKS.items():
        remarks = remarks.replace(theirs, say(ours))
    for theirs, ours in KINDS_OF_VALUES.items():
        term = term.replace(theirs, say(ours))
    if parameter.param_type_name == "argument":
        term = re.sub(r"^\w+", lambda match: match[0].upper(), term).split(" ")[0]
    return term, f"{known(message_id(own))}{remarks}".strip()


def _shown(match: re.Match[str]) -> str:
    return match[1].upper()


class SpokenCommand(TyperCommand):
    """A command whose help is said in the reader's language."""

    format_usage = write_usage
    format_help_text = write_about
    format_options = write_parameters


class SpokenGroup(TyperGroup):
    """A group whose help is said in the reader's language, and that cuts no command's sentence short."""

    format_usage = write_usage
    format_help_text = write_about

    def format_options(self, ctx: Any, formatter: Any) -> None:
        write_parameters(self, ctx, formatter)
        rows = [(name, first_paragraph(command.help)) for name, command in self.commands.items()]
        with formatter.section(headed("Commands")):
            formatter.write_dl(rows)

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self.commands)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        names = self.list_commands(ctx)
        if args[0] not in names and not args[0].startswith("-"):
            near = ", ".join(get_close_matches(args[0], names)) or f"{ctx.command_path} --help"
            raise InputError(sentence("no such command: %(name)s", name=args[0][:40]), accepted=near)
        return super().resolve_command(ctx, args)
