"""The command line: thin commands over the verbs. It formats, it never judges."""

from __future__ import annotations

import io
import sys
from typing import Annotated

import typer

from peelian.cli.contents import Contents
from peelian.cli.failures import tell_error, tell_usage
from peelian.cli.words import LANGUAGES, preferred, speak
from peelian.errors import InputError, PeelianError
from peelian.operations.process_hardening import forbid_dumps
from peelian.process import collect_seldom

app = typer.Typer(
    name="peelian",
    cls=Contents,
    help="Policing technology with built-in safeguards, for places and groups, never individuals.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help is quicker, and a screen reader reads it
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _spoken(code: str | None) -> str | None:
    if code is not None and code not in LANGUAGES:
        raise InputError("no such language", column="--lang", accepted=", ".join(LANGUAGES))
    if code is not None:
        speak(code)
    return code


@app.callback()
def every_command(
    lang: Annotated[
        str | None,
        typer.Option(
            is_eager=True,
            callback=_spoken,
            help="Language of help and messages: en or fr. Otherwise PEELIAN_LANG or the locale decides.",
        ),
    ] = None,
) -> None:
    """What comes before any command's name."""


def main() -> None:
    """Run the command line; every PeelianError becomes one clear message and its own exit code."""
    collect_seldom()
    forbid_dumps()  # people unlock their keys here, and a registrar holds the office's
    speak(preferred())
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a sign shows another
    try:
        code = app(standalone_mode=False)
    except PeelianError as error:
        tell_error(error)
        raise SystemExit(error.exit_code) from None
    except typer.TyperException as error:
        tell_usage(error)
        raise SystemExit(error.exit_code) from None
    except typer.Abort:
        raise SystemExit(1) from None
    except BrokenPipeError:
        raise SystemExit(0) from None
    raise SystemExit(code if isinstance(code, int) else 0)
