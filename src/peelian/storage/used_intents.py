"""Used openings: one bit for each log index, so that no logged opening serves twice."""

from __future__ import annotations

import os
from pathlib import Path

from peelian.errors import OutOfOrder
from peelian.storage.private_files import locked, open_private, private_folder, put_private


class UsedIntents:
    """A file of bits in a private folder. 1,000,000 entries take 125 kB."""

    def __init__(self, folder: Path) -> None:
        self._path = private_folder(folder) / "used"
        self._lock = folder / "lock-used"

    def use(self, intent: int) -> None:
        """Mark an opening as used, and wait for the disk; OutOfOrder where it was used before."""
        place, bit = intent // 8, 1 << intent % 8
        with locked(self._lock):
            file = open_private(self._path, os.O_RDWR | os.O_CREAT)
            try:
                held = (os.pread(file, 1, place) or b"\0")[0]
                if held & bit:
                    raise OutOfOrder("This opening was already used. Each logged opening unwraps a key once.")
                os.pwrite(file, bytes([held | bit]), place)
                os.fdatasync(file)
            finally:
                os.close(file)

    def count(self, start: int = 0) -> int:
        """How many openings from log index `start` on were ever used. O(log entries / 8)."""
        return (self._bits() >> start).bit_count()

    def end(self) -> int:
        """The log index after the last opening that was ever used; 0 where none was. O(log entries / 8)."""
        return self._bits().bit_length()

    def forget_from(self, start: int) -> None:
        """Two people put a log in place that ends before `start`: what is opened by later entries is something else."""
        with locked(self._lock):
            left = self._bits() & ((1 << start) - 1)
            put_private(self._path, left.to_bytes((left.bit_length() + 7) // 8, "little"))

    def _bits(self) -> int:
        return int.from_bytes(self._path.read_bytes(), "little") if self._path.exists() else 0
