"""2,000 hostile connections hold up nobody: the pages of a real `peelian serve` answer meanwhile, and after."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from attempts import attempts
from flood import KINDS, flooded, free_port, open_ones, seconds_to_answer
from hypothesis import given
from hypothesis import strategies as st
from served import Pages
from terminal import peelian

N, GENEROUS = 2_000, 10  # connections; seconds (the bar of 1 s is measured by benchmarks/pages_under_load.py)
SOURCES = {"one address": ["127.0.0.1"], "many addresses": [f"127.0.1.{n}" for n in range(1, 201)]}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    folder = tmp_path_factory.mktemp("pages")
    assert peelian("office", "office", "--name", "Town", cwd=folder).returncode == 0
    made = Pages(folder / "office", free_port())
    made.start()
    yield made
    made.end()


@pytest.mark.slow
@pytest.mark.parametrize("sources", SOURCES)
@pytest.mark.parametrize("begins", KINDS)
def test_pages_answer_while_thousands_of_connections_are_half_open(pages: Pages, begins: str, sources: str) -> None:
    with flooded(pages.port, N, KINDS[begins], SOURCES[sources]) as held:
        assert seconds_to_answer(pages.port) < GENEROUS
        assert open_ones(held) <= 1_000
    assert seconds_to_answer(pages.port) < GENEROUS


PARTS = (
    b"GET /en/log HTTP/1.1\r\n", b"POST /en/log HTTP/1.1\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"Host: 127.0.0.1\r\n",
    b"Content-Length: 999999999\r\n", b"Content-Length: -1\r\n", b"Transfer-Encoding: chunked\r\n", b"FFFFFFFF\r\n", b"\r\n",
    b"Upgrade: websocket\r\nConnection: upgrade\r\n", b"Expect: 100-continue\r\n", b"X: " + b"a" * 60_000, b"\0" * 100,
    b"Range: bytes=" + b"0-," * 500 + b"\r\n", b"Cookie: " + b"a=b;" * 900 + b"\r\n", b"Accept-Language: " + b"en;q=0," * 900,
)  # fmt: skip


@pytest.mark.slow
@attempts(8)
@given(st.lists(st.sampled_from(PARTS), max_size=6).map(b"".join), st.integers(1, 40))
def test_no_beginning_of_a_request_holds_the_pages_up(pages: Pages, begins: bytes, sources: int) -> None:
    with flooded(pages.port, 300, begins, [f"127.0.2.{n}" for n in range(1, sources + 1)]):
        assert seconds_to_answer(pages.port, times=2) < GENEROUS
