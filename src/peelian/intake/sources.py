"""Sources: plain, gzip and zip files as streams that cannot expand beyond their limits."""

from __future__ import annotations

import gzip
import io
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TypeAlias, cast

from peelian.errors import InputError, sentence

GZIP, ZIP, PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"PAR1"
FOREIGN = {
    b"%PDF": "a PDF document",
    b"SQLite f": "a SQLite database or GeoPackage",
    **dict.fromkeys((b"II*\0", b"II+\0", b"MM\0*", b"MM\0+"), "a raster image (TIFF)"),
    b"\xd0\xcf\x11\xe0": "an old spreadsheet or Office document",
    b"BZh": "a bzip2 archive",
    b"\xfd7zX": "an xz archive",
    b"7z\xbc\xaf": "a 7-zip archive",
    b"Rar!": "a rar archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"PK\x05\x06": "an empty zip archive",
}
ACCEPTED = "CSV, a .gz or .zip of CSV, Parquet, GeoJSON or JSON"
SKIPPED = ("__MACOSX/", ".DS_Store")
TABLES = (".csv", ".tsv", ".txt")
NESTED = (".zip", ".gz", ".7z", ".rar", ".tar", ".bz2", ".xz", ".tgz")
PIECE = 1 << 20
FREE_BYTES = 64 << 20  # below this size no expansion is a danger


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a file may hold. Beyond any of these the door in refuses, before memory or disk suffers."""

    rows: int = 100_000_000
    plain_bytes: int = 64 << 30  # after decompression
    expansion: int = 250  # times the compressed size; DEFLATE itself stops at 1,032
    members: int = 1_000
    record_bytes: int = 1 << 20  # one row
    document_bytes: int = 128 << 20  # one JSON document, which takes some ten times as much memory
    columns: int = 2_000


class Stream(Protocol):
    """Bytes to read once, from the start."""

    def read(self, size: int, /) -> bytes: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Lent:
    """A file without a path: its name for messages, its bytes, and how to open it from its start, as often as asked."""

    name: str
    size: int
    opens: Callable[[], BinaryIO]

    def open(self, mode: str = "rb") -> BinaryIO:
        """A seekable stream of its bytes."""
        return self.opens()

    def is_symlink(self) -> bool:
        """No: it has no path."""
        return False


Given: TypeAlias = Path | Lent


def lent(name: str, size: int, read: Callable[[int, int], bytes]) -> Lent:
    """A file whose bytes `read(at, most)` gives: at most so many from a place on, none beyond its end."""
    return Lent(name=name, size=size, opens=lambda: cast("BinaryIO", io.BufferedReader(_Pieces(size, read), PIECE)))


class _Pieces(io.RawIOBase):
    """A stream with a place of its own in bytes that are read elsewhere."""

    def __init__(self, size: int, read: Callable[[int, int], bytes]) -> None:
        self._size, self._read, self._at = size, read, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        self._at = max(0, offset + (0, self._at, self._size)[whence])
        return self._at

    def readinto(self, into: Any, /) -> int:
        piece = self._read(self._at, len(into))
        into[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One table's worth of bytes: its name for messages, its kind (csv, parquet, json), and how to open it."""

    name: str
    kind: str
    size: int  # bytes on disk, for progress
    open: Callable[[], Stream]


class _Bounded:
    """A readable stream that refuses to yield more than its limits, and tells damage by its name."""

    def __init__(self, stream: Stream, name: str, compressed: int, limits: Limits) -> None:
        self._stream, self._name, self._limits = stream, name, limits
        self._most = max(FREE_BYTES, limits.expansion * compressed)
        self._taken = 0

    def read(self, size: int, /) -> bytes:
        """The next `size` bytes; InputError when the stream is damaged or has grown beyond its limits."""
        try:
            block = self._stream.read(size)
        except (EOFError, OSError, zlib.error, zipfile.BadZipFile, NotImplementedError):
            raise InputError(
                "compressed data damaged or cut off",
                file=self._name,
                accepted="a complete file (download it again)",
            ) from None
        self._taken += len(block)
        if self._taken > min(self._most, self._limits.plain_bytes):
            says = sentence(
                "the file expands beyond %(n)d bytes, possibly a decompression bomb",
                n=min(self._most, self._limits.plain_bytes),
            )
            accepted = sentence("at most %(n)d times the compressed size", n=self._limits.expansion)
            raise InputError(says, file=self._name, accepted=accepted)
        return block

    def close(self) -> None:
        """Close the stream below."""
        self._stream.close()


def sources(path: Given, limits: Limits) -> tuple[Source, ...]:
    """The tables in the file at `path`: one, or one for each CSV of a zip archive in the order of their names.

    Nothing is ever written to disk. InputError: no regular file, a symbolic link, empty, an unknown kind, a nested or
    encrypted archive, a member whose name points outside.
    """
    name = shown_name(path.name)
    with _regular(path) as (stream, size):
        head = stream.read(64)
        if not head:
            raise InputError("file empty", file=name, accepted=ACCEPTED)
        if head.startswith(ZIP):
            return tuple(_members(path, name, stream, limits))
        if head.startswith(GZIP):
            stream.seek(0)
            with gzip.open(stream) as inner:
                bounded = _Bounded(inner, name, size, limits)
                kind = kind_of(bounded.read(64), name, nested=True)
            return (Source(name=name, kind=kind, size=size, open=partial(_open_gzip, path, name, size, limits)),)
        kind = kind_of(head, name)
        return (Source(name=name, kind=kind, size=size, open=partial(_open_plain, path, name)),)


@contextmanager
def opened_source(path: Given) -> Iterator[tuple[BinaryIO, int]]:
    """A regular file as bytes, to be kept whole, and its size; InputError for anything else (a link, a folder)."""
    with _regular(path) as (stream, size):
        yield stream, size


def kind_of(head: bytes, name: str, *, nested: bool = False) -> str:
    """csv, json or parquet, by the first bytes; InputError for anything else."""
    for magic, what in FOREIGN.items():
        if head.startswith(magic):
            raise InputError(sentence("file is %(what)s", what=sentence(what)), file=name, accepted=ACCEPTED)
    if nested and head.startswith((ZIP, GZIP)):
        raise InputError("archive inside an archive", file=name, accepted=ACCEPTED)
    if head.startswith(PARQUET):
        if nested:
            raise InputError("Parquet file inside an archive", file=name, accepted="the Parquet file itself")
        return "parquet"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<"):
        raise InputError("a web page or XML, not a table", file=name, accepted=ACCEPTED)
    return "json" if text.startswith((b"{", b"[")) else "csv"


def shown_name(name: str) -> str:
    """A file's name as messages show it: no control characters, at most 80 characters."""
    clean = "".join(c if c.isprintable() else "?" for c in name)
    return clean if len(clean) <= 80 else f"{clean[:60]}…{clean[-16:]}"


@contextmanager
def _regular(path: Given) -> Iterator[tuple[BinaryIO, int]]:
    """The file at `path` if it is a regular file; a link is not followed, so what is checked is what is read."""
    if isinstance(path, Lent):
        with closing(path.open()) as stream:
            yield stream, path.size
        return
    name = shown_name(path.name)
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and path.is_symlink():
            raise InputError("symbolic links are not followed", file=name, accepted="the file itself") from None
        says = "no such file" if isinstance(error, FileNotFoundError) else "the file cannot be opened"
        raise InputError(
            says,
            file=name,
            accepted=ACCEPTED,
        ) from None
    facts = os.fstat(handle)
    if not stat.S_ISREG(facts.st_mode):
        os.close(handle)
        what = "a folder" if stat.S_ISDIR(facts.st_mode) else "no regular file"
        raise InputError(sentence("file is %(what)s", what=sentence(what)), file=name, accepted=ACCEPTED)
    with os.fdopen(handle, "rb") as stream:
        yield stream, facts.st_size


def _open_plain(path: Given, name: str) -> Stream:
    if path.is_symlink():
        raise InputError("symbolic links are not followed", file=name, accepted="the file itself")
    return path.open("rb")


def _open_gzip(path: Given, name: str, size: int, limits: Limits) -> Stream:
    return _Bounded(_Gzip(path), name, size, limits)


def _open_member(path: Given, member: str, name: str, size: int, limits: Limits) -> Stream:
    return _Bounded(_Member(path, member), name, size, limits)


class _Gzip(gzip.GzipFile):
    """A gzip file; closing it closes the file below, too."""

    def __init__(self, path: Given) -> None:
        self._below = path.open("rb")
        super().__init__(fileobj=self._below, mode="rb")

    def close(self) -> None:
        """Close both."""
        super().close()
        self._below.close()


class _Member:
    """One member of a zip archive, read in memory; closing it closes the archive and the file."""

    def __init__(self, path: Given, member: str) -> None:
        self._below = path.open("rb")
        self._archive = zipfile.ZipFile(self._below)
        self._stream = self._archive.open(member)

    def read(self, size: int, /) -> bytes:
        """The next bytes."""
        return self._stream.read(size)

    def close(self) -> None:
        """Close member and archive."""
        self._stream.close()
        self._archive.close()
        self._below.close()


def _members(path: Given, name: str, stream: BinaryIO, limits: Limits) -> Iterator[Source]:
    try:
        with zipfile.ZipFile(stream) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise InputError(
            "archive damaged or cut off",
            file=name,
            accepted="a complete file",
        ) from None
    if any(info.filename == "[Content_Types].xml" for info in members):
        raise InputError("a spreadsheet or Office document", file=name, accepted="the sheet saved as CSV")
    if len(members) > limits.members:
        says = sentence("archive with %(n)d files", n=len(members))
        raise InputError(says, file=name, accepted=sentence("at most %(most)d", most=limits.members))
    for info in members:
        _refuse_member(info, name)
    if len({info.filename for info in members}) < len(members):
        raise InputError("two files with one name in the archive", file=name, accepted="different names")
    tables = [i for i in members if i.filename.lower().endswith(TABLES) and not i.filename.startswith(SKIPPED[0])]
    _refuse_bomb(tables, name, limits)
    if not tables:
        raise InputError("archive without a CSV file", file=name, accepted=ACCEPTED)
    for info in sorted(tables, key=lambda i: i.filename):
        label = f"{name}[{shown_name(info.filename)}]"
        size = info.compress_size
        with closing(_open_member(path, info.filename, label, size, limits)) as inner:
            kind = kind_of(inner.read(64), label, nested=True)
        yield Source(
            name=label, kind=kind, size=size, open=partial(_open_member, path, info.filename, label, size, limits)
        )


def _refuse_member(info: zipfile.ZipInfo, name: str) -> None:
    """A name that points outside, an archive in the archive or an encrypted member: the whole file is refused."""
    parts = info.filename.replace("\\", "/").split("/")
    if info.filename.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in info.orig_filename:
        raise InputError("a file name in the archive points outside it", file=name, accepted="plain names")
    if info.filename.lower().endswith(NESTED):
        raise InputError("archive inside an archive", file=name, accepted="a zip of CSV files")
    if info.flag_bits & 0x1:
        raise InputError("archive encrypted", file=name, accepted="a zip without a password")


def _refuse_bomb(tables: list[zipfile.ZipInfo], name: str, limits: Limits) -> None:
    plain, packed = sum(i.file_size for i in tables), sum(i.compress_size for i in tables)
    if plain > limits.plain_bytes or plain > max(FREE_BYTES, limits.expansion * packed):
        says = sentence("archive expands to %(n)d bytes, possibly a decompression bomb", n=plain)
        accepted = sentence("at most %(n)d times the compressed size", n=limits.expansion)
        raise InputError(says, file=name, accepted=accepted)
