"""A form with a file, however it is made, is taken whole or refused; nothing comes in before the session's token."""

from __future__ import annotations

from typing import Any

import pytest
from authentication import form_of, logged_on
from desk import desk
from hypothesis import given, settings
from hypothesis import strategies as st
from toy import TOY

from peelian.web.app import make_app

TOWN = desk((TOY,))
APP = make_app(TOWN.office)
CLIENT = logged_on(APP, TOWN.office, "analyst")
TOKEN = form_of(CLIENT)


def part(name: str, content: bytes, file: str = "") -> bytes:
    more = f'; filename="{file}"' if file else ""
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + content + b"\r\n"


def send(body: bytes, kind: str = "multipart/form-data; boundary=b") -> Any:
    return CLIENT.post("/en/data/add", content=body, headers={"content-type": kind})


def test_the_file_is_taken_whole() -> None:
    assert send(part("form", TOKEN.encode()) + part("file", b"a,b\n1,2\n", "a.csv") + b"--b--\r\n").status_code == 303


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (part("file", b"a,b\n1,2\n", "a.csv") + part("form", TOKEN.encode()) + b"--b--\r\n", 400),
        (part("form", b"wrong") + part("file", b"a,b\n", "a.csv") + b"--b--\r\n", 403),
        (part("form", TOKEN.encode()) + b"--b--\r\n", 400),
        (part("form", TOKEN.encode()) + part("file", b"", "a.csv") + b"--b--\r\n", 400),
        (part("form", TOKEN.encode()) + 2 * part("file", b"a,b\n", "a.csv") + b"--b--\r\n", 400),
        (part("form", TOKEN.encode()) + part("file", b"a,b\n", "a.csv")[:-6], 400),
        (part("form", b"x" * 5_000) + b"--b--\r\n", 400),
        (b"no form at all", 400),
        (b"", 400),
        (b"--b\r\n" + b"X: y\r\n" * 100 + b"\r\n", 400),
        (b"--b\r\nX: " + b"y" * 10_000, 400),
    ],
)
def test_what_is_no_form_of_ours_is_refused(body: bytes, status: int) -> None:
    assert send(body).status_code == status


@pytest.mark.parametrize(
    "kind", ["text/plain", "multipart/form-data", "multipart/form-data; boundary=" + "b" * 100, ""]
)
def test_another_kind_of_body_is_refused(kind: str) -> None:
    assert send(b"a=b", kind).status_code == 400


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=2_000))
def test_no_bytes_are_an_error_of_ours(body: bytes) -> None:
    assert send(part("form", TOKEN.encode()) + body).status_code in (303, 400, 403)
