"""CSV reader: block by block, two at a time; only the wanted columns become values."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from peelian.errors import InputError, sentence
from peelian.intake.csv_blocks import Block, blocks, exactly
from peelian.intake.dialect import Dialect, bare_dialect, dialect, is_utf8
from peelian.intake.sources import Limits, Source
from peelian.intake.text_table import Wanted, text_table
from peelian.measure.table import Column, Table

HEAD_BYTES = 256 << 10
IN_FLIGHT = 4
BLANKS = re.compile(rb"(^)?[ \t]+($|\r)?", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Choices of one reading: keep going past rows with a wrong number of columns (counted), and a way to tell."""

    drop_bad: bool
    limits: Limits
    progress: Callable[[int], None] = lambda taken: None  # bytes of text taken so far
    said: dict[str, Any]  # what the reader has to say: "encoding", "ragged" (count), "ragged_row"


def head_of(source: Source, limits: Limits, *, bare: bool = False) -> Dialect:
    """The dialect of a CSV source, from its first 256 KiB; `bare` when it has no header."""
    with closing(source.open()) as stream:
        head = exactly(stream, HEAD_BYTES)
    return (bare_dialect if bare else dialect)(head, source.name, limits)


def csv_parts(source: Source, how: Dialect, want: Wanted, read: Read) -> Generator[Table]:
    """The rows of a CSV source as text tables of some thousand rows each, in order; memory does not grow with the file.

    Row 1 is the header if there is one; blank lines are not counted. InputError names the row that cannot be read.
    """
    coming = _Coming(blocks(source, how, read.limits, read.progress))
    first, seen = (2 if how.headed else 1), False
    with ThreadPoolExecutor(2, thread_name_prefix="peelian-read") as pool:
        waiting: deque[Future[_Parsed]] = deque()
        try:
            while True:
                while len(waiting) < IN_FLIGHT and (block := coming.next()) is not None:
                    waiting.append(pool.submit(_parsed, block, how, want))
                if not waiting:
                    coming.raise_fault(first)
                    break
                parsed = waiting.popleft().result()
                part, first = _placed(parsed, first, source.name, read)
                if first - 2 > read.limits.rows:
                    accepted = sentence("at most %(most)d", most=read.limits.rows)
                    raise InputError("too many rows", file=source.name, accepted=accepted)
                if len(part):
                    seen = True
                    yield part
        finally:
            for future in waiting:
                future.cancel()
    if not seen:
        raise InputError("header without rows", file=source.name, accepted="a header and rows")


class _Coming:
    """Blocks until the first that cannot be cut; its fault waits until the rows before it are counted."""

    def __init__(self, coming: Iterator[Block]) -> None:
        self._coming = coming
        self._fault: InputError | None = None

    def next(self) -> Block | None:
        """The next block, None after the last."""
        try:
            return None if self._fault else next(self._coming, None)
        except InputError as fault:
            self._fault = fault
            return None

    def raise_fault(self, first: int) -> None:
        """Raise what ended the blocks, with its row counted from the row `first`."""
        fault = self._fault
        if fault:
            row = None if fault.row is None else first + fault.row
            raise InputError(fault.wrong, accepted=fault.accepted, file=fault.file, row=row)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parsed:
    """One block as a text table, and the rows (from 0 within the block) that had a wrong number of columns."""

    table: Table
    ragged: tuple[tuple[int, int, int], ...]  # row, columns expected, columns found
    recoded: bool  # the block was not UTF-8 and was read as Windows-1252


def _parsed(block: Block, how: Dialect, want: Wanted) -> _Parsed:
    names = [f"c{i}" for i in range(len(how.header))]
    kinds: dict[str, Any] = {names[place]: _arrow_kind(name, want) for name, place in want.places.items()}
    text: Any = block.text if how.delimiter != " " else BLANKS.sub(_one_blank, bytes(block.text))
    recoded = False
    while True:
        try:
            found, ragged = _arrow(text, names, kinds, (how.delimiter, block.quoted, not block.ascii))
        except pa.ArrowInvalid:
            if not is_utf8(bytes(text), whole=True):
                text, recoded = bytes(text).decode("cp1252", errors="replace").encode(), True
            elif pa.float64() in kinds.values():  # a number that is none: hand the texts over, the format judges
                kinds = {k: pa.string() if v == pa.float64() else v for k, v in kinds.items()}
            else:
                raise
        else:
            break
    total = found.num_rows + len(ragged)
    rows = np.delete(np.arange(total, dtype=np.int64), [row for row, _, _ in ragged])
    columns = {name: found.column(f"c{place}") for name, place in want.places.items()}
    return _Parsed(table=text_table(columns, rows, want), ragged=tuple(ragged), recoded=recoded)


def _one_blank(blanks: re.Match[bytes]) -> bytes:
    """One blank between values, none around a row."""
    if blanks[1] is not None:
        return b""
    return b" " if blanks[2] is None else blanks[2]


def _arrow_kind(name: str, want: Wanted) -> Any:
    if name in want.numbers:
        return pa.float64()
    return pa.string() if name in want.packed else pa.dictionary(pa.int32(), pa.string())


def _arrow(
    text: Any, names: list[str], kinds: dict[str, Any], how: tuple[str, bool, bool]
) -> tuple[Any, list[tuple[int, int, int]]]:
    ragged: list[tuple[int, int, int]] = []

    def skip(row: Any) -> str:
        ragged.append((row.number - 1, row.expected_columns, row.actual_columns))
        return "skip"

    delimiter, quoted, check = how
    found = pacsv.read_csv(
        pa.py_buffer(text),
        pacsv.ReadOptions(use_threads=False, column_names=names, block_size=len(text) + 64),
        pacsv.ParseOptions(delimiter=delimiter, newlines_in_values=quoted, invalid_row_handler=skip),
        pacsv.ConvertOptions(check_utf8=check, include_columns=list(kinds), column_types=kinds, null_values=["", " "]),
    )
    return found, ragged


def _placed(parsed: _Parsed, first: int, name: str, read: Read) -> tuple[Table, int]:
    """The block's text table with its rows numbered in the file, and the number of the next block's first row."""
    said = read.said
    if parsed.recoded and said.get("encoding") == "utf-8":
        said["encoding"] = "cp1252"
    if parsed.ragged:
        row, expected, found = parsed.ragged[0]
        if not read.drop_bad:
            says = sentence("the row has %(found)d columns, the header %(expected)d", found=found, expected=expected)
            accepted = "one value per column. Put text with a delimiter or line break in quotation marks"
            raise InputError(says, file=name, row=first + row, accepted=accepted)
        said["ragged"] = said.get("ragged", 0) + len(parsed.ragged)
        said.setdefault("ragged_row", first + row)
    rows, *others = parsed.table.columns
    numbered: Column = replace(rows, values=rows.values + first)
    total = len(parsed.table) + len(parsed.ragged)
    return Table(name=parsed.table.name, columns=(numbered, *others)), first + total
