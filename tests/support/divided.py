"""A divided office for tests: its registrar runs in a process of its own, as whichever user a test wants."""

from __future__ import annotations

import atexit
import importlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING

from deciding import read_and_decide
from desk import Desk, Hands, desk
from forked import Process, fork
from toy import COUNT, TOY

import peelian.operations.office
from peelian.integrations.registrar_server import RegistrarServer
from peelian.kernel import verbs
from peelian.kernel.model.capability import Role
from peelian.kernel.model.documents import Decision
from peelian.kernel.model.ports import Clock
from peelian.operations.dividing import divide
from peelian.operations.office import Office
from peelian.operations.registrar_process import learn_acts, served

if TYPE_CHECKING:
    import pytest  # every process that a test starts would import it, for a fifth of a second

SUPPORT = Path(__file__).parent
FRESH = 20  # seconds, of the 60 between two heartbeats
LAZY = (
    "typer._adapters",
    "pydantic",
    "peelian.cli.registrar",
    "peelian.integrations.divided_kernel",
    "sqlalchemy.dialects.postgresql.psycopg",
    "psycopg.dbapi20",
)
PROGRAM = """
import sys
sys.path.insert(0, {support!r})
import peelian.operations.office
from own_keys import give_passphrases
give_passphrases()
import peelian.operations.run_worker
import workers
peelian.operations.office.technologies = workers.known
peelian.operations.run_worker.WORK = workers.toy
import importlib.metadata, importlib.readers
import peelian.operations.registrar_process
from divided import become
from peelian.cli import main
become({user!r}, {group!r})
sys.argv = ["peelian", *{arguments!r}]
main()
"""


def program(*arguments: str, user: int | None = None, group: int | None = None) -> list[str]:
    """`peelian ARGUMENTS`, with a toy technology alone (`workers.known`), as a command of its own process and of
    another user."""
    return [
        sys.executable,
        "-c",
        PROGRAM.format(support=str(SUPPORT), arguments=list(arguments), user=user, group=group),
    ]


def started(command: list[str], errors: IO[bytes]) -> Process:
    """The process of a command, what it prints on stderr in a file."""
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors)


def begun(
    command: list[str],
    answers: Callable[[], bool],
    *,
    seconds: float = 120,
    start: Callable[[list[str], IO[bytes]], Process] = started,
) -> Process:
    """The process of a command, once it answers; AssertionError with what it said where it ends before, or is mute."""
    with tempfile.TemporaryFile() as errors:  # a pipe that nobody reads would stop a process that says much
        process = start(command, errors)
        late = time.monotonic() + seconds
        while process.poll() is None and time.monotonic() < late:
            if answers():
                return process
            time.sleep(0.05)
        process.kill()
        process.wait()
        errors.seek(0)
        raise AssertionError(errors.read().decode()[-3000:] or f"it did not begin to answer within {seconds} seconds")


def ended(process: Process, with_signal: int = signal.SIGTERM) -> None:
    """Send the signal, and wait until the process is gone."""
    process.send_signal(with_signal)
    process.wait(60)


def become(user: int | None, group: int | None) -> None:
    """Be another user from now on. The interpreter itself may lie where that user cannot go: all that is imported
    while it works is imported first, by living through a use in memory."""
    if user is not None:
        town = desk((TOY,))
        town.authorizations(COUNT)
        verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
        for lazy in LAZY:
            importlib.import_module(lazy)
        learn_acts()
        os.setgroups([group] if group is not None else [])
        os.setgid(user)
        os.setuid(user)


@dataclass
class RunningRegistrar:
    """A registrar process, started and ended by the test."""

    folder: Path
    socket: Path
    clients: tuple[str, ...] = ()
    user: int | None = None
    group: int | None = None
    process: Process | None = field(default=None)

    def start(self) -> None:
        """Until it answers."""
        clients = [word for name in self.clients for word in ("--client", name)]
        group = ["--group", str(self.group)] if self.group is not None else []
        words = ("registrar", "run", str(self.folder), "--socket", str(self.socket), *clients, *group)
        command = program(*words, user=self.user, group=self.group)
        self.process = begun(command, self.socket.exists, start=fork)

    def end(self, with_signal: int = signal.SIGTERM) -> None:
        """Until it is gone."""
        if self.process is not None:
            ended(self.process, with_signal)
            if with_signal == signal.SIGKILL:
                self.socket.unlink(missing_ok=True)
            self.process = None


@contextmanager
def passable() -> Iterator[Path]:
    """A folder that other users may pass through: pytest closes its own to them."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@contextmanager
def divided_town(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Desk, RegistrarServer, Path]]:
    """A divided office with one person in each role, its registrar in a thread; the desk, the server, the socket."""
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
    office, registrar, socket = folder / "office", folder / "registrar", folder / "socket"
    if not office.exists():
        peopled(office)
        divide(office, registrar, socket)
    with answering(registrar, socket) as server, peelian.operations.office.open_office(office) as opened:
        yield desk_of(opened), server, socket


@contextmanager
def answering(registrar: Path, socket: Path) -> Iterator[RegistrarServer]:
    """The registrar of a folder, answering in a thread."""
    with at_work(registrar, socket) as (_, server):
        yield server


@contextmanager
def at_work(registrar: Path, socket: Path) -> Iterator[tuple[Office, RegistrarServer]]:
    """The same, and the registrar's own office."""
    with served(registrar, socket) as (office, server):
        thread = threading.Thread(target=server.serve)
        thread.start()
        try:
            yield office, server
        finally:
            server.stop()
            thread.join()


def peopled(office: Path, *, clock: Clock | None = None) -> None:
    """A new office with one person in each role, each of a unit of their own.

    By this machine's clock and in SQLite it is a copy of one that was made just before, log and keys: nine people take
    a tenth of a second of CPU. An older one would be due a heartbeat, which tests do not reckon with.
    """
    if clock is not None or os.environ.get("PEELIAN_TESTS_ON") == "postgresql":
        _people(office, clock)
    else:
        shutil.copytree(_once_peopled(peelian.operations.office.new_office, int(time.monotonic() / FRESH)), office)


@cache
def _once_peopled(by: Callable[..., Office], when: int) -> Path:
    """The office that is copied; `by`: what makes offices in this test, `when` it was made."""
    folder = Path(tempfile.mkdtemp(prefix="peelian-peopled-"))
    atexit.register(shutil.rmtree, folder)
    _people(folder / "office", None)
    return folder / "office"


def _people(office: Path, clock: Clock | None) -> None:
    with peelian.operations.office.new_office(office, name="Town", clock=clock) as made:
        custodian = made.enrol("custodian", name="Custodian", unit="it", roles={Role.CUSTODIAN})
        board = None
        for role in Role:
            short, told = str(role).replace("_", "-"), {"roles": {role}, "by": custodian, "second": board}
            if role is not Role.CUSTODIAN:
                one = made.enrol(short, name=short, unit=f"unit-{short}", **told)
                board = one if role is Role.BOARD else board


def desk_of(office: Office) -> Desk:
    """Its people at their desks."""
    shorts = [str(role).replace("_", "-") for role in Role]
    return Desk(office=office, clock=Hands(), people={short: office.operator(short) for short in shorts})


def lived(town: Desk) -> Decision:
    """One use from the authorizations to the public register."""
    town.authorizations(COUNT)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    words = {"reasons": "it fits the area", "other_evidence": "document: the records of the works"}
    decision = read_and_decide(town.kernel, town.people["commander"], evidence, choice="accept", **words)
    verbs.publish(town.kernel, town.people["clerk"], decision, statement="wells were counted")
    return decision
