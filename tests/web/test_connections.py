"""Connections end where a request is not there in time, and where one address, or all together, hold too many."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
from flood import HEAD, KINDS, POST, flooded, free_port, open_ones
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from peelian.web.identity.connections import Budget
from peelian.web.serving import pages_server

BUDGET = Budget(connections=40, connections_each=10, requests_each=4, head_seconds=2, body_seconds=2, reading_seconds=1)
END = b"\r\n\r\n"


@pytest.fixture
def port() -> Iterator[int]:
    """A page within a small budget, served on a port."""

    async def page(request: Request) -> Response:
        body = await request.body()
        return PlainTextResponse(f"{len(body)} bytes")

    def slow(request: Request) -> Response:
        time.sleep(1.5)
        return PlainTextResponse("done")

    def large(request: Request) -> Response:
        return PlainTextResponse("x" * 50_000_000)

    pages = [Route("/en/log", page, methods=["GET", "POST"]), Route("/slow", slow), Route("/large", large)]
    number = free_port()
    server = pages_server(Starlette(routes=pages), port=number, budget=BUDGET)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield number
    server.should_exit = True
    thread.join(10)


@pytest.mark.parametrize("begins", KINDS)
def test_the_oldest_unfinished_connections_of_an_address_end_and_a_new_one_is_answered(port: int, begins: str) -> None:
    with flooded(port, 100, KINDS[begins], ["127.0.0.1"]) as held:
        assert httpx.get(f"http://127.0.0.1:{port}/en/log", timeout=30).text == "0 bytes"
        assert open_ones(held) <= BUDGET.connections_each


def test_all_addresses_together_hold_no_more_than_their_budget(port: int) -> None:
    with flooded(port, 200, HEAD, [f"127.0.0.{n}" for n in range(2, 42)]) as held:
        assert httpx.get(f"http://127.0.0.1:{port}/en/log", timeout=30).text == "0 bytes"
        assert open_ones(held) <= BUDGET.connections


@pytest.mark.parametrize(("begins", "trickle", "seconds"), [(HEAD, b"X: y\r\n", 2), (POST, b"a", 2)])
def test_a_request_that_trickles_ends_at_its_deadline(port: int, begins: bytes, trickle: bytes, seconds: float) -> None:
    with contextlib.closing(socket.create_connection(("127.0.0.1", port))) as one:
        began = time.monotonic()
        with pytest.raises(OSError):
            one.sendall(begins)
            while time.monotonic() < began + 60:
                one.sendall(trickle)
                time.sleep(0.1)
        assert seconds * 0.9 <= time.monotonic() - began < 50


def test_no_page_works_for_a_body_that_is_not_there(port: int) -> None:
    asked = b"POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc"
    same = httpx.Client(transport=httpx.HTTPTransport(local_address="127.0.0.8"), timeout=30)
    with flooded(port, BUDGET.requests_each + 2, asked, ["127.0.0.8"]), same as client:
        assert client.post(f"http://127.0.0.1:{port}/en/log", content=b"whole").text == "5 bytes"


def test_an_answer_that_nobody_reads_ends(port: int) -> None:
    with contextlib.closing(socket.socket()) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.connect(("127.0.0.1", port))
        one.sendall(b"GET /large HTTP/1.1\r\nHost: a" + END)
        time.sleep(3)
        taken = 0
        one.settimeout(60)
        with contextlib.suppress(ConnectionError):
            while part := one.recv(1 << 20):
                taken += len(part)
        assert taken < 50_000_000


def test_a_connection_serves_again_and_waits_for_no_deadline_while_its_page_is_made(port: int) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        assert client.get("/slow").text == "done"
        assert [client.post("/en/log", content=b"a" * n).text for n in (0, 10, 300_000)][-1] == "300000 bytes"
    with contextlib.closing(socket.create_connection(("127.0.0.1", port))) as one:
        one.settimeout(30)
        for _ in range(3):  # each time, the deadline of a head begins anew
            time.sleep(0.8)
            one.sendall(HEAD + b"\r\n")
            assert until(one, b"0 bytes").startswith(b"HTTP/1.1 200")


def until(one: socket.socket, end: bytes) -> bytes:
    """What is read up to these bytes."""
    taken = b""
    while end not in taken:
        part = one.recv(65_536)
        assert part, taken
        taken += part
    return taken


def test_an_address_asks_for_so_much_at_once_and_others_are_served(port: int) -> None:
    asked = b"GET /slow HTTP/1.1\r\nHost: a" + END
    with flooded(port, 8, asked, ["127.0.0.7"]) as held:
        time.sleep(0.5)
        assert httpx.get(f"http://127.0.0.1:{port}/en/log", timeout=30).status_code == 200
        time.sleep(3)
        said = [one.recv(65_536).split()[1] for one in held]
    assert said.count(b"200") == BUDGET.requests_each and said.count(b"429") == 8 - BUDGET.requests_each
