"""Registrar server: WebSockets on a Unix socket that knows its clients by user id, one question at a time each.

One thread a connection. A question is read whole before anything is done; what is acknowledged is on the disk. While
an act goes on the registrar asks the same connection for the signatures of the person who acts.
"""

from __future__ import annotations

import errno
import logging
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Set
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from peelian.errors import InputError, OutOfOrder, PeelianError, sentence
from peelian.integrations.registrar_acts import Asker, Registry, answered
from peelian.integrations.registrar_wire import MOST_BYTES, MOST_TEXT, Gone, hear, send_message
from peelian.kernel.verbs.bulk_export import cleared as undo_bulk
from peelian.kernel.verbs.custody import cleared

MOST_CONNECTIONS, MOST_OF_WORKERS = 64, 32  # that ask at once: whoever is a worker takes no client's place
MOST_HALF_OPEN = 32  # further ones of each, and of all strangers together, that have not yet said what they want
PASSING = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.ECONNABORTED, errno.EPROTO})
"""Why nobody can be let in at this moment, which says nothing of the next one."""
OPENS_WITHIN = 10.0  # seconds in which whoever connects must have said so, and answer a ping later on
ARRIVES_WITHIN = 30.0  # seconds for the bytes of a question: a large document on a busy machine
FOLDER = "a folder that this user can write. As root: install -d -o USER -g GROUP -m 750 FOLDER"
_LOOKS = 0.2  # seconds between two looks whether the registrar ends
_CREDENTIALS = struct.Struct("3i")
_SILENT = logging.getLogger("peelian.registrar")
_SILENT.addHandler(logging.NullHandler())  # what a client said may hold data
_SILENT.propagate = False


class RegistrarServer:
    """Listens on a Unix socket until `stop`. `clients` are the user ids that may ask, `workers` those that may open
    what a run logged for them, and nothing else."""

    def __init__(
        self,
        registry: Registry,
        path: Path,
        *,
        clients: Set[int],
        workers: Set[int] = frozenset(),
        mode: int = 0o600,
        group: int = -1,
    ) -> None:
        self._registry, self._clients, self._workers = registry, frozenset(clients), frozenset(workers) - clients
        self.path = path
        self._there: dict[bool, set[ServerConnection]] = {False: set(), True: set()}  # clients, workers
        self._guard = threading.Lock()
        self._stopping = threading.Event()
        self._server = serve(
            self._listen_to,
            sock=_Door.of(_listening(path, mode, group), self._kind_of),
            process_request=self._welcome,
            compression=None,
            server_header=None,
            open_timeout=OPENS_WITHIN,
            ping_timeout=OPENS_WITHIN,
            max_size=MOST_BYTES,
            max_queue=1,
            logger=_SILENT,
        )

    def serve(self) -> None:
        """Answer until `stop` is called from another thread or a signal."""
        self._server.serve_forever()
        self._server.shutdown(close_connections=False)  # what was read is answered
        self.path.unlink(missing_ok=True)

    def stop(self) -> None:
        """No further question is read; those that were read are answered."""
        self._stopping.set()
        threading.Thread(target=self._server.shutdown, kwargs={"close_connections": False}, daemon=True).start()

    def _welcome(self, connection: ServerConnection, request: Any) -> Any:
        """Turn away whoever may not ask, before anything of theirs is read; None: they may."""
        kind = self._kind_of(connection.socket)
        if kind == "stranger":
            return connection.respond(HTTPStatus.FORBIDDEN, "user not allowed to ask the registrar\n")
        worker = kind == "worker"
        with self._guard:
            if len(self._there[worker]) >= (MOST_OF_WORKERS if worker else MOST_CONNECTIONS):
                busy = "too many ask the registrar at once: try again\n"
                return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, busy)
            self._there[worker].add(connection)
        if worker:  # what it may ask is short
            connection.protocol.max_message_size = MOST_TEXT
        return None

    def _kind_of(self, connection: socket.socket) -> str:
        """Whether a client, a worker or a stranger connected."""
        user = _user_of(connection)
        return "client" if user in self._clients else "worker" if user in self._workers else "stranger"

    def _listen_to(self, connection: ServerConnection) -> None:
        worker = self._kind_of(connection.socket) == "worker"
        asker = Asker(registry=self._registry, connection=connection, worker=worker)
        with suppress(Gone, ConnectionClosed, OSError):
            while not self._stopping.is_set():
                try:
                    head, body = hear(connection, _LOOKS, rest=ARRIVES_WITHIN)
                except TimeoutError:
                    continue
                send_message(connection, *answered(asker, head, body))
        with self._guard:
            self._there[worker].discard(connection)
        with suppress(PeelianError):
            self._tidy(asker)

    def _tidy(self, asker: Asker) -> None:
        """Keys of objects that nobody came to log are destroyed; when nobody is connected, no run goes on either."""
        registry = self._registry
        with registry.kernel.lock:
            for name in asker.fresh:
                if name not in registry.kernel.state.objects.datasets:
                    registry.keys.destroy(name)
            if not any(
                self._there.values()
            ):  # looked at under the lock: whoever connects now can only begin something afterwards
                cleared(registry.kernel)
                undo_bulk(registry.kernel)


class _Door(socket.socket):
    """A listening socket that goes on whoever knocks: past what it has room for, it closes before it hears anything."""

    _kind: Callable[[socket.socket], str]
    _open: dict[str, list[socket.socket]]

    @classmethod
    def of(cls, listening: socket.socket, kind: Callable[[socket.socket], str]) -> _Door:
        """The same socket."""
        made = cls(fileno=listening.detach())
        made._kind, made._open = kind, {"client": [], "worker": [], "stranger": []}
        return made

    def accept(self) -> tuple[socket.socket, Any]:
        """The next connection; OSError once it is shut."""
        while True:
            try:
                made, address = super().accept()
            except OSError as error:
                if error.errno not in PASSING:
                    raise
                time.sleep(_LOOKS)
                continue
            kind = self._kind(made)
            there = self._open[kind] = [one for one in self._open[kind] if one.fileno() >= 0]
            if len(there) < MOST_HALF_OPEN + {"client": MOST_CONNECTIONS, "worker": MOST_OF_WORKERS}.get(kind, 0):
                there.append(made)
                return made, address
            made.close()


def _listening(path: Path, mode: int, group: int) -> socket.socket:
    """The socket, reachable for its mode's users only from its first moment on."""
    if path.is_socket():
        if answers(path):
            raise OutOfOrder("Another registrar already answers on this socket.")
        path.unlink()
    _make_folder(path.parent, group)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        made.bind(str(path))
    except OSError as error:
        made.close()
        says = sentence("the registrar's socket cannot be created: %(why)s", why=error.strerror or str(error))
        raise InputError(says, column="--socket", accepted=FOLDER) from None
    finally:
        os.umask(before)
    if group >= 0:
        os.chown(path, -1, group)
    os.chmod(path, mode)
    made.listen(MOST_CONNECTIONS)
    return made


def _make_folder(folder: Path, group: int) -> None:
    """Make the folder of the socket where it is missing: for this user, and for the group that may reach the socket.
    InputError where this user may not."""
    try:
        folder.mkdir(mode=0o700)
        if group >= 0:
            os.chown(folder, -1, group)
            folder.chmod(0o750)
    except FileExistsError:
        return
    except OSError as error:
        says = sentence(
            "the socket's folder %(folder)s cannot be made: %(why)s", folder=str(folder), why=error.strerror
        )
        raise InputError(says, column="--socket", accepted=FOLDER) from None


def answers(path: Path) -> bool:
    """Whether a registrar answers on this socket."""
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
