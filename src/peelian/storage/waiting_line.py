"""Waiting line: processes that wait to write to one SQLite database stand in it in the order in which they came.

SQLite gives its lock to whoever asks at the right moment, so that some wait for seconds. Whoever is further ahead in
line asks oftener (`turns`). A place is a lease: who stops, or is killed, loses it within a second, and takes a new one
where it goes on. The line is advice and no lock: whatever becomes of it, SQLite alone lets one write at a time.
"""

from __future__ import annotations

import fcntl
import os
import struct
import weakref
from contextlib import suppress
from pathlib import Path
from time import monotonic_ns

from peelian.storage.private_files import open_private

LEASE = 1_000_000_000  # ns since a place was last kept, after which it is lost
PLACES = 64
_PLACE = struct.Struct("@QQ")  # since when somebody waits here (0: nobody does), and when they last kept the place
FILE = "waiting"


class WaitingLine:
    """The line of one database, as one process stands in it. Every process that writes has a place of its own."""

    def __init__(self, folder: Path) -> None:
        self._file = open_private(folder / FILE, os.O_RDWR | os.O_CREAT)
        self._closes = weakref.finalize(self, os.close, self._file)
        self._at = next((at for at in range(PLACES) if self._claimed(at)), -1) * _PLACE.size
        self._since = self._kept = 0

    def _claimed(self, at: int) -> bool:
        """Whether this place is ours from now on: the lock ends with the process, however that ends."""
        wanted = struct.pack("@hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, at * _PLACE.size, _PLACE.size, 0)
        try:
            fcntl.fcntl(self._file, fcntl.F_OFD_SETLK, wanted)
        except BlockingIOError:
            return False
        return True

    def before(self) -> int:
        """How many wait before this process, which waits from its first asking on; it keeps its place by asking. Who
        has none, as too many write at once or the disk is full, is first."""
        now = monotonic_ns()
        if now - self._kept > LEASE:  # it was stopped, or begins to wait: others went on
            self._since = now
        self._kept = now
        if not self._put(self._since, now):
            return 0
        line, own = os.pread(self._file, PLACES * _PLACE.size, 0), (self._since, self._at)
        places = enumerate(_PLACE.iter_unpack(line[: len(line) // _PLACE.size * _PLACE.size]))
        return sum(kept > now - LEASE and (since, at * _PLACE.size) < own for at, (since, kept) in places if since)

    def leave(self) -> None:
        """It is this process's turn, or it waits no longer."""
        self._since = self._kept = 0
        self._put(0, 0)

    def close(self) -> None:
        """Give the place up."""
        self._closes()

    def _put(self, since: int, kept: int) -> bool:
        if self._at < 0:
            return False
        with suppress(OSError):
            return os.pwrite(self._file, _PLACE.pack(since, kept), self._at) == _PLACE.size
        return False
