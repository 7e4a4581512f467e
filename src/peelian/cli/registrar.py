"""Commands of the registrar: a process and a user of its own for the log, the signing key and the key ring."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated

import typer

from peelian.cli.frame import HERE, JsonOption, OfficeOption, tell

registrar = typer.Typer(help="The registrar: log and keys in a process of their own.", no_args_is_help=True)
SOCKET = Path("/run/peelian/registrar.sock")
SocketOption = Annotated[Path, typer.Option("--socket", help="The registrar's Unix socket.")]


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    for command in (divide, run):
        registrar.command()(command)
    app.add_typer(registrar, name="registrar")


def divide(
    folder: Annotated[Path, typer.Argument(help="A new folder that only the registrar's user will reach.")],
    socket: SocketOption = SOCKET,
    owner: Annotated[str, typer.Option(help="The user who runs the registrar (needs the administrator).")] = "",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Move an office's log, signing key and key ring into a registrar's folder, once."""
    from peelian.guided.registrar_process import divide as divided

    n = divided(office, folder.absolute(), socket.absolute(), owner=owner)
    lines = [
        f"The registrar's folder holds the log ({n:,} entries) and the keys; the office holds neither any more.",
        f"Next: peelian registrar run {folder} --socket {socket}",
        "Replace the backups of the key folder: the old ones are of the undivided office.",
    ]
    tell({"entries": n, "registrar": str(folder), "socket": str(socket)}, lines, as_json=as_json)


def run(
    folder: Annotated[Path, typer.Argument(help="The registrar's folder, made by `peelian registrar divide`.")],
    socket: SocketOption = SOCKET,
    client: Annotated[
        list[str] | None,
        typer.Option(help="A user who may ask (name or number); repeat for more. None: only this one."),
    ] = None,
    group: Annotated[str, typer.Option(help="The group that may reach the socket (name or number).")] = "",
) -> None:
    """Run the registrar until it is told to stop."""
    from peelian.guided.registrar_process import served

    with served(folder, socket, clients=client or (), group=group) as (office, server):
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: server.stop())
        typer.echo(f"Registrar of {office.house.name!r} at {socket} (stop with Ctrl-C)")
        server.serve()
    typer.echo("Stopped: everything that was acknowledged is on the disk.")
