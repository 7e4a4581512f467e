"""Reads CSV in blocks of whole rows, two at a time: only the wanted columns ever become values."""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from peelian.adapters.readers_dialect import Dialect, dialect, is_utf8
from peelian.adapters.readers_sources import Limits, Source
from peelian.adapters.readers_text import Wanted, text_table
from peelian.errors import InputError
from peelian.measure.table import Table

HEAD_BYTES = 256 << 10
BLOCK_BYTES = 2 << 20
IN_FLIGHT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Choices of one reading: keep going past rows with a wrong number of columns (counted), and a way to tell."""

    drop_bad: bool
    limits: Limits
    progress: Callable[[int], None] = lambda taken: None  # bytes of text taken so far
    said: dict[str, Any]  # what the reader has to say: "encoding", "ragged" (count), "ragged_row"


def head_of(source: Source, limits: Limits) -> Dialect:
    """The dialect of a CSV source, from its first 256 KiB."""
    with source.open() as stream:
        return dialect(_exactly(stream, HEAD_BYTES), source.name, limits)


def csv_parts(source: Source, how: Dialect, want: Wanted, read: Read) -> Iterator[Table]:
    """The rows of a CSV source as text tables of some thousand rows each, in order; memory does not grow with the file.

    Row 1 is the header; blank lines are not counted. InputError names the row where something cannot be read.
    """
    blocks = _blocks(source, how, read)
    first = 2
    seen = False
    with ThreadPoolExecutor(2, thread_name_prefix="peelian-read") as pool:
        waiting: deque[Future[_Parsed]] = deque()
        try:
            while True:
                while len(waiting) < IN_FLIGHT and (block := next(blocks, None)) is not None:
                    waiting.append(pool.submit(_parsed, block, how, want))
                if not waiting:
                    break
                parsed = waiting.popleft().result()
                part, first = _placed(parsed, first, want, source.name, read)
                if first - 2 > read.limits.rows:
                    raise InputError("too many rows", file=source.name, accepted=f"at most {read.limits.rows:,}")
                if len(part):
                    seen = True
                    yield part
        finally:
            for future in waiting:
                future.cancel()
    if not seen:
        raise InputError("the file has a header but no rows", file=source.name, accepted="a header and rows")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parsed:
    """One block as Arrow columns, and the rows (from 1 within the block) that had a wrong number of columns."""

    table: Any
    ragged: tuple[tuple[int, int, int], ...]  # row, columns expected, columns found
    recoded: bool


def _parsed(block: bytes, how: Dialect, want: Wanted) -> _Parsed:
    names = [f"c{i}" for i in range(len(how.header))]
    ragged: list[tuple[int, int, int]] = []

    def skip(row: Any) -> str:
        ragged.append((row.number or 0, row.expected_columns, row.actual_columns))
        return "skip"

    recoded = False
    kinds: dict[str, Any] = {}
    for name, place in want.places.items():
        fast = pa.string() if name in want.packed else pa.dictionary(pa.int32(), pa.string())
        kinds[names[place]] = pa.float64() if name in want.numbers else fast
    reading = pacsv.ReadOptions(use_threads=False, column_names=names, block_size=len(block) + 64)
    parsing = pacsv.ParseOptions(delimiter=how.delimiter, newlines_in_values=b'"' in block, invalid_row_handler=skip)
    while True:
        options = pacsv.ConvertOptions(
            include_columns=list(kinds), column_types=kinds, null_values=["", " "], strings_can_be_null=False
        )
        ragged.clear()
        try:
            table = pacsv.read_csv(pa.py_buffer(block), reading, parsing, options)
        except pa.ArrowInvalid:
            if not is_utf8(block, whole=True):
                block, recoded = block.decode("cp1252", errors="replace").encode(), True
                reading.block_size = len(block) + 64
            elif pa.float64() in kinds.values():  # a number that is none: hand the texts over, the format judges
                kinds = {k: pa.string() if v == pa.float64() else v for k, v in kinds.items()}
            else:
                raise
        else:
            return _Parsed(table=table, ragged=tuple(ragged), recoded=recoded)


def _placed(parsed: _Parsed, first: int, want: Wanted, name: str, read: Read) -> tuple[Table, int]:
    """The block's text table with its rows numbered, and the number of the next block's first row."""
    said = read.said
    if parsed.recoded and said.get("encoding") == "utf-8":
        said["encoding"] = "cp1252"
    wrong = [row for row, _, _ in parsed.ragged]
    if parsed.ragged:
        row, expected, found = parsed.ragged[0]
        if not read.drop_bad:
            raise InputError(
                f"the row has {found:,} columns where the header has {expected:,}",
                file=name,
                row=first + row - 1,
                accepted="one value for each column; text with a delimiter or a line break stands in quotation marks",
            )
        said["ragged"] = said.get("ragged", 0) + len(wrong)
        said.setdefault("ragged_row", first + row - 1)
    total = parsed.table.num_rows + len(wrong)
    rows = np.arange(first, first + total, dtype=np.int64)
    if wrong:
        rows = np.delete(rows, np.array(wrong) - 1)
    columns = {name: parsed.table.column(f"c{place}") for name, place in want.places.items()}
    return text_table(columns, rows, want), first + total


def _blocks(source: Source, how: Dialect, read: Read) -> Iterator[bytes]:
    """Blocks of whole rows as UTF-8, the header left out. A line break inside quotation marks ends no row."""
    with source.open() as stream:
        rest, started, taken, lines = b"", False, 0, 2  # `lines`: the row that `rest` begins with
        for chunk in _utf8(stream, how):
            taken += len(chunk)
            read.progress(taken)
            block = rest + chunk
            if not started:
                started, block = _without_header(block)
            _refuse_nul(block, lines, source.name)
            cut = _last_row_end(block) if started else 0
            if len(block) - cut > read.limits.record_bytes + len(chunk):
                raise InputError(
                    f"a row is longer than {read.limits.record_bytes:,} bytes, or a quotation mark is not closed",
                    file=source.name,
                    row=lines,
                    accepted="shorter rows",
                )
            if cut:
                lines += block.count(b"\n", 0, cut)
                yield block[:cut]
            rest = block[cut:]
        if not started:
            started, rest = _without_header(rest + b"\n")
        if rest.count(b'"') % 2:
            says = "a quotation mark is opened and not closed before the end"
            raise InputError(says, file=source.name, row=lines)
        yield from [rest] if rest.strip() else []


def _refuse_nul(block: bytes, first: int, name: str) -> None:
    if (nul := block.find(b"\0")) >= 0:
        row = first + block.count(b"\n", 0, nul)
        raise InputError("the row holds a NUL character: it is no text", file=name, row=row, accepted="text")


def _without_header(block: bytes) -> tuple[bool, bytes]:
    """Whether the header line is complete in `block`, and what follows it."""
    start = 0
    while start < len(block):
        end = block.find(b"\n", start)
        if end < 0:
            return _without_header_cr(block)
        line = block[start:end].strip()
        if line and not (line.startswith(b"sep=") and len(line) == 5):
            if line.count(b"\r"):  # line ends of old Macintoshes
                return _without_header_cr(block)
            return True, block[end + 1 :]
        start = end + 1
    return False, block


def _without_header_cr(block: bytes) -> tuple[bool, bytes]:
    end = block.find(b"\r")
    return (True, block[end + 1 :]) if 0 <= end < len(block) - 1 else (False, block)


def _last_row_end(block: bytes) -> int:
    """Where the last complete row of `block` ends: after a line break with an even number of quotation marks before.

    Where stray marks leave no such place the last line break is taken; rows cut wrongly then have a wrong number of
    columns, which is found.
    """
    last = end = block.rfind(b"\n") + 1
    if not end:
        end = last = block.rfind(b"\r", 0, len(block) - 1) + 1
    marks = block.count(b'"', 0, end)
    for _ in range(10_000):
        if marks % 2 == 0:
            return end
        before = block.rfind(b"\n", 0, end - 1) + 1
        if not before:
            break
        marks -= block.count(b'"', before, end)
        end = before
    return 0 if len(block) < BLOCK_BYTES * 2 else last


def _utf8(stream: BinaryIO, how: Dialect) -> Iterator[bytes]:
    """The stream's bytes as UTF-8, without a byte order mark."""
    _exactly(stream, how.skip_bytes)
    if how.encoding == "utf-8":
        while chunk := stream.read(BLOCK_BYTES):
            yield chunk
        return
    decode = codecs.getincrementaldecoder(how.encoding)(errors="replace").decode
    while chunk := stream.read(BLOCK_BYTES):
        yield decode(chunk).encode("utf-8")
    yield decode(b"", True).encode("utf-8")


def _exactly(stream: BinaryIO, size: int) -> bytes:
    """`size` bytes, or all there are."""
    parts = []
    while size > 0 and (part := stream.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
