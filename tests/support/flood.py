"""Hostile visitors of pages: thousands of connections that say nothing, little, slowly or too much."""

from __future__ import annotations

import contextlib
import resource
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

import httpx

HEAD = b"GET /en/log HTTP/1.1\r\nHost: 127.0.0.1\r\n"
POST = HEAD.replace(b"GET", b"POST") + b"Content-Length: 5000\r\n\r\n"
KINDS = {
    "silent": b"",
    "half a head": HEAD + b"X-Slow: ",
    "half a body": POST + b"code=",
    "huge head": HEAD + b"X-Long: " + b"a" * 200_000,
    "no HTTP": b"\x16\x03\x01" * 100,
}


@contextmanager
def flooded(port: int, n: int, begins: bytes, sources: Sequence[str]) -> Iterator[list[socket.socket]]:
    """`n` connections from these addresses of this machine, each of which has sent how a request begins."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, n + 2_000), hard))
    held: list[socket.socket] = []
    try:
        for i in range(n):
            one = socket.socket()
            one.settimeout(5)
            one.bind((sources[i % len(sources)], 0))
            with contextlib.suppress(OSError):  # those who are turned away are turned away
                one.connect(("127.0.0.1", port))
                one.setblocking(False)
                one.send(begins)
            held.append(one)
        yield held
    finally:
        for one in held:
            one.close()


def open_ones(held: Sequence[socket.socket]) -> int:
    """How many of these connections the server has not ended."""
    return sum(_is_open(one) for one in held)


def seconds_to_answer(port: int, path: str = "/en/log", times: int = 5) -> float:
    """The longest that a new visitor waits for a page, of a few."""
    waits = []
    for _ in range(times):
        began = time.monotonic()
        got = httpx.get(f"http://127.0.0.1:{port}{path}", timeout=60)
        assert got.status_code == 200, got.text[:200]
        waits.append(time.monotonic() - began)
    return max(waits)


def _is_open(one: socket.socket) -> bool:
    try:
        while one.recv(65_536):
            pass
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def free_port() -> int:
    """A port that nobody has."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
