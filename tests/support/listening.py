"""A port that listens, and counts who connects: what must be asked of nobody."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nEPSG:4326"


@dataclass(slots=True)
class Listening:
    """Its address, and the first line of each request."""

    address: str
    heard: list[str] = field(default_factory=list)


@contextlib.contextmanager
def listening() -> Iterator[Listening]:
    """A server on this machine that answers everything with a coordinate system."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = Listening(f"127.0.0.1:{server.getsockname()[1]}")

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    caller, _ = server.accept()
                    with caller, contextlib.suppress(OSError):
                        found.heard.append("connected")
                        caller.settimeout(5)
                        found.heard[-1] = caller.recv(4_096).split(b"\r\n")[0].decode("latin-1")
                        caller.sendall(ANSWER)

        threading.Thread(target=serve, daemon=True).start()
        yield found
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
