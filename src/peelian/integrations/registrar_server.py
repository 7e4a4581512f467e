"""Registrar server: a Unix socket that knows its clients by user id and answers one request at a time.

One thread a connection. A question is read whole before anything is done; what is acknowledged is on the disk.
"""

from __future__ import annotations

import os
import select
import socket
import struct
import threading
from collections.abc import Set
from contextlib import suppress
from pathlib import Path

from peelian.errors import IntegrityError, OutOfOrder, PeelianError, sentence
from peelian.integrations.registrar_acts import Asker, Registry, answered
from peelian.integrations.registrar_frames import Gone, error_frame, frame_bytes, read_frame
from peelian.kernel.verbs.bulk_export import cleared as undo_bulk
from peelian.kernel.verbs.custody import cleared

MOST_CONNECTIONS = 64
SENTENCE = 30.0  # seconds in which a question must have arrived, and an answer be taken
_CREDENTIALS = struct.Struct("3i")


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
            says = "user not allowed to ask the registrar"
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
        with suppress(PeelianError):
            self._tidy(asker)

    def _tidy(self, asker: Asker) -> None:
        """Keys of objects that nobody came to log are destroyed; when nobody is connected, no run goes on either."""
        registry = self._registry
        with registry.kernel.lock:
            for name in asker.fresh:
                if name not in registry.kernel.state.objects.datasets:
                    registry.keys.destroy(name)
            if not self._threads:  # looked at under the lock: whoever connects now can only begin something afterwards
                cleared(registry.kernel)
                undo_bulk(registry.kernel)

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
            raise OutOfOrder("Another registrar already answers on this socket.")
        path.unlink()
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        made.bind(str(path))
    except OSError as error:
        made.close()
        says = sentence("The registrar's socket cannot be created: %(why)s", why=str(error.strerror))
        raise IntegrityError(says) from None
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
