"""Direct files: large files written past the page cache, by a thread of their own.

A page of the cache costs more to make than its bytes cost to encrypt, and what is written here is not read again soon.
Where a file system knows no direct writing, the same blocks go the ordinary way.
"""

from __future__ import annotations

import fcntl
import mmap
import os
from concurrent.futures import Future, ThreadPoolExecutor

from peelian.storage.durable_files import write_all

BLOCK = 1 << 21
SLACK = 1 << 17  # what may be reserved at once: a chunk and its tag, and more
_DIRECT = getattr(os, "O_DIRECT", 0)  # not every system has it
_BLOCKS = 3  # one being filled, one being written, one waiting


class DirectFile:
    """Writes an open, empty descriptor from its beginning. Holds `_BLOCKS` blocks in memory once there is a second one.

    Use `reserve` to get room and fill it, or `write`; then `finish`. An error of the disk comes out at a later call or
    at `finish`, as OSError. The descriptor stays the caller's.
    """

    def __init__(self, file: int) -> None:
        self._file = file
        self._free: list[mmap.mmap] = []
        self._made = 0
        self._block = self._fresh()
        self._fill = 0
        self._writing: list[tuple[mmap.mmap, Future[None]]] = []
        self._thread: ThreadPoolExecutor | None = None

    def reserve(self, size: int) -> memoryview:
        """Room for the next `size` bytes (at most `SLACK`), which count as written; fill it before the next call."""
        if self._fill >= BLOCK:
            self._hand_over()
        start, self._fill = self._fill, self._fill + size
        return memoryview(self._block)[start : self._fill]

    def write(self, data: bytes) -> None:
        """Take a few bytes (at most `SLACK`)."""
        self.reserve(len(data))[:] = data

    def finish(self) -> None:
        """Write what is left and wait until the disk has everything."""
        if self._fill >= BLOCK:
            self._hand_over()
        while self._writing:
            self._collect()
        if self._thread is not None:
            _directly(self._file, False)  # the end is no whole block
        write_all(self._file, memoryview(self._block)[: self._fill])
        os.fsync(self._file)

    def close(self) -> None:
        """The thread has ended; nothing further is written."""
        if self._thread is not None:
            self._thread.shutdown(wait=True)
            self._thread = None

    def _hand_over(self) -> None:
        """Give the full block to the thread; what lies beyond its end begins the next one."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="writing")
            _directly(self._file, True)
        full, beyond = self._block, self._fill - BLOCK
        self._writing.append((full, self._thread.submit(_written, self._file, full)))
        rest = bytes(memoryview(full)[BLOCK : self._fill])
        if not self._free and self._made >= _BLOCKS:
            self._collect()
        self._block = self._free.pop() if self._free else self._fresh()
        self._block[:beyond] = rest
        self._fill = beyond

    def _collect(self) -> None:
        """Wait for the oldest block; its memory serves again. One that failed stays first: everything later fails."""
        block, job = self._writing[0]
        job.result()
        self._writing.pop(0)
        self._free.append(block)

    def _fresh(self) -> mmap.mmap:
        self._made += 1
        return mmap.mmap(-1, BLOCK + SLACK)  # begins at a page, as direct writing wants


def _written(file: int, block: mmap.mmap) -> None:
    view = memoryview(block)[:BLOCK]
    done = 0
    try:
        done = os.write(file, view)
    except OSError:
        if not _is_direct(file):
            raise
    if done < BLOCK:  # the disk is full, or the file system promised more than it can: the rest the ordinary way
        _directly(file, False)
        write_all(file, view[done:])


def _directly(file: int, wanted: bool) -> None:
    """Write past the page cache from now on, or no longer; nothing changes where the file system cannot."""
    flags = fcntl.fcntl(file, fcntl.F_GETFL)
    try:
        fcntl.fcntl(file, fcntl.F_SETFL, flags | _DIRECT if wanted else flags & ~_DIRECT)
    except OSError:
        if not wanted:
            raise


def _is_direct(file: int) -> bool:
    return bool(fcntl.fcntl(file, fcntl.F_GETFL) & _DIRECT)
