"""Commands for a person's signing key: `peelian key protect` and, in demonstrations, `peelian key unprotect`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from peelian.cli.command import command
from peelian.cli.frame import HERE, OfficeOption, Printed, opened
from peelian.cli.words import say
from peelian.errors import OutOfOrder
from peelian.kernel.model.doors import MACHINE, Enters, Leaves, Suspended

if TYPE_CHECKING:
    from peelian.integrations.person_keys import PersonKeys
    from peelian.operations.office import Office

ShortArgument = Annotated[str, typer.Argument(help="Short name of the person.")]


@command(
    "key protect",
    Enters.PROOF,
    Leaves.NOTHING,
    Suspended.ANY,
    whom=MACHINE,
    page="POST /desk/passphrase",
)
def protect(short: ShortArgument, office: OfficeOption = HERE) -> Printed:
    """Protect a signing key with a passphrase, or change its passphrase."""
    with opened(office) as town:
        _keys(town).protect(short)
    return {"protected": short}, [say("The signing key of %(short)s is protected by its passphrase.", short=short)]


@command(
    "key unprotect",
    Enters.PROOF,
    Leaves.NOTHING,
    Suspended.ANY,
    whom=MACHINE,
    terminal="changes a key where it lies",
)
def unprotect(short: ShortArgument, office: OfficeOption = HERE) -> Printed:
    """Take the passphrase off a signing key, in a demonstration office only."""
    with opened(office) as town:
        _keys(town).unprotect(short)
    return {"unprotected": short}, [say("The signing key of %(short)s has no passphrase now.", short=short)]


def _keys(town: Office) -> PersonKeys:
    if town.people_keys is None:
        raise OutOfOrder("An office in memory has no key files.")
    return town.people_keys
