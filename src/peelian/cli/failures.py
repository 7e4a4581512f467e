"""What went wrong, in a few lines on standard error: the fault, then the remedy."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from typing import Any

import typer

from peelian.cli.words import known, say
from peelian.errors import InputError, PeelianError
from peelian.forms import as_flag

HEADS: Mapping[str, str] = {
    "Refused": "Refused.",
    "Withheld": "Withheld: the run finished, but results cannot be released.",
    "OutOfOrder": "Not possible now: %(what)s",
    "InputError": "Not accepted: %(what)s",
    "NotEnoughData": "Not enough data: %(what)s",
    "IntegrityError": "Integrity check failed: %(what)s",
    "DiskError": "Disk error: %(what)s",
    "Objection": "The log witness objects: %(what)s",
}
"""Each error of the tree → what is printed of it."""


def tell_error(error: PeelianError) -> None:
    """Print an error, with every reason and remedy where there are some; with --json one document, in English."""
    from peelian.wording.errors import error_said, reasons_of, translated

    reasons = reasons_of(error)
    if "--json" in sys.argv:
        record = {
            "error": type(error).__name__,
            "says": str(error),
            "reasons": [{"rule": r.rule, "says": r.says, "remedy": r.remedy} for r in reasons],
        }
        typer.echo(json.dumps(record, ensure_ascii=False))
        return
    error = _typed_as_flag(error)
    name = next((kind.__name__ for kind in type(error).__mro__ if kind.__name__ in HEADS), "")
    if not reasons:
        what = error_said(error, say)
        headed = name and say(HEADS[name], what="") not in what  # it may say so itself
        typer.echo(say(HEADS[name], what=what) if headed else what, err=True)
        if isinstance(error, InputError) and "option" in error.accepted:
            typer.echo(say("Give a format option as --option NAME=VALUE, for example --option order=dmy."), err=True)
        return
    typer.echo(say(HEADS[name]), err=True)
    for reason in reasons:
        typer.echo(f"  - {_capital(translated(reason.says, say))}", err=True)
        if reason.remedy:
            typer.echo(f"    {say('Remedy: %(remedy)s', remedy=translated(reason.remedy, say))}", err=True)


def _typed_as_flag(error: PeelianError) -> PeelianError:
    """The error with its column as a flag, where it is of a flag that was typed and not of a file."""
    if not isinstance(error, InputError) or error.file or error.row is not None:
        return error
    flag = as_flag(error.column)
    if not any(word.partition("=")[0] == flag for word in sys.argv):
        return error
    return type(error)(error.wrong, accepted=error.accepted, column=flag)


def tell_usage(error: Any) -> None:
    """Print what is wrong with the words that were typed; without any, the help itself."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(error.format_message(), err=True)
        return
    typer.echo(_wrong_words(error), err=True)
    if context is not None:
        typer.echo(say("See %(command)s --help", command=context.command_path), err=True)


def _wrong_words(error: Any) -> str:
    """One sentence on a usage error of Typer's."""
    kind, parameter = type(error).__name__, getattr(error, "param", None)
    if kind == "MissingParameter" and parameter is not None:
        about = known(parameter.help or "")
        return f"{say('Missing: %(name)s.', name=_typed(parameter))} {about}".strip()
    if kind == "NoSuchOption":
        near = ", ".join(sorted(error.possibilities or ()))
        told = say("No such option: %(name)s.", name=error.option_name)
        return f"{told} {say('Similar: %(names)s.', names=near)}" if near else told
    if kind == "BadOptionUsage":
        needs = "requires" in error.format_message()
        told = "Option %(name)s needs a value." if needs else "Option %(name)s takes no value."
        return say(told, name=error.option_name)
    if parameter is not None:
        return f"{say('Value not accepted for %(name)s.', name=_typed(parameter))} {_expected(parameter)}".strip()
    if words := re.search(r" \(([^()]*)\)$", error.format_message()):
        return say("Unexpected: %(words)s", words=words[1][:80])
    return say("Missing: a command.")


def _typed(parameter: Any) -> str:
    """A parameter as it is typed."""
    return str(parameter.opts[0]) if parameter.param_type_name == "option" else str(parameter.name).upper()


def _expected(parameter: Any) -> str:
    """What would be a value of this parameter."""
    low, high = getattr(parameter, "min", None), getattr(parameter, "max", None)
    if low is not None and high is not None:
        return say("Expected: %(low)s to %(high)s.", low=str(low), high=str(high))
    return say("Expected: a whole number.") if parameter.type_descriptor.annotation is int else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
