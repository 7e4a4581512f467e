"""Commands for a person's signing key: `peelian key protect` and, in demonstrations, `peelian key unprotect`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from peelian.cli.frame import HERE, OfficeOption, Printed, opened
from peelian.cli.setup import ShortArgument
from peelian.cli.words import say
from peelian.errors import OutOfOrder

if TYPE_CHECKING:
    from peelian.integrations.person_keys import PersonKeys
    from peelian.operations.office import Office

key = typer.Typer(help="Your signing key and its passphrase.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    for command in (protect, unprotect):
        key.command()(command)
    app.add_typer(key, name="key")


def protect(short: ShortArgument, office: OfficeOption = HERE) -> Printed:
    """Protect a signing key with a passphrase, or change its passphrase."""
    with opened(office) as town:
        _keys(town).protect(short)
    return {"protected": short}, [say("The signing key of %(short)s is protected by its passphrase.", short=short)]


def unprotect(short: ShortArgument, office: OfficeOption = HERE) -> Printed:
    """Take the passphrase off a signing key, in a demonstration office only."""
    with opened(office) as town:
        _keys(town).unprotect(short)
    return {"unprotected": short}, [say("The signing key of %(short)s has no passphrase now.", short=short)]


def _keys(town: Office) -> PersonKeys:
    if town.people_keys is None:
        raise OutOfOrder("An office in memory has no key files.")
    return town.people_keys
