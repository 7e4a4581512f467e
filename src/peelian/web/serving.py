"""Serving of pages: the one way in which any page of Peelian is put on a port of this machine, within a budget."""

from __future__ import annotations

import errno
import ipaddress
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from peelian.errors import InputError, PeelianError, sentence
from peelian.web.identity.connections import BodyFirst, BoundedProtocol, Budget, Connections, RequestsAtOnce

HOST, QUEUE = "127.0.0.1", 512
ROUNDS = 4  # of the queue that are accepted before the first connection too many is closed
_NOT_STARTED = 3  # how uvicorn ends where its application does not start; here it says that something was refused
_NOT_HAD = "port %(port)s cannot be used: %(why)s"
OWN_FILES = 256  # that the office itself has open at most: databases, log, data at work


@contextmanager
def taken_port(port: int) -> Iterator[socket.socket]:
    """A port of this machine, taken before anybody is told of it; nobody is answered there yet. InputError where it is
    another program's, or only root may take it."""
    with socket.socket() as made:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind((HOST, port))
        except OSError as error:
            says = "port %(port)s is in use by another program" if error.errno == errno.EADDRINUSE else _NOT_HAD
            accepted = "another port from 1024 to 65535, or end that program first"
            raise InputError(sentence(says, port=str(port), why=str(error.strerror)), accepted=accepted) from None
        yield made


def serve_pages(app: ASGIApp, *, at: socket.socket, proxies: Sequence[str] = (), budget: Budget | None = None) -> None:
    """Serve pages at a port that was taken until Ctrl-C or SIGTERM; then whoever serves closes what they have open.

    `proxies`: the addresses of the proxies in front of them. Only from these is `X-Forwarded-For` believed (who asks)
    and `X-Forwarded-Proto` (https or http); from all others both are ignored.
    """
    server = uvicorn.Server(uvicorn.Config(**_settings(app, at.getsockname()[1], proxies, budget or Budget())))

    def ended(number: int, frame: object) -> None:
        """The server has heard the signal and ended; it sends it once more, to whoever started it."""
        if not server.should_exit:
            raise SystemExit(128 + number)

    before = {number: signal.signal(number, ended) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        server.run(sockets=[at])
    except SystemExit as end:
        raise SystemExit(PeelianError.exit_code if end.code == _NOT_STARTED else end.code) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if not server.started:  # it said why
        raise SystemExit(PeelianError.exit_code)


def pages_server(app: ASGIApp, *, port: int, budget: Budget | None = None) -> uvicorn.Server:
    """The same as a server that somebody else runs and ends."""
    return uvicorn.Server(uvicorn.Config(**_settings(app, port, (), budget or Budget())))


def known_proxies(texts: Sequence[str]) -> tuple[str, ...]:
    """The addresses of proxies as they are given; InputError for one that is no address of a machine.

    >>> known_proxies(["127.0.0.1", "::1"])
    ('127.0.0.1', '::1')
    """
    try:
        return tuple(str(ipaddress.ip_address(text.strip())) for text in texts)
    except ValueError:
        accepted = "an IP address, such as 127.0.0.1"
        raise InputError("not the address of a proxy", column="--proxy", accepted=accepted) from None


def _settings(app: ASGIApp, port: int, proxies: Sequence[str], budget: Budget) -> dict[str, Any]:
    """What the server under the pages is told. Its own limit comes second: it refuses everybody alike."""
    files = _open_files(budget.connections + ROUNDS * QUEUE + OWN_FILES)
    room = max(files - ROUNDS * QUEUE - OWN_FILES, 64)
    if room < budget.connections:
        budget = replace(budget, connections=room)
    of = Connections(budget=budget, proxies=frozenset(proxies))
    return {
        "app": BodyFirst(RequestsAtOnce(app, most=budget.requests_each)),
        "host": HOST,
        "port": port,
        "log_level": "error",  # one line for each bad request would fill a disk
        "access_log": False,  # who looks at a public page is nobody's business
        "http": partial(BoundedProtocol, of=of),
        "ws": "none",
        "proxy_headers": bool(proxies),
        "forwarded_allow_ips": list(proxies),
        "limit_concurrency": 2 * (budget.connections + QUEUE),  # with those that just ended
        "timeout_keep_alive": 5,
        "timeout_graceful_shutdown": 20,  # a stream of events has no end of its own
        "backlog": QUEUE,
        "h11_max_incomplete_event_size": budget.head_bytes,
    }


def _open_files(most: int) -> int:
    """How many files this process may have open, after asking for `most`."""
    if sys.platform == "win32":
        return most
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < most:
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return most if soft == resource.RLIM_INFINITY else soft
