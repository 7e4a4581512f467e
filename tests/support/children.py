"""What children of tests do: functions of a module, as a child process takes them."""

from __future__ import annotations

import json
import os
import queue
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from peelian.child_process import end_with
from peelian.intake import confined_child, confinement
from peelian.kernel.model.capability import Note
from peelian.kernel.model.formats import Admitted, Format
from peelian.measure.table import Kind, Table, table


def looks_around(connection: Any, order: Any) -> None:
    connection.send({"order": order, "settings": dict(os.environ), "modules": sorted(sys.modules)})


def waits(connection: Any, order: Any) -> None:
    end_with(connection)
    connection.send(os.getpid())
    time.sleep(600)


def rests(connection: Any, order: Any) -> None:
    end_with(connection)
    time.sleep(600)


def ends(connection: Any, order: Any) -> None:
    os._exit(3)


def tries(connection: Any, order: tuple[str, Sequence[str], Sequence[str]]) -> None:
    """What still works once a process is confined to one file: reading it, reading others, writing, calling."""
    readable, others, places = order
    before: Any = queue.Queue()
    after: Any = queue.Queue()
    threading.Thread(target=lambda: after.put(works(before.get())), daemon=True).start()
    held = confinement.confined([Path(readable)])
    told: dict[str, Any] = {"held": held, "read": works(lambda: Path(readable).read_bytes())}
    told |= {
        one: works(lambda one=one: Path(one).read_bytes() if Path(one).is_file() else os.listdir(one)) for one in others
    }
    told |= {one: works(lambda one=one: Path(one).write_bytes(b"x")) for one in places}
    told["socket"] = works(lambda: socket.socket(socket.AF_UNIX))
    told["network"] = works(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    told["name"] = works(lambda: socket.getaddrinfo("localhost.example.org", 80))
    told["thread"] = in_a_thread(lambda: Path(others[0]).read_bytes())
    before.put(lambda: socket.socket(socket.AF_INET))
    told["older thread"] = after.get()
    told |= {f"call {name}": called(name) for name in CALLS}
    told |= {name: works(act) for name, act in acts(os.getppid(), readable).items()}
    connection.send(told)


CALLS = {
    "socket": (41, 198, 10, 1, 0), "connect": (42, 203), "accept": (43, 202), "sendto": (44, 206), "sendmsg": (46, 211),
    "bind": (49, 200), "listen": (50, 201), "socketpair": (53, 199, 1, 1, 0), "ptrace": (101, 117),
    "accept4": (288, 242), "sendmmsg": (307, 269), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "io_uring_setup": (425, 425, 1), "pidfd_getfd": (438, 438),
}  # fmt: skip
"""System calls as foreign code would make them: their numbers on x86_64 and aarch64, and what they are given."""


def acts(other: int, readable: str) -> Mapping[str, Callable[[], Any]]:
    """What foreign code would do to the process that started it, to files of the same user, and after its own end."""
    import resource
    import subprocess

    return {
        "signal": lambda: os.kill(other, 0),
        "limit": lambda: resource.prlimit(
            other, resource.RLIMIT_NOFILE, resource.prlimit(other, resource.RLIMIT_NOFILE)
        ),
        "slow": lambda: os.setpriority(os.PRIO_PROCESS, other, os.getpriority(os.PRIO_PROCESS, other)),
        "hold": lambda: os.close(os.pidfd_open(other)),
        "fork": lambda: os.fork() or os._exit(0),
        "exec": lambda: subprocess.run([sys.executable, "-c", ""], check=True),
        "lay open": lambda: os.chmod(readable, 0o640),
        "give away": lambda: os.chown(readable, os.getuid(), os.getgid()),
        "date back": lambda: os.utime(readable, (0, 0)),
        "mark": lambda: os.setxattr(readable, "user.x", b"x"),
    }


def called(name: str) -> bool:
    """Whether the system does anything but refuse this call."""
    import ctypes
    import errno
    import platform

    one, other, *given = CALLS[name]
    library = ctypes.CDLL(None, use_errno=True)
    made = library.syscall(one if platform.machine() == "x86_64" else other, *[*given, -1, -1, -1][:3])
    return bool(made >= 0 or ctypes.get_errno() != errno.EPERM)


def begins_where_no_filter_is_taken(connection: Any, order: Any) -> None:
    """As the confined child begins, on a processor whose filter we do not know."""
    confinement.PROCESSORS = {}
    confined_child.begins(connection, order)


def opens_a_socket(connection: Any, order: Any) -> None:
    connection.send_bytes(json.dumps({"socket": works(lambda: socket.socket(socket.AF_INET))}).encode())


def has_gdal_read(connection: Any, order: tuple[str, dict[str, str]]) -> None:
    """GDAL reads a file under these settings alone, in a process that is not confined."""
    path, settings = order
    os.environ.update(settings)
    import pyogrio

    try:
        pyogrio.raw.read(path)
    except Exception as fault:  # what it says of it, as text
        connection.send(str(fault))
    else:
        connection.send("read")


def works(act: Callable[[], Any]) -> bool:
    try:
        act()
    except OSError:
        return False
    return True


def in_a_thread(act: Callable[[], Any]) -> bool:
    found: list[bool] = []
    thread = threading.Thread(target=lambda: found.append(works(act)))
    thread.start()
    thread.join()
    return found[0]


def _convert(text: Table, options: Any) -> Admitted:
    word = text["n"].tolist()[0]
    if word in ENDS:
        ENDS[word]()
    counts = {"n": (Kind.COUNT, [int(n) for n in text["n"].tolist()])}
    return Admitted(table=table("numbers", counts), facts={"read_by": os.getpid()}, notes=(Note(text="Numbers."),))


def _dies() -> None:
    os._exit(1)


def _spins() -> None:
    while True:
        pass


def _hoards() -> None:
    held = []
    while True:
        held.append(bytearray(16 << 20))


def _sleeps() -> None:
    time.sleep(600)


def _answers_too_much() -> None:
    sys.stdout.write("x" * (1 << 20))
    _answer(b"x" * (20 << 20))


def _talks_nonsense() -> None:
    _answer(b"\xff no JSON")


def _lies() -> None:
    line = {"format": "hostile-numbers", "facts": {}, "dropped": [], "notes": []}
    _answer(json.dumps(line).encode())
    _answer(b"no table at all")


def _faults() -> None:
    raise ZeroDivisionError("a personal value")


def _answer(content: bytes) -> None:
    """On the connection that the child began with: the first socket that it finds."""
    from multiprocessing.connection import Connection

    Connection(int(sys.argv[1])).send_bytes(content)


ENDS: dict[str, Callable[[], None]] = {
    "1111": _dies, "2222": _spins, "3333": _hoards, "4444": _sleeps, "5555": _answers_too_much,
    "6666": _talks_nonsense, "7777": _lies, "8888": _faults,
}  # fmt: skip


def _inspect(file: Any, options: Any) -> Admitted:
    file.seek(-3, os.SEEK_END)
    tail = file.read()
    if tail == b"bad":
        raise ZeroDivisionError("a personal value")
    file.seek(0)
    counts = {"bytes": (Kind.COUNT, [len(file.read())]), "first": (Kind.COUNT, [file.seek(0) or file.read(1)[0]])}
    return Admitted(table=table("object", counts), facts={"read_by": os.getpid(), "tail": tail.decode()})


def formats() -> tuple[Format, ...]:
    """A format that reads numbers, some of which end the process in one way or another, and one of bytes."""
    return (
        Format(
            id="hostile-numbers", title="Numbers", shape="numbers", required=frozenset({"n", "m"}),
            columns=frozenset({"n"}), convert=_convert,
        ),
        Format(id="bytes", title="Bytes", shape="object", kinds=("stream",), inspect=_inspect),
    )  # fmt: skip
