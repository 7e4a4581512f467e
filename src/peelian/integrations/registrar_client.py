"""Registrar client: the acts and ports of a divided office, asked of its registrar over a Unix socket.

This side holds no log, key ring or office key. It reads a mirror of the log, and asks the registrar for each act. A
question that changes nothing is asked again where the registrar was away for a moment; one that may have changed
something never is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.sync.client import ClientConnection, unix_connect

from peelian.errors import InputError, IntegrityError, OutOfOrder, PeelianError, Unreachable, Unsure
from peelian.integrations.registrar_wire import MOST_BYTES, Gone, given, hear, plainly, result, send_message
from peelian.kernel.model.people import Operator
from peelian.kernel.model.ports import Entry, Leaf, Named
from peelian.kernel.state.acts import ACTS
from peelian.kernel.vault.worker_keys import KeyRequest
from peelian.storage.database import Database
from peelian.storage.log_keys import HANDOVER
from peelian.storage.log_rows import LogRows
from peelian.told_errors import error_as_values, raised

T = TypeVar("T")
PATIENCE = 1.0  # seconds to wait for a registrar: who asks is told within two
_ASKED_AFTER = 0.05  # seconds idle, after which a connection's registrar is greeted before it is asked
_AT_LEAST = 0.2  # seconds that one that listens may take to greet
_ANSWERS_WITHIN = 120.0
_NONSENSE = "The registrar's answer cannot be read. See that it is of this program's version."
_AWAY = "The registrar does not answer. See that its service runs, then do it again."
_UNSURE = (
    "The registrar went away in the middle of this. The log says whether it was done: look there before doing it again."
)


class Registrar:
    """A registrar behind a socket. Each thread has a connection of its own."""

    def __init__(self, path: Path, *, patience: float | None = None) -> None:
        self.path, self._patience = path, PATIENCE if patience is None else patience
        self._own = threading.local()
        self._key = ""
        self._gone = -self._patience  # when it was found to be gone: whoever asks soon after does not wait again

    def ask(self, op: str, body: bytes = b"", *, changes: bool = False, **head: Any) -> tuple[Any, bytes]:
        """The answer and its bytes; the error it tells of is raised. `changes`: it is never asked twice."""
        return self._asked({"op": op, **head}, body, {}, changes=changes)

    def act(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Have an act done. Whoever acts signs here, with the key they have here."""
        signers = {key: value for key, value in arguments.items() if isinstance(value, Operator)}
        head = {"act": name, "arguments": given(ACTS[name], arguments)}
        found, _ = self._asked(head, b"", signers, changes=True)
        return result(ACTS[name], found)

    def hello(self) -> dict[str, Any]:
        """Who answers: the office's name, its public key, the program's version, how long it keeps things."""
        return dict(self.ask("hello")[0])

    def close(self) -> None:
        """Let this thread's connection go."""
        closing = getattr(self._own, "closing", ExitStack())
        self._own.connection = None
        closing.close()

    def _asked(
        self, head: Mapping[str, Any], body: bytes, signers: Mapping[str, Operator], *, changes: bool
    ) -> tuple[Any, bytes]:
        greets = head.get("op") == "hello"
        if not greets and time.monotonic() - getattr(self._own, "at", 0.0) > _ASKED_AFTER:
            self.ask("hello")  # an old connection may be dead, or its registrar stopped, which only using it shows
        now = time.monotonic()
        until = now if now - self._gone < self._patience else now + self._patience
        while True:
            is_old = getattr(self._own, "connection", None) is not None
            connection = self._connected(until)
            try:
                send_message(connection, head, body)
                answer, data = self._heard(connection, signers, _left(until) if greets else _ANSWERS_WITHIN)
                if not answer.keys() & {"ok", "error"}:
                    raise Gone(_NONSENSE)
            except (OSError, ConnectionClosed, Gone):
                self.close()
                if changes:
                    raise Unsure(_UNSURE) from None
                if time.monotonic() > until and not is_old:  # an old connection ends with the registrar it was to
                    raise self._unreachable() from None
                continue
            self._own.at, self._gone = time.monotonic(), -self._patience
            if "error" in answer:
                raise raised(answer)
            return answer["ok"], data

    def _heard(
        self, connection: ClientConnection, signers: Mapping[str, Operator], within: float
    ) -> tuple[dict[str, Any], bytes]:
        """The answer; each signature that is asked for before it is given by the person whose act it is."""
        while True:
            answer, data = hear(connection, within)
            if "sign" not in answer:
                return answer, data
            signer = signers.get(str(answer.get("as", "")))
            try:
                if signer is None:
                    raise OutOfOrder("Nobody signs this act.")
                with self._aside():
                    signature = signer.sign(bytes.fromhex(str(answer["sign"])))
                send_message(connection, {}, signature)
            except PeelianError as error:
                send_message(connection, error_as_values(error))

    @contextmanager
    def _aside(self) -> Iterator[None]:
        """What is asked meanwhile goes over another connection: this one waits for a signature."""
        held = self._own.connection, self._own.closing
        self._own.connection, self._own.closing = None, ExitStack()
        try:
            yield
        finally:
            self.close()
            self._own.connection, self._own.closing = held

    def _connected(self, until: float) -> ClientConnection:
        known: ClientConnection | None = getattr(self._own, "connection", None)
        while known is None:
            try:
                with ExitStack() as closing:
                    opening = unix_connect(
                        str(self.path),
                        "ws://registrar/",
                        compression=None,
                        max_size=MOST_BYTES,
                        open_timeout=_left(until),
                        close_timeout=_AT_LEAST,
                    )
                    connection = closing.enter_context(opening)
                    self._must_be_the_same(connection, _left(until))
                    self._own.connection, self._own.closing = connection, closing.pop_all()
                    known = connection
            except PermissionError:
                raise InputError("user not allowed to ask the registrar", accepted="one of its clients") from None
            except (OSError, ConnectionClosed, InvalidHandshake, Gone) as wrong:
                if isinstance(wrong, InvalidStatus) and wrong.response.status_code == 403:
                    raise InputError("user not allowed to ask the registrar", accepted="one of its clients") from None
                if time.monotonic() > until:
                    raise self._unreachable() from None
                time.sleep(0.1)
        return known

    def _unreachable(self) -> Unreachable:
        self._gone = time.monotonic()
        return Unreachable(_AWAY)

    def _must_be_the_same(self, connection: ClientConnection, within: float) -> None:
        """IntegrityError where another office's registrar answers than before."""
        send_message(connection, {"op": "hello"})
        answer = hear(connection, within)[0].get("ok")
        if not isinstance(answer, dict) or not isinstance(key := answer.get("public_key"), str):
            raise Gone(_NONSENSE)
        if self._key and key != self._key:
            raise IntegrityError("Another office's registrar answers on this socket.")
        self._key = key


def _left(until: float) -> float:
    return max(_AT_LEAST, until - time.monotonic())


def _read(body: bytes, kind: type[T]) -> T:
    """What an answer's bytes hold; PeelianError where that is nothing of this type."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, RecursionError):
        raise PeelianError(_NONSENSE) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """Some entries of the registrar's log, and how many it has."""

    size: int
    entries: list[dict[str, str | int]]


class RemoteLog(LogRows):
    """Answers `ports.Log` and `ports.Receipts`: a mirror of the registrar's log in this process's memory, which is
    brought in step when the turn is taken and after each act. Only the registrar appends."""

    def __init__(self, registrar: Registrar, database: Database, key: bytes) -> None:
        super().__init__(database, key)
        self.registrar = registrar

    def append_all(self, entries: Sequence[Entry]) -> list[int]:
        """OutOfOrder: acts are the registrar's."""
        raise OutOfOrder("Only the registrar writes the log of a divided office.")

    def follow_registrar(self) -> None:
        """Take in what the registrar's log has more. O(new entries)."""
        end = -1
        while end < 0 or self.size() < end:
            page = _read(self.registrar.ask("read", start=self.size())[1], _Page)
            end = page.size if end < 0 else end
            if not page.entries:
                return
            self.copy(page.entries)

    def receipt(self, index: int) -> bytes:
        """The tlog-proof of an entry."""
        return self.registrar.ask("receipt", index=index)[1]

    def checkpoint(self) -> bytes:
        """The newest signed checkpoint."""
        return self.registrar.ask("checkpoint")[1]

    def handover(self, number: int) -> bytes:
        """The signed note of one handover of the log's key, counted from 1; InputError where there was none."""
        return self.registrar.ask("file", name=f"{HANDOVER}.{number}")[1]

    def copy_files(self, folder: Path) -> None:
        """A copy of the log's public files, as they are now, for the second verifier. O(bytes)."""
        self.checkpoint()
        for name in _read(self.registrar.ask("files")[1], list[str]):
            file = folder / name
            if not file.resolve().is_relative_to(folder.resolve()):
                raise IntegrityError("The registrar names a file outside its log.")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(self.registrar.ask("file", name=name)[1])


@dataclass(frozen=True, slots=True)
class RemoteArchive:
    """Answers `ports.Archive`. Nothing is destroyed or rewrapped from here: that is the registrar's."""

    registrar: Registrar

    def put(self, digest: str, document: bytes, *, partition: str = "") -> None:
        self.registrar.ask("put", document, document=digest, partition=partition)  # the same again does nothing

    def put_all(self, leaves: Sequence[Leaf]) -> None:
        """Keep several documents."""
        for one in leaves:
            self.put(one.digest, one.document, partition=one.partition)

    def get(self, digest: str, *, partition: str = "") -> bytes:
        return self.registrar.ask("get", document=digest, partition=partition)[1]

    def several(self, digests: Collection[str]) -> Mapping[str, bytes]:
        """The documents that the registrar still has, each asked for."""
        found = {}
        for digest in digests:
            with suppress(InputError, OutOfOrder):
                found[digest] = self.get(digest)
        return found

    def partitions(self) -> Mapping[str, frozenset[str]]:
        """Every partition with its digests. O(documents)."""
        return {name: frozenset(self._listed(name)) for name in self._listed("")}

    def _listed(self, partition: str) -> list[str]:
        return _read(self.registrar.ask("partitions", partition=partition)[1], list[str])

    def destroy_partition(self, partition: str) -> int:
        """OutOfOrder: the registrar destroys."""
        raise OutOfOrder("Only the registrar destroys the documents of a divided office.")


@dataclass(frozen=True, slots=True)
class RemoteDirectory:
    """Answers `ports.Directory`."""

    registrar: Registrar

    def keep(self, digest: str, named: Named) -> None:
        """OutOfOrder: an enrolment is the registrar's act."""
        raise OutOfOrder("Only the registrar keeps the names of a divided office.")

    def known(self, digest: str) -> Named | None:
        """The name behind an enrolment; None where it was forgotten."""
        found, _ = self.registrar.ask("name", document=digest)
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
        return self.registrar.ask("unwrap", object=object, dataset=dataset, intent=intent, changes=True)[1]

    def known(self, object: str) -> None:
        """Nothing where the object has a key."""
        self.registrar.ask("known", object=object)

    def destroy(self, object: str) -> bool:
        """Have the wrapped key destroyed, where the log says so."""
        return bool(self.registrar.ask("destroy", object=object, changes=True)[0])

    def states(self) -> dict[str, bool]:
        """Every object and whether its key still exists."""
        return _read(self.registrar.ask("states")[1], dict[str, bool])

    def hand_over(self, asks: KeyRequest) -> bytes:
        """The data key that a worker asks for, encrypted to it. Nothing is asked twice by itself."""
        return self.registrar.ask("hand_over", changes=True, **plainly(asks))[1]

    def rotate(self) -> int:
        """OutOfOrder: the registrar rotates."""
        raise OutOfOrder("Only the registrar rotates the keys of a divided office.")

    def openings(self) -> list[tuple[int, int]]:
        """Every opening that was ever used."""
        return _read(self.registrar.ask("openings")[1], list[tuple[int, int]])


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


@dataclass(frozen=True, slots=True)
class Carrier:
    """Carries acts to the registrar, and takes in what they logged: `kernel.registrar` of a divided office."""

    registrar: Registrar
    turn: Turn

    def act(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """What the registrar's verb returned. What it logged is seen here from then on, also where it failed; where
        the registrar went away, from the next turn on."""
        try:
            found = self.registrar.act(name, arguments)
        except Unreachable:
            raise
        except PeelianError:
            self._follow()
            raise
        self._follow()
        return found

    def _follow(self) -> None:
        with suppress(Unreachable), self.turn:  # one thread at a time: two would take the same entries in twice
            self.turn.log.follow_registrar()
