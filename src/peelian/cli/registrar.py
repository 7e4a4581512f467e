"""Commands of the registrar: a separate process and user for the log, the signing key and the key ring."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated

import typer

from peelian.cli.frame import HERE, OfficeOption, Printed
from peelian.cli.words import say

registrar = typer.Typer(help="The registrar: log and keys in a separate process.", no_args_is_help=True)
SOCKET = Path("/run/peelian/registrar.sock")
SocketOption = Annotated[Path, typer.Option("--socket", help="Unix socket of the registrar.")]


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    for command in (divide, run):
        registrar.command()(command)
    app.add_typer(registrar, name="registrar")


def divide(
    folder: Annotated[Path, typer.Argument(help="A new folder that only the user of the registrar can read.")],
    socket: SocketOption = SOCKET,
    owner: Annotated[str, typer.Option(help="User who runs the registrar (needs root).")] = "",
    office: OfficeOption = HERE,
) -> Printed:
    """Move the log, signing key and key ring of an office to a registrar, once."""
    from peelian.operations.registrar_process import divide as divided

    n = divided(office, folder.absolute(), socket.absolute(), owner=owner)
    lines = [
        say("Moved: the log (%(n)d entries) and the keys. The office no longer holds them.", n=n),
        say("Next: peelian registrar run %(folder)s --socket %(socket)s", folder=folder, socket=socket),
        say("Replace the backups of the key folder. The old ones still hold these keys."),
    ]
    return {"entries": n, "registrar": str(folder), "socket": str(socket)}, lines


def run(
    folder: Annotated[Path, typer.Argument(help="Folder of the registrar, from `peelian registrar divide`.")],
    socket: SocketOption = SOCKET,
    client: Annotated[
        list[str] | None,
        typer.Option(help="User allowed to connect (name or number). Repeat for more. Default: you."),
    ] = None,
    group: Annotated[str, typer.Option(help="Group allowed to open the socket (name or number).")] = "",
) -> None:
    """Run the registrar until Ctrl-C or SIGTERM."""
    from peelian.operations.registrar_process import served

    with served(folder, socket, clients=client or (), group=group) as (office, server):
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: server.stop())
        typer.echo(
            say(
                "Registrar of %(name)s at %(socket)s  (stop with Ctrl-C)", name=office.kernel.office.name, socket=socket
            )
        )
        server.serve()
    typer.echo(say("Stopped. Everything acknowledged is saved."))
