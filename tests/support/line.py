"""A line between the pages and a registrar that a test can cut at an exact moment: after a message was sent, before it
comes through."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


class Line:
    """Listens on `here` and passes everything on to the socket `there`.

    `cut(data)` sees what the registrar answers, before the pages do; where it is true, the line drops that connection.
    """

    def __init__(self, here: Path, there: Path) -> None:
        self.there, self.cut = there, _never
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(here))
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take nobody any more."""
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                pages, _ = self._listener.accept()
                registrar = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                try:
                    registrar.connect(str(self.there))
                except OSError:
                    pages.close()
                    continue
                for source, to, look in ((pages, registrar, _never), (registrar, pages, self._cut)):
                    threading.Thread(target=_passed, args=(source, to, look), daemon=True).start()

    def _cut(self, data: bytes) -> bool:
        return self.cut(data)


def _never(data: bytes) -> bool:
    return False


def _passed(source: socket.socket, to: socket.socket, cut: Callable[[bytes], bool]) -> None:
    with suppress(OSError):
        while (data := source.recv(1 << 16)) and not cut(data):
            to.sendall(data)
    for end in (source, to):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
