"""Intake child: foreign files are read in a process that holds no key, sees no file of the office and opens no socket.

It gets the file's path (or asks for an object's bytes, piece by piece), converts them, and answers with a table as
Arrow and what there is to say of it as JSON. Both are checked here as anything from outside: a child that was taken
over by the file can still lie about that file, and about nothing else.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

from peelian.errors import InputError, PeelianError, sentence
from peelian.intake.allowance import Allowance, allowance_in, keep_memory, limit_processor, metered
from peelian.intake.confined_child import confined_child
from peelian.intake.sources import Given, Lent, lent
from peelian.told_errors import error_as_values, raised

if TYPE_CHECKING:
    from peelian.kernel.model.formats import Admitted, Emit, Format
    from peelian.kernel.model.technology import Technology
    from peelian.measure.table import Table

Progress = Callable[[str, float], None]
Find: TypeAlias = "Callable[[], Sequence[Format]]"
"""What returns formats (`kernel.model.technology.formats_of`): the child calls it, so that it loads them itself."""
MOST_LINE, MOST_PIECE, MOST_PART = 16 << 20, 4 << 20, 256 << 20
TURN = threading.Lock()  # in the child: one question at a time, whichever thread asks
LOOKS = 0.25  # seconds without a word of the child between two looks whether it may go on
IN_ALL, AT_LEAST = 4, 60  # times the seconds of processor time allowed, and seconds: how long a child may take in all


def admitted_by_child(
    path: Given,
    format: str,
    find: Find,
    options: Mapping[str, str],
    progress: Progress = lambda says, share: None,
    *,
    allowance: Allowance | None = None,
    emit: Emit | None = None,
    most_rows: int = 0,
) -> tuple[str, Admitted]:
    """As `read.admitted`, in a child. InputError, too, where it crashed, took too long or answered nonsense."""
    allowance = allowance or Allowance()
    seen = [Path(text) for text in options.values() if text and Path(text).is_file()]  # a description, a census
    how = (path.name, allowance, progress, emit)
    given = (dict(options), allowance, emit is not None, most_rows)
    if isinstance(path, Path):
        return _answer(_reads, [path, *seen], (path, format, find, given), how, None)
    return _answer(_reads, seen, ((path.name, path.size), format, find, given), how, path.open())


def inspected_by_child(
    technologies: Sequence[Technology], format: Format, file: BinaryIO, options: Mapping[str, str]
) -> Admitted:
    """What the format says of an object kept whole, looked at in a child that asks for its bytes; errors as above."""
    from peelian.kernel.model.technology import formats_of

    allowance = allowance_in(os.environ)
    size = file.seek(0, os.SEEK_END)
    asked = (size, format.id, formats_of(technologies, format.id), (dict(options), allowance))
    return _answer(_looks, [], asked, ("", allowance, lambda says, share: None, None), file)[1]


def _answer(
    work: Callable[..., Any],
    seen: Sequence[Path],
    asked: Any,
    how: tuple[str, Allowance, Progress, Emit | None],
    file: Any,
) -> tuple[str, Admitted]:
    """What the child answered: first lines of progress, questions for bytes of `file` and parts, then its end."""
    name, allowance, progress, emit = how
    until, last = time.monotonic() + IN_ALL * allowance.cpu_seconds + AT_LEAST, ("", 0.0)
    most = allowance.memory_mib << 20
    with confined_child(answers, None, readable=seen) as connection:
        with contextlib.suppress(OSError):  # it has ended: its line says why
            connection.send((work, asked))
        while True:
            try:
                what, told = _heard(
                    connection, partial(line_of, connection, until, partial(progress, *last)), file, most
                )
            except PeelianError:
                raise
            except (EOFError, OSError, ValueError, KeyError, TypeError, RecursionError):
                raise cut_short(name, allowance) from None
            if what == "bytes":
                answer: tuple[str, Admitted] = told
                return answer
            if what == "share":  # what is done with it is no fault of the child's
                last = told
                progress(*told)
            elif emit is not None:
                emit(told)


def _heard(connection: Connection, next_line: Callable[[], Any], file: Any, most: int) -> tuple[str, Any]:
    """What the child says next, after its questions: "share" of progress, a "part", or the "bytes" of its end.

    EOFError where it takes too long, ValueError, KeyError or TypeError for what no child says.
    """
    while "at" in (line := next_line()):
        file.seek(line["at"])
        connection.send_bytes(file.read(min(line["read"], MOST_PIECE)))
    if "error" in line:
        raise raised(line)
    if "share" in line:
        return "share", (str(line["says"]), float(line["share"]))
    if "part" in line:
        return "part", _table(content_of(connection, int(line["part"]), MOST_PART))
    content = content_of(connection, int(line["bytes"]), most)
    return "bytes", (str(line["format"]), _read_back(line, content))


def line_of(connection: Connection, until: float, meanwhile: Callable[[], None] = lambda: None) -> Any:
    """What the child says next; `meanwhile` is asked some times a second, and ends it with what it raises. EOFError
    where it takes too long."""
    while not connection.poll(max(0.0, min(LOOKS, until - time.monotonic()))):
        if time.monotonic() >= until:
            raise EOFError
        meanwhile()
    return json.loads(connection.recv_bytes(MOST_LINE))


def _table(content: bytearray) -> Table:
    """An Arrow stream of the child's as a table; ValueError, KeyError or TypeError for anything else. O(bytes)."""
    import pyarrow as pa

    from peelian.measure.table import Table

    found = pa.ipc.open_stream(content).read_all()
    found.validate(full=True)
    return Table.from_arrow(found)


def content_of(connection: Connection, size: int, most: int) -> bytearray:
    """The bytes that follow a line, read to where they stay; ValueError where more than `most` are announced."""
    if size > most:
        raise ValueError
    content = bytearray(size)
    with memoryview(content) as left:
        while left:
            taken = os.readv(connection.fileno(), [left])
            if not taken:
                raise EOFError
            left = left[taken:]
    return content


def cut_short(name: str, allowance: Allowance) -> InputError:
    """It crashed, was ended by the system, took too long or said what no child says."""
    limits = {"memory_mib": allowance.memory_mib, "cpu_seconds": allowance.cpu_seconds}
    accepted = sentence("a complete file that takes at most %(memory_mib)d MiB and %(cpu_seconds)d s", **limits)
    return InputError("the file cannot be read: reading it was cut short", file=name, accepted=accepted)


def _read_back(line: Mapping[str, Any], content: bytearray) -> Admitted:
    """The child's answer as values of ours; ValueError, KeyError or TypeError for anything else. O(bytes)."""
    from peelian.kernel.model.capability import Note
    from peelian.kernel.model.formats import Admitted, Dropped

    facts = {str(name): value for name, value in line["facts"].items() if isinstance(value, (str, int, float))}
    return Admitted(
        table=_table(content),
        facts=facts,
        dropped=tuple(
            Dropped(why=str(d["why"]), n=int(d["n"]), first_row=int(d["first_row"])) for d in line["dropped"]
        ),
        notes=tuple(Note(text=str(n["text"]), values=dict(n["values"]), kind=str(n["kind"])) for n in line["notes"]),
        columns={str(own): str(name) for own, name in line["columns"].items()},
        unread=tuple(map(str, line["unread"])),
    )


def answers(connection: Connection, order: None) -> None:
    """The child itself, once it is confined: it hears what it is asked, and tells what came of it."""
    keep_memory()
    _look_for_no_pandas()
    work, asked = connection.recv()
    try:
        format, taken = work(connection, *asked)
    except PeelianError as error:
        connection.send_bytes(json.dumps(error_as_values(error)).encode())
    else:
        _tell(connection, format, taken)
    os._exit(0)  # all is said: to take down what was loaded is work for nobody


def _look_for_no_pandas() -> None:
    """Arrow finds no pandas here, which it would load wherever it is installed: half a second of each file."""
    import pyarrow as pa

    absent = Absent("pandas")
    sys.meta_path.insert(0, absent)
    pa.array([])  # looks for it, once
    sys.meta_path.remove(absent)


class Absent:
    """A finder of modules to which these libraries are not installed."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name in self._names:
            raise ImportError(name)


def _tell(connection: Connection, format: str, taken: Admitted) -> None:
    line = {
        "format": format,
        "facts": dict(taken.facts),
        "dropped": [dataclasses.asdict(one) for one in taken.dropped],
        "notes": [{"text": n.text, "values": dict(n.values), "kind": n.kind} for n in taken.notes],
        "columns": dict(taken.columns),
        "unread": taken.unread,
    }
    _send(connection, "bytes", taken.table, line)


def _send(connection: Connection, name: str, table: Table, line: Mapping[str, Any]) -> None:
    """A line that says under `name` how many bytes follow, and these: the table as an Arrow stream."""
    import pyarrow as pa

    found, counted = table.to_arrow(packed=True), pa.MockOutputStream()
    with pa.ipc.new_stream(counted, found.schema) as writer:
        writer.write_table(found)
    connection.send_bytes(json.dumps({**line, name: counted.size()}).encode())
    with open(connection.fileno(), "wb", closefd=False) as to, pa.ipc.new_stream(to, found.schema) as writer:
        writer.write_table(found)


def _reads(
    connection: Connection,
    given: Path | tuple[str, int],
    format: str,
    find: Find,
    how: tuple[dict[str, str], Allowance, bool, int],
) -> tuple[str, Admitted]:
    from peelian.intake.read import admitted

    def progress(says: str, share: float) -> None:
        with TURN:
            connection.send_bytes(json.dumps({"says": says, "share": share}).encode())

    def emit(part: Table) -> None:
        with TURN:
            _send(connection, "part", part, {})

    options, allowance, in_parts, most = how
    limit_processor(allowance)
    path = given if isinstance(given, Path) else _lent(connection, *given)
    hands_over = emit if in_parts else None
    return admitted(path, format, find(), options, progress, allowance=allowance, emit=hands_over, most_rows=most)


def _looks(
    connection: Connection, size: int, format: str, find: Find, how: tuple[dict[str, str], Allowance]
) -> tuple[str, Admitted]:
    from peelian.kernel.model.formats import looked_at

    options, allowance = how
    (chosen,) = [one for one in find() if one.id == format]
    limit_processor(allowance)
    with metered("", allowance):
        return format, looked_at(chosen, _lent(connection, "", size).open(), options)


def _lent(connection: Connection, name: str, size: int) -> Lent:
    """A file whose bytes are asked for piece by piece of whoever may open it."""

    def read(at: int, most: int) -> bytes:
        with TURN:
            connection.send_bytes(json.dumps({"at": at, "read": min(most, MOST_PIECE)}).encode())
            return connection.recv_bytes()

    return lent(name, size, read)
