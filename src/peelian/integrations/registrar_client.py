"""Registrar client: the ports of a divided office (log, archive, keys, signature), over a Unix socket.

This side holds none of them. What it asks may be refused by the registrar's own judgement. A question that changes
nothing is asked again where the registrar was away for a moment; one that may have changed something never is.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from peelian.errors import InputError, IntegrityError, PeelianError
from peelian.integrations.registrar_frames import Frame, Gone, frame_bytes, raised, read_frame
from peelian.kernel.model.documents import Document, to_bytes
from peelian.kernel.model.ports import Entry, Leaf, Named
from peelian.storage.database import Database
from peelian.storage.log_rows import LogRows

PATIENCE = 15.0  # seconds to wait for a registrar that is being restarted
_ANSWERS_WITHIN = 120.0
_AWAY = "the registrar does not answer: see that its service runs, then do it again"
_UNSURE = (
    "the registrar went away in the middle of this: whether it was done is in the log; look there before doing it again"
)


class Registrar:
    """A registrar behind a socket. Each thread has a connection of its own."""

    def __init__(self, path: Path, *, patience: float | None = None) -> None:
        self.path, self._patience = path, PATIENCE if patience is None else patience
        self._own = threading.local()
        self._key = ""

    def ask(self, op: str, body: bytes = b"", *, changes: bool = False, **head: str | int) -> Frame:
        """The answer; the error it tells of is raised. `changes`: it is never asked twice."""
        question = frame_bytes(Frame(head={"op": op, **head}, body=body))
        if changes and time.monotonic() - getattr(self._own, "at", 0.0) > 1.0:
            self.ask("hello")  # an old connection may be dead, which only using it shows
        until = time.monotonic() + self._patience
        while True:
            connection = self._connected(until)
            try:
                connection.sendall(question)
                answer = read_frame(connection)
                if answer is None:
                    raise Gone("it closed the connection")
            except (OSError, Gone):
                self.close()
                if changes:
                    raise PeelianError(_UNSURE) from None
                if time.monotonic() > until:
                    raise PeelianError(_AWAY) from None
                continue
            self._own.at = time.monotonic()
            if "error" in answer.head:
                raise raised(answer.head)
            return answer

    def hello(self) -> dict[str, Any]:
        """Who answers: the office's name, its log's origin, its public key, the program's version."""
        return dict(self.ask("hello").head["ok"])

    def close(self) -> None:
        """Let this thread's connection go."""
        connection = getattr(self._own, "connection", None)
        self._own.connection = None
        if connection is not None:
            connection.close()

    def _connected(self, until: float) -> socket.socket:
        known: socket.socket | None = getattr(self._own, "connection", None)
        while known is None:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                connection.settimeout(_ANSWERS_WITHIN)
                connection.connect(str(self.path))
                self._must_be_the_same(connection)
                self._own.connection = known = connection
            except PermissionError:
                connection.close()
                raise InputError("user not allowed to ask the registrar", accepted="one of its clients") from None
            except (OSError, Gone):
                connection.close()
                if time.monotonic() > until:
                    raise PeelianError(_AWAY) from None
                time.sleep(0.1)
            except BaseException:
                connection.close()
                raise
        return known

    def _must_be_the_same(self, connection: socket.socket) -> None:
        """IntegrityError where another office's registrar answers than before."""
        connection.sendall(frame_bytes(Frame(head={"op": "hello"})))
        answer = read_frame(connection)
        if answer is None:
            raise Gone("it closed the connection")
        if "error" in answer.head:
            raise raised(answer.head)
        key = str(answer.head["ok"]["public_key"])
        if self._key and key != self._key:
            raise IntegrityError("Another office's registrar answers on this socket.")
        self._key = key


class RemoteLog(LogRows):
    """Answers `ports.Log` and `ports.Receipts`: a mirror of the registrar's log in this process's memory, which is
    brought in step when the turn is taken and after each append."""

    def __init__(self, registrar: Registrar, database: Database, key: bytes) -> None:
        super().__init__(database, key)
        self.registrar = registrar

    def append_all(self, entries: Sequence[Entry]) -> list[int]:
        """Have entries judged one after another and written; their indexes, once all are durable."""
        if not entries:
            return []
        body = json.dumps([dict(entry) for entry in entries]).encode()
        indexes = list(self.registrar.ask("append", body, changes=True).head["ok"])
        self.follow_registrar()
        return indexes

    def follow_registrar(self) -> None:
        """Take in what the registrar's log has more. O(new entries)."""
        end = -1
        while end < 0 or self.size() < end:
            answer = self.registrar.ask("read", start=self.size())
            end = int(answer.head["ok"]) if end < 0 else end
            entries = json.loads(answer.body)
            if not entries:
                return
            self.copy(entries)

    def receipt(self, index: int) -> bytes:
        """The tlog-proof of an entry."""
        return self.registrar.ask("receipt", index=index).body

    def checkpoint(self) -> bytes:
        """The newest signed checkpoint."""
        return self.registrar.ask("checkpoint").body

    def copy_files(self, folder: Path) -> None:
        """A copy of the log's public files, as they are now, for the second verifier. O(bytes)."""
        self.checkpoint()
        for name in json.loads(self.registrar.ask("files").body):
            file = folder / name
            if not file.resolve().is_relative_to(folder.resolve()):
                raise IntegrityError("The registrar names a file outside its log.")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(self.registrar.ask("file", name=name).body)


@dataclass(frozen=True, slots=True)
class RemoteArchive:
    """Answers `ports.Archive`."""

    registrar: Registrar

    def put(self, digest: str, document: bytes, *, partition: str = "") -> None:
        self.registrar.ask("put", document, document=digest, partition=partition)  # the same again does nothing

    def put_all(self, leaves: Sequence[Leaf]) -> None:
        """Keep several documents, which wait for the disk together."""
        heads = [{"document": one.digest, "partition": one.partition, "size": len(one.document)} for one in leaves]
        self.registrar.ask("put_all", b"".join(one.document for one in leaves), leaves=json.dumps(heads))

    def get(self, digest: str, *, partition: str = "") -> bytes:
        return self.registrar.ask("get", document=digest, partition=partition).body

    def partitions(self) -> Mapping[str, frozenset[str]]:
        """Every partition with its digests. O(documents)."""
        names = json.loads(self.registrar.ask("partitions", partition="").body)
        return {name: frozenset(json.loads(self.registrar.ask("partitions", partition=name).body)) for name in names}

    def destroy_partition(self, partition: str) -> int:
        """Destroy a partition's key and with it every document on it."""
        return int(self.registrar.ask("destroy_partition", partition=partition, changes=True).head["ok"])

    def rotate_keys(self) -> int:
        """Rewrap the keys of all classes."""
        return int(self.registrar.ask("rotate_archive", changes=True).head["ok"])


@dataclass(frozen=True, slots=True)
class RemoteDirectory:
    """Answers `ports.Directory`."""

    registrar: Registrar

    def keep(self, digest: str, named: Named) -> None:
        """Have a name kept; the same again does nothing."""
        body = json.dumps({"person": named.person, "name": named.name, "salt": named.salt}).encode()
        self.registrar.ask("keep_name", body, document=digest)

    def known(self, digest: str) -> Named | None:
        """The name behind an enrolment; None where it was forgotten."""
        found = json.loads(self.registrar.ask("name", document=digest).body)
        return Named(**found) if found else None

    def forget(self, person: str) -> int:
        """The registrar forgets by itself, by its log's word."""
        return 0


@dataclass(frozen=True, slots=True)
class RemoteKeys:
    """Answers `VaultKeys`: one data key at a time crosses the socket, a new one to be wrapped or one that is opened."""

    registrar: Registrar

    def add(self, object: str, key: bytes) -> None:
        """Have a new object's data key wrapped and kept."""
        self.registrar.ask("add", key, object=object, changes=True)

    def unwrapped(self, object: str, *, dataset: str, intent: int) -> bytes:
        """The data key, where the registrar finds that the log permits it."""
        return self.registrar.ask("unwrap", object=object, dataset=dataset, intent=intent, changes=True).body

    def known(self, object: str) -> None:
        """Nothing where the object has a key."""
        self.registrar.ask("known", object=object)

    def destroy(self, object: str) -> bool:
        """Have the wrapped key destroyed, where the log says so."""
        return bool(self.registrar.ask("destroy", object=object, changes=True).head["ok"])

    def states(self) -> dict[str, bool]:
        """Every object and whether its key still exists."""
        return dict(json.loads(self.registrar.ask("states").body))

    def rotate(self) -> int:
        """Rewrap every data key."""
        return int(self.registrar.ask("rotate_vault", changes=True).head["ok"])

    def openings_used(self) -> int:
        """How many openings were ever used."""
        return int(self.registrar.ask("openings_used").head["ok"])


def remote_sign(registrar: Registrar) -> Callable[[Document, Document | None], bytes]:
    """The office's signature over documents that the registrar finds right."""

    def sign(document: Document, given: Document | None) -> bytes:
        first, second = to_bytes(document), to_bytes(given) if given is not None else b""
        return registrar.ask("sign", first + second, first=len(first)).body

    return sign


@dataclass(slots=True)
class Turn:
    """A kernel's lock that brings its mirror of the log in step first, because others write to the same log."""

    log: RemoteLog
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _depth: int = 0

    def __enter__(self) -> Turn:
        self._lock.acquire()
        self._depth += 1
        if self._depth == 1:
            try:
                self.log.follow_registrar()
            except BaseException:
                self.__exit__()
                raise
        return self

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        self._lock.release()

    def follow(self) -> None:
        """Bring the mirror in step, for whoever only reads."""
        with self:
            pass
