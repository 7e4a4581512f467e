"""The command line: a thin door over the verbs. It formats, it never judges."""

from __future__ import annotations

import json
import sys

import typer

from peelian.cli import (
    accesses,
    assess,
    breach,
    footage,
    keeping,
    look,
    registrar,
    retention,
    review,
    safeguards,
    sensors,
    setup,
    standing,
    verbs,
    walks,
    watch,
)
from peelian.cli.contents import Contents
from peelian.errors import InputError, PeelianError, Refused, Withheld
from peelian.process import collect_seldom

app = typer.Typer(
    name="peelian",
    cls=Contents,
    help="Policing technology for towns that cannot skip a safeguard: places and cohorts, never persons.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help is quicker, and a screen reader reads it
    context_settings={"help_option_names": ["-h", "--help"]},
)
for room in (
    walks,
    setup,
    verbs,
    look,
    footage,
    review,
    retention,
    assess,
    standing,
    sensors,
    breach,
    accesses,
    watch,
    safeguards,
    keeping,
    registrar,
):
    room.add_to(app)
for group in app.registered_groups:
    group.cls = Contents  # no sentence is cut short in a room's own help either


def main() -> None:
    """Run the command line; every PeelianError becomes one clear message and its own exit code."""
    collect_seldom()
    try:
        app()
    except PeelianError as error:
        _tell(error)
        raise SystemExit(error.exit_code) from None
    except BrokenPipeError:
        raise SystemExit(0) from None


def _tell(error: PeelianError) -> None:
    reasons = error.reasons if isinstance(error, (Refused, Withheld)) else ()
    if "--json" in sys.argv:
        record = {
            "error": type(error).__name__,
            "says": str(error),
            "reasons": [{"rule": r.rule, "says": r.says, "remedy": r.remedy} for r in reasons],
        }
        typer.echo(json.dumps(record, ensure_ascii=False))
        return
    head = {"Refused": "Refused", "Withheld": "Withheld: it was done, but the result may not leave"}
    name = type(error).__name__
    if not reasons:
        typer.echo(f"{name}: {error}", err=True)
        if isinstance(error, InputError) and "option" in error.accepted:
            typer.echo("A format's option is given as --option NAME=VALUE, for example --option order=dmy.", err=True)
        return
    typer.echo(f"{head[name]}.", err=True)
    for reason in reasons:
        typer.echo(f"  - {reason.says}\n    remedy: {reason.remedy}  [{reason.rule}]", err=True)
