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


HEADERS = (
    b"Host: 127.0.0.1", b"Content-Length: 999999999", b"Content-Length: -1", b"Transfer-Encoding: chunked", b"",
    b"FFFFFFFF", b"Expect: 100-continue", b"X: " + b"a" * 60_000, b"\0" * 100, b"Range: bytes=" + b"0-," * 500,
)  # fmt: skip
BEGINNINGS = st.sampled_from([b"GET /en/log HTTP/1.1", b"POST /en/log HTTP/1.1", b"PRI * HTTP/2.0", b"\x16\x03"])


@pytest.mark.slow
@attempts(8)
@given(BEGINNINGS, st.lists(st.sampled_from(HEADERS), max_size=6), st.integers(1, 40))
def test_no_beginning_of_a_request_holds_the_pages_up(
    pages: Pages, begins: bytes, headers: list[bytes], sources: int
) -> None:
    with flooded(pages.port, 300, b"\r\n".join([begins, *headers]), [f"127.0.2.{n}" for n in range(1, sources + 1)]):
        assert seconds_to_answer(pages.port, times=2) < GENEROUS
