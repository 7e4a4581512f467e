"""Scratch files: encrypted, for the length of a run, gone when closed.

The file has no name. Its pages are encrypted with AES-256-GCM under a key that only this process's memory knows, so
that a copy of the disk shows nothing. Growth: a few pages of memory, and 100 bytes per 64 KiB of content.
"""

from __future__ import annotations

import io
import os
import secrets
import tempfile
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from peelian.errors import IntegrityError
from peelian.storage.durable_files import write_all
from peelian.storage.private_files import in_plain_words

if TYPE_CHECKING:
    from typing_extensions import Buffer  # collections.abc has it from Python 3.12 on

PAGE = 1 << 16
HELD_PAGES = 8
_STRIDE = PAGE + 16
_NOT_WRITTEN = "the run's scratch file could not be written"


class ScratchFile(io.RawIOBase, BinaryIO):
    """A readable, writable, seekable file. Made by `scratch_in`."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._aead = AESGCM(secrets.token_bytes(32))
        self._nonces: dict[int, int] = {}  # page → the nonce it was last written under
        self._next = 0
        self._held: OrderedDict[int, tuple[bytearray, bool]] = OrderedDict()  # page → content, whether it changed
        self._at = 0
        self._size = 0

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, place: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place; beyond the end is allowed, and what lies between reads as zeros once something is written."""
        at = place + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if at < 0:
            raise ValueError("a place before the beginning")
        self._at = at
        return at

    def truncate(self, size: int | None = None, /) -> int:
        """Cut or lengthen to `size` bytes, else to the place."""
        end = self._at if size is None else size
        if end < self._size:
            kept, last = -(-end // PAGE), end // PAGE
            for page in [p for p in (*self._nonces, *self._held) if p >= kept]:
                self._nonces.pop(page, None)
                self._held.pop(page, None)
            if end % PAGE:
                page_bytes = self._page(last, change=True)
                page_bytes[end % PAGE :] = bytes(PAGE - end % PAGE)
        self._size = end
        return end

    def write(self, data: Buffer, /) -> int:
        """Take bytes of any length at the place."""
        view = memoryview(data).cast("B")
        done = 0
        while done < len(view):
            number, place = divmod(self._at, PAGE)
            part = view[done : done + PAGE - place]
            self._page(number, change=True)[place : place + len(part)] = part
            done += len(part)
            self._at += len(part)
        self._size = max(self._size, self._at)
        return done

    def readinto(self, into: Buffer, /) -> int:
        """Fill a buffer as far as there is something."""
        if self.closed:
            raise ValueError("read from a closed scratch file")
        view = memoryview(into).cast("B")
        done = 0
        while done < len(view) and self._at < self._size:
            number, place = divmod(self._at, PAGE)
            part = memoryview(self._page(number))[place : place + min(len(view) - done, self._size - self._at)]
            view[done : done + len(part)] = part
            done += len(part)
            self._at += len(part)
        return done

    def close(self) -> None:
        """Forget the content; the disk's pages belong to no file any more."""
        if not self.closed and self._file >= 0:
            self._held.clear()
            os.close(self._file)
            self._file = -1
        super().close()

    def _page(self, number: int, *, change: bool = False) -> bytearray:
        if self.closed:
            raise ValueError("this scratch file is closed")
        if number in self._held:
            content, changed = self._held.pop(number)
        else:
            content, changed = self._loaded(number), False
            if len(self._held) >= HELD_PAGES:
                self._put(*self._held.popitem(last=False))
        self._held[number] = (content, changed or change)
        return content

    def _loaded(self, number: int) -> bytearray:
        if number not in self._nonces:
            return bytearray(PAGE)
        sealed = os.pread(self._file, _STRIDE, number * _STRIDE)
        try:
            return bytearray(self._aead.decrypt(self._nonces[number].to_bytes(12), sealed, number.to_bytes(8)))
        except InvalidTag:
            raise IntegrityError("A scratch file changed while in use.") from None

    def _put(self, number: int, held: tuple[bytearray, bool]) -> None:
        content, changed = held
        if not changed:
            return
        self._nonces[number], self._next = self._next, self._next + 1  # no nonce serves twice
        sealed = self._aead.encrypt(self._nonces[number].to_bytes(12), content, number.to_bytes(8))
        with in_plain_words(_NOT_WRITTEN):
            os.lseek(self._file, number * _STRIDE, os.SEEK_SET)
            write_all(self._file, sealed)


def scratch_in(folder: Path) -> ScratchFile:
    """A new scratch file on the disk of `folder`, without a name there."""
    with in_plain_words(_NOT_WRITTEN):
        file, name = tempfile.mkstemp(prefix=".scratch-", dir=folder)
        os.unlink(name)
    return ScratchFile(file)
