"""Commands for the office's own keys: `peelian keys log`."""

from __future__ import annotations

from typing import Annotated

import typer

from peelian.cli.frame import HERE, AsOption, OfficeOption, Printed, opened, proposed
from peelian.cli.words import say, told

keys = typer.Typer(help="The office's own keys, and how each is replaced.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    keys.command()(log)
    app.add_typer(keys, name="keys")


def log(
    proposal: Annotated[str, typer.Option(help="Digest of the approved proposal.")] = "",
    reason: Annotated[str, typer.Option("--propose", help="Only propose it to a second person. Give the reason.")] = "",
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
) -> Printed:
    """Replace the key that signs the log, as two people agreed. Both keys sign the last checkpoint of the old one.

    The witness follows when it is asked. Run it again without options to see whether it has.
    """
    from peelian.operations.log_key import propose_log_key, replace_log_key, replaced_last

    with opened(office) as town:
        if reason:
            digest = propose_log_key(town, town.operator(as_), words=reason)
            return {"proposal": digest}, proposed(digest)
        done = replace_log_key(town, town.operator(as_), proposal) if proposal else replaced_last(town)
    record = {"key": done.key, "entries": done.size, "vouched": done.vouched}
    lines = [
        say("The key before signed the log up to %(n)d entries. The new key signs what follows.", n=done.size),
        say("New key: %(key)s", key=done.key),
        told(done.says),
        say("Back up the key folder now, and destroy the backups that hold the old key."),
    ]
    return record, lines
