"""Who asks for a page is who connected; a forwarded address is believed only from a proxy that the office named."""

from __future__ import annotations

import ast
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from flood import free_port
from served import Pages
from terminal import peelian

from peelian.errors import InputError, PeelianError, Refused
from peelian.web.identity.attempts import EACH
from peelian.web.serving import known_proxies, serve_pages, taken_port

SOURCE = Path(__file__).resolve().parents[2] / "src" / "peelian"
PROXY, VISITOR = "127.0.0.1", "127.0.0.5"


@pytest.fixture
def office(tmp_path: Path) -> Path:
    assert peelian("office", "office", "--name", "Town", cwd=tmp_path).returncode == 0
    return tmp_path / "office"


@pytest.fixture(params=[(), ("--proxy", PROXY)], ids=["open", "behind a proxy"])
def pages(office: Path, request: pytest.FixtureRequest) -> Iterator[Pages]:
    made = Pages(office, free_port(), more=request.param)
    made.start()
    yield made
    made.end()


def tried(pages: Pages, source: str, forwarded: str) -> str:
    """What the log-on says to a wrong code from this address, with this X-Forwarded-For."""
    headers = {"origin": pages.where, "x-forwarded-for": forwarded}
    with httpx.Client(transport=httpx.HTTPTransport(local_address=source), timeout=60) as client:
        got = client.post(f"{pages.where}/en/log-on", data={"code": "wrong"}, headers=headers)
    return "locked" if "oo many wrong codes" in got.text else "wrong" if "ode wrong" in got.text else got.text[:2000]


def test_wrong_codes_lock_the_visitor_whatever_address_they_say_they_forward(pages: Pages) -> None:
    assert [tried(pages, VISITOR, f"10.0.0.{n}") for n in range(EACH)] == ["wrong"] * EACH
    assert tried(pages, VISITOR, "10.0.0.99") == "locked"
    assert tried(pages, "127.0.0.6", VISITOR) == "wrong", "and nobody else, also not by forwarding that address"
    forwarded = bool(pages.more)
    assert [tried(pages, PROXY, f"192.0.2.{n}, 198.51.100.7") for n in range(EACH)] == ["wrong"] * EACH
    assert tried(pages, PROXY, "203.0.113.9, 198.51.100.7") == "locked"
    assert tried(pages, PROXY, "198.51.100.8") == ("wrong" if forwarded else "locked")


def test_a_port_that_another_program_has_is_said_before_anything_is_announced(office: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = peelian("serve", "--port", str(port), cwd=office.parent)
    assert done.returncode == 2 and "Pages:" not in done.stdout
    assert done.stderr == (
        f"Not accepted: port {port} is in use by another program. Expected: another port from 1024 to 65535, or end "
        "that program first\n"
    )


def test_settings_that_cannot_be_read_are_said_before_anything_is_announced(office: Path) -> None:
    (office / "log-on.toml").write_text("nonsense = [", encoding="utf-8")
    (office / "log-on.toml").chmod(0o600)
    done = peelian("serve", "--port", str(free_port()), cwd=office.parent)
    assert done.returncode == 2 and "Pages:" not in done.stdout and "log-on.toml" in done.stderr


def test_where_the_pages_do_not_start_it_is_not_said_that_something_was_refused() -> None:
    async def never(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no"})

    with taken_port(free_port()) as at, pytest.raises(SystemExit) as end:
        serve_pages(never, at=at)
    assert end.value.code == PeelianError.exit_code != Refused.exit_code


def test_nobody_logs_on_who_is_not_enrolled(office: Path) -> None:
    done = peelian("log-on", "--as", "nobody", cwd=office.parent)
    assert done.returncode == 2 and "is not enrolled. See `peelian people list`." in done.stderr


@pytest.mark.parametrize("text", ["*", "town.example", "10.0.0.0/8", "", "127.0.0.1,evil"])
def test_what_is_no_address_is_no_proxy(text: str) -> None:
    with pytest.raises(InputError, match="not the address of a proxy"):
        known_proxies([text])


def test_every_page_is_served_within_the_budget() -> None:
    """`uvicorn` is started in one place."""
    found = {
        file.relative_to(SOURCE).as_posix()
        for file in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "uvicorn"
    }
    assert found == {"web/serving.py"}
