"""Partition on disk: sealed documents one after another in a file that only grows.

A document is a frame: magic, lengths, the document's checksum, its digest, a checksum of all these, and its bytes. What
a crash left of an unfinished write stays where it is and is passed over; the next document stands behind it. Checksums
(CRC-32) tell such an accident from a document; against people there is the seal on each.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from peelian.errors import IntegrityError, OutOfOrder
from peelian.storage.durable_files import append_durably, sync_folder
from peelian.storage.private_files import FILE_MODE

_MAGIC = b"\xa7PS1"
_HEAD = struct.Struct(">4sBII")  # magic, bytes of the digest, bytes of the document, the document's checksum
_SUM = struct.Struct(">I")
MOST_DIGEST = 128
_MOST_TOP = _HEAD.size + MOST_DIGEST + _SUM.size
_BLOCK = 1 << 16
_PAGE = 1 << 12  # most documents are shorter: one read
_SAFELY = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK  # a pipe in its place is not waited for
MOST_DOCUMENT = (64 << 20) + (1 << 16)  # what the archive keeps, sealed: nothing longer is read into memory
_NO_FILE = (
    "the archive's shelf {} is no file of its own but a link, a pipe or a folder: keep it for whoever investigates, "
    "and restore the archive from its backup"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    digest: str
    start: int  # where the document's bytes begin in the file
    end: int
    checksum: int


class _Window:
    """A file read through a block of it, so that many short frames are one read."""

    def __init__(self, file: int, block: int) -> None:
        self._file, self._most, self._at, self._block = file, block, 0, b""

    def read(self, n: int, at: int) -> bytes:
        """Up to `n` bytes from `at` on; fewer at the end of the file."""
        if at < self._at or at + n > self._at + len(self._block):
            self._at, self._block = at, os.pread(self._file, max(n, self._most), at)
        return self._block[at - self._at : at - self._at + n]


def _never(digest: str, document: bytes) -> bool:
    return False


class PartitionFile:
    """The documents in one file. Threads and processes may use it together: who appends holds the file's lock.

    It remembers where each document begins; the file is looked through once, and later only what was appended.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._mutex = threading.Lock()
        self._begins: dict[str, int] = {}  # digest → where its frame begins
        self._digests: frozenset[str] = frozenset()
        self._read_to = 0
        self._file = (-1, -1)  # device and number of the file that was read
        self._last = (0, b"")  # where the last document's frame began, and how
        self._named = False  # whether its folder was synced

    def digests(self) -> frozenset[str]:
        """The digests of all documents. O(documents) where some are new, else O(1)."""
        with self._mutex, self._opened() as file:
            if file is None:
                self._forget()
            else:
                self._take_in(file)
            if len(self._digests) != len(self._begins):
                self._digests = frozenset(self._begins)
            return self._digests

    def holds(self, digest: str) -> bool:
        """Whether a document was here when the file was last looked at. O(1)."""
        return digest in self._begins

    def read(self, digest: str) -> bytes | None:
        """A document as it was appended, the newest under its digest; None where there is none. O(its bytes)."""
        with self._mutex, self._opened() as file:
            return None if file is None else self._document(file, digest, self._take_in(file))

    def append(self, documents: Mapping[str, bytes], is_kept: Callable[[str, bytes], bool] = _never) -> None:
        """Put documents at the end and wait for the disk once: all of them are kept, or none. O(bytes).

        `is_kept` is asked of each digest that has a document already, with that document, whether it will do. OSError
        where the disk cannot; then nothing of them remains. OutOfOrder where the partition was destroyed meanwhile.
        """
        with self._mutex:
            file = _open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)  # until it is closed
                end = self._take_in(file)
                there = {digest: self._document(file, digest, end) for digest in documents if digest in self._begins}
                kept = {digest for digest, old in there.items() if old is not None and is_kept(digest, old)}
                self._write(
                    file,
                    end,
                    {digest: _framed(digest, documents[digest]) for digest in documents if digest not in kept},
                )
                self._must_have_its_name(file)
            finally:
                os.close(file)

    def _write(self, file: int, end: int, frames: Mapping[str, bytes]) -> None:
        """Frames at the end of the file; where there are none, another process may not have waited for the disk yet."""
        try:
            append_durably(file, b"".join(frames.values()))
        except BaseException:  # what may or may not have reached the disk is cut off, and never synced again
            os.ftruncate(file, end)
            raise
        for digest, frame in frames.items():
            self._begins[digest], self._last = end, (end, frame[:_MOST_TOP])
            end = self._read_to = end + len(frame)

    def _document(self, file: int, digest: str, size: int) -> bytes | None:
        """The document with this digest in a file of `size` bytes that was looked through."""
        if digest not in self._begins:
            return None
        window = _Window(file, _PAGE)
        frame = _frame_at(window, self._begins[digest], size)
        if frame is None or frame.digest != digest:  # the file was overwritten with another: look at it anew
            self._forget()
            return None
        return window.read(frame.end - frame.start, frame.start)

    def remove(self) -> int:
        """Remove the file; how many documents it held."""
        gone = len(self.digests())
        with self._mutex:
            self.path.unlink(missing_ok=True)
            self._forget()
        return gone

    @contextmanager
    def _opened(self) -> Iterator[int | None]:
        try:
            file = _open(self.path, os.O_RDONLY)
        except FileNotFoundError:
            yield None
            return
        try:
            yield file
        finally:
            os.close(file)

    def _must_have_its_name(self, file: int) -> None:
        """The folder is synced, once; OutOfOrder where somebody removed or replaced the file meanwhile."""
        if not self._named:
            sync_folder(self.path.parent)
            self._named = True
        try:
            there = os.path.samestat(os.stat(self.path), os.fstat(file))
        except FileNotFoundError:
            there = False
        if not there:
            raise OutOfOrder("This partition was destroyed or replaced meanwhile. Nothing was stored in it.")

    def _forget(self) -> None:
        self._begins, self._digests, self._read_to, self._file, self._named = {}, frozenset(), 0, (-1, -1), False
        self._last = (0, b"")

    def _take_in(self, file: int) -> int:
        """Look through what was appended since; through all of it where the file is another one. Returns the file's
        size. O(new documents)."""
        now = os.fstat(file)
        at, top = self._last
        other = (now.st_dev, now.st_ino) != self._file or now.st_size < self._read_to
        if other or (now.st_size > self._read_to and os.pread(file, len(top), at) != top):  # or what failed was cut off
            self._forget()
            self._file = (now.st_dev, now.st_ino)
        at, window = self._read_to, _Window(file, _BLOCK)
        while at < now.st_size:
            frame = _frame_at(window, at, now.st_size)
            if frame is None or not _counts(window, frame, again=frame.digest in self._begins):
                at = _next_magic(window, at + 1, now.st_size)
                continue
            self._begins[frame.digest] = at
            self._last = (at, b"")
            self._read_to = max(self._read_to, frame.end)
            at = _after(window, frame, now.st_size)
        if not self._last[1]:
            self._last = (self._last[0], os.pread(file, _MOST_TOP, self._last[0]))
        return now.st_size


def _open(path: Path, flags: int) -> int:
    """The file; IntegrityError where a link, a pipe or a folder was put in its place."""
    try:
        file = os.open(path, flags | _SAFELY, FILE_MODE)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EISDIR, errno.ENXIO):
            raise IntegrityError(_NO_FILE.format(path.parent.name)) from None
        raise
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise IntegrityError(_NO_FILE.format(path.parent.name))
    return file


def _framed(digest: str, document: bytes) -> bytes:
    name = digest.encode("ascii")
    head = _HEAD.pack(_MAGIC, len(name), len(document), crc32(document)) + name
    return b"".join((head, _SUM.pack(crc32(head)), document))


def _frame_at(window: _Window, at: int, size: int) -> _Frame | None:
    """The frame that begins at `at` in a file of `size` bytes; None where none does, or where it is not all there."""
    top = window.read(_MOST_TOP, at)
    if len(top) < _HEAD.size + _SUM.size:
        return None
    magic, name, length, checksum = _HEAD.unpack_from(top)
    body = _HEAD.size + name + _SUM.size
    if (
        magic != _MAGIC
        or not 0 < name <= MOST_DIGEST
        or not 0 < length <= MOST_DOCUMENT
        or len(top) < body
        or at + body + length > size
    ):
        return None
    if _SUM.unpack_from(top, _HEAD.size + name)[0] != crc32(top[: _HEAD.size + name]):
        return None
    digest = top[_HEAD.size : _HEAD.size + name]
    if not digest.isascii():
        return None
    return _Frame(digest=digest.decode("ascii"), start=at + body, end=at + body + length, checksum=checksum)


def _counts(window: _Window, frame: _Frame, *, again: bool) -> bool:
    """Whether a frame is a document: another one follows, or else its bytes are those that were appended.

    The bytes are looked at, too, where a document has its digest already: a torn write must not hide a whole one.
    """
    if not again and window.read(len(_MAGIC), frame.end) == _MAGIC:
        return True
    return crc32(window.read(frame.end - frame.start, frame.start)) == frame.checksum


def _after(window: _Window, frame: _Frame, size: int) -> int:
    """Where to look on behind a frame that counts.

    One that a power cut left without its last bytes may have been made whole by the first bytes of what was appended
    behind it, where these happen to be the same: so where none follows, one may begin before the end.
    """
    if frame.end == size or window.read(len(_MAGIC), frame.end) == _MAGIC:
        return frame.end
    return max(frame.start, frame.end - _MOST_TOP)


def _next_magic(window: _Window, at: int, size: int) -> int:
    """Where the next frame may begin; `size` where none can."""
    while at < size:
        block = window.read(_BLOCK + len(_MAGIC) - 1, at)
        if (found := block.find(_MAGIC)) >= 0:
            return at + found
        at += _BLOCK
    return size
