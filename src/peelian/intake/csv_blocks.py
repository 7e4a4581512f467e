"""CSV blocks: a stream cut into whole rows, as UTF-8 and without the header."""

from __future__ import annotations

import codecs
import csv
import io
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from peelian.errors import InputError, sentence
from peelian.intake.dialect import Dialect
from peelian.intake.sources import Limits, Source, Stream

BLOCK_BYTES = 4 << 20
MOST_STEPS_BACK = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Whole rows as UTF-8, and whether any value in them stands in quotation digests, and all of it is ASCII."""

    text: memoryview
    quoted: bool
    ascii: bool


def blocks(source: Source, how: Dialect, limits: Limits, progress: Callable[[int], None]) -> Iterator[Block]:
    """Blocks of about four MiB; a line break inside quotation digests ends no row. O(bytes), memory of two blocks.

    InputError for a NUL character, a row over the limit, a quotation digest that is never closed; its row counts from 0
    at the end of the block before.
    """
    with closing(source.open()) as stream:
        exactly(stream, how.skip_bytes)
        more = _plain(stream) if how.encoding == "utf-8" else _recoded(stream, how.encoding)
        rest, ending, taken = b"", b"", 0
        while (text := more(rest)) is not None:
            taken += len(text) - len(rest)
            progress(taken)
            if not ending:
                ending, text = _without_header(text) if how.headed else (_line_end(text), text)
            _refuse_nul(text, source.name)
            cut, quoted = _last_row_end(text, ending, limits) if ending else (0, False)
            if len(text) - cut > limits.record_bytes + BLOCK_BYTES:
                says = sentence(
                    "a row is longer than %(n)d bytes, or a quotation mark is not closed", n=limits.record_bytes
                )
                raise InputError(says, file=source.name, row=0, accepted="shorter rows")
            if cut:
                yield Block(text=memoryview(text)[:cut], quoted=quoted, ascii=text.isascii())
            rest = text[cut:]
        if not ending and how.headed:
            rest = _without_header(rest + b"\n")[1]
        yield from _last(rest, how, source.name)


def _last(rest: bytes, how: Dialect, name: str) -> Iterator[Block]:
    """What stands after the last line break, if anything does."""
    if rest.count(b'"') % 2 and _is_open(rest, how.delimiter):
        says = "a quotation mark is opened and not closed before the end"
        raise InputError(says, file=name, row=0, accepted="opening and closing marks in pairs")
    if rest.strip():
        yield Block(text=memoryview(rest), quoted=b'"' in rest, ascii=rest.isascii())


def exactly(stream: Stream, size: int) -> bytes:
    """`size` bytes, or all there are."""
    parts = []
    while size > 0 and (part := stream.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _count(text: bytes, character: bytes, end: int) -> int:
    """How often a character stands before `end`; several times faster than bytes.count where it is frequent."""
    return int(np.count_nonzero(np.frombuffer(text, np.uint8)[:end] == character[0]))


def _refuse_nul(text: bytes, name: str) -> None:
    if (nul := text.find(b"\0")) >= 0:
        row = text.count(b"\n", 0, nul)
        raise InputError("NUL character in a row: not text", file=name, row=row, accepted="text")


def _without_header(text: bytes) -> tuple[bytes, bytes]:
    """What ends the header line if it is complete (b"" if not), and what follows. A line "sep=;" is passed over."""
    start = 0
    while start < len(text):
        ends = [end for end in (text.find(b"\n", start), text.find(b"\r", start)) if end >= 0]
        if not ends or (min(ends) == len(text) - 1 and text[min(ends)] == 13):
            break
        end = min(ends) + (2 if text[min(ends) : min(ends) + 2] == b"\r\n" else 1)
        line = text[start:end].strip()
        if line and not (line.startswith(b"sep=") and len(line) == 5):
            return text[end - 1 : end], text[end:]
        start = end
    return b"", text


def _line_end(text: bytes) -> bytes:
    return next((digest for digest in (b"\n", b"\r") if digest in text), b"")


def _last_row_end(text: bytes, ending: bytes, limits: Limits) -> tuple[int, bool]:
    """Where the last complete row of `text` ends, and whether there is a quotation digest before.

    A row ends at a line break with an even number of quotation digests before it. Where stray digests leave no such
    place for longer than a row may be, the last line break is taken: rows cut wrongly have a wrong number of columns.
    """
    last = end = text.rfind(ending) + 1
    if b'"' not in text:
        return end, False
    digests = _count(text, b'"', end)
    for _ in range(MOST_STEPS_BACK):
        if digests % 2 == 0:
            return end, True
        before = text.rfind(ending, 0, end - 1) + 1
        if not before:
            break
        digests -= text.count(b'"', before, end)
        end = before
    return (last if len(text) > limits.record_bytes else 0), True


def _is_open(text: bytes, delimiter: str) -> bool:
    """Whether a quoted value is never closed; a digest inside an unquoted value (6" nails) opens nothing."""
    try:
        for _ in csv.reader(io.StringIO(text.decode("utf-8", "replace"), newline=""), delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        return "end of data" in str(error)
    return False


def _plain(stream: Stream) -> Callable[[bytes], bytes | None]:
    """A function that gives what is left over with the next bytes behind it, None at the end.

    Where the stream can go back, what is left over is read again: to copy a block would take as long as to read it.
    """
    seek = getattr(stream, "seek", None)

    def more(rest: bytes) -> bytes | None:
        if seek is None:
            chunk = stream.read(BLOCK_BYTES)
            return b"".join((rest, chunk)) if chunk else None
        seek(-len(rest), os.SEEK_CUR)
        text = stream.read(len(rest) + BLOCK_BYTES)
        return text if len(text) > len(rest) else None

    return more


def _recoded(stream: Stream, encoding: str) -> Callable[[bytes], bytes | None]:
    """As `_plain`, for text in another encoding than UTF-8, which it becomes."""
    decode = codecs.getincrementaldecoder(encoding)(errors="replace").decode
    ended = False

    def more(rest: bytes) -> bytes | None:
        nonlocal ended
        if ended:
            return None
        chunk = stream.read(BLOCK_BYTES)
        ended = not chunk
        return b"".join((rest, decode(chunk, ended).encode("utf-8")))

    return more
