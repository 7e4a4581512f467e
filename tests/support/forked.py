"""Commands as processes of their own without what Python's start costs: forked from one that has imported everything.

That one, the template, is started once, when a test first asks for a process. It has no thread and knows no secret; a
forked process gets the environment, the folder and the search path of whoever asked, and becomes their child.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from functools import cache
from types import FunctionType
from typing import IO

IMPORTED = (
    "importlib.metadata",
    "importlib.readers",
    "peelian.cli.registrar",
    "peelian.cli.setup",
    "peelian.operations.registrar_process",
    "peelian.operations.run_worker",
    "peelian.web.app",
    "peelian.web.serving",
    "psycopg.dbapi20",
    "pydantic",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "typer._adapters",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.h11_impl",
)
SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of Linux: who becomes the parent of a process whose own has ended


class Forked:
    """A forked process, waited for and killed as one of `subprocess.Popen` is."""

    def __init__(self, pid: int) -> None:
        self.pid, self.returncode = pid, None  # type: tuple[int, int | None]

    def poll(self) -> int | None:
        """Its exit code, once it has ended."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended; subprocess.TimeoutExpired where that takes longer."""
        late = time.monotonic() + (timeout if timeout is not None else float("inf"))
        while (code := self.poll()) is None:
            if time.monotonic() > late:
                raise subprocess.TimeoutExpired("a forked process", timeout or 0)
            time.sleep(0.01)
        return code

    def send_signal(self, number: int) -> None:
        """Nothing where it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """As a crash."""
        self.send_signal(signal.SIGKILL)


Process = Forked | subprocess.Popen[bytes]


def fork(command: list[str], errors: IO[bytes]) -> Forked:
    """The process of `python -c CODE`, what it prints on stderr in a file."""
    _, _, code = command
    door, libc = _template(), ctypes.CDLL(None)
    order = json.dumps({"code": code, "path": sys.path, "environment": dict(os.environ), "folder": os.getcwd()})
    libc.prctl(SUBREAPER, 1)
    try:
        socket.send_fds(door, [order.encode()], [errors.fileno()])
        return Forked(int(door.recv(64)))
    finally:
        libc.prctl(SUBREAPER, 0)


@cache
def _template() -> socket.socket:
    """The connection to the template of this process."""
    ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
    paths = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    own = {"pass_fds": [theirs.fileno()], "stdout": subprocess.DEVNULL}
    subprocess.Popen([sys.executable, __file__, str(theirs.fileno())], env=os.environ | paths, **own)
    theirs.close()
    return ours


def _next(door: socket.socket) -> str:
    """In the template: fork for each order. Returns in the forked process alone, with the code that it is to run."""
    while True:
        words, files, _, _ = socket.recv_fds(door, 1 << 18, 1)
        if not words:
            os._exit(0)  # whoever wanted processes is gone
        ours, theirs = os.pipe()
        if between := os.fork():
            os.waitpid(between, 0)  # its own child is now the asker's
            door.send(os.read(ours, 64))
            for file in (ours, theirs, *files):
                os.close(file)
            continue
        if pid := os.fork():
            os.write(theirs, str(pid).encode())
            os._exit(0)
        door.close()
        os.dup2(files[0], 2)
        for file in (ours, theirs, *files):
            os.close(file)
        order = json.loads(words)
        os.environ.clear()
        os.environ.update(order["environment"])
        os.chdir(order["folder"])
        sys.path[:] = order["path"]
        return str(order["code"])


if __name__ == "__main__":
    for name in IMPORTED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    CODE = _next(socket.socket(fileno=int(sys.argv[1])))
    sys.argv = ["-c"]
    FunctionType(compile(CODE, "-c", "exec"), {"__name__": "__main__"})()
