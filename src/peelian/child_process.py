"""Child process: a function runs in a process of its own and has a connection to whoever started it.

Python starts anew there. Nothing is forked, so no key in memory comes along; and the caller's own script is not run
again, as `multiprocessing` would. What the child is told is unpickled there, by the function's module and name; what it
answers is never unpickled here.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from multiprocessing.connection import Connection
from typing import Any

START = """
import sys
from multiprocessing.connection import Connection
connection = Connection(int(sys.argv[1]))
try:
    sys.path[:] = connection.recv()
    work, order = connection.recv()
except (EOFError, ConnectionError):
    sys.exit(1)  # whoever started it is gone
work(connection, order)
"""
PLAIN = ("LANG", "LC_ALL", "PATH", "TMPDIR", "TZ", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")


@contextlib.contextmanager
def child(work: Callable[[Connection, Any], None], order: Any, *, sealed: bool = False) -> Iterator[Connection]:
    """A process that runs `work(connection, order)`, and the connection to it; EOFError on reading once it has ended.

    `work` is a function of a module. It is killed at the end of the context. `sealed`: it inherits no setting of this
    process but those of language, time zone and temporary folder, and what it prints is dropped.
    """
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own lines
            [sys.executable, "-P", "-s", "-c", START, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if sealed else None,
            stderr=subprocess.DEVNULL if sealed else None,
            env=_plain(os.environ) if sealed else None,
        )
        theirs.close()
        connection = Connection(ours.detach())
    try:
        with contextlib.suppress(OSError):  # it has ended: whoever reads is told
            connection.send([path or os.getcwd() for path in sys.path])
            connection.send((work, order))
        yield connection
    finally:
        process.kill()
        process.wait()
        connection.close()


def end_with(connection: Connection) -> None:
    """In the child: end as soon as whoever started it is gone. For one that is told nothing after its order."""

    def waits() -> None:
        with contextlib.suppress(OSError):
            connection.poll(None)
        os._exit(1)

    threading.Thread(target=waits, daemon=True).start()


def _plain(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: environment[name] for name in PLAIN if name in environment}
