"""Sealed files: streams that encrypt what is written and decrypt what is read."""

from __future__ import annotations

import hashlib
import io
import os
from typing import TYPE_CHECKING, BinaryIO

from peelian.errors import IntegrityError, OutOfOrder, PeelianError
from peelian.kernel.model.ports import Sealed
from peelian.kernel.vault.chunk_cipher import ChunkKey, layout, offset, opened_chunk, sealed_chunk
from peelian.storage.durable_files import write_all
from peelian.storage.private_files import in_plain_words

if TYPE_CHECKING:
    from typing_extensions import Buffer  # collections.abc has it from Python 3.12 on

NOT_KEPT = "the object was not kept, and nothing of it remains"


class SealingFile(io.RawIOBase, BinaryIO):
    """A file to write plaintext into; ciphertext goes to an open, empty descriptor, after `header`.

    Holds one chunk in memory, whatever the size. `sealed` is set once the vault has kept the object.
    """

    def __init__(self, file: int, key: ChunkKey, *, header: bytes = b"") -> None:
        self._key = key
        self._chunk = key.scheme.chunk
        self._held = bytearray()
        self._number = 0
        self._size = 0
        self._digest = hashlib.sha256()
        self._whole = True
        self._sealed: Sealed | None = None
        self._file = file
        with in_plain_words(NOT_KEPT):
            write_all(file, header + key.head)

    @property
    def sealed(self) -> Sealed:
        """Where the object lies; OutOfOrder until the vault has kept it."""
        if self._sealed is None:
            raise OutOfOrder("The object is not finished. Leave the `with` block first.")
        return self._sealed

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._size

    def write(self, data: Buffer, /) -> int:
        """Take plaintext of any length; PeelianError in plain words where the disk cannot."""
        if self.closed:
            raise ValueError("write to a sealed object that is finished")
        view = memoryview(data).cast("B")
        self._digest.update(view)
        self._size += len(view)
        start = 0
        if self._held:
            start = min(len(view), self._chunk - len(self._held))
            self._held += view[:start]
            if len(self._held) == self._chunk:
                self._put(self._held)
                self._held = bytearray()
        while len(view) - start >= self._chunk:
            self._put(view[start : start + self._chunk])
            start += self._chunk
        self._held += view[start:]
        return len(view)

    def finish(self) -> tuple[str, int]:
        """Write the last, shorter chunk and wait for the disk. Returns the plaintext's SHA-256 and size."""
        self._put(self._held)
        self._held = bytearray()
        with in_plain_words(NOT_KEPT):
            os.fsync(self._file)
        return self._digest.hexdigest(), self._size

    def kept(self, sealed: Sealed) -> None:
        """The vault says where the object lies now."""
        self._sealed = sealed

    def _put(self, plain: bytearray | memoryview) -> None:
        if not self._whole:
            raise PeelianError(f"{NOT_KEPT}: a part of it could not be written")
        self._whole = False  # until it is written: a chunk number is never used twice
        with in_plain_words(NOT_KEPT):
            write_all(self._file, sealed_chunk(self._key, self._number, plain))
        self._number += 1
        self._whole = True


class OpenedObject(io.RawIOBase):
    """A seekable file of an object's plaintext, decrypted chunk by chunk from an open descriptor that it owns
    once it was made.

    Opening authenticates the last chunk, and so the length; every other chunk is authenticated before a byte of it
    leaves. Wrap it in `io.BufferedReader`. `start` is where the ciphertext begins in the file.
    """

    def __init__(self, file: int, key: ChunkKey, *, start: int) -> None:
        self._file = -1  # not ours yet
        self._layout = layout(key.scheme, os.fstat(file).st_size - start)
        self._file, self._key, self._start = file, key, start
        self._number, self._plain = -1, b""
        self._at = 0
        try:
            self._load(self._layout.chunks - 1)
        except BaseException:
            self._file = -1  # the descriptor stays the caller's: closing it twice could close somebody else's
            raise

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        """The place in the plaintext."""
        return self._at

    def seek(self, place: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place in the plaintext."""
        at = place + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._layout.size}[whence]
        if at < 0:
            raise ValueError("a place before the beginning")
        self._at = at
        return at

    def readinto(self, into: Buffer, /) -> int:
        """Fill a buffer with plaintext; IntegrityError, and nothing of the chunk, where one is not as it was sealed."""
        if self.closed:
            raise ValueError("read from a closed object")
        view = memoryview(into).cast("B")
        done = 0
        while done < len(view) and self._at < self._layout.size:
            number, place = divmod(self._at, self._key.scheme.chunk)
            self._load(number)
            part = self._plain[place : place + len(view) - done]
            view[done : done + len(part)] = part
            done += len(part)
            self._at += len(part)
        return done

    def readall(self) -> bytes:
        out = bytearray(max(0, self._layout.size - self._at))
        self.readinto(out)
        return bytes(out)

    def close(self) -> None:
        """Forget the plaintext and close the file."""
        if not self.closed and self._file >= 0:
            self._plain = b""
            os.close(self._file)
        super().close()

    def _load(self, number: int) -> None:
        if number == self._number:
            return
        scheme = self._key.scheme
        place = offset(scheme, number)
        length = offset(scheme, number + 1) - place
        sealed = os.pread(self._file, length, self._start + place)
        last = number == self._layout.chunks - 1
        if not last and len(sealed) != length:
            raise IntegrityError("A sealed object was cut while being read.")
        self._plain = opened_chunk(self._key, number, sealed)
        self._number = number
