"""What children of tests do: functions of a module, as a child process takes them."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from peelian.child_process import end_with
from peelian.intake.confinement import confined
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
    held = confined([Path(readable)])
    told: dict[str, Any] = {"held": held, "read": works(lambda: Path(readable).read_bytes())}
    told |= {
        one: works(lambda one=one: Path(one).read_bytes() if Path(one).is_file() else os.listdir(one)) for one in others
    }
    told |= {one: works(lambda one=one: Path(one).write_bytes(b"x")) for one in places}
    told["socket"] = works(lambda: socket.socket(socket.AF_UNIX))
    told["network"] = works(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    told["thread"] = in_a_thread(lambda: Path(others[0]).read_bytes())
    connection.send(told)


def works(act: Callable[[], Any]) -> bool:
    try:
        act()
    except OSError:
        return False
    return True


def in_a_thread(act: Callable[[], Any]) -> bool:
    import threading

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
