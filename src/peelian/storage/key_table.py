"""Key table on disk: every object's wrapped data key, apart from the data and its backup.

A folder holds `ring/` (wrapping keys), `table` (a title with a random generation, then records of 128 bytes) and
`lock`. Records are overwritten in their place when their key is destroyed. Several processes and threads may use one
folder: whoever changes it holds the lock, and first takes in what others changed. A single record is read without the
lock: it is whole or its checksum fails, and a table that a rotation replaced is another file.
"""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from peelian.errors import InputError, IntegrityError, OutOfOrder
from peelian.kernel.vault.key_wrapping import (
    RECORD_BYTES,
    KeyRecord,
    record_from_bytes,
    record_to_bytes,
    rewrapped,
    tombstone,
    unwrap,
    wrap,
)
from peelian.storage.durable_files import append_durably
from peelian.storage.key_ring import Ring, add_key, destroy_older, read_ring
from peelian.storage.private_files import PARTIAL, locked, open_private, private_folder, put_private, shred

_TITLE = b"PEELIAN KEYS 1\n"


class _Held:
    """The table's file, kept open to be read: while it is, no other file can have its number."""

    def __init__(self, file: int) -> None:
        self.file = os.dup(file)
        self.id = _id(os.fstat(file))

    def __del__(self) -> None:
        os.close(self.file)


class KeyTable:
    """Wrapped data keys by object. Made by `open_key_table`."""

    def __init__(self, folder: Path, ring: Ring) -> None:
        self.folder = folder
        self._path, self._lock = folder / "table", folder / "lock"
        self._ring = ring
        self._held: _Held | None = None
        self._places: dict[bytes, int] = {}  # object → offset of its record
        self._read_to = 0
        self._title = b""
        self._mutex = threading.Lock()
        with self._mutex, self._open(shared=True):
            pass

    def add(self, object: bytes, key: bytes) -> None:
        """Keep a new object's data key, wrapped under the newest key of the ring; it survives a power cut."""
        with self._mutex, self._open() as file:
            if object in self._places:
                raise OutOfOrder("This object already has a key.")
            end = self._read_to
            if os.fstat(file).st_size > end:
                os.ftruncate(file, end)  # what a power cut left of an unfinished record
            os.lseek(file, end, os.SEEK_SET)
            try:
                append_durably(file, record_to_bytes(wrap(self._ring.newest, object, key)))
            except OSError:
                os.ftruncate(file, end)
                raise
            self._places[object] = end
            self._read_to = end + RECORD_BYTES

    def record(self, object: bytes) -> KeyRecord:
        """The wrapped key; InputError where there never was one, OutOfOrder where it was destroyed. O(1)."""
        with self._mutex:
            return self._newest(object)

    def unwrapped(self, object: bytes) -> bytes:
        """The data key itself. O(1)."""
        with self._mutex:
            record = self._newest(object)
            return unwrap(self._ring.key(record.under), record)

    def destroy(self, object: bytes) -> bool:
        """Overwrite the wrapped key with zeros and wait for the disk; False where it was destroyed before."""
        with self._mutex, self._open() as file:
            place = self._places.get(object)
            if place is None:
                raise InputError("The key table has no such object.")
            if record_from_bytes(os.pread(file, RECORD_BYTES, place)).destroyed:
                return False
            os.lseek(file, place, os.SEEK_SET)
            append_durably(file, record_to_bytes(tombstone(object)))
            return True

    def states(self) -> dict[bytes, bool]:
        """Every object the table knows, and whether its key still exists. O(objects)."""
        with self._mutex, self._open(shared=True) as file:
            return {record.object: not record.destroyed for _, record in _records(file)}

    def rotate(self) -> int:
        """Rewrap every data key under a new wrapping key and destroy the older ones; how many. No data is touched.

        A crash at any point leaves a table and a ring that belong together. O(objects): about 5 µs each.
        """
        with self._mutex, self._open() as file:
            ring = add_key(self.folder / "ring")
            pieces = [rewrapped(piece, ring.key, ring.newest) for _, piece in _pieces(file)]
            put_private(self._path, _new_title() + b"".join(pieces))
            self._held = None  # nothing of ours keeps the old table on the disk
            destroy_older(self.folder / "ring", keep=ring.newest.id)
            return sum(not record_from_bytes(piece).destroyed for piece in pieces)

    def _newest(self, object: bytes) -> KeyRecord:
        """An object's record as it is on the disk now."""
        if object in self._places and self._held and self._is_there(self._held):
            with suppress(IntegrityError):  # read while it was being overwritten
                return self._record(self._held.file, object)
        with self._open(shared=True) as file:
            return self._record(file, object)

    def _is_there(self, held: _Held) -> bool:
        """Whether this is still the table, and still for its owner only."""
        try:
            there = os.lstat(self._path)
        except OSError:
            return False
        is_same = _id(there) == held.id and not there.st_mode & 0o077
        return is_same and os.pread(held.file, RECORD_BYTES, 0) == self._title

    def _record(self, file: int, object: bytes) -> KeyRecord:
        place = self._places.get(object)
        if place is None:
            raise InputError("The key table has no such object.")
        record = record_from_bytes(os.pread(file, RECORD_BYTES, place))
        if record.object != object:
            raise IntegrityError("The key table is damaged: a record is out of place.")
        if record.destroyed:
            raise OutOfOrder("This object was destroyed. Its key no longer exists, so it cannot be read again.")
        return record

    @contextmanager
    def _open(self, *, shared: bool = False) -> Iterator[int]:
        """The table's file under the lock, after taking in what other processes added, destroyed or rotated. Under the
        mutex."""
        with locked(self._lock, shared=shared):
            file = open_private(self._path, os.O_RDWR)
            try:
                self._take_in(file)
                yield file
            finally:
                os.close(file)

    def _take_in(self, file: int) -> None:
        title = os.pread(file, RECORD_BYTES, 0)
        if not title.startswith(_TITLE) or len(title) != RECORD_BYTES:
            raise IntegrityError("The key table is damaged. Restore the key folder from its own backup.")
        if title != self._title:  # replaced by a rotation: the ring is new, too
            self._ring = read_ring(self.folder / "ring") or self._ring if self._title else self._ring
            self._places, self._read_to, self._title = {}, RECORD_BYTES, title
        if self._held is None or self._held.id != _id(os.fstat(file)):  # or put back from a backup, as it was
            self._held = _Held(file)
        for place, record in _records(file, self._read_to):
            if not record.destroyed:
                self._ring.key(record.under)
            self._places[record.object] = place
            self._read_to = place + RECORD_BYTES


def open_key_table(folder: Path) -> KeyTable:
    """The key table in a folder of its own (0700), made with a first wrapping key where the folder is new or empty."""
    private_folder(folder)
    with locked(folder / "lock"):
        ring, table = read_ring(folder / "ring"), folder / "table"
        for left in (*folder.glob("*" + PARTIAL), *(folder / "ring").glob("*" + PARTIAL)):
            shred(left)  # a crash left it
        if ring is None and table.exists():
            raise IntegrityError("The key encryption keys are missing. Restore the key folder from its own backup.")
        ring = ring or add_key(folder / "ring")
        if not table.exists():
            put_private(table, _new_title())
    return KeyTable(folder, ring)


def _id(file: os.stat_result) -> tuple[int, int]:
    """What tells a file from every other one that is there or held open."""
    return (file.st_dev, file.st_ino)


def _new_title() -> bytes:
    return (_TITLE + secrets.token_hex(16).encode() + b"\n").ljust(RECORD_BYTES, b"\0")


def _records(file: int, start: int = RECORD_BYTES) -> Iterator[tuple[int, KeyRecord]]:
    """Records and their places from `start` on."""
    return ((place, record_from_bytes(piece)) for place, piece in _pieces(file, start))


def _pieces(file: int, start: int = RECORD_BYTES) -> Iterator[tuple[int, bytes]]:
    """Records as bytes. What a power cut left behind the last whole record is passed over."""
    end = os.fstat(file).st_size
    for block in range(start, end, RECORD_BYTES << 10):
        data = os.pread(file, RECORD_BYTES << 10, block)
        for at in range(0, len(data) - RECORD_BYTES + 1, RECORD_BYTES):
            piece = data[at : at + RECORD_BYTES]
            if block + at + RECORD_BYTES >= end and not any(piece):
                return
            yield block + at, piece
