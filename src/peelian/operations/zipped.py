"""A zip archive that is sent while it is made: no second copy of a large file lies anywhere."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

PIECE = 1 << 20


class _Sent(io.RawIOBase):
    """What was written since it was last taken."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._pieces.append(content := bytes(piece))
        return len(content)

    def taken(self) -> bytes:
        made, self._pieces = b"".join(self._pieces), []
        return made


def zipped(files: Iterable[tuple[str, Iterable[bytes]]]) -> Iterator[bytes]:
    """The archive of some files, each a name and its content in pieces; it holds one piece at a time.

    >>> archive = b"".join(zipped([("a.txt", [b"one", b"two"])]))
    >>> ZipFile(io.BytesIO(archive)).read("a.txt")
    b'onetwo'
    """
    sent = _Sent()
    with ZipFile(sent, "w", ZIP_STORED) as archive:
        for name, pieces in files:
            with archive.open(ZipInfo(name), "w", force_zip64=True) as to:
                for piece in pieces:
                    to.write(piece)
                    yield sent.taken()
    yield sent.taken()


def pieces_of(file: Path) -> Iterator[bytes]:
    """A file in pieces of a MiB."""
    with file.open("rb") as source:
        while piece := source.read(PIECE):
            yield piece
