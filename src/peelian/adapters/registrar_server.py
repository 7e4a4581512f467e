"""A registrar's socket: whoever may ask is known by their user id, each question is judged, answered, and over.

One thread a connection. A question is read whole before anything is done; what is acknowledged is on the disk.
"""

from __future__ import annotations

import json
import os
import select
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from peelian.adapters.archive_files import FileArchive
from peelian.adapters.log_files import FileLog
from peelian.adapters.registrar_frames import Frame, Gone, error_frame, frame_bytes, read_frame
from peelian.adapters.vault_keys import TableKeys
from peelian.errors import InputError, IntegrityError, OutOfOrder, PeelianError
from peelian.governance.chunks import KEY_BYTES
from peelian.governance.custody import cleared
from peelian.governance.entries import encode_entry
from peelian.governance.house import House
from peelian.governance.ports import Entry, Leaf
from peelian.governance.registrar import Judge, document_of
from peelian.governance.vault import object_id

MOST_CONNECTIONS = 64
MOST_ENTRIES = 10_000
PAGE = 2_000  # entries that one answer holds
SENTENCE = 30.0  # seconds in which a question must have arrived, and an answer be taken
_CREDENTIALS = struct.Struct("3i")
PUBLIC = ("tile", "checkpoint", "checkpoint.witnessed", "log.vkey")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """What a registrar holds, and the judge of what it is asked."""

    house: House
    judge: Judge
    log: FileLog
    archive: FileArchive
    keys: TableKeys
    folder: Path  # the log's
    identity: Mapping[str, Any]

    def entry(self, intent: int) -> Entry | None:
        """The entry at an index."""
        return next((entry for at, entry in self.log.read(intent) if at == intent), None) if intent >= 0 else None


@dataclass(slots=True)
class Asker:
    """One connection: the objects whose keys it had wrapped and that the log does not know yet."""

    fresh: set[str] = field(default_factory=set)


def answered(registry: Registry, asker: Asker, question: Frame) -> Frame:
    """The answer to one question; every error becomes one, and only errors of ours say more than their type."""
    op = question.head.get("op")
    act = _ACTS.get(op) if isinstance(op, str) else None
    try:
        if act is None:
            raise InputError("a registrar is asked for no such thing", accepted=", ".join(sorted(_ACTS)))
        return act(registry, asker, question)
    except PeelianError as error:
        return error_frame(error)
    except Exception as error:  # a wish that nobody foresaw: nothing was done, and its text may hold data
        return error_frame(InputError(f"the registrar cannot read this ({type(error).__name__})"))


def _ok(value: object, body: bytes = b"") -> Frame:
    return Frame(head={"ok": value}, body=body)


def _hello(registry: Registry, asker: Asker, question: Frame) -> Frame:
    return _ok(dict(registry.identity))


def _append(registry: Registry, asker: Asker, question: Frame) -> Frame:
    entries = json.loads(question.body)
    if not isinstance(entries, list) or not 1 <= len(entries) <= MOST_ENTRIES:
        raise InputError("what is to be appended is no list", accepted=f"1 to {MOST_ENTRIES:,} entries")
    house, indexes = registry.house, []
    with house.lock:
        for entry in entries:
            encode_entry(entry)
            registry.judge.may_append(entry)
            indexes.append(house.take(entry))
            asker.fresh.discard(str(entry.get("object", "")))
    return _ok(indexes)


def _read(registry: Registry, asker: Asker, question: Frame) -> Frame:
    start = _number(question, "start")
    found = [dict(entry) for _, entry in islice(registry.log.read(start), PAGE)]
    return _ok(registry.house.book.orders.entries, json.dumps(found).encode())


def _find(registry: Registry, asker: Asker, question: Frame) -> Frame:
    found = registry.log.find(_text(question, "key"), _text(question, "value"))
    return _ok(len(found), json.dumps(found).encode())


def _receipt(registry: Registry, asker: Asker, question: Frame) -> Frame:
    return _ok("receipt", registry.log.receipt(_number(question, "index")))


def _checkpoint(registry: Registry, asker: Asker, question: Frame) -> Frame:
    return _ok("checkpoint", registry.log.checkpoint())


def _files(registry: Registry, asker: Asker, question: Frame) -> Frame:
    return _ok("files", json.dumps(list(_public(registry.folder))).encode())


def _file(registry: Registry, asker: Asker, question: Frame) -> Frame:
    name = _text(question, "name")
    if name not in set(_public(registry.folder)):
        raise InputError("the log has no public file of this name")
    return _ok("file", (registry.folder / name).read_bytes())


def _public(folder: Path) -> Iterator[str]:
    for name in PUBLIC:
        found = folder / name
        for path in sorted(found.rglob("*")) if found.is_dir() else [found]:
            if path.is_file():
                yield path.relative_to(folder).as_posix()


def _put(registry: Registry, asker: Asker, question: Frame) -> Frame:
    registry.archive.put(_text(question, "mark"), question.body, shelf=_text(question, "shelf"))
    return _ok("kept")


def _put_all(registry: Registry, asker: Asker, question: Frame) -> Frame:
    leaves, at = [], 0
    for one in json.loads(_text(question, "leaves")):
        size = int(one["size"])
        if size < 0:
            raise InputError("a document of no size", accepted="0 bytes or more")
        document = question.body[at : at + size]
        leaves.append(Leaf(mark=str(one["mark"]), document=document, shelf=str(one["shelf"])))
        at += size
    registry.archive.put_all(leaves)
    return _ok("kept")


def _get(registry: Registry, asker: Asker, question: Frame) -> Frame:
    return _ok("document", registry.archive.get(_text(question, "mark")))


def _destroy_shelf(registry: Registry, asker: Asker, question: Frame) -> Frame:
    shelf = _text(question, "shelf")
    with registry.house.lock:
        registry.judge.may_destroy_shelf(shelf)
        return _ok(registry.archive.destroy_shelf(shelf))


def _sign(registry: Registry, asker: Asker, question: Frame) -> Frame:
    first = _number(question, "first")
    document = document_of(question.body[:first])
    given = document_of(question.body[first:]) if question.body[first:] else None
    with registry.house.lock:
        registry.judge.may_sign(document, given)
        return _ok("signature", registry.house.sign(document, given))


def _token(registry: Registry, asker: Asker, question: Frame) -> Frame:
    return _ok(registry.house.token(question.body.decode()))


def _add(registry: Registry, asker: Asker, question: Frame) -> Frame:
    name = _text(question, "object")
    if len(question.body) != KEY_BYTES:
        raise InputError("this is no data key", accepted=f"{KEY_BYTES} bytes")
    registry.keys.add(object_id(name), question.body)
    asker.fresh.add(name)
    return _ok("kept")


def _unwrap(registry: Registry, asker: Asker, question: Frame) -> Frame:
    name, dataset, intent = _text(question, "object"), _text(question, "dataset"), _number(question, "intent")
    object_ = object_id(name)
    with registry.house.lock:
        registry.judge.may_unwrap(registry.entry(intent), object=name, dataset=dataset)
        return _ok("key", registry.keys.unwrapped(object_, dataset=dataset, intent=intent))


def _known(registry: Registry, asker: Asker, question: Frame) -> Frame:
    registry.keys.known(object_id(_text(question, "object")))
    return _ok("known")


def _destroy(registry: Registry, asker: Asker, question: Frame) -> Frame:
    name = _text(question, "object")
    with registry.house.lock:
        registry.judge.may_destroy(name)
        asker.fresh.discard(name)
        return _ok(registry.keys.destroy(object_id(name)))


def _states(registry: Registry, asker: Asker, question: Frame) -> Frame:
    states = {name.hex(): live for name, live in registry.keys.states().items()}
    return _ok(len(states), json.dumps(states).encode())


def _openings_used(registry: Registry, asker: Asker, question: Frame) -> Frame:
    return _ok(registry.keys.openings_used())


def _rotate_vault(registry: Registry, asker: Asker, question: Frame) -> Frame:
    with registry.house.lock:
        registry.judge.may_rotate()
        return _ok(registry.keys.rotate())


def _rotate_archive(registry: Registry, asker: Asker, question: Frame) -> Frame:
    with registry.house.lock:
        registry.judge.may_rotate()
        return _ok(registry.archive.rotate_keys())


_ACTS: Mapping[str, Callable[[Registry, Asker, Frame], Frame]] = {
    "hello": _hello,
    "append": _append,
    "read": _read,
    "find": _find,
    "receipt": _receipt,
    "checkpoint": _checkpoint,
    "files": _files,
    "file": _file,
    "put": _put,
    "put_all": _put_all,
    "get": _get,
    "destroy_shelf": _destroy_shelf,
    "sign": _sign,
    "token": _token,
    "add": _add,
    "unwrap": _unwrap,
    "known": _known,
    "destroy": _destroy,
    "states": _states,
    "openings_used": _openings_used,
    "rotate_vault": _rotate_vault,
    "rotate_archive": _rotate_archive,
}


def _text(question: Frame, key: str) -> str:
    value = question.head.get(key)
    if not isinstance(value, str):
        raise InputError("a question lacks a word", column=key, accepted="text")
    return value


def _number(question: Frame, key: str) -> int:
    value = question.head.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise InputError("a question lacks a number", column=key, accepted="a whole number from 0 on")
    return value


class RegistrarServer:
    """Listens on a Unix socket until `stop`. `clients` are the user ids that may ask."""

    def __init__(
        self, registry: Registry, path: Path, *, clients: Set[int], mode: int = 0o600, group: int = -1
    ) -> None:
        self._registry, self._clients = registry, frozenset(clients)
        self._listening = _listening(path, mode, group)
        self.path = path
        self._threads: dict[socket.socket, threading.Thread] = {}
        self._guard = threading.Lock()
        self._stopping = threading.Event()

    def serve(self) -> None:
        """Answer until `stop` is called from another thread or a signal."""
        self._listening.settimeout(0.2)
        while not self._stopping.is_set():
            try:
                connection, _ = self._listening.accept()
            except TimeoutError:
                continue
            except OSError:
                break
            self._welcome(connection)
        self._listening.close()
        self.path.unlink(missing_ok=True)
        for thread in list(self._threads.values()):
            thread.join(SENTENCE)

    def stop(self) -> None:
        """No further question is read; those that were read are answered."""
        self._stopping.set()

    def _welcome(self, connection: socket.socket) -> None:
        says = ""
        if _user_of(connection) not in self._clients:
            says = "this user may not ask the registrar"
        elif len(self._threads) >= MOST_CONNECTIONS:
            says = "too many ask the registrar at once: try again"
        if says:
            with connection, suppress(OSError):
                connection.settimeout(0.2)
                connection.sendall(frame_bytes(error_frame(OutOfOrder(says))))
                connection.recv(1 << 16)  # what it said: a connection that is closed over it loses the answer
            return
        thread = threading.Thread(target=self._listen_to, args=(connection,), daemon=True, name="registrar")
        with self._guard:
            self._threads[connection] = thread
        thread.start()

    def _listen_to(self, connection: socket.socket) -> None:
        asker = Asker()
        with suppress(Gone, OSError):
            connection.settimeout(SENTENCE)
            while self._speaks(connection):
                question = read_frame(connection)
                if question is None:
                    break
                connection.sendall(frame_bytes(answered(self._registry, asker, question)))
        connection.close()
        with self._guard:
            self._threads.pop(connection, None)
            last = not self._threads
        with suppress(PeelianError):
            self._tidy(asker, last=last)

    def _tidy(self, asker: Asker, *, last: bool) -> None:
        """Keys of objects that nobody came to log are destroyed; when nobody is connected, no run goes on either."""
        registry = self._registry
        with registry.house.lock:
            for name in asker.fresh:
                if name not in registry.judge.held.datasets:
                    registry.keys.destroy(object_id(name))
            if last:
                cleared(registry.house)

    def _speaks(self, connection: socket.socket) -> bool:
        """Whether something comes before the registrar ends. Silence has no limit: a long run says nothing."""
        poll = select.poll()
        poll.register(connection, select.POLLIN)
        while not self._stopping.is_set():
            if poll.poll(200):
                return True
        return False


def _listening(path: Path, mode: int, group: int) -> socket.socket:
    """The socket, reachable for its mode's users only from its first moment on."""
    if path.is_socket():
        if _answers(path):
            raise OutOfOrder("another registrar answers on this socket already")
        path.unlink()
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        made.bind(str(path))
    except OSError as error:
        made.close()
        raise IntegrityError(f"the registrar's socket cannot be made: {error.strerror}") from None
    finally:
        os.umask(before)
    if group >= 0:
        os.chown(path, -1, group)
    os.chmod(path, mode)
    made.listen(MOST_CONNECTIONS)
    return made


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True


def _user_of(connection: socket.socket) -> int:
    """The user id of whoever connected, as the kernel of the machine says (SO_PEERCRED)."""
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return int(_CREDENTIALS.unpack(raw)[1])
