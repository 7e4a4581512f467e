"""Dialect of a text table: its encoding, delimiter and header."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

from peelian.errors import InputError, sentence
from peelian.intake.sources import Limits

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
BOMS = {
    b"\xef\xbb\xbf": "utf-8",
    b"\xff\xfe\x00\x00": "utf-32-le",
    b"\x00\x00\xfe\xff": "utf-32-be",
    b"\xff\xfe": "utf-16-le",
    b"\xfe\xff": "utf-16-be",
}
SPOKEN = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32-le": "UTF-32",
    "utf-32-be": "UTF-32",
    "cp1252": "Windows-1252 (Latin-1)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one CSV file is written. `skip_bytes` (of the encoded file) lie before the text; `header` is as written.

    Where there is no header (`headed` is false) columns are called 1, 2, …; the delimiter " " stands for any blanks.
    """

    encoding: str
    skip_bytes: int
    delimiter: str
    header: tuple[str, ...]
    headed: bool = True


def dialect(head: bytes, name: str, limits: Limits) -> Dialect:
    """The dialect of a file whose first bytes are `head` (up to 256 KiB). InputError says what is wrong with it."""
    encoding, skip = encoding_of(head)
    text = head[skip:].decode(encoding, errors="ignore" if encoding == "utf-8" else "replace")
    if "\0" in text:
        row = text.count("\n", 0, text.index("\0")) + 1
        raise InputError("NUL character in a row: not text", file=name, row=row, accepted="a text table")
    lines = [line for line in text.splitlines()[:40] if line.strip()]
    if not lines:
        raise InputError("file holds only blanks", file=name, accepted="a header and rows")
    if len(lines[0]) > limits.record_bytes // 4:
        raise InputError("header too long for a table", file=name, row=1, accepted="a line of column names")
    if found := re.fullmatch(r"sep=(.)", lines[0].strip()):
        lines = lines[1:]
        delimiter = found[1]
    else:
        delimiter = _delimiter(lines)
    header = tuple(_cells(lines[0], delimiter)) if delimiter and lines else ()
    _refuse_header(header, delimiter, lines, name, limits)
    return Dialect(encoding=encoding, skip_bytes=skip, delimiter=delimiter, header=header)


def bare_dialect(head: bytes, name: str, limits: Limits) -> Dialect:
    """The dialect of a file without a header: columns between delimiters or blanks, as many as in its first row.

    >>> bare_dialect(b" 1  0.5\\n-1 0.25\\n", "scores.txt", Limits()).header
    ('1', '2')
    """
    encoding, skip = encoding_of(head)
    text = head[skip:].decode(encoding, errors="ignore" if encoding == "utf-8" else "replace")
    line = next((line for line in text.splitlines() if line.strip()), "")
    if not line or len(line) > limits.record_bytes // 4:
        raise InputError("file without rows of columns", file=name, row=1, accepted="rows of values")
    delimiter = next((d for d in DELIMITERS if d in line), " ")
    count = len(line.split()) if delimiter == " " else len(_cells(line, delimiter))
    if count > limits.columns:
        says = sentence("the first row has %(n)d columns", n=count)
        raise InputError(says, file=name, row=1, accepted=sentence("%(n)d", n=limits.columns))
    names = tuple(str(i) for i in range(1, count + 1))
    return Dialect(encoding=encoding, skip_bytes=skip, delimiter=delimiter, header=names, headed=False)


def plain_name(name: str) -> str:
    """A column's name for comparing: small letters, no surrounding blanks, inner blanks as one.

    >>> plain_name(" DATE  OF OCCURRENCE ")
    'date of occurrence'
    """
    return " ".join(name.replace("\ufeff", "").casefold().split())


def encoding_of(head: bytes) -> tuple[str, int]:
    """The encoding of a text by its first bytes, and how many of them are a byte order digest.

    Without a digest: UTF-16 when every other byte is NUL, UTF-8 when it reads as such, else Windows-1252, of which
    Latin-1 is a part.
    """
    for digest, encoding in BOMS.items():
        if head.startswith(digest):
            return encoding, len(digest)
    if len(head) >= 4 and head[1::2].count(0) > 0.4 * (len(head) // 2) and not head[0::2].count(0):
        return "utf-16-le", 0
    if len(head) >= 4 and head[0::2].count(0) > 0.4 * (len(head) // 2) and not head[1::2].count(0):
        return "utf-16-be", 0
    return ("utf-8" if is_utf8(head, whole=False) else "cp1252"), 0


def is_utf8(block: bytes, *, whole: bool) -> bool:
    """Whether `block` reads as UTF-8; when it is not `whole`, its last character may be cut off."""
    try:
        block.decode("utf-8")
    except UnicodeDecodeError as error:
        return not whole and error.start >= len(block) - 3 and error.reason == "unexpected end of data"
    return True


def _cells(line: str, delimiter: str) -> list[str]:
    """The cells of a line; the line as one where a cell is longer than 128 KiB, which no reader of CSV takes."""
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return [line]


def _delimiter(lines: list[str]) -> str:
    """The delimiter that cuts the header into most columns and the rows into as many; "" when none does."""
    best, most = "", (0.0, 1)
    for delimiter in DELIMITERS:
        columns = len(_cells(lines[0], delimiter))
        body = lines[1:20]
        same = sum(len(_cells(line, delimiter)) == columns for line in body) / len(body) if body else 1.0
        score = (1.0 if same >= 0.5 else same, columns)
        if columns > 1 and score > most:
            best, most = delimiter, score
    return best


def _refuse_header(header: tuple[str, ...], delimiter: str, lines: list[str], name: str, limits: Limits) -> None:
    accepted = "columns separated by comma, semicolon, tab or vertical bar, under a line of names"
    if not delimiter or len(header) < 2:
        raise InputError("no column delimiter found", file=name, row=1, accepted=accepted)
    if len(header) > limits.columns:
        says = sentence("the header has %(n)d columns", n=len(header))
        raise InputError(says, file=name, row=1, accepted=sentence("%(n)d", n=limits.columns))
    values = [cell for cell in header if re.fullmatch(r"\s*+[-+]?\d[\d\s.,:/T+Z-]*+", cell)]
    if len(values) * 2 >= len(header):
        raise InputError("first row holds values, not column names", file=name, row=1, accepted=accepted)
