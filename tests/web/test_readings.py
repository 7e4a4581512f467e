"""Readings by HTTP from a hostile world: huge, slow, packed, in pieces, of another kind, under another's key."""

from __future__ import annotations

import gzip
import select
import socket
import time
import zlib
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from browser import served
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from peelian.web.sensors.readings import KINDS, LARGEST, NOT_ITS_KEY, PATIENCE, add_readings

KEY = {"authorization": "Bearer key-of-meter-1"}


class Taken:
    """Remembers what got in."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def __call__(self, sensor: str, key: str, body: bytes) -> str:
        if key != f"key-of-{sensor}":
            return NOT_ITS_KEY
        if body == b"later":
            return "try again later"
        self.bodies.append(body)
        return ""


@pytest.fixture
def taken() -> Taken:
    return Taken()


@pytest.fixture
def client(taken: Taken) -> TestClient:
    app = FastAPI()
    add_readings(app, taken)
    return TestClient(app)


@pytest.fixture
def patience() -> float:
    """For how many seconds the door waits for a body."""
    return PATIENCE


@pytest.fixture
def address(taken: Taken, patience: float) -> Iterator[tuple[str, int]]:
    """The door behind a real server."""
    app = FastAPI()
    add_readings(app, taken, patience=patience)
    with served(app) as found:
        at = urlsplit(found)
        yield str(at.hostname), int(at.port or 0)


def _raw(address: tuple[str, int], *parts: bytes, wait: float = 0.0) -> bytes:
    """What the server answers to bytes sent one part after the other."""
    with socket.create_connection(address, timeout=10) as one:
        for part in parts:
            try:
                one.sendall(part)
            except OSError:
                break
            time.sleep(wait)
        answer = b""
        try:
            while data := one.recv(4_096):
                answer += data
                if b"\r\n\r\n" in answer:
                    break
        except OSError:
            pass
        return answer.partition(b"\r\n")[0]


def _head(*more: str) -> bytes:
    lines = ["POST /readings/meter-1 HTTP/1.1", "Host: localhost", "Authorization: Bearer key-of-meter-1", *more]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def test_a_message_is_kept_under_the_sensors_own_key_only(client: TestClient, taken: Taken) -> None:
    assert client.post("/readings/meter-1", content=b"{}", headers=KEY).status_code == 204
    for headers in ({}, {"authorization": "Bearer key-of-meter-2"}, {"authorization": "Basic key-of-meter-1"}):
        assert client.post("/readings/meter-1", content=b"{}", headers=headers).status_code == 401
    assert client.post("/readings/meter-2", content=b"{}", headers=KEY).status_code == 401
    assert client.post("/readings/meter-1", content=b"later", headers=KEY).status_code == 503
    assert taken.bodies == [b"{}"]
    assert client.get("/readings/meter-1", headers=KEY).status_code == 405


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "audio/wav",
                                  "image/jpeg", "application/json\t", "video/mp4", "application/gzip"])  # fmt: skip
def test_another_kind_of_content_is_refused_unread(client: TestClient, taken: Taken, kind: str) -> None:
    got = client.post("/readings/meter-1", content=b"{}", headers=KEY | {"content-type": kind})
    assert got.status_code == (204 if kind.strip() in KINDS else 415)
    assert taken.bodies == ([b"{}"] if got.status_code == 204 else [])


@pytest.mark.parametrize("packing", ["gzip", "deflate", "br", "zstd", "identity, gzip"])
def test_a_packed_body_is_never_unpacked(client: TestClient, taken: Taken, packing: str) -> None:
    bomb = gzip.compress(bytes(50_000_000)) if packing != "deflate" else zlib.compress(bytes(50_000_000))
    headers = KEY | {"content-encoding": packing, "content-type": "application/json"}
    assert client.post("/readings/meter-1", content=bomb[:LARGEST], headers=headers).status_code == 415
    assert not taken.bodies


def test_too_large_is_told_before_it_is_read(client: TestClient, address: tuple[str, int], taken: Taken) -> None:
    assert client.post("/readings/meter-1", content=b"x" * (LARGEST + 1), headers=KEY).status_code == 413
    assert client.post("/readings/meter-1", content=b"x" * LARGEST, headers=KEY).status_code == 204
    assert b"413" in _raw(address, _head("Content-Length: 99999999999999999999"))
    assert b"400" in _raw(address, _head("Content-Length: -5")) and len(taken.bodies) == 1


def test_pieces_are_put_together_and_too_many_are_too_large(address: tuple[str, int], taken: Taken) -> None:
    head = _head("Transfer-Encoding: chunked")
    assert b"204" in _raw(address, head, b"1\r\n{\r\n", b"1\r\n}\r\n", b"0\r\n\r\n", wait=0.05)
    assert taken.bodies == [b"{}"]
    piece = b"1000\r\n" + b"x" * 4_096 + b"\r\n"
    assert b"413" in _raw(address, head, *([piece] * 40))
    assert b"400" in _raw(address, head, b"ZZ\r\n{}\r\n") and taken.bodies == [b"{}"]


@pytest.mark.parametrize("patience", [0.5])
def test_a_body_that_drips_is_given_up(address: tuple[str, int], taken: Taken) -> None:
    """However long it goes on: each byte comes well within the server's patience, and none renews it."""
    with socket.create_connection(address, timeout=10) as one:
        one.sendall(_head("Content-Length: 1000"))
        dripped = 0
        while not select.select([one], [], [], 0.1)[0]:
            assert dripped < 300, "it listens for ever"
            one.sendall(b"x")
            dripped += 1
        assert b"408" in one.recv(4_096) and not taken.bodies
    assert b"204" in _raw(address, _head("Content-Length: 2") + b"{}"), "the others are heard"


PRINTED = st.characters(codec="latin-1", exclude_categories=["Cc"])


@settings(max_examples=60, deadline=None)
@given(
    st.text(max_size=60),
    st.binary(max_size=200),
    st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=80),
)
def test_whatever_is_sent_gets_an_answer_and_no_stranger_in(sensor: str, body: bytes, key: str) -> None:
    app, taken = FastAPI(), Taken()
    add_readings(app, taken)
    with TestClient(app) as client:
        from urllib.parse import quote

        headers = {"authorization": key.strip().encode("latin-1")}
        got = client.post(f"/readings/{quote(sensor, safe='')}", content=body, headers=headers)  # type: ignore[arg-type]
    assert got.status_code in (401, 404, 405) and not taken.bodies
