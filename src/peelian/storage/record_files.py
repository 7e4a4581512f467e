"""Record files: sealed contents that follow one another in one file, under one data key, each found by its name.

A record is its length, its name (a step of a run and the number of a part) and the sealed content, whose key is derived
from the data key, a salt of its own, and what it is. So a record that is altered, or put in another's place or file,
opens nowhere. What a crash left of a last one is cut off before the next is written.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import struct
from collections.abc import Iterator, Sequence

from peelian.kernel.model.ports import RecordName
from peelian.kernel.vault.chunk_cipher import SALT_BYTES, VAULT, key_to_seal, opened_whole, sealed_whole
from peelian.measure.canonical import canonical
from peelian.storage.durable_files import write_all

_HEAD = struct.Struct(">Q16sI")  # bytes sealed, step, number


class RecordFile:
    """Answers `ports.Records` with an open descriptor that it owns. Made by `vault_files.FileVault`.

    `writable`: no other process has the file open for writing.
    """

    def __init__(self, file: int, key: bytes, *, dataset: str, object: str, start: int) -> None:
        self._file, self._key, self._of = file, key, {"dataset": dataset, "object": object, "records": 1}
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.writable = True
        except OSError:
            self.writable = False
        self._found: dict[RecordName, tuple[int, int]] = {}
        self._end = start
        for name, at, size in self._records(start):
            self._found[name], self._end = (at, size), at + size
        self.cut = os.fstat(file).st_size > self._end

    def names(self) -> frozenset[RecordName]:
        """The records there are. O(records)."""
        return frozenset(self._found)

    def get(self, name: RecordName) -> bytes:
        """The content of a record; IntegrityError where it is not what was sealed under this name. O(bytes)."""
        at, size = self._found[name]
        return opened_whole(VAULT, self._key, os.pread(self._file, size, at), context=self._context(name))

    def add(self, contents: Sequence[tuple[RecordName, bytes]]) -> None:
        """Seal more records and wait for the disk; OSError, and nothing of them, where it cannot. O(bytes)."""
        at, found, written = self._end, dict[RecordName, tuple[int, int]](), list[bytes]()
        for name, content in contents:
            salt = secrets.token_bytes(SALT_BYTES)
            sealed = sealed_whole(key_to_seal(VAULT, self._key, salt=salt, context=self._context(name)), content)
            written += _HEAD.pack(len(sealed), bytes.fromhex(name[0]), name[1]), sealed
            found[name] = (at + _HEAD.size, len(sealed))
            at += _HEAD.size + len(sealed)
        try:
            os.ftruncate(self._file, self._end)
            os.lseek(self._file, self._end, os.SEEK_SET)
            for part in written:
                write_all(self._file, part)
            os.fsync(self._file)
        except OSError:
            os.ftruncate(self._file, self._end)
            raise
        self._found |= found
        self._end = at

    def close(self) -> None:
        """Let the file go."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _records(self, at: int) -> Iterator[tuple[RecordName, int, int]]:
        """Each whole record: its name, where its content begins, and how many bytes it has."""
        size = os.fstat(self._file).st_size
        while at + _HEAD.size <= size:
            length, step, number = _HEAD.unpack(os.pread(self._file, _HEAD.size, at))
            at += _HEAD.size
            if at + length > size:
                return
            yield (step.hex(), number), at, length
            at += length

    def _context(self, name: RecordName) -> bytes:
        return canonical({**self._of, "step": name[0], "part": name[1]})
