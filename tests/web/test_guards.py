"""The guards: foreign hosts, headers on every answer, errors that tell nothing, a fault that passes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from peelian.errors import IntegrityError
from peelian.web.identity.guards import HEADERS, ErrorHandler, Guard


def answer(request: Request, error: Exception) -> Response:
    return PlainTextResponse(type(error).__name__, status_code=500)


class Inner:
    """Raises what it is told, once; else answers."""

    error: Exception | None = None
    late = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        error, self.error = self.error, None
        if error and not self.late:
            raise error
        await PlainTextResponse("here")(scope, receive, send)
        if error:
            raise error


@pytest.fixture
def inner() -> Inner:
    return Inner()


@pytest.fixture
def client(inner: Inner) -> Iterator[TestClient]:
    yield TestClient(Guard(ErrorHandler(inner, answer=answer), hosts=["town.example"]), base_url="http://town.example")


@pytest.mark.parametrize("host", ["evil.example", "town.example.evil", "", "127.0.0.1"])
def test_a_foreign_host_is_refused_and_gets_the_headers_too(client: TestClient, host: str) -> None:
    got = client.get("/", headers={"host": host})
    assert got.status_code == 421
    assert {k: got.headers[k] for k in HEADERS} == HEADERS


def test_the_headers_let_nobody_frame_a_page_guess_a_type_or_run_a_script_of_elsewhere() -> None:
    """OWASP's list of headers, with the strictest word of each that the pages can bear."""
    assert (HEADERS["x-frame-options"], HEADERS["x-content-type-options"]) == ("DENY", "nosniff")
    policy = dict(part.strip().split(" ", 1) for part in HEADERS["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"


@pytest.mark.parametrize("host", ["town.example", "TOWN.example:8181"])
def test_our_own_host_is_served_with_the_headers(client: TestClient, host: str) -> None:
    got = client.get("/", headers={"host": host})
    assert got.text == "here" and {k: got.headers[k] for k in HEADERS} == HEADERS
    assert got.headers["cache-control"] == "no-store"


def test_no_policy_allows_anything_inline_or_from_elsewhere() -> None:
    policy = dict(part.strip().split(" ", 1) for part in HEADERS["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'" and policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert policy["img-src"] == "'self' data:" and policy["base-uri"] == "'none'"


def test_a_head_request_is_answered_as_a_get_without_its_body(client: TestClient) -> None:
    assert client.head("/").status_code == 200


def test_an_unforeseen_error_is_answered_and_its_message_is_not(client: TestClient, inner: Inner) -> None:
    inner.error = RuntimeError("Jane Doe, 12 Main Street")
    got = client.get("/")
    assert got.status_code == 500 and got.text == "RuntimeError"
    assert client.get("/").text == "here"


def test_what_was_damaged_shuts_nothing_once_it_is_whole(client: TestClient, inner: Inner) -> None:
    inner.error = IntegrityError("the record does not hold")
    assert client.get("/").text == "IntegrityError"
    assert client.get("/").text == "here"


def test_an_answer_that_breaks_off_tells_the_kind_only(client: TestClient, inner: Inner) -> None:
    inner.error, inner.late = ValueError("Jane Doe"), True
    with pytest.raises(RuntimeError, match=r"broke off \(ValueError\)"):
        client.get("/")


def test_other_protocols_pass_by(inner: Inner) -> None:
    seen: list[Any] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    async def nothing(*_: object) -> Any:
        raise AssertionError("nothing is received or sent")

    asyncio.run(Guard(ErrorHandler(app, answer=answer), hosts=[])({"type": "lifespan"}, nothing, nothing))
    assert seen == ["lifespan"]
