"""Confined child: a child process that has no network and sees only what it is told, before it loads anything.

Every child that reads files of strangers is one. Where the system cannot take its network (no Linux, another processor,
a container that forbids seccomp), it reads nothing and says so, unless the setting PEELIAN_UNCONFINED is "yes".
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import sys
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import peelian
from peelian.child_process import child
from peelian.errors import InputError
from peelian.intake.confinement import NETWORK, confined
from peelian.told_errors import error_as_values

UNCONFINED = "PEELIAN_UNCONFINED"
SYSTEM = ("/usr", "/lib", "/lib64", "/etc/localtime", "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices")


@contextlib.contextmanager
def confined_child(
    work: Callable[[Connection, Any], None],
    order: Any,
    *,
    readable: Iterable[Path] = (),
    writable: Iterable[Path] = (),
) -> Iterator[Connection]:
    """A sealed child (`child_process.child`) that runs `work(connection, order)`, and the connection to it.

    It reads `readable` (files, or folders with all in them), the program and its libraries, writes in `writable`, and
    opens no socket. Its first line is JSON with "error" (`told_errors.raised`) where that cannot be had.
    """
    sees = [str(one) for one in readable], [str(one) for one in writable]
    with child(begins, (*sees, os.environ.get(UNCONFINED) == "yes"), sealed=True) as connection:
        with contextlib.suppress(OSError):  # it has ended: whoever reads is told
            connection.send((work, order))
        yield connection


def beside(path: Path) -> list[Path]:
    """A file and those that belong to it by their names: a shapefile's .dbf, .shx and .prj."""
    together = path.suffix.lower() == ".shp" and path.parent.is_dir()
    return [one for one in path.parent.iterdir() if one.stem == path.stem] if together else [path]


def begins(connection: Connection, sees: tuple[list[str], list[str], bool]) -> None:
    """The child itself: it gives up what it does not need before anything else is loaded, then hears what to do."""
    readable, writable, unconfined = sees
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.disable()  # it ends with this one file
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # nothing here needs more, and they wait in loops
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"  # so that what Arrow gives back serves numpy, too
    loads = (sys.prefix, sys.base_prefix, *(one for one in sys.path if one != os.getcwd()), *SYSTEM)
    held = confined(map(Path, [*loads, *peelian.__path__, *readable]), map(Path, writable))
    if NETWORK not in held and not unconfined:
        connection.send_bytes(json.dumps(error_as_values(_unsafe())).encode())
        with contextlib.suppress(EOFError, OSError):
            while True:  # what it was to do, unread; until whoever started it has heard and ends it
                connection.recv_bytes()
        return
    work, order = connection.recv()
    work(connection, order)


def _unsafe() -> InputError:
    accepted = (
        "Linux on x86_64 or aarch64 with seccomp, which a container may have switched off. Where nothing secret is in "
        "reach of this machine, PEELIAN_UNCONFINED=yes"
    )
    return InputError("no file is read here: its reader cannot be cut off from the network", accepted=accepted)
