"""Commands of the registrar: a separate process and user for the log, the signing key and the key ring."""

from __future__ import annotations

import pwd
import signal
from pathlib import Path
from typing import Annotated

import typer

from peelian.cli.command import command
from peelian.cli.frame import HERE, OfficeOption, Printed
from peelian.cli.words import say
from peelian.kernel.model.doors import MACHINE, Enters, Leaves, Suspended

SOCKET = Path("/run/peelian/registrar.sock")
SocketOption = Annotated[Path, typer.Option("--socket", help="Unix socket of the registrar.")]


@command(
    "machine divide",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    whom=MACHINE,
    terminal="moves keys between users of the machine",
)
def divide(
    folder: Annotated[Path, typer.Argument(help="A new folder that only the user of the registrar can read.")],
    socket: SocketOption = SOCKET,
    owner: Annotated[str, typer.Option(help="User who runs the registrar (needs root).")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Move it all back, while the registrar is stopped.")] = False,
    office: OfficeOption = HERE,
) -> Printed:
    """Move the log, signing key and key ring of an office to a registrar: before real data are brought in."""
    from peelian.operations import dividing

    if undo:
        moved = dividing.undo(office, folder.absolute())
        lines = [say("Moved back into the office: the log (%(n)d entries) and the keys.", n=moved.entries)]
    else:
        moved = dividing.divide(office, folder.absolute(), socket.absolute(), owner=owner)
        lines = [say("Moved: the log (%(n)d entries) and the keys. The office no longer holds them.", n=moved.entries)]
    lines.append(say("Files: %(names)s", names=", ".join(moved.names)))
    lines.append(say("Every file in the office belongs to the user %(user)s.", user=named(moved.office_owner)))
    if not undo:
        lines += [
            say("The registrar's folder belongs to the user %(user)s.", user=named(moved.registrar_owner)),
            say("Next: peelian machine registrar %(folder)s --socket %(socket)s", folder=folder, socket=socket),
            say("Undo: stop the registrar, then peelian machine divide %(folder)s --undo", folder=folder),
        ]
    if moved.on_server and not undo:
        lines.append(say("Now let only the registrar's user log on to the PostgreSQL databases (how-to: PostgreSQL)."))
    lines.append(say("Replace the backups of the key folder. The old ones still hold these keys."))
    return {"entries": moved.entries, "registrar": "" if undo else str(folder), "moved": list(moved.names)}, lines


def named(user: int) -> str:
    """A user's name where the machine knows one, else the number."""
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


@command(
    "machine registrar",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    whom=MACHINE,
    terminal="runs a program until it is stopped",
)
def run(
    folder: Annotated[Path, typer.Argument(help="Folder of the registrar, from `peelian machine divide`.")],
    socket: SocketOption = SOCKET,
    client: Annotated[
        list[str] | None,
        typer.Option(help="User allowed to connect (name or number). Repeat for more. Default: you."),
    ] = None,
    worker: Annotated[
        list[str] | None,
        typer.Option(help="User of workers, allowed to open what a run logged for them (name or number)."),
    ] = None,
    group: Annotated[str, typer.Option(help="Group allowed to open the socket (name or number).")] = "",
) -> None:
    """Run the registrar until Ctrl-C or SIGTERM."""
    from peelian.operations.registrar_process import served

    with served(folder, socket, clients=client or (), workers=worker or (), group=group) as (office, server):
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: server.stop())
        typer.echo(
            say(
                "Registrar of %(name)s at %(socket)s  (stop with Ctrl-C)", name=office.kernel.office.name, socket=socket
            )
        )
        server.serve()
    typer.echo(say("Stopped. Everything acknowledged is saved."))
