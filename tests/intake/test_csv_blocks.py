"""Blocks hold whole rows whatever is in them; rows that never end, NULs and open quotation digests are told by row."""

from __future__ import annotations

import csv
import io
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.intake import csv_blocks
from peelian.intake.csv_blocks import blocks
from peelian.intake.dialect import Dialect
from peelian.intake.sources import Limits, Source

HOW = Dialect(encoding="utf-8", skip_bytes=0, delimiter=",", header=("a", "b"))


def cut(content: bytes, monkeypatch: pytest.MonkeyPatch, size: int = 16, **limits: int) -> list[bytes]:
    monkeypatch.setattr(csv_blocks, "BLOCK_BYTES", size)
    source = Source(name="f.csv", kind="csv", size=len(content), open=partial(io.BytesIO, content))
    return [bytes(block.text) for block in blocks(source, HOW, Limits(**limits), lambda taken: None)]


@given(
    rows=st.lists(
        st.lists(st.text(alphabet='ab,"\n\r é', max_size=8), min_size=2, max_size=2), min_size=1, max_size=30
    ),
    size=st.integers(3, 64),
)
def test_blocks_put_together_are_the_file_and_each_holds_whole_rows(rows: list[list[str]], size: int) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([["a", "b"], *rows])
    with pytest.MonkeyPatch.context() as patch:
        made = cut(text.getvalue().encode(), patch, size)
    assert b"".join(made).decode() == text.getvalue().split("\n", 1)[1]
    whole = [row for block in made for row in csv.reader(io.StringIO(block.decode(), newline=""))]
    assert whole == rows


def test_line_ends_of_windows_and_of_old_macintoshes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cut(b"a,b\r\n1,2\r\n3,4\r\n", monkeypatch, 1 << 10) == [b"1,2\r\n3,4\r\n"]
    assert b"".join(cut(b"a,b\r1,2\r3,4\r", monkeypatch, 1 << 10)) == b"1,2\r3,4\r"
    assert cut(b"a,b\n1,2", monkeypatch) == [b"1,2"]
    assert cut(b"sep=,\r\na,b\r\n1,2\r\n", monkeypatch) == [b"1,2\r\n"]


def test_a_header_alone_gives_no_block(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cut(b"a,b", monkeypatch) == cut(b"a,b\r\n", monkeypatch) == cut(b"a,b\r", monkeypatch) == []


@pytest.mark.parametrize(
    ("content", "says", "row"),
    [
        (b"a,b\n1,2\n3,\0\n", "NUL", 0),
        (b'a,b\n1,2\n3,"4\n5,6\n', "opened and not closed", 0),
    ],
)
def test_the_row_is_named(content: bytes, says: str, row: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=says) as caught:
        cut(content, monkeypatch, 8)
    assert caught.value.row == row


def test_a_row_that_never_ends_is_told_before_memory_is(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="longer than 100 bytes") as caught:
        cut(b"a,b\n1,2\n" + b"3," + b"x" * 5_000, monkeypatch, 64, record_bytes=100)
    assert caught.value.row == 0, "the row after the block before"


def test_other_encodings_come_out_as_utf8() -> None:
    content = "a,b\nmé,2\n".encode("utf-16")
    how = Dialect(encoding="utf-16-le", skip_bytes=2, delimiter=",", header=("a", "b"))
    source = Source(name="f.csv", kind="csv", size=1, open=partial(io.BytesIO, content))
    made = [bytes(block.text) for block in blocks(source, how, Limits(), lambda taken: None)]
    assert made == ["mé,2\n".encode()]


@pytest.mark.parametrize("size", [8, 1 << 20])
def test_a_digest_inside_an_unquoted_value_opens_nothing(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b'a,b\n1,6" nails\n' + b"2,x\n" * 50
    assert b"".join(cut(content, monkeypatch, size, record_bytes=40)) == content[4:]
